"""The measures of reading against a second implementation, written from the definition, and against arithmetic."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eval.measures.normalising import normalise
from eval.measures.reading import cmrc_exact_match, cmrc_f1, exact_match, f1

PUNCTUATION = [
    "-", ":", "_", "*", "^", "/", "\\", "~", "`", "+", "=", "，", "。", "：", "？", "！", "“", "”", "；", "’",
    "《", "》", "·", "、", "「", "」", "（", "）", "－", "～", "『", "』",
]  # fmt: skip
# English words here hold no apostrophe, full stop or the like: tests/test_words.py has those
TEXTS = st.text(alphabet="千问的用户三百五十ab1 2ω𠮷，。-、《·", max_size=25)


def oracle_tokens(text: str) -> list[str]:
    tokens, word = [], ""
    for character in text.lower().strip():
        if character in PUNCTUATION:
            continue
        if "\u4e00" <= character <= "\u9fa5":
            tokens += [*word.split(), character]
            word = ""
        else:
            word += character
    return tokens + word.split()


def oracle_f1(answer: list[str], reference: list[str]) -> float:
    longest = [[0] * (len(reference) + 1) for _ in range(len(answer) + 1)]
    for row, said in enumerate(answer, start=1):
        for column, meant in enumerate(reference, start=1):
            longest[row][column] = longest[row - 1][column - 1] + 1 if said == meant else 0
    shared = max(map(max, longest))
    if not shared:
        return 0.0
    precision, recall = shared / len(answer), shared / len(reference)
    return 2 * precision * recall / (precision + recall)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
@example("abcd", ["ab", "cd"])
def test_the_published_f1(answer: str, references: list[str]) -> None:
    expected = max(oracle_f1(oracle_tokens(answer), oracle_tokens(each)) for each in references)
    assert cmrc_f1(answer, references) == pytest.approx(expected, abs=1e-9)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
def test_the_published_exact_match(answer: str, references: list[str]) -> None:
    def fold(text: str) -> str:
        return "".join(each for each in text.lower().strip() if each not in PUNCTUATION)

    assert cmrc_exact_match(answer, references) == (fold(answer) in [fold(each) for each in references])


@given(TEXTS, TEXTS)
def test_our_f1_is_the_same_measure_of_normalised_text(answer: str, reference: str) -> None:
    def tokens(text: str) -> list[str]:
        cut, kinds = normalise(text), []
        for character in cut:
            kind = "0" if character in "0123456789.%" else "a" if character in "abcω" else " "
            kinds.append(kind)
        parts = [cut[:1]] if cut else []
        for (before, kind), character in zip(pairwise(kinds), cut[1:], strict=True):
            parts[-1:] = [parts[-1] + character] if before == kind != " " else [parts[-1], character]
        return [part for part in parts if part != " "]

    assert f1(answer, [reference]) == pytest.approx(oracle_f1(tokens(answer), tokens(reference)), abs=1e-9)


@given(TEXTS, TEXTS)
def test_bounds_and_symmetry(one: str, other: str) -> None:
    assert 0 <= f1(one, [other]) == f1(other, [one]) <= 1
    assert exact_match(one, [one]) == 1
    assert f1(one, [one]) == float(normalise(one) != "")


@pytest.mark.parametrize(
    ("answer", "references", "f1_value", "em_value"),
    [
        ("光荣", ["光荣和ω-force"], 2 * 2 / (2 + 4), 0.0),  # 光 荣 和 ωforce
        ("千问有3000万用户。", ["3000万用户"], 2 * 4 / (7 + 4), 0.0),  # 千 问 有 3000 万 用 户
        ("“3000万用户”", ["3000万用户"], 1.0, 1.0),
        ("用户，三千万", ["三千万用户"], 2 * 3 / (5 + 5), 0.0),  # the longest run, not the bag
        ("Channel Tunnel", ["the channel tunnel"], 2 * 2 / (2 + 3), 0.0),
        ("4,238亿", ["4238亿"], 2 * 1 / (2 + 2), 0.0),
        ("吴泳铭", ["马云", "吴泳铭"], 1.0, 1.0),
        ("吴泳铭", ["马云"], 0.0, 0.0),
        ("", [""], 0.0, 1.0),
        ("。", ["吴"], 0.0, 0.0),
    ],
)
def test_published_values_by_hand(answer: str, references: list[str], f1_value: float, em_value: float) -> None:
    assert cmrc_f1(answer, references) == pytest.approx(f1_value, abs=1e-12)
    assert cmrc_exact_match(answer, references) == em_value


@pytest.mark.parametrize(
    ("answer", "references", "f1_value", "em_value"),
    [
        ("4,238億元。", ["4238亿元"], 1.0, 1.0),
        ("423,800,000,000元", ["4238亿元"], 1.0, 1.0),
        ("三百五十人", ["350人"], 1.0, 1.0),
        ("近10%", ["10%"], 2 * 1 / (2 + 1), 0.0),
        ("The Channel-Tunnel[1].", ["the channel tunnel"], 1.0, 1.0),
        ("twenty-seven percent of it", ["27%"], 2 * 1 / (3 + 1), 0.0),  # 27% of it
        ("共有350人", ["三百五十人", "三百人"], 2 * 2 / (4 + 2), 0.0),  # 共 有 350 人
        ("臺灣", ["台湾", "台湾省"], 1.0, 1.0),
    ],
)
def test_our_values_by_hand(answer: str, references: list[str], f1_value: float, em_value: float) -> None:
    assert f1(answer, references) == pytest.approx(f1_value, abs=1e-12)
    assert exact_match(answer, references) == em_value
