"""How far two raters agree: accuracy, Cohen's kappa, correlations, each with a 95 % interval.

A rating is a number whose sign says which of two answers is better; zero is a tie and a class of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.records import Json

Ratings: TypeAlias = NDArray[np.float64]
Statistic: TypeAlias = Callable[[Ratings, Ratings], float]  # nan where it is not defined

RESAMPLES = 2000
FEWEST = 2  # ratings that can correlate


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistic with its 95 % interval; all None where it is not defined, as a correlation with a constant."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Concord:
    """How far one rater agrees with another, over ``n`` comparisons of single ratings.

    ``accuracy`` and ``kappa`` are of better, tie, worse; ``side`` is the accuracy among comparisons without a tie.
    """

    n: int
    accuracy: Estimate
    side: Estimate
    kappa: Estimate
    pearson: Estimate
    spearman: Estimate

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read what ``asdict`` returned."""
        return cls(body["n"], **{name: Estimate(**body[name]) for name in STATISTICS})


def accuracy(one: Ratings, other: Ratings) -> float:
    """Return the share of ratings of the same sign."""
    return float(np.mean(np.sign(one) == np.sign(other))) if len(one) else np.nan


def side(one: Ratings, other: Ratings) -> float:
    """Return the share of the same sign among ratings of which neither is zero."""
    decided = (one != 0) & (other != 0)
    return accuracy(one[decided], other[decided])


def kappa(one: Ratings, other: Ratings) -> float:
    """Return Cohen's kappa of the signs: (observed - expected agreement) / (1 - expected)."""
    signs = np.sign(np.stack([one, other]))
    shares = np.stack([(signs == sign).mean(axis=1) for sign in (-1, 0, 1)]) if len(one) else np.full((3, 2), np.nan)
    expected = float((shares[:, 0] * shares[:, 1]).sum())
    return (accuracy(one, other) - expected) / (1 - expected) if expected < 1 else np.nan


def pearson(one: Ratings, other: Ratings) -> float:
    """Return the linear correlation."""
    if len(one) < FEWEST or np.ptp(one) == 0 or np.ptp(other) == 0:
        return np.nan
    x, y = one - one.mean(), other - other.mean()
    return float((x @ y) / np.sqrt((x @ x) * (y @ y)))


def spearman(one: Ratings, other: Ratings) -> float:
    """Return the correlation of the ranks, equal ratings sharing the mean of theirs."""
    return pearson(_ranks(one), _ranks(other))


STATISTICS: Mapping[str, Statistic] = MappingProxyType(
    {"accuracy": accuracy, "side": side, "kappa": kappa, "pearson": pearson, "spearman": spearman}
)


def concord(groups: Sequence[tuple[Sequence[float], Sequence[float]]], seed: int = 0) -> Concord:
    """Compare two raters; what stands in one group, such as all ratings of one pair, is resampled together."""
    sizes = np.array([len(one) for one, _ in groups], dtype=np.intp)
    starts = np.cumsum(sizes) - sizes
    one, other = (np.array([each for group in groups for each in group[side]], dtype=np.float64) for side in (0, 1))
    chance = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {name: [] for name in STATISTICS}
    for _ in range(RESAMPLES if groups else 0):
        chosen = chance.integers(len(groups), size=len(groups))
        rows = np.concatenate([np.arange(starts[group], starts[group] + sizes[group]) for group in chosen])
        for name, statistic in STATISTICS.items():
            drawn[name].append(statistic(one[rows], other[rows]))
    return Concord(len(one), **{name: _estimate(STATISTICS[name](one, other), drawn[name]) for name in STATISTICS})


def share(values: Sequence[bool]) -> float | None:
    """Return the share of true values; None where there are none."""
    return sum(values) / len(values) if values else None


def _estimate(value: float, drawn: Sequence[float]) -> Estimate:
    """Return the percentile interval of the resamples in which the statistic is defined."""
    known = np.array(drawn)[~np.isnan(drawn)] if drawn else np.array([])
    if np.isnan(value) or not len(known):
        return Estimate(None, None, None)
    low, high = np.percentile(known, [2.5, 97.5])
    return Estimate(value, float(low), float(high))


def _ranks(values: Ratings) -> Ratings:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((last - counts + 1 + last) / 2)[inverse] if len(values) else values
