from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.figures import figures, quantities


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("突破3000万", ["30000000"]),
        ("30 million users", ["30000000"]),
        ("4238亿元、423.8 billion", ["423800000000", "423800000000"]),
        ("4,238 and ４２３８", ["4238", "4238"]),
        ("占49.2%，百分之27，27 per cent，22.2个百分点", ["49.2%", "27%", "27%", "22.2%"]),
        ("2025年12月10日", ["2025", "12", "10"]),
        ("60万亿", ["60000000000000"]),
        ("1.50和1.5", ["1.5", "1.5"]),
        ("0.05、100", ["0.05", "100"]),
        ("5億", ["500000000"]),
        ("没有数字", []),
    ],
)
def test_values(text: str, values: list[str]) -> None:
    assert figures(text) == values


@given(st.integers(0, 10**9))
def test_separators_and_magnitudes_do_not_change_a_value(number: int) -> None:
    assert figures(f"{number:,}") == figures(str(number)) == [str(number)]
    assert figures(f"{number}万") == figures(str(number * 10**4))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4,238亿元、４，２３８億", {"4,238亿": "423800000000", "４，２３８億": "423800000000"}),
        ("423.8 billion", {"423.8 billion": "423800000000"}),
        ("3亿5000万", {"3亿5000万": "350000000"}),
        ("2千米、3百、1.5千", {"2千": "2000", "3百": "300", "1.5千": "1500"}),
        ("2025 千问", {"2025": "2025"}),
        ("27%、百分之28，二十九%", {"27%": "27%", "百分之28": "28%", "二十九%": "29%"}),
        ("30 per cent", {"30 per cent": "30%"}),
        ("百分之二十七点五，百分之百", {"百分之二十七点五": "27.5%", "百分之百": "100%"}),
        ("22.2个百分点", {"22.2": "22.2"}),
        ("三百五十、两千、十二、一百零五", {"三百五十": "350", "两千": "2000", "十二": "12", "一百零五": "105"}),
        ("三万五，一百五，一万零五百", {"三万五": "35000", "一百五": "150", "一万零五百": "10500"}),
        ("二〇二五年、一九九八年", {"二〇二五": "2025", "一九九八": "1998"}),
        ("一点五亿，三点一四，六十万亿", {"一点五亿": "150000000", "三点一四": "3.14", "六十万亿": "60000000000000"}),
        ("三百多万、3000余万", {"三百多万": "3000000", "3000余万": "30000000"}),
        ("三个，两家，一名", {"三": "3", "两": "2", "一": "1"}),
        ("第三方，第12届，第二十", {"三": "3", "12": "12", "二十": "20"}),
        ("三成", {"三成": "30%"}),
        ("Twenty-three days, three hundred and fifty", {"Twenty-three": "23", "three hundred and fifty": "350"}),
        ("one million, two thousand and five", {"one million": "1000000", "two thousand and five": "2005"}),
        ("05月", {"05": "5"}),
        ("一些 一下 统一 万一 三星 一起 唯一 一直 十分 十足 千万别 一点一滴 统一个", {}),
        ("三四百，几十，十几，10几亿，数百，一两个，十四五", {}),
        ("三分之一，十分之一，3分之1，三分之二十一，百分之几十", {}),
        ("八百亿零一千，一亿零三百万", {"八百亿零一千": "80000001000", "一亿零三百万": "103000000"}),
        ("用户数三百万，人数100", {"三百万": "3000000", "100": "100"}),
        ("5亿三百", {"5亿": "500000000", "三百": "300"}),
        ("1.2.3和007", {}),
        ("one of them often weighs", {}),
    ],
)  # fmt: skip
def test_quantities(text: str, found: dict[str, str]) -> None:
    assert [(text[each.start : each.end], str(each)) for each in quantities(text)] == list(found.items())


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("100人", ""),
        ("最近3天", ""),
        ("节约100元", ""),
        ("超100人", "over"),
        ("超过了100人", "over"),
        ("逾百分之十", "over"),
        ("100多名", "over"),
        ("三百余", "over"),
        ("三百多万", "over"),
        ("100人以上", "over"),
        ("more than 100", "over"),
        ("over $100", "over"),
        ("不超过100人", "under"),
        ("不足100人", "under"),
        ("100人以下", "under"),
        ("less than 100", "under"),
        ("no more than 100", "under"),
        ("近10%", "nearly"),
        ("将近一百", "nearly"),
        ("近乎100", "nearly"),
        ("nearly 4.2 million", "nearly"),
        ("约100人", "about"),
        ("大约一百人", "about"),
        ("100人左右", "about"),
        ("about 100", "about"),
    ],
)
def test_qualifiers(text: str, qualifier: str) -> None:
    assert [each.qualifier for each in quantities(text)] == [qualifier]


def test_a_quantity_is_exact_however_long() -> None:
    (found,) = quantities("123456789012345678901234567890.120万")
    assert found.value == Decimal("1234567890123456789012345678901200")
    assert str(found) == "1234567890123456789012345678901200"


def in_chinese(number: int) -> str:
    """Write a number below 10 ** 12 as it is taught at school."""
    for name, unit in (("亿", 10**8), ("万", 10**4), ("千", 1000), ("百", 100), ("十", 10)):
        if number >= unit:
            rest = number % unit
            link = "零" if 0 < rest < unit // 10 else ""
            return in_chinese(number // unit) + name + link + (in_chinese(rest) if rest else "")
    return "零一二三四五六七八九"[number]


@given(st.integers(10, 10**12 - 1))
def test_chinese_numerals_have_the_value_they_are_written_for(number: int) -> None:
    assert list(map(str, quantities(f"共{in_chinese(number)}人"))) == [str(number)]


@given(st.text(alphabet="三十百万亿点零两几第个分之成0123,.% 多近aone", max_size=20))
def test_quantities_stand_apart_and_in_order(text: str) -> None:
    found = quantities(text)
    places = [place for each in found for place in (each.start, each.end)]
    assert places == sorted(places)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
