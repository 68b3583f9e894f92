import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.layout import read_lines
from tests.test_sentences import TEXTS


def lines(text: str, *, markdown: bool) -> list[tuple[str, int, str]]:
    return [(line.kind, line.level, text[line.start : line.end]) for line in read_lines(text, markdown=markdown)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("# 茶厂 #\n##产量", [("heading", 1, "茶厂"), ("prose", 0, "##产量")], id="hashes"),
        pytest.param(f"# {'茶' * 121}", [("prose", 0, "茶" * 121)], id="too long for a heading"),
        pytest.param(
            "茶厂\n===\n茶。", [("heading", 1, "茶厂"), ("prose", 0, "==="), ("prose", 0, "茶。")], id="drawn"
        ),
        pytest.param("**产量**\n\n茶。", [("heading", 7, "产量"), ("prose", 0, "茶。")], id="bold"),
        pytest.param("第一章 总则\n茶。", [("heading", 9, "第一章 总则"), ("prose", 0, "茶。")], id="numbered"),
        pytest.param(
            "- 绿茶\n1. 红茶\n> 引文",
            [("item", 0, "绿茶"), ("item", 0, "1. 红茶"), ("prose", 0, "引文")],
            id="list and quotation",
        ),
        pytest.param(
            "| 茶 | 吨 |\n|---|---|\n| 绿 | 3 |\n红 | 1\n\n白 | 2",
            [("header", 0, "茶 | 吨"), ("row", 0, "绿 | 3"), ("row", 0, "红 | 1"), ("prose", 0, "白 | 2")],
            id="a table ends at an empty line",
        ),
        pytest.param(
            "```py\nx = 1\n~~~\n````\n茶。",
            [
                ("markup", 0, "```py"),
                ("code", 0, "x = 1"),
                ("code", 0, "~~~"),
                ("markup", 0, "````"),
                ("prose", 0, "茶。"),
            ],
            id="code",
        ),
        pytest.param("~~~\n# 茶", [("prose", 0, "~~~"), ("heading", 1, "茶")], id="a fence that nothing closes"),
        pytest.param(
            "Q1: 多高？\nA: 一米。", [("question", 0, "Q1: 多高？"), ("prose", 0, "A: 一米。")], id="question"
        ),
        pytest.param(
            "作者：张三\n- 茶。\n- 版权所有",
            [("byline", 0, "作者：张三"), ("item", 0, "茶。"), ("boilerplate", 0, "版权所有")],
            id="byline and boilerplate",
        ),
    ],
)
def test_markdown(text: str, expected: list[tuple[str, int, str]]) -> None:
    assert lines(text, markdown=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("茶厂：2024\n\n茶。", [("heading", 1, "茶厂：2024"), ("prose", 0, "茶。")], id="a title"),
        pytest.param(
            "茶。\n\n电话：123\n\n茶。",
            [("prose", 0, "茶。"), ("prose", 0, "电话：123"), ("prose", 0, "茶。")],
            id="a label",
        ),
        pytest.param("一、目的\n为了茶。", [("heading", 6, "一、目的"), ("prose", 0, "为了茶。")], id="numbered"),
        pytest.param(
            "• 绿茶\n(1) 红茶\n① 白茶",
            [("item", 0, "• 绿茶"), ("item", 0, "(1) 红茶"), ("item", 0, "① 白茶")],
            id="list",
        ),
        pytest.param("# 茶\n| a | b |", [("heading", 1, "# 茶"), ("prose", 0, "| a | b |")], id="no Markdown"),
        pytest.param(
            "甲\u2028乙\r\n \x85丙", [("prose", 0, "甲"), ("prose", 0, "乙"), ("prose", 0, "丙")], id="line ends"
        ),
    ],
)
def test_plain_text(text: str, expected: list[tuple[str, int, str]]) -> None:
    assert lines(text, markdown=False) == expected


@pytest.mark.parametrize("markdown", [True, False])
def test_a_text_of_nothing_but_boilerplate_is_prose(markdown: bool) -> None:
    assert lines("12 comments\n版权所有", markdown=markdown) == [("prose", 0, "12 comments"), ("prose", 0, "版权所有")]


@given(TEXTS, st.booleans())
def test_lines_are_ordered_and_trimmed_and_only_headings_have_a_level(text: str, markdown: bool) -> None:
    last = 0
    for line in read_lines(text, markdown=markdown):
        words = text[line.start : line.end]
        assert last <= line.start <= line.end <= len(text)
        assert words == words.strip()
        assert (line.level > 0) == (line.kind == "heading")
        last = line.end
