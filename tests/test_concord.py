from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from eval.judges.concord import STATISTICS, Concord, Estimate, Tables, concord, share


def of(name: str, one: ArrayLike, other: ArrayLike) -> float:
    counts = np.zeros((1, 5, 5))
    for first, second in zip(np.asarray(one), np.asarray(other), strict=True):
        counts[0, int(first) + 2, int(second) + 2] += 1
    values = np.arange(-2.0, 3.0)
    return float(STATISTICS[name](Tables(counts, values, values))[0])


ONE = np.array([2.0, 1.0, 0.0, -1.0, -2.0, 1.0])
OTHER = np.array([1.0, 0.0, 0.0, -2.0, 1.0, -1.0])
NONE: Any = Estimate(None, None, None)
RATINGS = st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=2, max_size=60)


def test_side_leaves_out_ties() -> None:
    assert of("side", ONE, OTHER) == 2 / 4  # the second and third are ties


def test_kappa() -> None:
    # better, tie, worse: 3, 1, 2 of six and 2, 2, 2 of six
    expected = (3 / 6) * (2 / 6) + (1 / 6) * (2 / 6) + (2 / 6) * (2 / 6)
    assert of("kappa", ONE, OTHER) == pytest.approx((3 / 6 - expected) / (1 - expected), abs=1e-12)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param([1, -1, 0], [2, -2, 0], 1.0, id="same-signs"),
        pytest.param([0, 0, 0, 0], [1, -1, 0, 0], 0.0, id="all-ties-against-some"),
        pytest.param([1, -1], [-1, 1], -1.0, id="opposite"),
    ],
)
def test_kappa_at_its_ends(one: list[float], other: list[float], expected: float) -> None:
    assert of("kappa", np.array(one), np.array(other)) == pytest.approx(expected, abs=1e-12)


def test_what_is_not_defined_is_no_number() -> None:
    ones = np.array([1.0, 1.0])
    assert all(np.isnan(of(each, [], [])) for each in STATISTICS)
    assert np.isnan(of("kappa", ones, ones))
    assert np.isnan(of("side", np.array([0.0, 1.0]), np.array([1.0, 0.0])))


@given(RATINGS)
def test_agreement_is_mutual_and_within_its_bounds(ratings: list[tuple[int, int]]) -> None:
    one, other = (np.array(column, dtype=np.float64) for column in zip(*ratings, strict=True))
    for name in STATISTICS:
        value = of(name, one, other)
        assert np.isnan(value) or -1 - 1e-12 <= value <= 1 + 1e-12
        assert value == pytest.approx(of(name, other, one), abs=1e-12, nan_ok=True)


def test_intervals_are_of_groups_and_repeat() -> None:
    groups = [([1.0, 1.0], [1.0, 1.0]), ([1.0, 1.0], [-1.0, -1.0])] * 10
    found = concord(groups)
    assert found == concord(groups)
    assert found.n == 40
    assert found.side.value == 0.5
    # twenty groups of which half agree: the interval of 20 draws, not of 40
    draws = np.random.default_rng(1).binomial(20, 0.5, size=200_000) / 20
    low, high = np.percentile(draws, [2.5, 97.5])
    assert found.side.low == pytest.approx(low, abs=0.051)
    assert found.side.high == pytest.approx(high, abs=0.051)


def test_one_group_has_no_spread() -> None:
    assert concord([([1.0], [1.0])]) == Concord(1, Estimate(1, 1, 1), NONE)


def test_nothing_to_compare() -> None:
    assert concord([]) == Concord(0, NONE, NONE)
    assert share([]) is None
    assert share([True, False, False, False]) == 0.25
