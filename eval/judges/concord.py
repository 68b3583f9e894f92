"""How far two raters agree: how often they take the same side, and Cohen's kappa, each with a 95 % interval.

A rating is a number whose sign says which of two answers is better; zero is a tie and a class of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

import numpy as np

from eval.measures.intervals import RESAMPLES, Floats, percentiles
from rag.records import Json


@dataclass(frozen=True, slots=True)
class Tables:
    """How often each value of one rater meets each of the other's, ``counts[table, one, other]``.

    Every statistic is a function of such a table, computed for many tables at once; nan where it is not defined.
    """

    counts: Floats
    one: Floats
    other: Floats


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistic with its 95 % interval; all None where it is not defined, as kappa of two constants."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Concord:
    """How far one rater agrees with another, over ``n`` comparisons of single ratings.

    ``side`` is the share of the same sign among comparisons without a tie; ``kappa`` is of better, tie, worse.
    """

    n: int
    side: Estimate
    kappa: Estimate

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read what ``asdict`` returned."""
        return cls(body["n"], **{name: Estimate(**body[name]) for name in STATISTICS})


def side(tables: Tables) -> Floats:
    """Return the share of the same sign among ratings of which neither is zero."""
    decided = (tables.one != 0)[:, None] & (tables.other != 0)
    return _same_sign(Tables(tables.counts * decided, tables.one, tables.other))


def kappa(tables: Tables) -> Floats:
    """Return Cohen's kappa of the signs: (observed - expected agreement) / (1 - expected)."""
    ones, others = tables.counts.sum(2), tables.counts.sum(1)
    total = tables.counts.sum((1, 2))
    by_chance = sum(
        ones[:, np.sign(tables.one) == sign].sum(1) * others[:, np.sign(tables.other) == sign].sum(1)
        for sign in (-1, 0, 1)
    )
    expected = _over(by_chance, total**2)
    return _over(_same_sign(tables) - expected, 1 - expected)


STATISTICS: Mapping[str, Callable[[Tables], Floats]] = MappingProxyType({"side": side, "kappa": kappa})


def concord(groups: Sequence[tuple[Sequence[float], Sequence[float]]]) -> Concord:
    """Compare two raters; what stands in one group, such as all ratings of one pair, is resampled together."""
    if not groups:
        return Concord(0, **{name: Estimate(None, None, None) for name in STATISTICS})
    one, first = np.unique([each for group in groups for each in group[0]], return_inverse=True)
    other, second = np.unique([each for group in groups for each in group[1]], return_inverse=True)
    owner = np.repeat(np.arange(len(groups)), [len(group[0]) for group in groups])
    counts = np.zeros((len(groups), len(one) * len(other)))
    np.add.at(counts, (owner, first * len(other) + second), 1)
    kinds, times = np.unique(counts, axis=0, return_counts=True)  # equal groups are drawn as one, so that many cost few
    drawn = np.random.default_rng(0).multinomial(len(groups), times / len(groups), size=RESAMPLES)
    shape = (-1, len(one), len(other))
    tables = Tables((np.vstack([times, drawn]) @ kinds).reshape(shape), one, other)
    estimates = {name: _estimate(statistic(tables)) for name, statistic in STATISTICS.items()}
    return Concord(len(owner), **estimates)


def share(values: Sequence[bool]) -> float | None:
    """Return the share of true values; None where there are none."""
    return sum(values) / len(values) if values else None


def _estimate(values: Floats) -> Estimate:
    """Return the first value with the percentile interval of all others that are defined."""
    value, known = values[0], values[1:][~np.isnan(values[1:])]
    if np.isnan(value) or not len(known):
        return Estimate(None, None, None)
    return Estimate(float(value), *percentiles(known))


def _same_sign(tables: Tables) -> Floats:
    """Return the share of ratings of the same sign."""
    same = np.sign(tables.one)[:, None] == np.sign(tables.other)
    return _over((tables.counts * same).sum((1, 2)), tables.counts.sum((1, 2)))


def _over(part: Floats, whole: Floats) -> Floats:
    quotient: Floats = np.full(len(whole), np.nan)
    np.divide(part, whole, out=quotient, where=whole != 0)
    return quotient
