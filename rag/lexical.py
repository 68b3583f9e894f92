"""Keyword search (BM25) that works on Chinese: character uni- and bigrams, other words and numbers whole."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from opencc import OpenCC

_RUN = re.compile(
    r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+)"
    r"|((?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)*%?)"
    r"|([^\W\d_\u3400-\u9fff]+)"
)
_ARRAYS = ("data", "indices", "indptr")


def normalise(text: str) -> str:
    """Fold what should match: full and half width, case, Traditional and Simplified."""
    text = text.replace("，", "、")  # it separates numbers, and folded to half width it would group their digits
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


@dataclass(frozen=True)
class Lexical:
    """BM25 scores of every term in every text, by column: those of term ``t`` are ``data[indptr[t]:indptr[t + 1]]``."""

    data: NDArray[np.float32]
    indices: NDArray[np.int32]  # of the text that a score belongs to
    indptr: NDArray[np.int32]
    terms: Mapping[str, int]
    texts: int

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> Self:
        """Score texts; the same texts give the same bytes on disk."""
        from bm25s import BM25

        corpus = [tokens(text) for text in texts]
        terms = {term: number for number, term in enumerate(sorted({term for each in corpus for term in each}))}
        if not terms:  # which bm25s cannot count
            return cls(np.empty(0, np.float32), np.empty(0, np.int32), np.zeros(1, np.int32), terms, len(texts))
        engine = BM25(k1=1.5, b=0.75, method="lucene")
        engine.index(([[terms[term] for term in each] for each in corpus], terms), show_progress=False)
        data, indices, indptr = (engine.scores[name] for name in _ARRAYS)
        return cls(data, indices, indptr, terms, len(texts))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote; the caller has checked that the files are what was written."""
        body = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        data, indices, indptr = (np.load(folder / f"{name}.npy", allow_pickle=False) for name in _ARRAYS)
        return cls(data, indices, indptr, {term: number for number, term in enumerate(body["terms"])}, body["texts"])

    def save(self, folder: Path) -> None:
        """Write the scores into a new folder.

        Not by ``numpy.save``, nor by bm25s, which uses it: on a full disk it can lose a file's end without an error.
        """
        folder.mkdir()
        for name in _ARRAYS:
            content = BytesIO()
            np.save(content, getattr(self, name), allow_pickle=False)
            (folder / f"{name}.npy").write_bytes(content.getvalue())
        body = {"texts": self.texts, "terms": list(self.terms)}
        (folder / "terms.json").write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")

    def shares(self, query: str) -> NDArray[np.float32]:
        """Return how much of the query each text holds, shape (n,), from 0 to 1.

        It is the BM25 score divided by what a text full of every term would get; terms that no text holds
        count as the rarest. So a query in another language, whose few shared terms are common words, scores
        low everywhere instead of making its best text look good.
        """
        holding = np.diff(self.indptr)
        counts = np.array([holding[self.terms[term]] if term in self.terms else 0 for term in tokens(query)])
        most = float(np.log1p((self.texts - counts + 0.5) / (counts + 0.5)).sum())
        return self.scores(query) / max(most, 1e-9)

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the BM25 score of every text, shape (n,); zero where no term is shared."""
        scores = np.zeros(self.texts, np.float32)
        for term in tokens(query):
            if (number := self.terms.get(term)) is not None:
                column = slice(self.indptr[number], self.indptr[number + 1])
                scores[self.indices[column]] += self.data[column]
        return scores
