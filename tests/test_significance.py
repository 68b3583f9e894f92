"""p of a difference against scipy where it is exact, and within what chance allows where it is drawn."""

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]

from eval.measures.intervals import FLIPS, SWAPS, Floats, Swaps, exchange, mcnemar, permutation, quantiles
from eval.measures.refusing import areas

EIGHTHS = st.integers(-40, 40).map(lambda k: k / 8)  # sums of them are exact, so that ties are ties to scipy too
PAIRS = st.lists(st.tuples(EIGHTHS, EIGHTHS), min_size=1, max_size=7)


def close(expected: Any) -> Any:
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def mean(drawn: Floats) -> Floats:
    return np.asarray(drawn.mean(axis=-1))


def luck(p: float, draws: int) -> float:
    """How far a share of so many draws may be from p: five standard errors, and the one that is added."""
    return 5 * math.sqrt(p * (1 - p) / draws) + 1 / draws


def swapped(
    one: list[float], other: list[float], measure: Callable[[Floats], Floats]
) -> tuple[int, Callable[[Swaps], Floats]]:
    """What ``exchange`` takes: the number of questions, and other less one after swaps."""
    before, after = np.array(one), np.array(other)

    def difference(swaps: Swaps) -> Floats:
        return measure(np.where(swaps, before, after)) - measure(np.where(swaps, after, before))

    return len(one), difference


@given(st.tuples(st.integers(0, 600), st.integers(0, 600)).filter(any))
def test_mcnemar_is_the_binomial_test_of_scipy(only: tuple[int, int]) -> None:
    one, other = only
    assert mcnemar(one, other) == close(stats.binomtest(one, one + other, 0.5).pvalue)
    assert mcnemar(one, other) == mcnemar(other, one)


@pytest.mark.parametrize(("one", "other", "p"), [(0, 0, 1), (3, 3, 1), (0, 5, 2 / 32), (1, 4, 12 / 32), (5, 6, 1)])
def test_mcnemar_by_hand(one: int, other: int, p: float) -> None:
    assert mcnemar(one, other) == p


def test_mcnemar_of_more_than_a_float_can_count() -> None:
    assert mcnemar(0, 1070) == 2.0**-1069
    assert mcnemar(5000, 5000) == 1.0


@settings(max_examples=40)  # scipy goes through all signs in Python
@given(st.lists(EIGHTHS, min_size=2, max_size=9))
def test_permutation_is_that_of_scipy(differences: list[float]) -> None:
    theirs = stats.permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert permutation(differences) == close(theirs.pvalue)


@pytest.mark.parametrize("shift", [0.0, 0.3, 0.8])
def test_sixteen_differences_are_still_exact(shift: float) -> None:
    differences = np.round(np.random.default_rng(3).normal(shift, 1, 16) * 8) / 8 + 1 / 16
    theirs = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf, vectorized=True
    )
    assert permutation(differences) == close(theirs.pvalue)
    assert permutation(differences) * 2**16 % 1 == 0


@pytest.mark.parametrize("shift", [0.0, 0.2, 0.4, 0.6])
def test_random_signs_are_near_those_of_scipy(shift: float) -> None:
    differences = np.random.default_rng(7).normal(shift, 1, 30)
    theirs = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=FLIPS, rng=1, vectorized=True
    )
    assert abs(permutation(differences) - theirs.pvalue) <= math.sqrt(2) * luck(theirs.pvalue, FLIPS)


@pytest.mark.parametrize("right", [15, 18, 21, 24])
def test_random_signs_are_near_the_exact_p(right: int) -> None:
    p = mcnemar(30 - right, right)  # differences of 1 and -1 are a sign test
    assert abs(permutation([1.0] * right + [-1.0] * (30 - right)) - p) <= luck(p, FLIPS)


def test_random_p_is_never_nothing() -> None:
    assert permutation([1.0] * 60) == 1 / (FLIPS + 1)
    assert permutation([1.0] * 60, draws=99) == 1 / 100
    assert exchange(*swapped([0.0] * 60, [1.0] * 60, mean)) == 1 / (SWAPS + 1)


@given(st.lists(EIGHTHS, max_size=12).flatmap(lambda each: st.tuples(st.just(each), st.permutations(each))))
def test_only_the_differences_that_are_some_count(orders: tuple[list[float], list[float]]) -> None:
    differences, shuffled = orders
    p = permutation(differences)
    assert permutation(shuffled) == p
    assert permutation([-each for each in differences]) == p
    assert permutation([each / 10 for each in differences]) == p  # rounding breaks no tie
    assert permutation([*differences, *[0.0] * 20]) == p
    assert 2 * 2.0 ** -len(differences) <= p <= 1 or not differences


@pytest.mark.parametrize(
    "differences",
    [
        pytest.param([], id="no questions"),
        pytest.param([0.0] * 3, id="all alike"),
        pytest.param([0.1, 0.2, -0.3], id="a sum that is 0 but for rounding"),
        pytest.param([0.1, -0.1] * 20, id="too many to go through"),
        pytest.param([(0.1 + 0.2 + 0.3) - (0.3 + 0.2 + 0.1)] * 8, id="the same repeats in another order"),
    ],
)
def test_no_difference_is_all_luck(differences: list[float]) -> None:
    assert permutation(differences) == 1.0


@given(PAIRS)
def test_exchange_goes_through_every_swap(pairs: list[tuple[float, float]]) -> None:
    def apart(swaps: tuple[bool, ...]) -> Fraction:
        sides = [pair[::-1] if swap else pair for pair, swap in zip(pairs, swaps, strict=True)]
        (before, after) = (sorted(side) for side in zip(*sides, strict=True))
        middle = (len(pairs) - 1) // 2, len(pairs) // 2
        return abs(sum((Fraction(after[i]) - Fraction(before[i]) for i in middle), Fraction(0)))

    every = list(itertools.product([False, True], repeat=len(pairs)))
    expected = sum(apart(swaps) >= apart(every[0]) for swaps in every) / len(every)
    one, other = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    assert exchange(*swapped(one, other, lambda rows: quantiles(rows, 0.5))) == close(expected)
    assert exchange(*swapped(other, one, lambda rows: quantiles(rows, 0.5))) == close(expected)


@given(PAIRS)
def test_the_exchange_of_a_mean_is_the_permutation_of_differences(pairs: list[tuple[float, float]]) -> None:
    one, other = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    assert exchange(*swapped(one, other, mean)) == close(permutation(np.subtract(other, one)))


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0])
def test_random_swaps_are_near_every_swap(shift: float) -> None:
    random = np.random.default_rng(5)
    one, other = random.normal(0, 1, 12).tolist(), random.normal(shift, 1, 12).tolist()
    n, difference = swapped(one, other, lambda rows: quantiles(rows, 0.9))
    p = exchange(n, difference, draws=2**12)
    assert p * 2**12 % 1 == 0
    assert abs(exchange(n, difference) - p) <= luck(p, SWAPS)


def test_exchange_of_no_difference_is_all_luck() -> None:
    assert exchange(*swapped([0.1, 0.7], [0.1, 0.7], mean)) == 1.0
    assert exchange(0, lambda swaps: np.zeros(len(swaps))) == 1.0
    assert exchange(5, lambda swaps: np.where(swaps.any(axis=1), 0.0, 1e-16)) == 1.0  # but for rounding


@pytest.mark.parametrize("seed", [0, 1, 9, 14])
def test_areas_of_nothing_but_wrong_answers_are_the_same(seed: int) -> None:
    area = areas(np.random.default_rng(seed).random(18), np.zeros(18), np.zeros(18))  # 1, summed up in some order
    rows = np.arange(9)
    assert exchange(9, lambda swaps: area(rows + 9 * ~swaps) - area(rows + 9 * swaps)) == 1.0
