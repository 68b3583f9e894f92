from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.computing.amounts import amounts, dates, same_count, unit_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("现金4238亿元", [("4238亿元", "CNY", "423800000000")]),
        (
            "共4.5 billion pounds, or $5.1 billion",
            [("4.5 billion pounds", "GBP", "4500000000"), ("$5.1 billion", "USD", "5100000000")],
        ),
        ("长1.2公里，宽800米", [("1.2公里", "length", "1200.0"), ("800米", "length", "800")]),
        ("7.6 metres across, 31 km long", [("7.6 metres", "length", "7.6"), ("31 km", "length", "31000")]),
        ("占27%、近两成", [("27%", "%", "27"), ("两成", "%", "20")]),
        ("高22.2个百分点", [("22.2个百分点", "point", "22.2")]),
        ("100多名工程师，1.2亿日活", [("100多名", "count", "100"), ("1.2亿", "count", "120000000")]),
        ("15.9 million Eurostar passengers", [("15.9 million Eurostar passengers", "count", "15900000")]),
        ("160 kilometres per hour", [("160 kilometres per hour", "km/h", "160")]),
        ("用时12毫秒，2小时", [("12毫秒", "second", "0.012"), ("2小时", "second", "7200")]),
        ("人口为320，共有11个省", [("320", "count", "320"), ("11个", "count", "11")]),
        ("第3名，一款，G7，1980s，20-30人，9点，iPhone 15上市", []),
        ("2025年4月12日和12月3日", []),
        ("the Thirty Years' War, the Airbus A380 has wings", []),
    ],
)
def test_amounts(text: str, found: list[tuple[str, str, str]]) -> None:
    told = [(text[each.start : each.end], each.kind, f"{each.value:f}") for each in amounts(text)]
    assert told == found


def test_an_amount_is_shown_in_the_scale_it_is_written_in() -> None:
    (amount,) = amounts("约1.5亿公里左右")
    assert (amount.magnitude, amount.unit, amount.scale, amount.vague) == ("亿", "公里", Decimal(10**11), True)
    assert (amount.spaced, amount.sign) == (False, "")


@pytest.mark.parametrize("text", ["5000万量级", "近100人", "100人以上", "over 100 people"])
def test_what_is_not_told_exactly_is_vague(text: str) -> None:
    assert [each.vague for each in amounts(text)] == [True]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2025年4月12日", [(2025, 4, 12, False)]),
        ("二〇二五年十二月", [(2025, 12, 0, False)]),
        ("约1880年动工", [(1880, 0, 0, True)]),
        ("2012-05-03发布", [(2012, 5, 3, False)]),
        ("On 1 December 1990 and in May 1994", [(1990, 12, 1, False), (1994, 5, 0, False)]),
        ("December 1, 1990", [(1990, 12, 1, False)]),
        ("between 1995 and 2000, since 2017.", [(1995, 0, 0, False), (2000, 0, 0, False), (2017, 0, 0, False)]),
        ("around 1880", [(1880, 0, 0, True)]),
        ("公元前221年，221 BC，20世纪90年代，in the 1980s，12月3日", []),
        ("by 1500 villagers, about 2000 metres", []),
    ],
)
def test_dates(text: str, found: list[tuple[int, int, int, bool]]) -> None:
    assert [(each.year, each.month, each.day, each.vague) for each in dates(text)] == found


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("亿元", ("CNY", "元")),
        ("个百分点", ("point", "个百分点")),
        ("家店", ("count", "家")),
        (" million pounds", ("GBP", "pounds")),
        ("呢", ("", "")),
    ],
)
def test_units(text: str, unit: tuple[str, str]) -> None:
    assert unit_of(text) == unit


def test_what_counts_the_same() -> None:
    assert same_count("人", "名")
    assert same_count("people", "passengers")
    assert same_count("", "家")
    assert same_count("个", "家")
    assert not same_count("家", "人")
    assert not same_count("trains", "passengers")


@given(st.text(alphabet="年月日第约亿万元米个%$0123.,- aimn", max_size=20))
def test_amounts_and_dates_stand_apart(text: str) -> None:
    places = sorted(
        [(each.start, each.end) for each in amounts(text)] + [(each.start, each.end) for each in dates(text)]
    )
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(before[1] <= after[0] for before, after in zip(places, places[1:], strict=False))
