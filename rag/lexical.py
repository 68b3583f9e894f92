"""Keyword search (BM25) that works on Chinese: character uni- and bigrams, other words and numbers whole."""

import json
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bm25s import BM25
    from opencc import OpenCC

_RUN = re.compile(
    r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+)"
    r"|((?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)*%?)"
    r"|([^\W\d_\u3400-\u9fff]+)"
)
_ARRAYS = ("data", "indices", "indptr")  # of the score matrix, by column


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


class Lexical:
    """A BM25 index over texts, by their position."""

    def __init__(self, engine: "BM25") -> None:
        self._engine = engine

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> Self:
        """Index texts; the same texts give the same bytes on disk."""
        from bm25s import BM25

        corpus = [tokens(text) for text in texts]
        vocabulary = {term: number for number, term in enumerate(sorted({term for each in corpus for term in each}))}
        engine = BM25(k1=1.5, b=0.75, method="lucene")
        if vocabulary:
            engine.index(([[vocabulary[term] for term in each] for each in corpus], vocabulary), show_progress=False)
        else:  # which bm25s cannot count
            engine.scores, engine.vocab_dict = {name: np.empty(0) for name in _ARRAYS} | {"num_docs": len(texts)}, {}
        return cls(engine)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote; the caller has checked that the files are what was written."""
        from bm25s import BM25

        body = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        engine = BM25(method="lucene")
        engine.scores = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in _ARRAYS}
        engine.scores["num_docs"] = body["texts"]
        engine.vocab_dict = {term: number for number, term in enumerate(body["terms"])}
        return cls(engine)

    def save(self, folder: Path) -> None:
        """Write the index into a new folder.

        Not by bm25s, which uses ``numpy.save``: on a full disk that can lose the end of a file without an error.
        """
        folder.mkdir()
        for name in _ARRAYS:
            content = BytesIO()
            np.save(content, self._engine.scores[name], allow_pickle=False)
            (folder / f"{name}.npy").write_bytes(content.getvalue())
        body = {"texts": int(self._engine.scores["num_docs"]), "terms": list(self._engine.vocab_dict)}
        (folder / "terms.json").write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the BM25 score of every text, shape (n,); zero where no term is shared."""
        known = [term for term in tokens(query) if term in self._engine.vocab_dict]
        if not known:
            return np.zeros(self._engine.scores["num_docs"], np.float32)
        return np.asarray(self._engine.get_scores(known), dtype=np.float32)
