"""Retrieval measures by hand, and against ranx, which is another implementation of the textbook definitions."""

from math import log2
from random import Random

import pytest

from eval.measures.retrieval import hit, ndcg, ranks, recall, reciprocal_rank

PASSAGES = ["千问 App 改版上线。\n月活突破3000万。", "分成超6亿元。", "月活突破3000万。"]


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        ([["月活突破3000万。"]], [1]),
        ([["分成超6亿元。"], ["没有这一句。"]], [2, None]),
        ([["没有这一句。", "分成超6亿元。"]], [2]),
        ([["千问App改版上线。月活突破3000万。"]], [1]),
        ([[""]], [None]),
        ([], []),
    ],
    ids=["the first of two", "one is missing", "any alternative", "white space", "an empty quote", "no evidence"],
)
def test_ranks(evidence: list[list[str]], found: list[int | None]) -> None:
    assert ranks(evidence, PASSAGES) == found


@pytest.mark.parametrize(
    ("found", "k", "values"),
    [
        ([1], 5, (1.0, 1.0, 1.0, 1.0)),
        ([3], 5, (1.0, 1.0, 1 / 3, 1 / log2(4))),
        ([6], 5, (0.0, 0.0, 0.0, 0.0)),
        ([None], 5, (0.0, 0.0, 0.0, 0.0)),
        ([2, None], 5, (1.0, 0.5, 0.5, (1 / log2(3)) / (1 + 1 / log2(3)))),
        ([4, 2, 2], 3, (1.0, 2 / 3, 0.5, (2 / log2(3)) / (2 + 1 / log2(3)))),
        ([1, 1], 1, (1.0, 1.0, 1.0, 1.0)),
    ],
)
def test_values_by_hand(found: list[int | None], k: int, values: tuple[float, float, float, float]) -> None:
    measured = (hit(found, k), recall(found, k), reciprocal_rank(found, k), ndcg(found, k))
    assert measured == pytest.approx(values, abs=1e-12)


@pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaWarning")
def test_ranx_agrees() -> None:
    from ranx import Qrels, Run, evaluate  # type: ignore[import-untyped]

    random = Random(7)
    asked = [[random.choice([None, *range(1, 21)]) for _ in range(random.randint(1, 8))] for _ in range(300)]
    needed: dict[str, dict[str, int]] = {}
    for number, found in enumerate(asked):
        held = [rank for rank in found if rank]
        missing = {f"missing{each}": 1 for each in range(len(found) - len(held))}
        needed[f"q{number:03}"] = {f"passage{rank}": held.count(rank) for rank in held} | missing
    qrels = Qrels(needed)
    run = Run({name: {f"passage{rank}": 1 / rank for rank in range(1, 21)} for name in needed})
    for k in (1, 5, 10):
        metrics = [f"{name}@{k}" for name in ("hit_rate", "recall", "mrr", "ndcg")]
        theirs = evaluate(qrels, run, metrics, return_mean=False)
        for measure, metric in zip((hit, recall, reciprocal_rank, ndcg), metrics, strict=True):
            for found, value in zip(asked, theirs[metric], strict=True):
                held = [rank for rank in found if rank]
                if measure is not recall or len(set(held)) == len(held):  # else ranx counts passages, not quotes
                    assert measure(found, k) == pytest.approx(value, abs=1e-9), (metric, found)
