"""Late interaction: how near each token of a query comes to any token of a text.

The sum of maxima is that of ColBERT (Khattab and Zaharia, 2020), taken over the token vectors that the embedder has
computed anyway. Of a text's token one bit a dimension is kept: on which side of the text's own vector it lies, since
the tokens of a text are near the mean of them all (residual compression: Santhanam et al., ColBERTv2, 2022).
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.columns import Growing, as_column, mapped, scattered, write

_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float32)  # of each byte

Positions: TypeAlias = NDArray[np.int64]
Rows: TypeAlias = NDArray[np.float32]

BLOCK = 4096  # texts whose tokens are brought together at a time
COMPARED = 15  # tokens of a query, those that differ most from the others; all of them find no more
NEAR = 0.91  # length of the mean of a text's unit token vectors; .90 to .92 in both languages
_STEP = (2 / np.pi * (1 - NEAR**2)) ** 0.5  # mean distance from it in a dimension, times the root of the dimensions


@dataclass(frozen=True)
class Tokens:
    """The tokens of texts in one array of bits: those of text ``i`` are ``starts[i]:starts[i + 1]``."""

    bits: NDArray[np.uint8]  # shape (tokens, dimension / 8 rounded up)
    starts: NDArray[np.int64]  # shape (texts + 1,)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what ``save`` wrote; the caller has checked that the files are what was written."""
        bits = mapped(folder / "bits.npy")
        scattered(bits)
        return cls(bits, mapped(folder / "starts.npy"))

    def save(self, folder: Path) -> None:
        """Write the arrays into a new folder."""
        folder.mkdir()
        write(folder / "bits.npy", self.bits)
        write(folder / "starts.npy", self.starts)

    def similarities(self, query: Rows, vectors: Rows, positions: Positions) -> Rows:
        """Return how near the query's tokens come to each of some texts, shape (len(positions),), from -1 to 1.

        ``query`` are unit vectors of tokens, shape (tokens, dimension), ``vectors`` those of the texts at
        ``positions``. A token counts by how far it is from the mean of all: what the others say too counts for little.
        A text without tokens is as near as its vector is to that mean.
        """
        mean = query.mean(axis=0)
        mean /= np.linalg.norm(mean)
        found = np.asarray(vectors @ mean)
        weights = 1 - query @ mean
        compared = np.argsort(-weights, kind="stable")[:COMPARED]
        query, weights = query[compared], np.maximum(weights[compared], 1e-6)
        weights /= weights.sum()
        begins, ends = self.starts[positions], self.starts[positions + 1]
        full = np.flatnonzero(begins < ends)
        if len(full):
            found[full] = self._maxima(query, vectors[full], begins[full], ends[full]) @ weights
        return found

    def _maxima(self, query: Rows, vectors: Rows, begins: Positions, ends: Positions) -> Rows:
        """Return the greatest cosine of each of the query's tokens with any token of each text.

        A token is rebuilt as ``NEAR * vector + step * (2 * bits - 1)``.
        """
        step = np.float32(_STEP / query.shape[1] ** 0.5)
        lengths = ends - begins
        lasts = np.cumsum(lengths)
        width, count = -(query.shape[1] // -8), len(query)
        turned = np.empty((query.shape[1], count + 1), np.float32)  # the text's own vector is compared beside them
        turned[:, :count] = 2 * step * query.T
        products, bits = np.empty((lasts[-1], count + 1), np.float32), np.empty((lengths.max(), width, 8), np.float32)
        for vector, begin, end, last in zip(vectors, begins.tolist(), ends.tolist(), lasts.tolist(), strict=True):
            turned[:, count] = vector
            expanded = _BITS.take(self.bits[begin:end], axis=0, mode="clip", out=bits[: end - begin])
            rows = expanded.reshape(end - begin, -1)[:, : len(vector)]
            np.matmul(rows, turned, out=products[last - end + begin : last])
        owners = np.repeat(np.arange(len(vectors)), lengths)
        squares = (
            NEAR**2 + _STEP**2 - 2 * NEAR * step * vectors.sum(axis=1)[owners] + 4 * NEAR * step * products[:, count]
        )
        cosines = products[:, :count]
        cosines += (NEAR * (vectors @ query.T) - step * query.sum(axis=1))[owners]
        cosines /= np.sqrt(squares)[:, None]
        return np.asarray(np.maximum.reduceat(cosines, lasts - lengths, axis=0))


class Gathered:
    """The tokens of texts so far."""

    def __init__(self, dimension: int) -> None:
        self._width = -(dimension // -8)
        self._bits = Growing(np.uint8)
        self._starts = array("q", [0])

    def __len__(self) -> int:
        return len(self._starts) - 1

    def add(self, texts: Iterable[NDArray[np.uint8]]) -> None:
        """Put the ``sides`` of some texts behind the others."""
        for each in texts:
            self._bits.add(each)
            self._starts.append(self._starts[-1] + len(each))

    def done(self) -> Tokens:
        """Return those of all; nothing can be put behind them any more."""
        return Tokens(self._bits.mapped().reshape(-1, self._width), as_column(self._starts))


def pick(parts: Sequence[Tokens], numbers: Positions) -> Tokens:
    """Return the tokens of some texts, in that order; texts are counted through all the ``parts``."""
    firsts = np.cumsum([0, *(len(part.starts) - 1 for part in parts)])
    width = parts[0].bits.shape[1]
    bits, counts = Growing(np.uint8), np.empty(len(numbers), np.int64)
    for start in range(0, len(numbers), BLOCK):
        block = numbers[start : start + BLOCK]
        owners = np.searchsorted(firsts, block, "right") - 1
        begins, ends = np.empty((2, len(block)), np.int64)
        for owner, part in enumerate(parts):
            mine = owners == owner
            begins[mine], ends[mine] = (part.starts[block[mine] - firsts[owner] + end] for end in (0, 1))
        lengths = counts[start : start + BLOCK] = ends - begins
        places = np.arange(lengths.sum()) + np.repeat(begins - np.cumsum(lengths) + lengths, lengths)
        picked = np.empty((len(places), width), np.uint8)
        owners = np.repeat(owners, lengths)
        for owner, part in enumerate(parts):
            picked[owners == owner] = part.bits[places[owners == owner]]
        bits.add(picked)
    return Tokens(bits.mapped().reshape(-1, width), np.concatenate((np.zeros(1, np.int64), np.cumsum(counts))))


def sides(tokens: Rows, vector: Rows) -> NDArray[np.uint8]:
    """Return on which side of their text's unit vector some unit token vectors lie, one bit a dimension."""
    return np.packbits(tokens > NEAR * vector, axis=1)
