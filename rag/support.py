"""Does the evidence support a sentence of an answer? Shared wording, every figure, and nearness in meaning.

Deterministic, and independent of what the model claims: the model's markers only say where to look first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rag.embedding import Embedder, Vectors
from rag.evidence import Evidence
from rag.figures import figures
from rag.language import language_of
from rag.terms import tokens

ENOUGH = 0.45  # of the terms found in the sentences cited: below, they are about something else
# How far the best sentence stands out: 0 is as near as the other sentences are, 1 is the answer word for word.
# So the scale is that of no embedder in particular.
NEAR = 0.4  # below, it says something else with the same words
SAME = 0.55  # it says the same
FEW = 5  # sentences to stand out among: with fewer there is no telling, and wording decides
CLEAR = 0.75  # of the terms found, where wording decides: it says the same
ACROSS = 0.22  # it says something like it in another language
MOST = 3  # sentences cited for one sentence of an answer
FIGURE_WEIGHT = 3.0  # of a figure, where another term weighs 1
ASKED_WEIGHT = 0.25  # of what the question said already: repeating it proves nothing


@dataclass(frozen=True, slots=True)
class Support:
    """The evidence that supports a sentence best."""

    evidence: tuple[Evidence, ...] = ()
    share: float = 0.0  # of the sentence's terms that the evidence contains, by weight
    missing_figures: tuple[str, ...] = ()  # values that none of it contains
    near: bool = False  # its best sentence says something like it
    same: bool = False  # its best sentence says the same

    @property
    def enough(self) -> bool:
        """Tell whether the sentence may be shown with this evidence as its source."""
        return bool(self.evidence) and self.share >= ENOUGH


@dataclass
class Supporter:
    """Finds support among the evidence for an answer to ``question``; embeds the evidence when first needed."""

    question: str
    evidence: Sequence[Evidence]
    embedder: Embedder
    _vectors: Vectors | None = field(default=None, init=False)

    def find(self, words: str, among: Sequence[Evidence] | None = None) -> Support:
        """Return the best support for a sentence, among all the evidence unless told."""
        among = self.evidence if among is None else among
        language = language_of(words)
        same = [each for each in among if language_of(each.text) == language]
        other = [each for each in among if each not in same]
        by_wording = self._find_by_wording(words, same)
        if by_wording.enough or not other:
            return by_wording
        by_meaning = self._find_by_meaning(words, other)
        return by_meaning if by_meaning.enough else by_wording

    def _find_by_wording(self, words: str, among: Sequence[Evidence]) -> Support:
        """Choose the sentences that together cover the words best, fewest first.

        A sentence is added while it covers a figure, or a tenth of the terms, that those before it do not.
        Ties go to the sentence that comes first.
        """
        asked = _terms(self.question)
        needed = {term: weight * (ASKED_WEIGHT if term in asked else 1) for term, weight in _terms(words).items()}
        total = sum(needed.values())
        offered = {each: needed.keys() & _terms(each.text).keys() for each in among}
        chosen: list[Evidence] = []
        covered: set[str] = set()
        while total and among and len(chosen) < MOST:
            gains = {each: sum(needed[term] for term in offered[each] - covered) for each in among}
            best = max(among, key=lambda each: (gains[each], -each.number))
            adds_figure = any(term.startswith("#") for term in offered[best] - covered)
            if not gains[best] or (chosen and not adds_figure and gains[best] < total / 10):
                break
            chosen.append(best)
            covered |= offered[best]
        if not chosen:
            return Support()
        share = sum(needed[term] for term in covered) / total
        if len(among) < FEW:
            near, same = True, share >= CLEAR
        else:
            nearness = self._nearness(words, among)[list(among).index(chosen[0])]
            near, same = bool(nearness >= NEAR), bool(nearness >= SAME)
        missing = tuple(term[1:] for term in needed if term.startswith("#") and term not in covered)
        return Support(tuple(sorted(chosen, key=lambda each: each.number)), share, missing, near, same)

    def _find_by_meaning(self, words: str, among: Sequence[Evidence]) -> Support:
        """Support across languages: the sentence with most of the figures, then the one nearest in meaning."""
        nearness = self._nearness(words, among)
        needed = set(figures(words))
        shared = [needed & set(figures(each.text)) for each in among]
        best = max(range(len(among)), key=lambda i: (len(shared[i]), nearness[i]))
        near = bool(shared[best]) or bool(nearness[best] >= ACROSS)
        missing = tuple(sorted(needed - shared[best]))
        return Support((among[best],), float(near), missing, near, near and not missing)

    def _nearness(self, words: str, among: Sequence[Evidence]) -> NDArray[np.float32]:
        """Return for each sentence how far it stands out among the others, shape (len(among),)."""
        if self._vectors is None:
            self._vectors = self.embedder.embed_passages([each.text for each in self.evidence])
        row = {each.number: position for position, each in enumerate(self.evidence)}
        cosine = self._vectors[[row[each.number] for each in among]] @ self.embedder.embed_passages([words])[0]
        others = (cosine.sum() - cosine) / max(len(cosine) - 1, 1)
        return np.asarray((cosine - others) / np.maximum(1 - others, 1e-6))


def _terms(text: str) -> dict[str, float]:
    """Return the terms that carry meaning: Chinese pairs, words, and the values of figures after a ``#``."""
    words = {term: 1.0 for term in tokens(text) if len(term) > 1 and not term[0].isdigit()}
    return words | {f"#{value}": FIGURE_WEIGHT for value in figures(text)}
