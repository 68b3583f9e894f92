"""Late interaction: how near each token of a query comes to any token of a text.

The sum of maxima is that of ColBERT (Khattab and Zaharia, 2020), taken over the token vectors that the embedder has
computed anyway. Of a text's token one bit a dimension is kept: on which side of the text's own vector it lies, since
the tokens of a text are near the mean of them all (residual compression: Santhanam et al., ColBERTv2, 2022).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.columns import mapped, write
from rag.embedding import Vectors

Positions: TypeAlias = NDArray[np.int64]

NEAR = 0.91  # length of the mean of a text's unit token vectors; .90 to .92 in both languages
_STEP = (2 / np.pi * (1 - NEAR**2)) ** 0.5  # mean distance from it in a dimension, times the root of the dimensions


@dataclass(frozen=True)
class Tokens:
    """The tokens of texts in one array of bits: those of text ``i`` are ``starts[i]:starts[i + 1]``."""

    bits: NDArray[np.uint8]  # shape (tokens, dimension / 8 rounded up)
    starts: NDArray[np.int64]  # shape (texts + 1,)

    @classmethod
    def from_texts(cls, bits: Sequence[NDArray[np.uint8]], width: int) -> Self:
        """Join the ``sides`` of each text, ``width`` bytes wide; a text may have none."""
        starts = np.zeros(len(bits) + 1, np.int64)
        np.cumsum([len(each) for each in bits], out=starts[1:])
        return cls(np.concatenate([np.empty((0, width), np.uint8), *bits]), starts)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what ``save`` wrote; the caller has checked that the files are what was written."""
        return cls(mapped(folder / "bits.npy"), mapped(folder / "starts.npy"))

    def save(self, folder: Path) -> None:
        """Write the arrays into a new folder."""
        folder.mkdir()
        write(folder / "bits.npy", self.bits)
        write(folder / "starts.npy", self.starts)

    def similarities(self, query: Vectors, vectors: Vectors, positions: Positions) -> Vectors:
        """Return how near the query's tokens come to each of some texts, shape (len(positions),), from -1 to 1.

        ``query`` are unit vectors of tokens, shape (tokens, dimension), ``vectors`` those of the texts at
        ``positions``. A token counts by how far it is from the mean of all: what the others say too counts for little.
        A text without tokens is as near as its vector is to that mean.
        """
        mean = query.mean(axis=0)
        mean /= np.linalg.norm(mean)
        weights = 1 - query @ mean
        weights /= weights.sum() or 1
        step = _STEP / query.shape[1] ** 0.5
        found = vectors @ mean
        for place, position in enumerate(positions.tolist()):
            bits = self.bits[self.starts[position] : self.starts[position + 1]]
            if not len(bits):
                continue
            vector = vectors[place]
            signs = np.unpackbits(bits, axis=1, count=len(vector)).astype(np.float32)
            signs *= 2 * step
            signs += NEAR * vector - step
            nearest = (signs @ query.T / np.linalg.norm(signs, axis=1)[:, None]).max(axis=0)
            found[place] = nearest @ weights
        return np.asarray(found)


def sides(tokens: Vectors, vector: Vectors) -> NDArray[np.uint8]:
    """Return on which side of their text's unit vector some unit token vectors lie, one bit a dimension."""
    return np.packbits(tokens > NEAR * vector, axis=1)
