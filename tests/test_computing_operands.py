import pytest

from rag.computing.asked import read_question
from rag.computing.operands import choose, sides_words
from rag.evidence import Evidence
from rag.records import Sentence


def chosen(question: str, *texts: str, heading: str = "") -> list[str]:
    asked = read_question(question)
    assert asked is not None
    evidence = [Evidence(n, "a.md", Sentence(n, n + 1), text, heading) for n, text in enumerate(texts)]
    return [each.written for each in choose(asked, evidence) or ()]


def test_a_side_is_told_by_the_words_that_only_it_has() -> None:
    asked = read_question("How many more ships are in Lyon than in Nice?")
    assert asked is not None
    own, common, attribute = sides_words(asked)
    assert [*own, common, attribute] == [{"lyon"}, {"nice"}, set(), set()]


@pytest.mark.parametrize(
    ("question", "texts", "written"),
    [
        ("甲厂的产量比乙厂多多少？", ["甲厂产量3吨，乙厂2吨。"], ["3吨", "2吨"]),
        ("甲厂的产量比乙厂多多少？", ["甲厂产量3吨，乙厂存货2吨。"], []),
        ("甲厂的产量比乙厂多多少？", ["甲厂和乙厂的产量分别为3吨和2吨。"], ["3吨", "2吨"]),
        ("2023年的产量比2022年多多少？", ["2022年产量2吨。", "2023年产量3吨。", "2021年产量1吨。"], ["3吨", "2吨"]),
        ("2023年，甲厂的产量比乙厂多多少？", ["2022年，甲厂产量3吨，乙厂2吨。"], []),
        ("甲校的学生比乙校多多少？", ["甲校有学生3人，乙校有教师2人。"], []),
        ("甲厂的产量比乙厂多多少？", ["甲厂产量3吨，乙厂2公里。"], []),
    ],
)
def test_choosing(question: str, texts: list[str], written: list[str]) -> None:
    assert chosen(question, *texts) == written


def test_the_heading_tells_what_a_sentence_is_of() -> None:
    assert chosen("甲厂的产量比乙厂多多少？", "甲厂3吨，乙厂2吨。", heading="产量") == ["3吨", "2吨"]
    assert chosen("甲厂的产量比乙厂多多少？", "甲厂3吨，乙厂2吨。", heading="存货") == []
