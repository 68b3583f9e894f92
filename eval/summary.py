"""The figures of a set of questions, each with its interval and with how many questions it is of."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from eval.intervals import Statistic, bootstrap, wilson
from eval.metrics import METRICS, Metric
from eval.refusing import area
from eval.scores import Scores
from rag.records import Json

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's value with its 95 % interval, from ``n`` questions of ``of``; None where none was scored."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    of: int


@dataclass(frozen=True)
class Summary:
    """The figures of every metric, for all questions and for those of each category in order of appearance."""

    all: tuple[Figure, ...]
    categories: Mapping[str, tuple[Figure, ...]]

    def figure(self, name: str, category: str = "") -> Figure:
        """Return the figure of a metric, of all questions or of one category."""
        figures = self.categories[category] if category else self.all
        return next(each for each in figures if each.name == name)

    def to_json(self) -> Json:
        """Return the summary as ``metrics.json`` holds it."""
        return {
            "all": [asdict(each) for each in self.all],
            "categories": {name: [asdict(each) for each in figures] for name, figures in self.categories.items()},
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` gave."""
        return cls(
            tuple(Figure(**each) for each in body["all"]),
            {name: tuple(Figure(**each) for each in figures) for name, figures in body["categories"].items()},
        )


def summarise(scores: Scores) -> Summary:
    """Return the figures of all metrics."""
    everything = np.arange(len(scores.ids))
    return Summary(
        _figures(scores, everything),
        {category: _figures(scores, scores.rows_of(category)) for category in dict.fromkeys(scores.categories)},
    )


def figure(metric: Metric, scores: Scores, rows: Rows) -> Figure:
    """Return a metric's figure of some questions: Wilson's interval for a share, else the bootstrap's."""
    scored = scored_rows(metric, scores, rows)
    if not len(scored):
        return Figure(metric.name, None, None, None, 0, len(rows))
    measure = statistic(metric, scores)
    value = float(measure(scored[None, :])[0])
    values = scores.columns[metric.column][scored]
    if metric.statistic == "mean" and metric.binary and not np.any(values % 1):  # repeats may average to shares
        low, high = wilson(values.sum(), len(values))
    elif np.ptp(values) == 0:
        low = high = value
    else:
        low, high = bootstrap(scored, measure)
    return Figure(metric.name, value, low, high, len(scored), len(rows))


def scored_rows(metric: Metric, scores: Scores, rows: Rows) -> Rows:
    """Return those of the rows that the metric applies to."""
    return rows[~np.isnan(scores.columns[metric.column][rows])]


def statistic(metric: Metric, scores: Scores) -> Statistic:
    """Return a function from row numbers, shape (batch, n), to the metric's figures of them, shape (batch,)."""
    column = scores.columns[metric.column]
    if metric.statistic == "area":
        confidence, refused = np.nan_to_num(scores.columns["confidence"]), scores.refused
        return lambda rows: area(confidence[rows], column[rows], refused[rows])
    if metric.statistic == "mean":
        return lambda rows: np.asarray(column[rows].mean(axis=1))
    share = 0.5 if metric.statistic == "p50" else 0.9
    return lambda rows: np.asarray(np.quantile(column[rows], share, axis=1))


def _figures(scores: Scores, rows: Rows) -> tuple[Figure, ...]:
    return tuple(figure(metric, scores, rows) for metric in METRICS.values())
