from decimal import Decimal

import pytest

from rag.computing.amounts import Amount, Date, amounts, dates
from rag.computing.reckoning import (
    Operand,
    Result,
    change,
    difference,
    is_more,
    plain,
    ratio,
    remainder,
    share,
    time_between,
    total,
)
from rag.evidence import Evidence
from rag.records import Sentence


def operands(*texts: str) -> list[Operand]:
    found = []
    for text in texts:
        stated: list[Amount | Date] = [*amounts(text), *dates(text)]
        (what,) = stated
        found.append(Operand(Evidence(1, "a.md", Sentence(0, len(text)), text, ""), what, text, text, named=True))
    return found


@pytest.mark.parametrize(
    ("one", "other", "shown", "unit"),
    [
        ("4238亿元", "3736亿元", "502亿元", "亿元"),
        ("3736亿元", "4238亿元", "502亿元", "亿元"),
        ("1.2亿", "5000万", "7000万", "万"),
        ("3.2亿", "5000万", "2.7亿", "亿"),
        ("1.5公里", "800米", "700米", "米"),
        ("49.2%", "27%", "22.2个百分点", "个百分点"),
        ("7.1 million", "2.9 million people", "4.2 million people", "million people"),
        ("$4.5 billion", "$3.8 billion", "$0.7 billion", "billion"),
        ("12,450 votes", "10,980 votes", "1,470 votes", "votes"),
        ("19毫秒", "12毫秒", "7毫秒", "毫秒"),
    ],
)
def test_differences_keep_the_magnitude(one: str, other: str, shown: str, unit: str) -> None:
    result = difference(operands(one, other), "zh")
    assert result is not None
    assert (result.shown, result.unit, result.approximate) == (shown, unit, False)


def test_what_is_told_too_loosely_has_no_difference() -> None:
    assert difference(operands("约100人", "约95人"), "zh") is None
    assert difference(operands("约100人", "50人"), "zh") == Result(Decimal(50), "人", "50人", approximate=True)
    assert is_more(operands("超过1亿", "5000万")) is True
    assert is_more(operands("超过1亿", "近1亿")) is None


def test_sums_and_what_is_left() -> None:
    assert total(operands("49.2%", "27%")) == Result(Decimal("76.2"), "%", "76.2%", approximate=False)
    assert total(operands("60%", "50%")) is None
    assert remainder(operands("49.2%", "27%")) == Result(Decimal("23.8"), "%", "23.8%", approximate=False)
    assert remainder(operands("60%", "40%")) is None


def test_quotients() -> None:
    assert ratio(operands("90米", "60米"), "zh") == Result(Decimal("1.5"), "倍", "1.5倍", approximate=False)
    assert ratio(operands("70米", "60米"), "en") == Result(Decimal("1.17"), "times", "1.17 times", approximate=True)
    assert ratio(operands("60米", "90米"), "zh") is None
    assert share(operands("28人", "50人")) == Result(Decimal(56), "%", "56%", approximate=False)
    assert share(operands("50人", "28人")) is None
    assert change(operands("80吨", "60吨")) == Result(Decimal(-25), "%", "-25%", approximate=False)


@pytest.mark.parametrize(
    ("one", "other", "unit", "shown", "approximate"),
    [
        ("2025年12月", "2025年4月", "month", "8个月", False),
        ("1957年10月", "1968年12月", "year", "11年2个月", False),
        ("1957年10月", "1968年10月", "", "11年", False),
        ("1998年", "2004年", "year", "6年", False),
        ("1998年", "2004年3月", "year", "6年", True),
        ("1994年5月6日", "1994年11月14日", "month", "6个月", True),
        ("1954年5月3日", "1954年6月20日", "day", "48天", False),
        ("约1998年", "2004年", "", "6年", True),
    ],
)
def test_times(one: str, other: str, unit: str, shown: str, approximate: bool) -> None:
    result = time_between(operands(one, other), unit, "zh")
    assert result is not None
    assert (result.shown, result.approximate) == (shown, approximate)


def test_dates_that_are_not_told_exactly_enough() -> None:
    assert time_between(operands("1998年", "2004年"), "month", "zh") is None
    assert time_between(operands("1998年5月", "2004年6月"), "day", "zh") is None
    assert time_between(operands("1998年", "1998年"), "year", "zh") is None
    assert is_more(operands("1998年", "1998年5月")) is None
    assert is_more(operands("1998年6月", "1998年5月")) is True


def test_plain_numbers() -> None:
    assert [plain(Decimal(each)) for each in ("100", "1.50", "0.30", "1E+2")] == ["100", "1.5", "0.3", "100"]
