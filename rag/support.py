"""Does a sentence of an article support a piece of an answer? Deterministic: shared wording, and every figure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.evidence import Evidence
from rag.lexical import normalise, tokens

ENOUGH = 0.45  # of the answer's terms found in the sentences cited
MOST = 3  # sentences cited for one piece of an answer
_FIGURE = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Support:
    """The evidence that best supports a piece of an answer, and the figures that none of it contains."""

    evidence: tuple[Evidence, ...]
    share: float  # of the piece's terms that the evidence contains
    missing_figures: tuple[str, ...]

    @property
    def enough(self) -> bool:
        """Tell whether the piece may be shown as supported."""
        return bool(self.evidence) and self.share >= ENOUGH


def figures(text: str) -> list[str]:
    """Return the numbers written in digits, thousands separators removed, in order."""
    return _FIGURE.findall(re.sub(r"(?<=\d),(?=\d{3})", "", normalise(text)))


def find_support(piece: str, candidates: Sequence[Evidence]) -> Support:
    """Choose the sentences that together cover a piece of an answer best, fewest first.

    A sentence is added while it covers a figure, or a tenth of the terms, that those before it do not;
    figures weigh as much as three terms. Ties go to the sentence that comes first.
    """
    needed = _weights(piece)
    total = sum(needed.values())
    chosen: list[Evidence] = []
    covered: set[str] = set()
    offered = {each.number: needed.keys() & _weights(each.text).keys() for each in candidates}
    while total and len(chosen) < MOST:
        gains = {each: sum(needed[term] for term in offered[each.number] - covered) for each in candidates}
        best = max(candidates, key=lambda each: (gains[each], -each.number), default=None)
        if best is None or not gains[best]:
            break
        adds_figure = any(term.startswith("#") for term in offered[best.number] - covered)
        if chosen and not adds_figure and gains[best] < total / 10:
            break
        chosen.append(best)
        covered |= offered[best.number]
    share = sum(needed[term] for term in covered) / total if total else 0.0
    missing = tuple(term[1:] for term in needed if term.startswith("#") and term not in covered)
    return Support(tuple(sorted(chosen, key=lambda each: each.number)), share, missing)


def _weights(text: str) -> dict[str, float]:
    """Return the terms that carry meaning: Chinese pairs, words, and ``#`` figures with three times the weight."""
    words = {term: 1.0 for term in tokens(text) if len(term) > 1 and not term[0].isdigit()}
    return words | {f"#{figure}": 3.0 for figure in figures(text)}
