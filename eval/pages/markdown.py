"""Runs and comparisons as Markdown: for a README, a pull request, a terminal."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from eval.measures.metrics import HEADLINES, METRICS
from eval.measures.summary import Figure
from eval.runs.comparing import Change, Comparison, Flip, Pairing
from eval.runs.gates import GateResult
from eval.runs.run import Run
from rag.records import Json

SHOWN = 20  # flipped questions
_SPECIAL = re.compile(r"[\\|\[*~]|(?<![^\W_])_|_(?![^\W_])")  # an underscore inside a word is plain
_VERDICTS = {"better": "▲ better", "worse": "▼ worse", "even": ""}


def run_markdown(run: Run) -> str:
    """Return the headline figures of a run as a table."""
    rows = [
        (METRICS[each.name].en, shown(each.name, each.value), interval(each), f"{each.n} of {each.of}")
        for each in map(run.summary.figure, HEADLINES)
        if each.n
    ]
    return _table(("metric", "value", "95 %", "scored"), rows)


def comparison_markdown(comparison: Comparison, gates: Sequence[GateResult] = ()) -> str:
    """Return a block for a pull request: figures, gates, and the questions that flipped."""
    parts = [part for pairing in comparison.pairings for part in _pairing(comparison, pairing)]
    if gates:
        parts.append("\n".join(f"- {each.line}" for each in gates))
    return "\n\n".join(parts) + "\n"


def shown(name: str, value: float | None) -> str:
    """Return a metric's value as tables show it: three digits of a share, two of anything else."""
    if value is None:
        return "-"
    unit = METRICS[name].unit
    return {"": f"{value:.3f}", "tokens": f"{value:.0f}", "s": f"{value:.2f} s"}.get(unit, f"{value:.2f}")


def interval(figure: Figure) -> str:
    """Return a figure's interval as tables show it."""
    return "" if figure.low is None else f"{shown(figure.name, figure.low)} to {shown(figure.name, figure.high)}"


def _pairing(comparison: Comparison, pairing: Pairing) -> Iterator[str]:
    before, after = _cell(comparison.baseline.folder.name), _cell(pairing.run.folder.name)
    yield f"### {after} against {before}"
    if pairing.differs:
        yield "Changed: " + ", ".join(f"`{key}`" for key in pairing.differs)
    if pairing.left_out:
        reasons = Counter(pairing.left_out.values())
        yield "Questions left out: " + ", ".join(f"{count} {reason}" for reason, count in reasons.items()) + "."
    changes = [change for name in _named(pairing) if (change := pairing.change(name))]
    yield _table(("metric", before, after, "difference (95 %)", "p", ""), [_row(each) for each in changes])
    if any(METRICS[each.name].kind == "speed" for each in changes):
        yield "Seconds vary from run to run: p is of these two runs alone."
    gained = sum(flip.gained for flip in pairing.flips)
    yield f"{gained} questions became right, {len(pairing.flips) - gained} wrong."
    if pairing.flips:
        yield _flips(pairing.flips)


def _named(pairing: Pairing) -> list[str]:
    """Return the headlines, and whatever else changed beyond luck."""
    certain = [each.name for each in pairing.changes if not each.category and each.verdict != "even"]
    return [name for name in METRICS if name in HEADLINES or name in certain]


def _row(change: Change) -> tuple[str, ...]:
    difference = f"{change.difference:+.3f} ({change.low:+.3f} to {change.high:+.3f})"
    values = shown(change.name, change.before), shown(change.name, change.after)
    return change.name, *values, difference, _luck(change.p), _VERDICTS[change.verdict]


def _luck(p: float) -> str:
    return "< .001" if p < 0.001 else f"{p:.3f}"


def _flips(flips: Sequence[Flip]) -> str:
    worst_first = sorted(flips, key=lambda flip: flip.gained)[:SHOWN]
    rows = [
        ("right" if flip.gained else "**wrong**", _cell(flip.gold.question), _said(flip.before), _said(flip.after))
        for flip in worst_first
    ]
    more = f" (the first {SHOWN} of {len(flips)})" if len(flips) > SHOWN else ""
    table = _table(("now", "question", "before", "after"), rows)
    return f"<details><summary>Flipped questions{more}</summary>\n\n{table}\n\n</details>"


def _said(answer: Json) -> str:
    return _cell(str(answer.get("answer", answer.get("error", ""))))


def _cell(text: str) -> str:
    """Return a text that cannot leave its cell or become markup."""
    flat = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace("`", "&#96;")
    return _SPECIAL.sub(r"\\\g<0>", flat)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
