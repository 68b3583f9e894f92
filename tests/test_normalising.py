import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.measures.normalising import normalise


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("月活突破 3000 万。", "月活突破30000000"),
        ("４，２３８億元", "423800000000元"),
        ("4,238 and 1,234,567.5", "4238and1234567.5"),
        ("2024,300", "2024 300"),
        ("3，400人", "3 400人"),
        ("49.2%，27 percent，百分之 3", "49.2% 27% 3%"),
        ("Channel-Tunnel, Opened", "channel tunnel opened"),
        ("千问（Qwen）App", "千问qwen app"),
        ("1.2亿、5000万", "120000000 50000000"),
        ("5亿 6亿", "500000000 600000000"),
        ("1994[1]，8[2]", "1994 8"),
        ("2024三百", "2024 300"),
        ("三百2024", "300 2024"),
        ("5亿三百", "500000000 300"),
        ("三百007", "300 007"),
        ("三、四", "三 四"),
        ("第1. 2天", "第1 2天"),
        ("版本1.2.3", "版本1.2.3"),
        ("Straße", "strasse"),
        ("", ""),
    ],
)
def test_normalise(text: str, folded: str) -> None:
    assert normalise(text) == folded


@pytest.mark.parametrize(
    "texts",
    [
        ["三百五十", "350", "350.0", "３５０", "three hundred and fifty"],
        ["4238亿", "423,800,000,000", "4238億", "4,238亿", "423.8 billion", "四千二百三十八亿", "4238 亿"],
        ["27 percent", "百分之27", "27%", "百分之二十七", "27 per cent", "２７％", "twenty-seven percent"],
        ["三百多万人", "300多万人", "3000000多人"],
        ["二〇二五年十二月", "2025年12月", "２０２５年12月"],
        ["第三次", "第3次"],
        ["三成", "30%"],
        ["「臺灣」", "台湾", "“台灣”[1]"],
    ],
    ids=lambda texts: texts[0],
)
def test_the_same_in_other_words(texts: list[str]) -> None:
    assert {normalise(text) for text in texts} == {normalise(texts[0])}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("近10%", "10%"),
        ("超过10%", "10%"),
        ("100多名", "100名"),
        ("not 10", "10"),
        ("3、4", "34"),
        ("1.5", "15"),
        ("三四百", "400"),
        ("27%", "27"),
        ("007", "7"),
    ],
)
def test_what_differs_stays_different(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@given(st.text(alphabet="三万亿0123456789.,，、 %ab问臺", max_size=30))
def test_normalise_leaves_nothing_to_fold(text: str) -> None:
    once = normalise(text)
    assert once == once.strip() == once.casefold()
    assert not set(once) & set(",，、臺")


@given(st.integers(0, 10**15))
def test_an_integer_is_itself_however_written(number: int) -> None:
    assert normalise(f"{number:,}人") == normalise(f"{number}人") == f"{number}人"
    assert normalise(f"{number}万人") == f"{number * 10**4}人"
