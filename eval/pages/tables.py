"""Runs and comparisons as rows of text: what a terminal and a pull request show."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal, TypeAlias

from eval.measures.metrics import HEADLINES, METRICS
from eval.measures.summary import Figure, Summary
from eval.runs.comparing import Change, Pairing

Rows: TypeAlias = Sequence[Sequence[str]]

_VERDICTS = {"better": "▲ better", "worse": "▼ worse", "even": ""}
_DIGITS = {"": 3, "s": 2, "tokens": 0, "figures": 2}
_BY_CATEGORY = ("right", "refused_unanswerable", "false_refusals", "citation_recall", "recall@5", "total_p50")


def figures(summary: Summary) -> Rows:
    """Return, under a header, every figure with its interval, what it is of, its direction and what it means."""
    rows = [
        (
            each.name,
            shown(each.name, each.value),
            interval(each),
            f"{each.n} of {each.of}",
            METRICS[each.name].better,
            METRICS[each.name].en,
        )
        for each in summary.all
        if each.n or not METRICS[each.name].optional
    ]
    return [("METRIC", "VALUE", "95 %", "SCORED", "BETTER", "MEANING"), *rows]


def categories(summary: Summary) -> Rows:
    """Return, under a header, the main figures of each category; questions without one are not told again."""
    rows = []
    for category in filter(None, summary.categories):
        found = [summary.figure(name, category) for name in _BY_CATEGORY]
        rows.append((category, str(found[0].of), *(shown(each.name, each.value) for each in found)))
    return [("CATEGORY", "N", *map(str.upper, _BY_CATEGORY)), *rows]


def changes(pairing: Pairing) -> Rows:
    """Return, without a header, the headline figures of two runs and whatever else changed beyond luck.

    Columns: metric, before, after, difference with its interval, p, verdict.
    """
    overall = {each.name: each for each in pairing.changes if not each.category}
    told = [each for name, each in overall.items() if name in HEADLINES or each.verdict != "even"]
    return [*map(_change, told)]


def remarks(pairing: Pairing) -> tuple[str, str]:
    """Return what to know of a comparison in words: which questions it is not of, and how many flipped."""
    reasons = Counter(pairing.left_out.values())
    left_out = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
    return (
        f"Questions left out: {left_out}." if left_out else "",
        f"{pairing.compared} questions compared: {pairing.gained} became right, {pairing.lost} wrong.",
    )


def shown(name: str, value: float | None, sign: Literal["", "+"] = "") -> str:
    """Return a metric's value with the digits of its unit, and with a ``+`` as sign a difference of such values."""
    if value is None:
        return "-"
    unit = METRICS[name].unit
    number = f"{value:{sign}z.{_DIGITS[unit]}f}"
    return f"{number} s" if unit == "s" else number


def interval(figure: Figure) -> str:
    """Return a figure's interval; empty where nothing was scored."""
    return "" if figure.low is None else f"{shown(figure.name, figure.low)} to {shown(figure.name, figure.high)}"


def _change(change: Change) -> tuple[str, ...]:
    less, low, high = (shown(change.name, each, "+") for each in (change.difference, change.low, change.high))
    luck = "< .001" if change.p < 0.001 else f"{change.p:.3f}"
    values = shown(change.name, change.before), shown(change.name, change.after)
    return change.name, *values, f"{less} ({low} to {high})", luck, _VERDICTS[change.verdict]
