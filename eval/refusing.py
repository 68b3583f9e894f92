"""Refusals: the risk of what a system dares to answer, and telling that a text is no answer at all.

Risk and coverage after El-Yaniv and Wiener, "On the Foundations of Noise-free Selective Classification" (JMLR 2010),
and Geifman and El-Yaniv, "Selective Classification for Deep Neural Networks" (NeurIPS 2017): questions are let in
from the most certain answer down, and the risk at a coverage is the share of wrong ones among those let in. The
refused ones come last, as answers that the system was forced to give, and are wrong. Among answers of equal
confidence the order is random, and the expected value is taken: so the order of the questions does not matter.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]

_BLOCK = 1_000_000  # questions sorted at a time, so that a bootstrap's thousands of rows need little memory


@dataclass(frozen=True, slots=True)
class Curve:
    """Expected risk at each coverage ``k / n``, k from 1 to n; refusals begin beyond the coverage ``answered``."""

    coverage: Floats
    risk: Floats
    answered: float

    @property
    def area(self) -> float:
        """The mean risk over all coverages, nan without questions."""
        return float(self.risk.mean()) if len(self.risk) else float("nan")


def area(confidence: ArrayLike, right: ArrayLike, refused: ArrayLike) -> Floats:
    """Return the area under the risk-coverage curve of each row, shape (batch,), from 0 to 1; nan without questions.

    The arrays, shape (batch, n) or (n,), are broadcast. ``right`` may be a share, as the mean over repeats is.
    An answer without a confidence (nan) counts as the least certain.
    """
    certain, correct, held = _rows(confidence, right, refused)
    batch, n = certain.shape
    if not n:
        return np.full(batch, np.nan)
    # Mean over k of the first k's mean: the answer at place i counts 1/k for every k >= i.
    weights = np.concatenate([[0.0], np.cumsum(np.cumsum(1 / np.arange(n, 0, -1))[::-1])]) / n
    step = max(1, _BLOCK // n)
    areas = np.empty(batch)
    for first in range(0, batch, step):
        rows = slice(first, first + step)
        starts, ends, wrong = _ties(certain[rows], correct[rows], held[rows])
        row = starts // n
        place = row * n
        shares = wrong / (ends - starts) * (weights[ends - place] - weights[starts - place])
        areas[rows] = np.bincount(row, shares)
    return areas


def curve(confidence: ArrayLike, right: ArrayLike, refused: ArrayLike) -> Curve:
    """Return the risk-coverage curve of one row of questions, arrays of shape (n,)."""
    certain, correct, held = _rows(confidence, right, refused)
    n = certain.shape[1]
    if not n:
        return Curve(np.empty(0), np.empty(0), float("nan"))
    starts, ends, wrong = _ties(certain[:1], correct[:1], held[:1])
    count = np.arange(1, n + 1)
    risk = np.cumsum(np.repeat(wrong / (ends - starts), ends - starts)) / count
    return Curve(count / n, risk, 1 - float(held[0].mean()))


def _rows(confidence: ArrayLike, right: ArrayLike, refused: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    certain, correct, held = np.broadcast_arrays(
        np.atleast_2d(np.asarray(confidence, np.float64)),
        np.atleast_2d(np.asarray(right, np.float64)),
        np.atleast_2d(np.asarray(refused, np.bool_)),
    )
    return certain, correct, held


def _ties(
    certain: Floats, correct: Floats, held: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Order each row, and return for each run of equal confidence its start, its end and how many of it are wrong.

    Places go on from row to row.
    """
    # nan is sorted last and equals nothing: every refusal is a run of its own, which changes nothing as all are wrong
    key = np.where(held, np.nan, np.where(np.isnan(certain), np.inf, -certain))
    order = np.argsort(key, axis=1)
    key = np.take_along_axis(key, order, axis=1)
    wrong = np.take_along_axis(np.where(held, 1.0, 1 - correct), order, axis=1)
    new = np.ones(key.shape, np.bool_)
    new[:, 1:] = key[:, 1:] != key[:, :-1]
    starts = np.flatnonzero(new)
    return starts, np.append(starts[1:], key.size), np.add.reduceat(wrong.ravel(), starts)
