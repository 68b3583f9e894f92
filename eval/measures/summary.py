"""The figures of a set of questions, each with its interval and with how many questions it is of."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eval.measures.intervals import Statistic, bootstraps, quantiles, wilson
from eval.measures.metrics import METRICS, Metric
from eval.measures.refusing import areas
from eval.measures.scores import Scores
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


def summarise(scores: Scores) -> Summary:
    """Return the figures of all metrics."""
    everything = np.arange(len(scores.ids))
    return Summary(
        figures(METRICS.values(), scores, everything),
        {
            category: figures(METRICS.values(), scores, scores.rows_of(category))
            for category in dict.fromkeys(scores.categories)
        },
    )


def figures(metrics: Iterable[Metric], scores: Scores, rows: Rows) -> tuple[Figure, ...]:
    """Return metrics' figures of some questions, in order: Wilson's interval for a share, else the bootstrap's."""
    found: dict[str, Figure] = {}
    drawn: dict[int, dict[str, Statistic]] = {}  # by number of questions: metrics of as many share their resamples
    for metric in metrics:
        scored = scored_rows(metric, scores, rows)
        n, name = len(scored), metric.name
        found[name] = Figure(name, None, None, None, n, len(rows))
        if not n:
            continue
        few = scores.take(scored)
        measure, values = statistic(metric, few), few.columns[metric.column]
        value = float(measure(np.arange(n)[None, :])[0])
        low = high = value
        if metric.statistic == "mean" and metric.binary and not np.any(values % 1):  # repeats may average to shares
            low, high = wilson(float(values.sum()), n)
        elif metric.statistic == "area" or np.ptp(values):  # an area is also of who was refused
            drawn.setdefault(n, {})[name] = measure
        found[name] = replace(found[name], value=value, low=low, high=high)
    for n, measures in drawn.items():
        for name, (low, high) in zip(measures, bootstraps(n, list(measures.values())), strict=True):
            found[name] = replace(found[name], low=low, high=high)
    return tuple(found.values())


def scored_rows(metric: Metric, scores: Scores, rows: Rows) -> Rows:
    """Return those of the rows that the metric applies to."""
    return rows[~np.isnan(scores.columns[metric.column][rows])]


def statistic(metric: Metric, scores: Scores) -> Statistic:
    """Return a function from row numbers, shape (batch, n), to the metric's figures of them, shape (batch,)."""
    column = scores.columns[metric.column]
    if metric.statistic == "area":
        right = np.nan_to_num(column)  # rows without a value are never drawn, but no times nan is nan
        return areas(scores.columns["confidence"], right, scores.refused)
    if metric.statistic == "mean":
        return lambda rows: np.asarray(column[rows].mean(axis=1))
    share = 0.5 if metric.statistic == "p50" else 0.9
    return lambda rows: quantiles(column[rows], share)
