"""A comparison as Markdown, for a pull request."""

import re
from collections.abc import Iterator, Sequence

from eval.measures.metrics import METRICS
from eval.pages.tables import Rows, changes, remarks
from eval.runs.comparing import Comparison, Flip, Pairing
from eval.runs.gates import GateResult
from rag.records import Json

SHOWN = 20  # flipped questions
_SPECIAL = re.compile(r"[\\|\[*~]|(?<![^\W_])_|_(?![^\W_])")  # an underscore inside a word is plain


def comparison_markdown(comparison: Comparison, gates: Sequence[GateResult] = ()) -> str:
    """Return a block for a pull request: figures, gates, and the questions that flipped."""
    parts = [part for pairing in comparison.pairings for part in _pairing(comparison, pairing)]
    if gates:
        parts.append("\n".join(f"- {each.line}" for each in gates))
    return "\n\n".join(parts) + "\n"


def _pairing(comparison: Comparison, pairing: Pairing) -> Iterator[str]:
    before, after = _cell(comparison.baseline.folder.name), _cell(pairing.run.folder.name)
    yield f"### {after} against {before}"
    if pairing.differs:
        yield "Changed: " + ", ".join(f"`{key}`" for key in pairing.differs)
    left_out, flipped = remarks(pairing)
    if left_out:
        yield left_out
    rows = changes(pairing)
    yield _table([("metric", before, after, "difference (95 %)", "p", ""), *rows])
    if any(METRICS[row[0]].kind == "speed" for row in rows):
        yield "Seconds vary from run to run: p is of these two runs alone."
    yield flipped
    if pairing.flips:
        yield _flips(pairing.flips)


def _flips(flips: Sequence[Flip]) -> str:
    worst_first = sorted(flips, key=lambda flip: flip.gained)[:SHOWN]
    rows = [
        ("right" if flip.gained else "**wrong**", _cell(flip.gold.question), _said(flip.before), _said(flip.after))
        for flip in worst_first
    ]
    more = f" (the first {SHOWN} of {len(flips)})" if len(flips) > SHOWN else ""
    table = _table([("now", "question", "before", "after"), *rows])
    return f"<details><summary>Flipped questions{more}</summary>\n\n{table}\n\n</details>"


def _said(answer: Json) -> str:
    return _cell(str(answer.get("answer", answer.get("error", ""))))


def _cell(text: str) -> str:
    """Return a text that cannot leave its cell or become markup."""
    flat = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace("`", "&#96;")
    return _SPECIAL.sub(r"\\\g<0>", flat)


def _table(rows: Rows) -> str:
    header, *rest = rows
    return "\n".join(f"| {' | '.join(line)} |" for line in [header, ["---"] * len(header), *rest])
