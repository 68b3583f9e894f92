"""Keyword search (BM25) that works on Chinese: character uni- and bigrams, other words and numbers whole."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bm25s import BM25
    from opencc import OpenCC

_RUN = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+)|(\d+(?:[.,]\d+)*%?)|([^\W\d_\u3400-\u9fff]+)")


def normalise(text: str) -> str:
    """Fold what should match: full and half width, case, Traditional and Simplified."""
    return str(_simplifier().convert(unicodedata.normalize("NFKC", text).lower()))


def tokens(text: str) -> list[str]:
    """Return the search terms of a text, with repeats, in order."""
    terms: list[str] = []
    for chinese, number, word in _RUN.findall(normalise(text)):
        if chinese:
            terms += chinese
            terms += map("".join, zip(chinese, chinese[1:], strict=False))
        else:
            terms.append(number.replace(",", "") if number else word)
    return terms


@cache
def _simplifier() -> "OpenCC":
    from opencc import OpenCC

    return OpenCC("t2s")


class Lexical:
    """A BM25 index over texts, by their position."""

    def __init__(self, engine: "BM25") -> None:
        self._engine = engine

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> Self:
        """Index texts; the same texts give the same bytes on disk."""
        from bm25s import BM25

        corpus = [tokens(text) or [""] for text in texts] or [[""]]  # bm25s cannot hold nothing
        vocabulary = {term: number for number, term in enumerate(sorted({term for each in corpus for term in each}))}
        engine = BM25(k1=1.5, b=0.75, method="lucene")
        engine.index(([[vocabulary[term] for term in each] for each in corpus], vocabulary), show_progress=False)
        return cls(engine)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote; the caller has checked that the files are what was written."""
        from bm25s import BM25

        return cls(BM25.load(folder, show_progress=False))

    def save(self, folder: Path) -> None:
        """Write the index into a folder of its own."""
        self._engine.save(folder, show_progress=False)

    def shares(self, query: str) -> NDArray[np.float32]:
        """Return how much of the query each text holds, shape (n,), from 0 to 1.

        It is the BM25 score divided by what a text full of every term would get; terms that no text holds
        count as the rarest. So a query in another language, whose few shared terms are common words, scores
        low everywhere instead of making its best text look good.
        """
        documents = self._engine.scores["num_docs"]
        holding = np.diff(self._engine.scores["indptr"])
        counts = [holding[self._engine.vocab_dict[t]] if t in self._engine.vocab_dict else 0 for t in tokens(query)]
        most = float(np.log1p((documents - np.array(counts) + 0.5) / (np.array(counts) + 0.5)).sum())
        return self.scores(query) / max(most, 1e-9)

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the BM25 score of every text, shape (n,); zero where no term is shared."""
        known = [term for term in tokens(query) if term in self._engine.vocab_dict]
        if not known:
            return np.zeros(self._engine.scores["num_docs"], np.float32)
        return np.asarray(self._engine.get_scores(known), dtype=np.float32)
