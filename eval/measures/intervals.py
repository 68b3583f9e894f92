"""How sure a figure is, and whether a difference may be luck. Everything is seeded: the same values, the same result.

The percentile bootstrap (Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 1979; Efron
and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13) draws the questions again with replacement and
looks at where the middle 95 % of the figures so found lie. Values that are all alike give an interval without width.
Two runs of the same questions are drawn together, which takes the difficulty of the questions out of their difference
(Koehn, "Statistical Significance Tests for Machine Translation Evaluation", EMNLP 2004).
"""

from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from statistics import NormalDist
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Swaps: TypeAlias = NDArray[np.bool_]  # shape (batch, n): questions whose two values change places
Statistic: TypeAlias = Callable[[NDArray[Any]], Floats]  # (batch, n) -> (batch,)
Interval: TypeAlias = tuple[float, float]

LEVEL = 0.95
RESAMPLES = 2000
FLIPS = 9_999
SWAPS = 1_999

_CELLS = 1 << 18  # values drawn at a time: what the processor's cache holds is faster, and memory stays flat
_EXACT = 16  # differences up to which all of their signs are gone through
_TIE = 1e-12  # differences this small, beside 1 or beside all that is added up, are but rounding


def wilson(successes: float, n: int) -> Interval:
    """Return the score interval of a share; (0, 1) without trials.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927.
    """
    if not n:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share = successes / n
    centre = share + z * z / (2 * n)
    reach = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = (centre - reach) / scale if successes > 0 else 0.0
    return low, (centre + reach) / scale if successes < n else 1.0


def bootstrap(values: ArrayLike, statistic: Statistic, *, resamples: int = RESAMPLES, seed: int = 0) -> Interval:
    """Return the percentile interval of a statistic of the values.

    ``statistic`` is given rows of drawn values, shape (batch, n), and returns one figure a row. A statistic of
    several columns takes row numbers as its values: ``bootstrap(np.arange(n), lambda rows: f(x[rows], y[rows]))``.

    Raises:
        ValueError: there are no values.

    """
    drawn = np.asarray(values)
    return bootstraps(len(drawn), [lambda rows: statistic(drawn[rows])], resamples=resamples, seed=seed)[0]


def bootstraps(n: int, statistics: Sequence[Statistic], *, resamples: int = RESAMPLES, seed: int = 0) -> list[Interval]:
    """Return the interval of each of several statistics of the rows of ``n`` questions, which are drawn only once.

    Raises:
        ValueError: there are no questions.

    """
    parts = [[each(rows) for each in statistics] for rows in _resampled(n, resamples, seed)]
    return [percentiles(np.concatenate(figures)) for figures in zip(*parts, strict=True)]


def percentiles(figures: Floats) -> Interval:
    """Return the ends of the middle 95 % of figures, of which there is at least one."""
    low, high = np.quantile(figures, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def paired_bootstrap(
    values: ArrayLike, one: Statistic, other: Statistic, *, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """Return the percentile interval of ``other - one``, both taken of the same questions in every resample.

    ``values`` are as a rule row numbers, by which each statistic looks up its own run.

    Raises:
        ValueError: there are no values.

    """
    return bootstrap(values, lambda drawn: other(drawn) - one(drawn), resamples=resamples, seed=seed)


def mcnemar(only_one: int, only_other: int) -> float:
    """Return the two-sided p of as uneven a split of the questions that only one of two runs got right.

    McNemar, "Note on the Sampling Error of the Difference between Correlated Proportions or Percentages",
    Psychometrika 1947; exact, from the binomial distribution with p = 1/2.
    """
    n = only_one + only_other
    ways, tail = 1, 0
    for k in range(min(only_one, only_other) + 1):
        tail += ways
        ways = ways * (n - k) // (k + 1)
    return min(1.0, float(2 * tail / 2**n))


def permutation(differences: ArrayLike, *, draws: int = FLIPS, seed: int = 0) -> float:
    """Return the two-sided p of a mean as far from 0 as that of the differences, when each sign is a coin's toss.

    Fisher, "The Design of Experiments", 1935. All signs are gone through for up to 16 differences that are not
    0. For more, p = (k + 1) / (m + 1), where k of m random choices of signs are as far out: never 0 (Phipson and Smyth,
    "Permutation P-values Should Never Be Zero", 2010).
    """
    moved = np.asarray(differences, np.float64)
    moved = moved[np.abs(moved) > _TIE]
    least = abs(moved.sum()) - _TIE * np.abs(moved).sum()
    if len(moved) <= _EXACT:
        sums = np.zeros(1)
        for difference in moved:
            sums = np.concatenate([sums - difference, sums + difference])
        return float(np.mean(np.abs(sums) >= least))
    total = moved.sum()
    further = sum(
        int(np.count_nonzero(np.abs(total - 2 * (swaps @ moved)) >= least)) for swaps in _coins(len(moved), draws, seed)
    )
    return (further + 1) / (draws + 1)


def exchange(n: int, difference: Callable[[Swaps], Floats], *, draws: int = SWAPS, seed: int = 0) -> float:
    """Return the two-sided p of the difference of a statistic that is no mean, such as a quantile or an area.

    ``difference`` is given for each row which of the ``n`` questions swap their values between the two runs. Exact
    where there are no more than ``draws`` ways to do so, else (k + 1) / (m + 1) as in ``permutation``.
    """
    actual = abs(float(difference(np.zeros((1, n), np.bool_))[0]))
    least = actual - _TIE * max(1.0, actual)
    exact = 2**n <= draws
    every = (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(np.bool_) if exact else None
    batches = [every] if every is not None else _coins(n, draws, seed)
    further = sum(int(np.count_nonzero(np.abs(difference(swaps)) >= least)) for swaps in batches)
    return further / 2**n if exact else (further + 1) / (draws + 1)


def quantiles(drawn: NDArray[Any], share: float) -> Floats:
    """Return the quantile of each row, between its two nearest values; faster on many rows than numpy's own.

    Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 1996, definition 7.
    """
    place = share * (drawn.shape[1] - 1)
    below = int(place)
    ordered = np.partition(drawn, below, axis=1)
    low = ordered[:, below]
    high = ordered[:, below + 1 :].min(axis=1) if below + 1 < drawn.shape[1] else low
    return np.asarray(low + (high - low) * (place - below), np.float64)


def _resampled(n: int, resamples: int, seed: int) -> Iterator[NDArray[np.intp]]:
    random = np.random.default_rng(seed)
    if not n:
        raise ValueError("no values to draw from")
    for batch in _batches(n, resamples):
        yield random.integers(0, n, (batch, n))


def _coins(n: int, draws: int, seed: int) -> Iterator[Swaps]:
    random = np.random.default_rng(seed)
    for batch in _batches(n, draws):
        yield random.integers(0, 2, (batch, n), np.uint8).astype(np.bool_)


def _batches(n: int, rows: int) -> Iterator[int]:
    step = max(1, _CELLS // n) if n else rows
    for start in range(0, rows, step):
        yield min(step, rows - start)
