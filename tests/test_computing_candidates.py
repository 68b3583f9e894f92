import pytest

from rag.computing.candidates import Candidate, candidates
from rag.evidence import Evidence
from rag.records import Sentence


def found(*texts: str) -> list[Candidate]:
    return list(candidates([Evidence(n, "a.md", Sentence(n, n + 1), text, "") for n, text in enumerate(texts)]))


def test_an_amount_has_its_part_of_the_sentence() -> None:
    text = "2025年的现金，甲为4238亿元，这是首次；乙为3736亿元，占9%。"
    parts = {each.written: (each.part, each.clause) for each in found(text)}
    assert parts == {
        "9%": (text, "，占9%。"),
        "4238亿元": ("2025年的现金，甲为4238亿元，这是首次", "2025年的现金，甲为4238亿元，这是首次"),
        "3736亿元": ("；乙为3736亿元", "；乙为3736亿元"),
        "2025年": (text, text),
    }


def test_a_date_leads_its_clause() -> None:
    parts = [each.part for each in found("In 1994 it opened, and in 2001, after a fire, it closed.")]
    assert parts == ["In 1994 it opened, ", "and in 2001, after a fire, it closed."]


@pytest.mark.parametrize(
    ("text", "changes", "totals"),
    [
        ("产量320吨", 0, 0),
        ("比上年多40吨", 1, 0),
        ("增长25%", 1, 0),
        ("增长到320吨", 0, 0),
        ("领先22.2个百分点", 1, 0),
        ("合计405吨", 0, 1),
        ("it rose by 40 tonnes", 1, 0),
        ("it rose to 40 tonnes", 0, 0),
        ("4 metres wider than the other", 1, 0),
        ("a total of 40 tonnes", 0, 1),
    ],
)
def test_stated_differences_and_sums(text: str, changes: int, totals: int) -> None:
    each = found(text)
    assert (sum(one.is_change for one in each), sum(one.is_total for one in each)) == (changes, totals)


def test_the_sentence_before_is_of_the_same_article() -> None:
    one = Evidence(1, "a.md", Sentence(0, 5), "甲厂很大。", "")
    other = Evidence(2, "a.md", Sentence(5, 9), "产量3吨。", "")
    apart = Evidence(3, "b.md", Sentence(0, 4), "产量4吨。", "")
    assert [(each.written, each.before) for each in candidates([apart, other, one])] == [
        ("3吨", "甲厂很大。"),
        ("4吨", ""),
    ]
