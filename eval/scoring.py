"""Is an answer right? Deterministic, from its JSON and its gold question alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from eval.gold import Gold
from eval.matching import contains_fact
from rag.records import Json


@dataclass(frozen=True)
class Score:
    """How one answer did."""

    category: str
    answerable: bool
    right: bool  # every required fact told, or an unanswerable question refused
    refused: bool
    found: float  # share of the gold evidence that lies in the passages retrieved
    first_token_s: float
    total_s: float


@dataclass(frozen=True)
class Summary:
    """How the answers of one category, or all, did; times are medians in seconds."""

    name: str
    n: int
    right: int
    refused: int
    found: float
    first_token_s: float
    total_s: float


def score(gold: Gold, answer: Json) -> Score:
    """Score one answer of the contract's JSON."""
    facts_told = all(contains_fact(answer["answer"], alternatives) for alternatives in gold.facts)
    passages = [hit["text"] for hit in answer["hits"] if hit["article"] == gold.article]
    found = [any(quote in passage for passage in passages) for quote in gold.evidence]
    return Score(
        category=gold.category,
        answerable=gold.answerable,
        right=answer["refused"] != gold.answerable and (facts_told or not gold.answerable),
        refused=answer["refused"],
        found=sum(found) / len(found) if found else 1.0,
        first_token_s=answer["timings"]["first_token_s"],
        total_s=answer["timings"]["total_s"],
    )


def summarise(scores: Sequence[Score]) -> list[Summary]:
    """Return a summary of each category in order of appearance, then of all."""
    categories = dict.fromkeys(each.category for each in scores)
    rows = [_summary(name, [each for each in scores if each.category == name]) for name in categories]
    answerable = [each for each in scores if each.answerable]
    return [*rows, _summary("all answerable", answerable), _summary("all", scores)] if scores else []


def _summary(name: str, scores: Iterable[Score]) -> Summary:
    scores = list(scores)
    return Summary(
        name=name,
        n=len(scores),
        right=sum(each.right for each in scores),
        refused=sum(each.refused for each in scores),
        found=sum(each.found for each in scores) / max(len(scores), 1),
        first_token_s=median([each.first_token_s for each in scores] or [0.0]),
        total_s=median([each.total_s for each in scores] or [0.0]),
    )
