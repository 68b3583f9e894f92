"""``tests/computations`` holds the cases: a question, the sentences there are, and the expression, or ``nothing``."""

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.arithmetic import Computation, compute
from rag.evidence import Evidence
from rag.records import Sentence

CASES = [
    paragraph.splitlines()
    for language in ("zh", "en")
    for paragraph in Path(__file__)
    .with_name("computations")
    .joinpath(f"{language}.txt")
    .read_text("utf-8")
    .split("\n\n")
]
COMPUTED = [case for case in CASES if case[-1] != "= nothing"]
TOWERS = ["东塔高90米，西塔高60米。", "两塔都建于2004年。"]


def evidence(texts: Sequence[str], article: str = "a.md") -> list[Evidence]:
    found, start = [], 0
    for number, text in enumerate(texts, start=1):
        found.append(Evidence(number, article, Sentence(start, start + len(text)), text, ""))
        start += len(text) + 1
    return found


def done(question: str, *texts: str) -> Computation:
    found = compute(question, evidence(texts))
    assert found is not None
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_cases(case: list[str]) -> None:
    question, *texts, expected = case
    found = compute(question, evidence(texts))
    assert f"= {found.expression if found else 'nothing'}" == expected


def test_there_are_cases_enough_of_both_languages() -> None:
    asked = {language: [case for case in CASES if case[0].isascii() == (language == "en")] for language in ("zh", "en")}
    assert min(map(len, asked.values())) > 60
    assert min(sum(case[-1] == "= nothing" for case in cases) for cases in asked.values()) > 20


@pytest.mark.parametrize("case", COMPUTED, ids=lambda case: case[0])
def test_a_sentence_less_is_never_replaced(case: list[str]) -> None:
    question, *texts, expected = case
    for place in range(len(texts)):
        found = compute(question, evidence(texts[:place] + texts[place + 1 :]))
        assert found is None or f"= {found.expression}" == expected


@given(st.data())
def test_neither_order_nor_other_articles_change_a_result(data: st.DataObject) -> None:
    question, *texts, expected = data.draw(st.sampled_from(COMPUTED))
    other = data.draw(st.sampled_from([case for case in CASES if not set(case[1:]) & set(texts)]))
    apart = [each for each in evidence(other[1:-1], "b.md") if not shares_a_name(each.text, question)]
    found = compute(question, data.draw(st.permutations([*evidence(texts), *apart])))
    assert f"= {found.expression if found else 'nothing'}" == expected


def shares_a_name(text: str, question: str) -> bool:
    words = re.findall(r"[\u4e00-\u9fff]|[A-Za-z]{4,}", question)
    return len([word for word in set(words) if word in text]) > 0


@given(st.sampled_from(COMPUTED))
def test_operands_stand_at_their_places(case: list[str]) -> None:
    for operand in done(case[0], *case[1:-1]).operands:
        text = operand.evidence.text
        assert text in case
        assert text[operand.what.start : operand.what.end] == operand.text
        assert operand.of in text


@given(st.sampled_from(COMPUTED))
def test_approximate_results_say_so(case: list[str]) -> None:
    found = done(case[0], *case[1:-1])
    assert found.approximate == bool(re.search("约|about", found.sentence))
    assert found.kind == "which" or found.approximate == ("≈" in found.expression)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_difference_is_that_of_its_operands(one: int, other: int) -> None:
    found = compute("东厂的产量比西厂多多少吨？", evidence([f"东厂产量{one}吨，西厂产量{other}吨。"]))
    if one == other:
        assert found is None
    else:
        assert found is not None
        assert (found.result, found.unit, found.approximate) == (Decimal(abs(one - other)), "吨", False)
        more = "多" if one > other else "少"
        assert found.sentence.startswith(f"东厂的产量比西厂{more}{abs(one - other)}吨（")


@given(st.decimals(0, 100, places=1), st.decimals(0, 100, places=1))
def test_shares_add_up_to_a_hundred_at_most(one: Decimal, other: Decimal) -> None:
    text = f"Acme holds {one}% of the market, Globex {other}%."
    left = compute("What share is left after Acme and Globex?", evidence([text]))
    together = compute("What share do Acme and Globex hold together?", evidence([text]))
    assert (left.result if left else None) == (100 - one - other if one + other < 100 else None)
    assert (together.result if together else None) == (one + other if one + other <= 100 else None)


def test_what_a_computation_tells() -> None:
    found = done("东塔比西塔高多少？", *TOWERS)
    assert (found.kind, found.result, found.unit, found.approximate) == ("difference", Decimal(30), "米", False)
    assert found.expression == "90米 − 60米 = 30米"
    assert found.sentence == "东塔比西塔高30米（90米 − 60米）。"
    assert [(each.text, each.of, each.named, each.evidence.number) for each in found.operands] == [
        ("90米", "东塔", True, 1),
        ("60米", "西塔", True, 1),
    ]


def test_an_operand_that_is_not_called_as_in_the_question_is_quoted() -> None:
    found = done("新桥通车比老桥通车晚了几年？", "老桥于1957年通车。", "新桥1968年建成。", "新桥1969年正式开通。")
    assert found.sentence == "1969年（“新桥1969年正式开通”）与1957年（“老桥于1957年通车”）相差12年（1969年 − 1957年）。"


@pytest.mark.parametrize("stated", ["两塔相差30米。", "东塔比西塔高30米。"])
def test_what_the_evidence_states_is_not_computed(stated: str) -> None:
    assert compute("东塔比西塔高多少？", evidence([TOWERS[0].replace("。", "，") + stated])) is None


def test_a_third_candidate_as_good_leaves_a_doubt() -> None:
    assert compute("东塔比西塔高多少？", evidence([*TOWERS, "东塔高95米。"])) is None
    assert compute("东塔比西塔高多少？", evidence([*TOWERS, "东塔高90米。"])) is not None


def test_nothing_is_computed_from_nothing() -> None:
    assert compute("东塔比西塔高多少？", []) is None
    assert compute("", evidence(TOWERS)) is None
