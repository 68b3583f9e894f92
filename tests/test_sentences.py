import cProfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.layout import read_lines
from rag.sentences import LONGEST, split_sentences

PIECES = [
    *"中文字句说abXY019 .。！？!?，,“”‘’「」（）()[]《》\"'#-*>|\n\t\r；…%：:`~=_一二、问答第章条",
    *["\r\n", "\u2028", "\x85", "\x0b", "\u200b", "\ufeff", "e\u0301", "\u202e", "１", "😀", "👨‍👩‍👧", "ﷺ", "🇨🇳"],
    *["分享到 微信\n", "版权所有\n", "作者：张三\n", "\n\n", "|---|---|\n", "| a | b |\n", "```\n", "```py\n", "~~~\n"],
    *["# ", "## ", "1. ", "- ", "Q1: ", "一、", "第一章 ", "**", "----\n", "U.S. ", "……", "他说"],
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=80).map("".join) | st.text(max_size=200)


def spans(text: str, *, markdown: bool = False) -> list[str]:
    return [text[each.start : each.end] for each in split_sentences(text, markdown=markdown)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("他来了。她走了！真的？对。", ["他来了。", "她走了！", "真的？", "对。"], id="chinese"),
        pytest.param("他说：“来了。”她走了。", ["他说：“来了。”", "她走了。"], id="closing quote stays"),
        pytest.param(
            "他说“好！快走！”然后（笑。哭。）走了。",
            ["他说“好！快走！”", "然后（笑。哭。）走了。"],
            id="pairs kept whole",
        ),
        pytest.param(
            "It cost 3.5 dollars. Dr. A. Moore paid.",
            ["It cost 3.5 dollars.", "Dr. A. Moore paid."],
            id="english",
        ),
        pytest.param(
            "In the U.S. market. Then e.g. tea.",
            ["In the U.S. market.", "Then e.g. tea."],
            id="abbreviations",
        ),
        pytest.param("第一行\n第二行。", ["第一行", "第二行。"], id="lines"),
        pytest.param("见 http://a.cn/?q=1 一页。", ["见 http://a.cn/?q=1 一页。"], id="address"),
        pytest.param("一（没有关上。二。", ["一（没有关上。", "二。"], id="bracket never closed"),
        pytest.param("真的吗?!好。", ["真的吗?!", "好。"], id="several marks"),
        pytest.param("“我们努力。”李梅说。天黑了。", ["“我们努力。”李梅说。", "天黑了。"], id="speaker after a quote"),
        pytest.param("“走！”，他喊。", ["“走！”，他喊。"], id="comma after a quote"),
        pytest.param("一；二；三。", ["一；二；三。"], id="semicolon"),
        pytest.param("甲（乙（丙。）丁。）戊。己。", ["甲（乙（丙。）丁。）戊。", "己。"], id="nested brackets"),
        pytest.param("他沉默了很久很久……后来开了口。", ["他沉默了很久很久……", "后来开了口。"], id="ellipsis"),
        pytest.param("嗯……别误会。", ["嗯……别误会。"], id="hesitation"),
        pytest.param("He paused ... and left. Then...", ["He paused ... and left.", "Then..."], id="dots"),
        pytest.param('"Stop! Now." he said. It rained.', ['"Stop! Now." he said.', "It rained."], id="straight"),
        pytest.param('"Go!" It rained.', ['"Go!"', "It rained."], id="straight at an end"),
        pytest.param("Is 5 ft 6\" tall? Yes.", ["Is 5 ft 6\" tall?", "Yes."], id="inches"),
        pytest.param("He left the U.S. The house is big.", ["He left the U.S.", "The house is big."], id="U.S."),
        pytest.param("At 5 p.m. It rained.", ["At 5 p.m.", "It rained."], id="p.m. at an end"),
        pytest.param("See No. 5. He said No. It is.", ["See No. 5.", "He said No.", "It is."], id="number or refusal"),
        pytest.param("Tom has 3. Ann has 12. 1. Yes.", ["Tom has 3.", "Ann has 12.", "1. Yes."], id="figures at end"),
        pytest.param("茶有 1.绿茶 2.红茶。", ["茶有 1.绿茶 2.红茶。"], id="numbers within a line"),
        pytest.param("Use .NET v2.0. Up 3.5%. OK.", ["Use .NET v2.0.", "Up 3.5%.", "OK."], id="versions"),
        pytest.param("Write to a.b@c.com. Bye.", ["Write to a.b@c.com.", "Bye."], id="mail"),
        pytest.param("J. K. Rowling wrote it.", ["J. K. Rowling wrote it."], id="initials"),
        pytest.param("1.绿茶好喝。2.红茶也好。", ["1.绿茶好喝。", "2.红茶也好。"], id="numbers of a list"),
        pytest.param("建于1998.后来扩建。", ["建于1998.", "后来扩建。"], id="English full stop in Chinese"),
        pytest.param("茶园很大。[1][2]茶很好。", ["茶园很大。[1][2]", "茶很好。"], id="references"),
        pytest.param("一\u2028二\x85三\r\n四", ["一", "二", "三", "四"], id="other line ends"),
        pytest.param("\ufeff\u200b 茶。\u200b", ["茶。"], id="invisible signs"),
    ],
)  # fmt: skip
def test_sentence_ends(text: str, expected: list[str]) -> None:
    assert spans(text) == expected


def test_a_quotation_never_closed_takes_no_more_than_its_sentence() -> None:
    assert spans("他说：“来了。" + "茶。" * 100) == ["他说：“来了。", *["茶。"] * 100]


def test_markdown_leads_are_left_out() -> None:
    text = "## 产量\n\n- 绿茶。\n> 引文。\n---\n"
    assert spans(text, markdown=True) == ["产量", "绿茶。", "引文。"]
    assert [each.heading for each in split_sentences(text, markdown=True)] == [2, 0, 0]


def test_marks_within_a_sentence_stay() -> None:
    assert spans("**好。**见[图。](http://a.cn/1.png)。", markdown=True) == [
        "**好。**",
        "见[图。](http://a.cn/1.png)。",
    ]


def test_table_rows_and_code_are_whole_and_rules_are_none() -> None:
    text = "| 茶 | 吨。年 |\n|---|---|\n| 绿。茶 | 320 |\n\n```python\nx = 1. # 好。坏\n```\n"
    assert spans(text, markdown=True) == ["茶 | 吨。年", "绿。茶 | 320", "x = 1. # 好。坏"]


def test_boilerplate_is_no_sentence_and_a_byline_is_one() -> None:
    assert spans("作者：张三\n茶好。\n分享到 微信 微博\n版权所有") == ["作者：张三", "茶好。"]


def test_a_run_without_full_stops_is_cut_at_a_comma() -> None:
    assert [len(piece) for piece in spans("字" * 300 + "，" + "字" * 300)] == [301, 300]


def test_a_figure_is_not_cut_at_its_comma_nor_an_accent_from_its_letter() -> None:
    assert [len(piece) for piece in spans("字" * 300 + "1,200" + "字" * 300)] == [320, 285]
    assert [len(piece) for piece in spans("字" * 319 + "e\u0301" + "字" * 9)] == [319, 11]


@given(TEXTS, st.booleans())
def test_every_letter_lies_in_exactly_one_sentence_or_in_boilerplate(text: str, markdown: bool) -> None:
    owners = [0] * len(text)
    for each in split_sentences(text, markdown=markdown):
        for place in range(each.start, each.end):
            owners[place] += 1
    left_out = {
        place
        for line in read_lines(text, markdown=markdown)
        if line.kind in ("boilerplate", "markup")
        for place in range(line.start, line.end)
    }
    assert all(owners[place] == (place not in left_out) for place, sign in enumerate(text) if sign.isalnum())
    assert max(owners, default=0) <= 1


@given(TEXTS, st.booleans())
def test_spans_are_trimmed_ordered_and_bounded(text: str, markdown: bool) -> None:
    sentences = split_sentences(text, markdown=markdown)
    assert sentences == split_sentences(text, markdown=markdown)
    last = 0
    for each in sentences:
        quote = text[each.start : each.end]
        assert last <= each.start < each.end <= len(text)
        assert quote == quote.strip()
        assert not set(quote) & set("\n\r\u2028\x85\x0b")
        assert len(quote) <= LONGEST
        last = each.end


@pytest.mark.parametrize(
    "text", ["“。", "。”", "(", '"', "（。", "```a\n", "|a|\n", "#", "a. ", "**。", "……”", "微信 "]
)
def test_a_text_ten_times_as_long_takes_about_ten_times_as_many_calls(text: str) -> None:
    def calls(count: int) -> int:
        profile = cProfile.Profile()
        profile.runcall(split_sentences, text * count, markdown=True)
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(20_000) <= 12 * calls(2000)
