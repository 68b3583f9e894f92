"""Figures of a set: each by its definition, with the interval that suits it and the questions it is of."""

import json
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.gold import Gold
from eval.measures.intervals import bootstrap, wilson
from eval.measures.metrics import COLUMNS, METRICS, Metric
from eval.measures.refusing import curve
from eval.measures.scores import Scores
from eval.measures.summary import Figure, Summary, figures, scored_rows, statistic, summarise

BINARY = {metric.column for metric in METRICS.values() if metric.binary}
SHARES = {metric.column for metric in METRICS.values() if not metric.unit}
WHOLE = st.sampled_from([0.0, 1.0])
SHARE = st.sampled_from([0.0, 0.5, 1.0, 1 / 3])


def scores_of(
    binary: st.SearchStrategy[float], min_size: int = 0, names: Iterable[str] = COLUMNS
) -> st.SearchStrategy[Scores]:
    """Sets of a few questions, whose values apply or do not."""
    values = {
        name: st.none() | (binary if name in BINARY else SHARE if name in {*SHARES, "confidence"} else st.floats(0, 99))
        for name in names
    }
    row = st.tuples(st.sampled_from(["why", "who", ""]), st.fixed_dictionaries(values))
    return st.lists(row, min_size=min_size, max_size=8).map(
        lambda rows: Scores.from_rows((Gold("q", "?", True, category), values) for category, values in rows)
    )


def scores(*rows: tuple[str, dict[str, float | None]]) -> Scores:
    return Scores.from_rows(
        (Gold(f"q{place}", "?", True, category), values) for place, (category, values) in enumerate(rows)
    )


def column(name: str, *values: float | None) -> Scores:
    return scores(*(("", {name: value}) for value in values))


def known(summary: Summary) -> list[Figure]:
    return [each for each in [*summary.all, *(one for two in summary.categories.values() for one in two)] if each.n]


def test_a_tiny_askedby_hand() -> None:
    summary = summarise(scores(
        ("why", {"right": 1, "facts": 1, "false_refusals": 0, "confidence": 0.9, "total_s": 1, "prompt_tokens": 800}),
        ("who", {"right": 1, "refused_unanswerable": 1, "confidence": 0.99, "total_s": 2, "prompt_tokens": 800}),
        ("why", {"right": 0, "facts": 0.5, "false_refusals": 0, "confidence": 0.8, "total_s": 4, "prompt_tokens": 800}),
        ("who", {"right": 0, "facts": 0, "false_refusals": 1, "confidence": 0.7, "total_s": 3}),
    ))  # fmt: skip
    assert summary.figure("right") == Figure("right", 1 / 2, *wilson(2, 4), 4, 4)
    assert summary.figure("false_refusals") == Figure("false_refusals", 1 / 3, *wilson(1, 3), 3, 4)
    assert summary.figure("refused_unanswerable") == Figure("refused_unanswerable", 1.0, *wilson(1, 1), 1, 4)
    # of the 27 ways to draw three, one is all of the same question: more than 2.5 %
    assert summary.figure("facts") == Figure("facts", 1 / 2, 0.0, 1.0, 3, 4)
    assert summary.figure("prompt_tokens") == Figure("prompt_tokens", 800.0, 800.0, 800.0, 3, 4)
    assert summary.figure("total_p50").value == 2.5  # of 1, 2, 3, 4
    assert summary.figure("total_p90").value == pytest.approx(3.7)
    # one is right and let in first, then one is wrong, then two are refused
    assert summary.figure("risk_area").value == pytest.approx((0 + 1 / 2 + 2 / 3 + 3 / 4) / 4)
    assert summary.figure("judge") == Figure("judge", None, None, None, 0, 4)
    assert summary.figure("right", "why") == Figure("right", 1 / 2, *wilson(1, 2), 2, 2)
    assert summary.figure("false_refusals", "who") == Figure("false_refusals", 1.0, *wilson(1, 1), 1, 2)
    assert summary.figure("refused_unanswerable", "why") == Figure("refused_unanswerable", None, None, None, 0, 2)
    assert summary.figure("risk_area", "who").value == 1.0  # both were refused


@settings(max_examples=40)  # thousands of draws
@given(scores_of(SHARE))
def test_figures_are_numbers_or_nothing_was_scored(asked: Scores) -> None:
    summary = summarise(asked)
    told = json.loads(json.dumps(summary.to_json(), allow_nan=False))
    assert [Figure(**each) for each in told["all"]] == list(summary.all)
    assert {name: [Figure(**each) for each in group] for name, group in told["categories"].items()} == {
        name: list(group) for name, group in summary.categories.items()
    }
    assert list(summary.categories) == list(dict.fromkeys(asked.categories))
    for category, told in [(None, summary.all), *summary.categories.items()]:
        assert [each.name for each in told] == list(METRICS)
        rows = [place for place, each in enumerate(asked.categories) if category in (None, each)]
        for each in told:
            applies = [asked.values(place)[METRICS[each.name].column] is not None for place in rows]
            assert (each.n, each.of) == (sum(applies), len(rows))
            assert (each.value is None) is (each.low is None) is (each.high is None) is (each.n == 0)
    for each in known(summary):
        ends = [end for end in (each.low, each.high, each.value) if end is not None]
        assert ends[0] <= ends[1]
        assert all(math.isfinite(end) and end >= 0 for end in ends)
        assert METRICS[each.name].unit or max(ends) <= 1 + 1e-12


@settings(max_examples=40)  # thousands of draws
@given(scores_of(WHOLE, 1))
def test_every_metric_has_the_interval_that_suits_it(asked: Scores) -> None:
    for metric, told in zip(METRICS.values(), summarise(asked).all, strict=True):
        values = asked.columns[metric.column][~np.isnan(asked.columns[metric.column])]
        if not len(values) or metric.statistic == "area":
            continue
        shares = {"mean": None, "p50": 0.5, "p90": 0.9}
        share = shares[metric.statistic]

        def measure(drawn: Any, share: float | None = share) -> Any:
            return drawn.mean(axis=1) if share is None else np.quantile(drawn, share, axis=1)

        expected = wilson(sum(values), len(values)) if metric.binary else bootstrap(values, measure)
        assert (told.low, told.high) == pytest.approx(expected)
        assert told.value == pytest.approx(measure(values[None, :])[0])


@settings(max_examples=40)  # thousands of draws
@given(scores_of(SHARE, 1, ["right", "false_refusals", "confidence"]))
def test_the_area_is_that_of_the_curve(asked: Scores) -> None:
    metric = METRICS["risk_area"]
    rows = scored_rows(metric, asked, np.arange(len(asked.ids)))
    right, confidence, refused = asked.columns["right"], asked.columns["confidence"], asked.refused
    (told,) = figures([metric], asked, np.arange(len(asked.ids)))
    if not len(rows):
        assert told.value is None
        return
    assert told.value == pytest.approx(curve(confidence[rows], right[rows], refused[rows]).area)
    drawn = bootstrap(
        rows, lambda batch: np.array([curve(confidence[each], right[each], refused[each]).area for each in batch])
    )
    assert (told.low, told.high) == pytest.approx(drawn)


def test_an_answer_without_a_confidence_is_let_in_last() -> None:
    failed: dict[str, float | None] = {"right": 0.0, "error": 1.0}
    told = summarise(scores(("", failed), ("", {"right": 1.0, "confidence": 0.0})))
    assert told.figure("risk_area").value == (0 + 1 / 2) / 2


def test_an_area_of_right_answers_varies_with_who_is_refused() -> None:
    refused: dict[str, float | None] = {"right": 1.0, "refused_unanswerable": 1.0}
    told = summarise(scores(("", {"right": 1.0}), ("", {"right": 1.0}), ("", refused))).figure("risk_area")
    assert told.value == pytest.approx((0 + 0 + 1 / 3) / 3)
    assert (told.low, told.high) == pytest.approx((0, 1))  # all three refused in one of 27 draws, none in eight


def test_repeats_that_average_to_shares_are_drawn() -> None:
    told = summarise(column("right", 1.0, 0.5, 0.0)).figure("right")
    assert told == Figure("right", 0.5, 0.0, 1.0, 3, 3)
    assert (told.low, told.high) != wilson(1.5, 3)
    assert summarise(column("right", 0.5, 0.5)).figure("right") == Figure("right", 0.5, 0.5, 0.5, 2, 2)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_share_that_is_alike_throughout_is_still_not_certain(value: float) -> None:
    told = summarise(column("right", *[value] * 10)).figure("right")
    assert (told.value, told.low, told.high) == (value, *wilson(10 * value, 10))
    assert told.low != told.high


def test_no_question_at_all() -> None:
    summary = summarise(scores())
    assert summary.categories == {}
    assert summary.all == tuple(Figure(name, None, None, None, 0, 0) for name in METRICS)


def test_categories_come_in_order_of_appearance() -> None:
    summary = summarise(scores(("why", {}), ("who", {}), ("", {}), ("why", {})))
    assert [(name, told[0].of) for name, told in summary.categories.items()] == [("why", 2), ("who", 1), ("", 1)]
    assert list(json.loads(json.dumps(summary.to_json()))["categories"]) == ["why", "who", ""]


@settings(max_examples=20)  # thousands of draws
@given(scores_of(WHOLE, 1))
def test_a_figure_is_the_same_alone_and_among_others(asked: Scores) -> None:
    rows = np.arange(len(asked.ids))
    told = figures(METRICS.values(), asked, rows)
    assert tuple(each for metric in METRICS.values() for each in figures([metric], asked, rows)) == told


def test_rows_that_are_not_scored_take_no_part_in_the_area() -> None:
    measure = statistic(METRICS["risk_area"], column("right", 1.0, None, 0.0))
    assert measure(np.array([[0, 2], [2, 2], [0, 0]])) == pytest.approx([(1 / 2 + 1 / 2) / 2, 1, 0])


@given(scores_of(WHOLE, 1), st.sampled_from(list(METRICS.values())), st.randoms(use_true_random=False))
def test_the_order_of_the_questions_changes_no_value(asked: Scores, metric: Metric, random: Any) -> None:
    rows = scored_rows(metric, asked, np.arange(len(asked.ids)))
    shuffled = np.array(random.sample(rows.tolist(), len(rows)), np.intp)
    if len(rows):
        measure = statistic(metric, asked)
        assert measure(shuffled[None, :]) == pytest.approx(measure(rows[None, :]))
