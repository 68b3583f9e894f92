import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.matching import contains_fact, normalise


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("月活突破 3000 万。", "月活突破3000万"),
        ("４，２３８億元", "4238亿元"),
        ("4,238 and 1,234,567.5", "4238and1234567.5"),
        ("2024,300", "2024 300"),
        ("49.2%，27 percent，百分之 3", "49.2% 27% 3%"),
        ("Channel-Tunnel, Opened", "channel tunnel opened"),
        ("千问（Qwen）App", "千问qwen app"),
        ("1.2亿、5000万", "1.2亿 5000万"),
        ("1994[1]，8[2]", "1994 8"),
        ("", ""),
    ],
)
def test_normalise(text: str, folded: str) -> None:
    assert normalise(text) == folded


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


def test_any_alternative_is_enough() -> None:
    assert contains_fact("三千万用户", ["3000万", "三千万"])
    assert not contains_fact("三千万用户", [])


@given(st.text(alphabet="三万亿0123456789.,，、 %ab问臺", max_size=30))
def test_normalise_leaves_nothing_to_fold(text: str) -> None:
    once = normalise(text)
    assert once == once.strip() == once.casefold()
    assert not set(once) & set(",，、臺")


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_an_integer_is_found_only_in_itself(said: int, fact: int) -> None:
    assert contains_fact(f"共{said:,}个", [str(fact)]) is (said == fact)
