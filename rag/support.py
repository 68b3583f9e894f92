"""Does the evidence support a sentence of an answer? Shared wording, or meaning across languages, and every figure.

Deterministic, and independent of what the model claims: the model's markers only say where to look first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from rag.embedding import Embedder, Vectors
from rag.evidence import Evidence
from rag.figures import figures
from rag.language import language_of
from rag.lexical import tokens

ENOUGH = 0.45  # of the terms found in the sentences cited: below, they are about something else
STRONG = 0.8  # of the terms found in one sentence: it says the same
MOST = 3  # sentences cited for one sentence of an answer
MARGIN = 0.03  # of the cosine above the average sentence's: across languages, it says something like it
FIGURE_WEIGHT = 3.0  # of a figure, where another term weighs 1


@dataclass(frozen=True, slots=True)
class Support:
    """The evidence that supports a sentence best."""

    evidence: tuple[Evidence, ...] = ()
    share: float = 0.0  # of the sentence's terms that the evidence contains, by weight
    single: float = 0.0  # the same, of its best sentence alone
    missing_figures: tuple[str, ...] = ()  # values that none of it contains

    @property
    def enough(self) -> bool:
        """Tell whether the sentence may be shown with this evidence as its source."""
        return bool(self.evidence) and self.share >= ENOUGH

    @property
    def strong(self) -> bool:
        """Tell whether a single sentence of the evidence says all of it."""
        return self.single >= STRONG and not self.missing_figures


@dataclass
class Supporter:
    """Finds support among fixed evidence; the evidence is embedded when it is first needed."""

    evidence: Sequence[Evidence]
    embedder: Embedder
    _vectors: Vectors | None = field(default=None, init=False)

    def find(self, words: str, among: Sequence[Evidence] | None = None) -> Support:
        """Return the best support for a sentence, among all the evidence unless told."""
        among = self.evidence if among is None else among
        language = language_of(words)
        same = [each for each in among if language_of(each.text) == language]
        by_wording = find_by_wording(words, same)
        other = [each for each in among if each not in same]
        if by_wording.enough or not other:
            return by_wording
        by_meaning = self._find_by_meaning(words, other)
        return by_meaning if by_meaning.enough else by_wording

    def _find_by_meaning(self, words: str, among: Sequence[Evidence]) -> Support:
        """Support across languages: the sentence with most of the figures, then the one nearest in meaning."""
        if self._vectors is None:
            self._vectors = self.embedder.embed_passages([each.text for each in self.evidence])
        rows = {each.number: row for each, row in zip(self.evidence, self._vectors, strict=True)}
        cosine = np.array([rows[each.number] for each in among]) @ self.embedder.embed_passages([words])[0]
        needed = set(figures(words))
        shared = [needed & set(figures(each.text)) for each in among]
        best = max(range(len(among)), key=lambda i: (len(shared[i]), cosine[i]))
        near = cosine[best] - cosine.mean() >= MARGIN
        share = 1.0 if near or shared[best] else 0.0
        return Support((among[best],), share, share, tuple(sorted(needed - shared[best])))


def find_by_wording(words: str, among: Sequence[Evidence]) -> Support:
    """Choose the sentences that together cover the words best, fewest first.

    A sentence is added while it covers a figure, or a tenth of the terms, that those before it do not.
    Ties go to the sentence that comes first.
    """
    needed = _weights(words)
    total = sum(needed.values())
    offered = {each: needed.keys() & _weights(each.text).keys() for each in among}
    chosen: list[Evidence] = []
    covered: set[str] = set()
    single = 0.0
    while total and among and len(chosen) < MOST:
        gains = {each: sum(needed[term] for term in offered[each] - covered) for each in among}
        best = max(among, key=lambda each: (gains[each], -each.number))
        adds_figure = any(term.startswith("#") for term in offered[best] - covered)
        if not gains[best] or (chosen and not adds_figure and gains[best] < total / 10):
            break
        single = single or gains[best] / total
        chosen.append(best)
        covered |= offered[best]
    share = sum(needed[term] for term in covered) / total if total else 0.0
    missing = tuple(term[1:] for term in needed if term.startswith("#") and term not in covered)
    return Support(tuple(sorted(chosen, key=lambda each: each.number)), share, single, missing)


def _weights(text: str) -> dict[str, float]:
    """Return the terms that carry meaning: Chinese pairs, words, and the values of figures after a ``#``."""
    words = {term: 1.0 for term in tokens(text) if len(term) > 1 and not term[0].isdigit()}
    return words | {f"#{value}": FIGURE_WEIGHT for value in figures(text)}
