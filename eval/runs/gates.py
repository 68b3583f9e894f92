"""Conditions under which a run fails: ``right < .9``, ``right[why] < .5``, ``worse(right)``, ``worse(right) > .02``."""

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from eval.measures.metrics import HEADLINES, METRICS
from eval.measures.summary import Summary
from eval.runs.comparing import Comparison
from rag.errors import UsageError

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_GATE = re.compile(
    r"\s*(?P<worse>worse\s*\()?\s*(?P<metric>[\w@]+)\s*(?:\[\s*(?P<category>[^\]]*[^\]\s])\s*\])?\s*(?P<close>\))?\s*"
    r"(?:(?P<operator><=|>=|<|>)\s*(?P<bound>-?(?:\d+\.?\d*|\.\d+)))?\s*"
)
_DIGITS = 9  # .92 - .9 is no more than .02
_GRAMMAR = 'write "METRIC < NUMBER", "METRIC[CATEGORY] < NUMBER", "worse(METRIC)" or "worse(METRIC) > NUMBER"'


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition; a run fails when it holds, and when there is nothing to tell whether it does.

    ``worse`` looks at the loss against the baseline, in whichever direction is worse: without a bound, whether it is
    more than luck.
    """

    text: str
    metric: str
    category: str
    worse: bool
    operator: str  # empty without a bound
    bound: float


@dataclass(frozen=True, slots=True)
class GateResult:
    """How a gate came out for a run, which is named where there are several, and by which figures."""

    gate: Gate
    failed: bool
    run: str
    zh: str
    en: str

    @property
    def line(self) -> str:
        """All of it, for a terminal."""
        name = f"{self.run}: " if self.run else ""
        return f"{name}{'FAIL' if self.failed else 'pass'}  {self.gate.text}: {self.en}"


def parse_gate(text: str) -> Gate:
    """Read a condition.

    Raises:
        UsageError: it is none, or its metric is unknown.

    """
    match = _GATE.fullmatch(text)
    if not match or bool(match["worse"]) != bool(match["close"]) or not (match["worse"] or match["operator"]):
        raise UsageError(f"--fail-if {text!r} is no condition; {_GRAMMAR}")
    if match["metric"] not in METRICS:
        raise UsageError(f"--fail-if {text!r}: no metric {match['metric']!r}; metrics are {', '.join(METRICS)}")
    if match["worse"] and match["operator"] in ("<", "<="):
        raise UsageError(f"--fail-if {text!r}: fails a run that is not worse; {_GRAMMAR}")
    if not METRICS[match["metric"]].unit and abs(float(match["bound"] or 0)) > 1:
        raise UsageError(f"--fail-if {text!r}: {match['metric']} is a share from 0 to 1; write .9 for 90 %")
    return Gate(
        text=text.strip(),
        metric=match["metric"],
        category=match["category"] or "",
        worse=bool(match["worse"]),
        operator=match["operator"] or "",
        bound=float(match["bound"] or 0),
    )


def check_gates(gates: Sequence[Gate], categories: Collection[str]) -> None:
    """See, before anything is asked, that the gates can be held to one run of these categories.

    Raises:
        UsageError: a gate needs a baseline, or names none of the categories.

    """
    for gate in gates:
        if gate.worse:
            raise UsageError(f"--fail-if {gate.text!r} needs a baseline; use it with: suwen eval compare RUN_A RUN_B")
        _check_category(gate, categories)


def check_run(gates: Sequence[Gate], summary: Summary) -> list[GateResult]:
    """Hold the gates to one run.

    Raises:
        UsageError: see ``check_gates``.

    """
    check_gates(gates, summary.categories)
    return [_absolute(gate, summary, "") for gate in gates]


def check_comparison(gates: Sequence[Gate], comparison: Comparison) -> list[GateResult]:
    """Hold the gates to every run that is compared with the baseline.

    Raises:
        UsageError: a gate names a category that a run has not.

    """
    several = len(comparison.pairings) > 1
    results = []
    for gate in gates:
        for pairing in comparison.pairings:
            name = pairing.run.folder.name if several else ""
            _check_category(gate, pairing.run.summary.categories)
            if gate.worse and gate.category and gate.metric not in HEADLINES:
                raise UsageError(f"--fail-if {gate.text!r}: by category there are only {', '.join(HEADLINES)}")
            if not gate.worse:
                results.append(_absolute(gate, pairing.run.summary, name))
                continue
            change = pairing.change(gate.metric, gate.category)
            if change is None:
                told = ("没有两次运行都计分的题", "nothing was scored in both runs")
                if gate.metric == "judge" and "judge" in pairing.differs:
                    told = ("评审模型不同", "the judges differ")
                results.append(GateResult(gate, True, name, *told))
                continue
            before, after, p = f"{change.before:.3f}", f"{change.after:.3f}", f"p {change.p:.2g}"
            failed = _holds(gate, change.loss) if gate.operator else change.verdict == "worse"
            zh, en = f"{before} → {after}，{p}，{change.n} 题", f"{before} to {after}, {p}, {change.n} questions"
            results.append(GateResult(gate, failed, name, zh, en))
    return results


def _absolute(gate: Gate, summary: Summary, name: str) -> GateResult:
    figure = summary.figure(gate.metric, gate.category)
    if figure.value is None:
        told = (f"{figure.of} 题中没有计分的题", f"nothing was scored, 0 of {figure.of} questions")
        return GateResult(gate, True, name, *told)
    value, of = f"{figure.value:.3f}", f"{figure.n} of {figure.of} questions scored"
    return GateResult(
        gate, _holds(gate, figure.value), name, f"{value}，计分 {figure.n} / {figure.of} 题", f"{value}, {of}"
    )


def _holds(gate: Gate, value: float) -> bool:
    return _OPERATORS[gate.operator](round(value, _DIGITS), gate.bound)


def _check_category(gate: Gate, categories: Collection[str]) -> None:
    if gate.category and gate.category not in categories:
        known = ", ".join(categories)
        raise UsageError(f"--fail-if {gate.text!r}: no category {gate.category!r}; categories are {known}")
