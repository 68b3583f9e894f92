"""Intervals against scipy and numpy, on the very same resamples."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy import stats  # type: ignore[import-untyped]

from eval.measures.intervals import (
    RESAMPLES,
    Floats,
    Statistic,
    bootstrap,
    bootstraps,
    exchange,
    paired_bootstrap,
    permutation,
    quantiles,
    wilson,
)

COUNTS = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
NUMBERS = st.floats(-1e3, 1e3, allow_subnormal=False)
STATISTICS: dict[str, Statistic] = {
    "mean": lambda drawn: np.asarray(drawn.mean(axis=-1)),
    "median": lambda drawn: np.asarray(np.quantile(drawn, 0.5, axis=-1)),
    "90th percentile": lambda drawn: np.asarray(np.quantile(drawn, 0.9, axis=-1)),
    "widest apart": lambda drawn: np.asarray(np.ptp(drawn, axis=-1)),
}


def close(expected: Any) -> Any:
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def by_scipy(columns: tuple[ArrayLike, ...], statistic: Any, resamples: int = RESAMPLES, seed: int = 0) -> Any:
    """The percentile interval of scipy, which draws its row numbers from a generator as we do."""
    found = stats.bootstrap(
        columns, statistic, paired=len(columns) > 1, vectorized=True, method="percentile", n_resamples=resamples,
        rng=np.random.default_rng(seed),
    )  # fmt: skip
    return tuple(found.confidence_interval)


@given(COUNTS)
def test_wilson_is_that_of_scipy(counts: tuple[int, int]) -> None:
    k, n = counts
    assert wilson(k, n) == close(tuple(stats.binomtest(k, n).proportion_ci(method="wilson")))


@given(COUNTS)
def test_wilson_of_the_failures_is_its_mirror(counts: tuple[int, int]) -> None:
    (low, high), (k, n) = wilson(*counts), counts
    assert wilson(n - k, n) == close((1 - high, 1 - low))
    assert 0 <= low <= k / n <= high <= 1
    assert low < high
    assert (low == 0, high == 1) == (k == 0, k == n)


def test_without_trials_a_share_may_be_anything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@settings(max_examples=25)  # thousands of draws
@given(st.lists(NUMBERS, min_size=2, max_size=30), st.sampled_from(list(STATISTICS)), st.integers(0, 99))
def test_the_bootstrap_is_that_of_scipy(values: list[float], name: str, seed: int) -> None:
    measure = STATISTICS[name]
    ours = bootstrap(values, measure, resamples=500, seed=seed)
    assert ours == close(by_scipy((values,), lambda drawn, axis: measure(drawn), 500, seed))
    assert ours[0] <= ours[1]


@pytest.mark.parametrize("measure", STATISTICS.values(), ids=STATISTICS)
def test_batches_are_joined(measure: Statistic) -> None:
    values = np.random.default_rng(2).normal(size=700)  # drawn in six batches
    assert bootstrap(values, measure) == close(by_scipy((values,), lambda drawn, axis: measure(drawn)))


@settings(max_examples=25)  # thousands of draws
@given(st.lists(NUMBERS, min_size=1, max_size=30), st.integers(0, 99))
def test_the_interval_is_of_the_figures_of_the_resamples(values: list[float], seed: int) -> None:
    random, chosen = np.random.default_rng(seed), np.array(values)
    figures = [np.median(chosen[random.integers(0, len(values), len(values))]) for _ in range(300)]
    expected = np.quantile(figures, [0.025, 0.975])
    assert bootstrap(values, STATISTICS["median"], resamples=300, seed=seed) == close(tuple(expected))


@settings(max_examples=25)  # thousands of draws
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=30), st.sampled_from(list(STATISTICS)))
def test_two_runs_are_drawn_together(pairs: list[tuple[float, float]], name: str) -> None:
    measure = STATISTICS[name]
    one, other = np.array(pairs).T
    ours = paired_bootstrap(np.arange(len(pairs)), lambda rows: measure(one[rows]), lambda rows: measure(other[rows]))
    assert ours == close(by_scipy((one, other), lambda one, other, axis: measure(other) - measure(one)))
    back = paired_bootstrap(np.arange(len(pairs)), lambda rows: measure(other[rows]), lambda rows: measure(one[rows]))
    assert back == close((-ours[1], -ours[0]))


def test_a_difference_that_is_the_same_for_every_question_has_no_width() -> None:
    one = np.arange(20.0) ** 2  # far apart among themselves
    low, high = paired_bootstrap(one, STATISTICS["mean"], lambda drawn: STATISTICS["mean"](drawn + 1))
    assert (low, high) == close((1, 1))


@settings(max_examples=25)  # thousands of draws
@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_several_statistics_share_their_draws(values: list[float]) -> None:
    column = np.array(values)
    measures: list[Statistic] = [lambda rows: STATISTICS["mean"](column[rows]), lambda rows: STATISTICS["median"](rows)]
    mean, median = bootstraps(len(values), measures)
    assert mean == bootstrap(values, STATISTICS["mean"])
    assert median == bootstrap(np.arange(len(values)), STATISTICS["median"])


@given(NUMBERS, st.integers(1, 20))
def test_values_that_are_alike_have_no_width(value: float, n: int) -> None:
    low, high = bootstrap([value] * n, STATISTICS["mean"], resamples=50)
    assert low == high == close(value)


def test_there_must_be_values() -> None:
    with pytest.raises(ValueError, match="no values to draw from"):
        bootstrap([], STATISTICS["mean"])
    with pytest.raises(ValueError, match="no values to draw from"):
        bootstraps(0, [STATISTICS["mean"]])


def test_the_same_values_give_the_same_result() -> None:
    values = np.random.default_rng(1).normal(size=40)

    def drawn(seed: int) -> list[object]:
        mean = STATISTICS["mean"]
        return [
            bootstrap(values, mean, seed=seed),
            paired_bootstrap(values, mean, lambda rows: mean(rows**2), seed=seed),
            permutation(values, seed=seed),
            exchange(40, lambda swaps: mean(np.where(swaps, -values, values)), seed=seed),
        ]

    assert drawn(0) == drawn(0)
    assert all(one != other for one, other in zip(drawn(0), drawn(1), strict=True))


@given(st.lists(st.lists(NUMBERS, min_size=11, max_size=11), min_size=1, max_size=4), st.floats(0, 1))
def test_quantiles_are_those_of_numpy(rows: list[list[float]], share: float) -> None:
    for n, each in itertools.product([1, 2, 5, 11], [0.0, 0.5, 0.9, 1.0, share]):
        drawn: Floats = np.array(rows)[:, :n]
        assert quantiles(drawn, each) == close(np.quantile(drawn, each, axis=1))


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9])
def test_quantiles_of_many_values_are_those_of_numpy(share: float) -> None:
    drawn = np.random.default_rng(0).normal(size=(20, 2000))  # so many are only partly put in order
    assert quantiles(drawn, share) == close(np.quantile(drawn, share, axis=1))
