import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from eval.gold import check_articles, read_gold
from eval.measures.facts import contains_fact
from rag.records import Article

EVAL = Path(__file__).parent.parent / "eval"
SETS = {"qwen-app": 60, "channel-tunnel": 30}  # fewest questions
CATEGORIES = {
    "single-fact",
    "several-facts",
    "comparison",
    "why",
    "paraphrase",
    "other-language",
    "follow-up",
    "false-premise",
    "unanswerable",
}
COMPUTED = {"comparison", "other-language"}  # the fact need not be in the evidence as it stands


@cache
def rows(name: str) -> list[dict[str, Any]]:
    lines = (EVAL / "gold" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@cache
def body(name: str) -> str:
    text = (EVAL / "articles" / f"{name}.md").read_text(encoding="utf-8")
    opening, _, rest = text.split("---\n", maxsplit=2)
    assert opening == ""
    return rest


every_set = pytest.mark.parametrize("name", SETS)
every_row = pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for name in SETS for row in rows(name)])


def test_the_sets_are_read_without_an_error() -> None:
    read = read_gold([EVAL / "gold" / f"{name}.jsonl" for name in SETS])
    assert read.errors == ()
    articles = {
        f"{name}.md": Article(f"{name}.md", name, f"{name}.md", body(name), root="", markdown=True) for name in SETS
    }
    assert check_articles(read.items, articles) == {}
    assert [gold.to_json() for gold in read.items] == [row for name in SETS for row in rows(name)]


@every_set
def test_set_is_large_and_varied(name: str) -> None:
    categories = [row["category"] for row in rows(name)]
    assert len(categories) >= SETS[name]
    assert set(categories) == CATEGORIES
    assert categories.count("unanswerable") >= len(categories) / 5


def test_ids_and_questions_are_unique() -> None:
    everything = [row for name in SETS for row in rows(name)]
    assert len({row["id"] for row in everything}) == len(everything)
    assert len({row["question"] for row in everything}) == len(everything)


@every_row
def test_row_has_the_known_shape(row: dict[str, Any]) -> None:
    assert row["answerable"] is (row["category"] != "unanswerable")
    optional = ["history"] if "history" in row or row["category"] == "follow-up" else []
    told = ["facts", "answers", "evidence"] if row["answerable"] else []
    keys = ["id", "category", "question", *optional, "answerable", *told, "article"]
    assert list(row) == keys
    assert all(row[key] for key in told)
    assert row["question"].strip() == row["question"] != ""
    assert Path(row["article"]).stem in SETS


@every_row
def test_evidence_is_whole_sentences_of_the_article(row: dict[str, Any]) -> None:
    text = body(Path(row["article"]).stem)
    for quote in row.get("evidence", ()):
        assert text.count(quote) == 1
        assert quote[-1] in "。！？.!?"
        before = text[: text.index(quote)].rstrip(" ")
        assert before[-1] in "。！？.!?\n-"


@every_row
def test_facts_are_proved_by_the_evidence_and_told_by_the_answer(row: dict[str, Any]) -> None:
    for fact in row.get("facts", ()):
        assert all(contains_fact(answer, fact) for answer in row["answers"])
        assert not contains_fact(row["question"], fact), "an echo of the question would count"
        assert row["category"] in COMPUTED or any(contains_fact(quote, fact) for quote in row["evidence"])


def test_articles_are_of_moderate_length() -> None:
    assert 2800 <= len("".join(body("qwen-app").split())) <= 3400
    assert 900 <= len(body("channel-tunnel").split()) <= 1100
