import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.measures.facts import contains_fact, told


@pytest.mark.parametrize(
    ("answer", "fact", "found"),
    [
        ("份额是27%", "27%", True),
        ("份额是127%", "27%", False),
        ("份额是0.27%", "27%", False),
        ("增长49.2%", "2%", False),
        ("分成超6亿元", "6亿", True),
        ("分成36亿元", "6亿", False),
        ("分成1.6亿元", "6亿", False),
        ("三十六亿", "六亿", False),
        ("1亿、6亿", "6亿", True),
        ("用了23天", "23", True),
        ("占23%", "23", False),
        ("23万", "23", False),
        ("23.5", "23", False),
        ("23 million", "23", False),
        ("結果是萬億", "万亿", True),
        ("4,238億", "4238亿", True),
        ("It happens often.", "ten", False),
        ("Ten workers died", "ten", True),
        ("as shown [2]", "2", False),
        ("任何内容", "。", False),
    ],
)
def test_contains_fact(answer: str, fact: str, found: bool) -> None:
    assert contains_fact(answer, [fact]) is found


@pytest.mark.parametrize(
    ("answer", "fact", "found"),
    [
        ("It held 423,800,000,000 yuan.", "4238亿", True),
        ("423.8 billion yuan", "4238亿", True),
        ("共有350人", "三百五十人", True),
        ("共有三百五十人", "350人", True),
        ("共有一千三百五十人", "350人", False),
        ("共有三百五十万人", "350", False),
        ("二〇二五年十二月十日", "2025年12月10日", True),
        ("近10%的用户", "10%", True),
        ("近百分之十的用户", "10%", True),
        ("一成用户", "10%", True),
        ("twenty-three days", "23 days", True),
        ("eleven of them", "11", True),
        ("thirteen of them", "three", False),
        ("100多名", "100多", True),
        ("一百多名", "100", True),
        ("10几亿", "10", False),
        ("三四百人", "四百", False),
        ("份额是22.2个百分点", "22.2", True),
        ("39 km", "38 k", False),
        ("they lie 38 kilometres apart", "38 k", True),
        ("统一了标准", "1", False),
    ],
)
def test_numbers_are_told_by_value(answer: str, fact: str, found: bool) -> None:
    assert contains_fact(answer, [fact]) is found


def test_any_alternative_is_enough() -> None:
    assert contains_fact("三千万用户", ["3000万", "不存在"])
    assert not contains_fact("三千万用户", [])


def test_told_is_the_share_of_the_facts() -> None:
    facts = (("320吨",), ("2023年", "去年"), ("三家",), ("茶厂",))
    assert told("去年产茶320吨，共3家。", facts) == 0.75
    assert told("", facts) == 0.0
    assert told("三百二十吨，二〇二三年，3家茶厂", facts) == 1.0


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_an_integer_is_found_only_in_itself(said: int, fact: int) -> None:
    assert contains_fact(f"共{said:,}个", [str(fact)]) is (said == fact)
