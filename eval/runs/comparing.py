"""Runs set against the first of them: what is better, for which questions, and whether that is luck."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from eval.gold import Gold
from eval.measures.intervals import bootstrap, exchange, mcnemar, paired_bootstrap, permutation
from eval.measures.metrics import HEADLINES, METRICS, Metric
from eval.measures.scores import Scores
from eval.measures.scoring import score
from eval.measures.summary import statistic
from eval.runs.manifest import IDENTITY, differences
from eval.runs.run import Run
from rag.errors import UsageError
from rag.records import Json

CERTAIN = 0.05  # p below which a difference is taken to be more than luck
Verdict: TypeAlias = Literal["better", "worse", "even"]


@dataclass(frozen=True, slots=True)
class Change:
    """A metric of two runs on the ``n`` questions that both scored; ``low`` to ``high`` holds ``after - before``.

    ``p`` is McNemar's for shares and a permutation's for all else, one figure at a time: among thirty metrics one or
    two reach .05 by luck alone. The seconds of two runs differ from day to day as well.
    """

    name: str
    category: str  # empty for all questions
    before: float
    after: float
    low: float
    high: float
    p: float
    n: int

    @property
    def difference(self) -> float:
        """What was gained, in the metric's own direction of counting."""
        return self.after - self.before

    @property
    def loss(self) -> float:
        """By how much it is worse, whichever direction is better; negative when it is better."""
        return -self.difference if METRICS[self.name].better == "higher" else self.difference

    @property
    def verdict(self) -> Verdict:
        """Better or worse only where the interval excludes no difference, and so does p."""
        if self.p >= CERTAIN or self.low <= 0 <= self.high:
            return "even"
        return "worse" if self.loss > 0 else "better"


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that one run has right and the other has not, with both answers."""

    gold: Gold
    before: Json
    after: Json
    gained: bool


@dataclass(frozen=True)
class Pairing:
    """One run beside the baseline."""

    run: Run
    compared: int  # questions that are the same in both
    changes: tuple[Change, ...]
    flips: tuple[Flip, ...]
    differs: Mapping[str, tuple[str, str]]  # what was changed between the runs, as each has it
    left_out: Mapping[str, str]  # ids of questions that are not compared, and why

    @property
    def gained(self) -> int:
        """How many questions became right."""
        return sum(flip.gained for flip in self.flips)

    @property
    def lost(self) -> int:
        """How many questions became wrong."""
        return len(self.flips) - self.gained

    def change(self, name: str, category: str = "") -> Change | None:
        """Return the change of a metric; None where no question was scored in both runs, by the same judge."""
        return next((each for each in self.changes if (each.name, each.category) == (name, category)), None)


@dataclass(frozen=True)
class Comparison:
    """A baseline and what was set against it."""

    baseline: Run
    pairings: tuple[Pairing, ...]


def compare(runs: Sequence[Run]) -> Comparison:
    """Compare every run with the first, question by question.

    Raises:
        UsageError: two runs have no question in common.

    """
    baseline, *others = runs
    return Comparison(baseline, tuple(_pair(baseline, other) for other in others))


def _pair(one: Run, other: Run) -> Pairing:
    left_out, differs = _left_out(one, other), _differs(one.manifest, other.manifest)
    common = [each.id for each in other.gold if each.id not in left_out]
    if not common:
        raise UsageError(f"{other.folder}: has no question in common with {one.folder}; compare runs of one gold set")
    before, after = (_rows(run.scores, common) for run in (one, other))
    metrics = [each for each in METRICS.values() if not (each.kind == "judge" and "judge" in differs)]
    right = [np.asarray(scores.columns["right"]) > 0.5 for scores in (before, after)]  # in most of the repeats
    flipped = {common[row]: bool(right[1][row]) for row in np.flatnonzero(right[0] != right[1])}
    gold = {each.id: each for each in other.gold}
    said = [
        _answers(one, gold, {each: not gained for each, gained in flipped.items()}),
        _answers(other, gold, flipped),
    ]
    return Pairing(
        run=other,
        compared=len(common),
        changes=tuple(_changes(metrics, before, after)),
        flips=tuple(Flip(gold[each], said[0][each], said[1][each], gained) for each, gained in flipped.items()),
        differs=differs,
        left_out=left_out,
    )


def _left_out(one: Run, other: Run) -> dict[str, str]:
    before, after = ({each.id: each for each in run.gold} for run in (one, other))
    reasons: dict[str, str] = {}
    for identity in dict.fromkeys([*before, *after]):
        first, second = before.get(identity), after.get(identity)
        if first is None or second is None:
            reasons[identity] = f"only in {(other if first is None else one).folder.name}"
        elif first.ask() != second.ask():
            reasons[identity] = "asked differently"
        elif first != replace(second, category=first.category):
            reasons[identity] = "judged by other answers"
    return reasons


def _rows(scores: Scores, ids: Sequence[str]) -> Scores:
    row = {identity: place for place, identity in enumerate(scores.ids)}
    return scores.take(np.array([row[each] for each in ids], np.intp))


def _changes(metrics: Iterable[Metric], before: Scores, after: Scores) -> Iterator[Change]:
    everything = np.arange(len(before.ids))
    for metric in metrics:
        yield from _change(metric, "", before, after, everything)
    for category in filter(None, dict.fromkeys(after.categories)):  # those of today, which gates name as well
        for name in HEADLINES:
            yield from _change(METRICS[name], category, before, after, after.rows_of(category))


def _change(metric: Metric, category: str, before: Scores, after: Scores, rows: NDArray[np.intp]) -> Iterator[Change]:
    one, other = before.columns[metric.column], after.columns[metric.column]
    scored = rows[~np.isnan(one[rows]) & ~np.isnan(other[rows])]
    if not len(scored):
        return
    measures = statistic(metric, before), statistic(metric, after)
    if np.array_equal(one[scored], other[scored]) and metric.statistic != "area":
        low = high = 0.0
    elif metric.statistic == "mean":
        low, high = bootstrap((other - one)[scored], lambda drawn: np.asarray(drawn.mean(axis=1)))
    else:
        low, high = paired_bootstrap(scored, *measures)
    yield Change(
        name=metric.name,
        category=category,
        before=float(measures[0](scored[None, :])[0]),
        after=float(measures[1](scored[None, :])[0]),
        low=low,
        high=high,
        p=_luck(metric, before, after, scored),
        n=len(scored),
    )


def _luck(metric: Metric, before: Scores, after: Scores, rows: NDArray[np.intp]) -> float:
    one, other = before.columns[metric.column][rows], after.columns[metric.column][rows]
    if metric.statistic != "mean":
        return _exchanged(metric, before, after, rows)
    if metric.binary and not np.any(one % 1) and not np.any(other % 1):
        return mcnemar(int(np.sum(one > other)), int(np.sum(other > one)))
    return permutation(other - one)


def _exchanged(metric: Metric, before: Scores, after: Scores, rows: NDArray[np.intp]) -> float:
    """Return p of a quantile or an area: what swapping the two runs' values of some questions does to it."""
    n = len(before.ids)
    measure = statistic(metric, before.beside(after))
    return exchange(
        len(rows),
        lambda swaps: measure(rows + n * ~swaps) - measure(rows + n * swaps),
    )


def _answers(run: Run, gold: Mapping[str, Gold], right: Mapping[str, bool]) -> dict[str, Json]:
    """Return for each question the first of its answers that is right, or wrong, as most of its repeats are."""
    found: dict[str, Json] = {}
    for identity, repeats in groupby(run.answers(), key=lambda answer: str(answer["id"])):
        if identity in right:
            given = list(repeats)
            fitting = (each for each in given if score(gold[identity], each)["right"] == right[identity])
            found[identity] = next(fitting, given[0])
    return found


def _differs(one: Json, other: Json) -> dict[str, tuple[str, str]]:
    keys = [*IDENTITY, "data_sha256", "commit", "dirty", "repeat", "judge", "machine", "settings"]
    return differences(_with_judges_name(one), _with_judges_name(other), keys)


def _with_judges_name(manifest: Json) -> Json:
    """Return a manifest whose judge is only who it was: how well that agrees with people may be measured later."""
    judge = manifest.get("judge")
    return {**manifest, "judge": judge and {key: judge.get(key) for key in ("spec", "fingerprint")}}
