"""Texts to unit vectors. The one place where vectors are normalised, and the only import of sentence-transformers."""

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelDamaged
from rag.models import fingerprint, locate
from rag.settings import Settings

if TYPE_CHECKING:
    pass

Vectors = NDArray[np.float32]  # one unit row per text


class Embedder(Protocol):
    """Turns queries and passages into rows of length one, so that an inner product is their cosine."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def fingerprint(self) -> str:
        """Digest of the weights: vectors of different fingerprints are never compared."""

    @property
    def dimension(self) -> int: ...  # noqa: D102
    def embed_query(self, text: str) -> Vectors:
        """Return one row of shape (dimension,)."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return an array of shape (len(texts), dimension)."""

    def count_tokens(self, text: str) -> int:
        """Return how many of the model's tokens a text takes."""


class SentenceTransformerEmbedder:
    """Any sentence-transformers model from a local folder; it never goes to a hub.

    The prompts that the model's own configuration names (``query``, ``document``) are put before the texts.
    """

    def __init__(self, folder: Path, name: str, fingerprint: str, *, threads: int = 0) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"  # a bar for half a second of loading
        import torch
        from sentence_transformers import SentenceTransformer

        if threads:
            torch.set_num_threads(threads)
        try:
            self._model: SentenceTransformer = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            reason = str(error).splitlines()[0]
            raise ModelDamaged(
                f"{folder}: not a sentence-transformers model ({reason}); run: suwen models verify"
            ) from error
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def embed_query(self, text: str) -> Vectors:
        """Return one row of shape (dimension,)."""
        return np.asarray(_unit(self._model.encode_query([text], show_progress_bar=False))[0])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return an array of shape (len(texts), dimension)."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        return _unit(self._model.encode_document(list(texts), show_progress_bar=False))

    def count_tokens(self, text: str) -> int:
        """Return how many of the model's tokens a text takes, without the two special ones."""
        return len(self._model.tokenizer.tokenize(text))


class HashEmbedder:
    """A deterministic stand-in without a model: character bigrams hashed into ``dimension`` counts.

    Texts that share wording are near each other, which is enough for exact tests of everything around it.
    """

    name = "hash"
    fingerprint = "hash-2"
    dimension = 256

    def embed_query(self, text: str) -> Vectors:
        """Return one row of shape (dimension,)."""
        return np.asarray(self.embed_passages([text])[0])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return an array of shape (len(texts), dimension)."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            whole = text.ljust(2)  # or a text of one character would have no pair, and its row no direction
            for left, right in zip(whole, whole[1:], strict=False):
                digest = hashlib.blake2b((left + right).encode(), digest_size=2).digest()
                row[int.from_bytes(digest) % self.dimension] += 1
        return _unit(rows)

    def count_tokens(self, text: str) -> int:
        """Return the number of Chinese characters and other words."""
        return len(re.findall(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+", text))


def _unit(rows: NDArray[np.floating]) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise ModelDamaged("the embedder returned values that are not finite; run: suwen models verify")
    return np.ascontiguousarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def open_embedder(settings: Settings) -> Embedder:
    """Load the embedder that is set: a catalogue name, or a sentence-transformers folder by its path.

    Raises:
        ModelMissing: it is not on disk.
        ModelDamaged: it cannot be loaded.

    """
    folder = locate(settings.embedder, settings)
    return SentenceTransformerEmbedder(
        folder, Path(settings.embedder).name, fingerprint(folder), threads=settings.threads
    )
