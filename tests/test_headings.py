import re

import pytest

from rag.headings import Spans, heads, is_labelled, is_short, near, numbered, stands_out, underlined


def spans(text: str) -> Spans:
    return [match.span() for match in re.finditer(r"[^\n]+", text)]


@pytest.mark.parametrize(
    ("words", "rank"),
    [
        ("第一编 总论", 1),
        ("Part II Tea", 1),
        ("第12章 茶", 2),
        ("Chapter 3", 2),
        ("第三节 茶", 3),
        ("第四条 茶", 4),
        ("五、茶", 5),
        ("（六）茶", 6),
        ("7. 茶", 7),
        ("7、茶", 7),
        ("7.1 茶", 8),
        ("7.1.2 茶", 9),
        ("3.5万吨", 0),
        ("3.5 亿元", 0),
        ("第一次", 0),
        ("Partly", 0),
        ("茶", 0),
    ],
)
def test_numbers_order_headings(words: str, rank: int) -> None:
    assert numbered(words) == rank


@pytest.mark.parametrize(
    ("words", "short"),
    [
        ("茶", False),
        ("茶厂", True),
        ("茶" * 25, True),
        ("茶" * 26, False),
        ("t" * 50, True),
        ("t" * 51, False),
        ("茶厂。", False),
        ("茶厂：", False),
        ("茶、水", True),
        ("茶，水", True),
        ("茶，水，火", False),
        ("茶；水", False),
        ("茶 | 水", False),
    ],
)
def test_what_is_short(words: str, short: bool) -> None:
    assert is_short(words) == short


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        pytest.param("一、茶\n水。", 0, True, id="something follows"),
        pytest.param("水。\n一、茶", 1, False, id="nothing follows"),
        pytest.param("一、茶\n二、水\n火。", 0, False, id="one of a list"),
        pytest.param("一、茶\n二、水\n火。", 1, False, id="last of a list"),
        pytest.param("一、茶\n1. 水\n火。", 0, True, id="of another rank"),
        pytest.param("**一、茶？**\n水。", 0, True, id="bold question"),
        pytest.param("一、茶是水。\n水。", 0, False, id="sentence"),
    ],
)
def test_a_numbered_line_heads_what_follows(text: str, place: int, found: bool) -> None:
    raw = spans(text)
    rank = numbered(text[slice(*raw[place])].strip("*"))
    assert heads(text, raw, place, rank) == found


@pytest.mark.parametrize(
    ("text", "shorts", "found"),
    [
        ("茶\n水。", "10", "10"),
        ("茶\n水\n火。", "110", "110"),
        ("茶\n水\n火\n土。", "1110", "0000"),
        ("茶\n\n水\n\n火\n\n土。", "1110", "1110"),
        ("茶。\n水", "01", "00"),
    ],
    ids=["one", "two", "three in a row", "three apart", "nothing follows"],
)
def test_a_short_line_stands_out(text: str, shorts: str, found: str) -> None:
    raw, flags = spans(text), [each == "1" for each in shorts]
    assert "".join("01"[stands_out(text, raw, flags, place)] for place in range(len(raw))) == found


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("茶\n==\n", 1),
        ("茶\n---\n", 2),
        ("茶\n--\n", 0),
        ("茶\n\n---\n", 0),
        ("茶。\n---\n", 0),
        ("茶\n茶\n---\n", 0),
        (f"{'茶' * 121}\n---\n", 0),
        ("茶", 0),
    ],
)
def test_a_line_drawn_under_one_makes_a_heading(text: str, level: int) -> None:
    raw = spans(text)
    place = max(len(raw) - 2, 0)  # the line above the last
    assert underlined(text, raw, place, text[slice(*raw[place])]) == level


def test_lines_are_near_if_no_empty_one_is_between() -> None:
    for text, expected in (("甲\n乙", True), ("甲\n\n乙", False), ("甲\n \n乙", False)):
        raw = [(0, 1), (len(text) - 1, len(text))]
        assert near(text, raw, 1) == expected
        assert not near(text, raw, 0)
        assert not near(text, raw, 2)
    assert near("甲\r\n乙", [(0, 1), (3, 4)], 1)


def test_a_label_has_a_colon() -> None:
    assert [is_labelled(each) for each in ("电话：123", "Tel: 1", "电话")] == [True, True, False]
