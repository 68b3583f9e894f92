"""Texts to unit vectors. The one place where vectors are normalised, and the only import of sentence-transformers.

Texts are run with others of their length, so that next to nothing is computed for padding. Where the processor
multiplies whole matrices in bfloat16 (AMX), the model's layers are in it, and what they return is pooled in float32.
Such a vector has a cosine of at least .9999 with that of full precision: both go by one fingerprint, that of the
weights, so that an index made on one machine is searched on any.
"""

import hashlib
import os
import re
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelDamaged
from rag.models import fingerprint, locate
from rag.settings import Settings
from rag.tokens import sides

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors: TypeAlias = NDArray[np.float32]  # one unit row per text
Task: TypeAlias = Literal["query", "document"]
Features: TypeAlias = dict[str, Any]  # tensors and what goes with them, by sentence-transformers' own names
Batch: TypeAlias = tuple[list[int], Features]  # which of the texts, and what the model made of them

BLOCK = 256  # texts tokenised at a time
STEP = 16  # tokens: texts are padded to a multiple of it
TOKENS = 2048  # of a batch with its padding: fewer leave the processor idle, more leave its caches
_PROMPTS: dict[Task, tuple[str, ...]] = {"query": ("query",), "document": ("document", "passage", "corpus")}


@dataclass(frozen=True, slots=True)
class Embedded:
    """Some texts of many: which ones, their vectors of shape (len(rows), dimension), and the ``sides`` of their tokens.

    A model whose vector of a text is not the mean of its tokens gives no tokens: what they say apart is not known.
    """

    rows: list[int]
    vectors: Vectors
    sides: list[NDArray[np.uint8]]


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
        """Return an array of shape (len(texts), dimension), of some texts that somebody waits for."""

    def embed_question(self, text: str) -> tuple[Vectors, Vectors]:
        """Return what ``embed_query`` does, and unit rows of the query's tokens, at least one: (tokens, dimension)."""

    def embed_corpus(self, texts: Sequence[str]) -> Iterator[Embedded]:
        """Yield many texts, some at a time and in any order; each is the same bits whatever the others are."""

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
        from sentence_transformers.sentence_transformer.modules import Normalize
        from threadpoolctl import threadpool_limits

        if threads:
            torch.set_num_threads(threads)
        threadpool_limits(1, "blas")  # its threads and the model's wait for each other: 115 ms a search instead of 17
        try:
            self._model = _load(folder)
        except (OSError, ValueError, KeyError) as error:
            reason = str(error).splitlines()[0]
            raise ModelDamaged(
                f"{folder}: not a sentence-transformers model ({reason}); run: suwen models verify"
            ) from error
        self._tokenising = threading.Lock()  # a tokenizer keeps padding and truncation as state
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        _, pooling, *rest = self._model
        plain = all(isinstance(each, Normalize) for each in rest)
        self._means = plain and getattr(pooling, "pooling_mode", "") == "mean"

    def embed_query(self, text: str) -> Vectors:
        """Return one row of shape (dimension,)."""
        return self.embed_question(text)[0]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return an array of shape (len(texts), dimension), of some texts that somebody waits for."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for rows, features in self._batches(texts, "document", fill=False):
            vectors[rows] = _unit(features["sentence_embedding"].numpy())
        return vectors

    def embed_question(self, text: str) -> tuple[Vectors, Vectors]:
        """Return what ``embed_query`` does, and unit rows of the query's tokens, at least one: (tokens, dimension)."""
        with _one_thread():
            ((_, features),) = self._batches([text], "query", fill=False)
        vector = _unit(features["sentence_embedding"].numpy())
        (tokens,) = self._tokens(features, "query")
        return vector[0], tokens if len(tokens) else vector

    def embed_corpus(self, texts: Sequence[str]) -> Iterator[Embedded]:
        """Yield many texts, some at a time and in any order; each is the same bits whatever the others are.

        In which order a product of matrices adds up depends on their shapes, and on the machine and its number of
        threads. So all batches of one width have one shape, at the cost of filling up the last one of each width.
        """
        for rows, features in self._batches(texts, "document", fill=True):
            vectors = _unit(features["sentence_embedding"].numpy())
            tokens = self._tokens(features, "document")
            yield Embedded(rows, vectors, [sides(*each) for each in zip(tokens, vectors, strict=True)])

    def count_tokens(self, text: str) -> int:
        """Return how many of the model's tokens a text takes, without the two special ones."""
        with self._tokenising:
            return len(self._model.tokenizer.tokenize(text))

    def _tokens(self, features: Features, task: Task) -> Iterator[Vectors]:
        """Yield unit rows of each text's tokens, without the special ones and those of the prompt."""
        prompt = self.count_tokens((self._prompt(task) or "").strip())
        own = ~np.isin(features["input_ids"].numpy(), self._model.tokenizer.all_special_ids)
        for mask, rows in zip(own, features["token_embeddings"].numpy(), strict=True):
            yield _unit(rows[mask][prompt:] if self._means else rows[:0])

    def _prompt(self, task: Task) -> str | None:
        prompts = self._model.prompts
        name = next((each for each in _PROMPTS[task] if each in prompts), self._model.default_prompt_name)
        return prompts[name] if name else None

    def _batches(self, texts: Sequence[str], task: Task, *, fill: bool) -> Iterator[Batch]:
        """Run texts together that are padded to one width; ``fill`` the last batch of each width with copies.

        What the model makes of them, ``token_embeddings`` and ``sentence_embedding``, is float32 of any length.
        """
        waiting: defaultdict[int, list[tuple[int, Features]]] = defaultdict(list)
        for row, text in enumerate(self._tokenised(texts, task)):
            width = len(text["input_ids"])
            waiting[width].append((row, text))
            if len(waiting[width]) == _size(width):
                yield self._run(waiting.pop(width), task)
        for width, some in waiting.items():
            yield self._run(some, task, copies=_size(width) - len(some) if fill else 0)

    def _tokenised(self, texts: Sequence[str], task: Task) -> Iterator[Features]:
        """Yield what the model reads of each text under the prompt of its task, padded to a multiple of ``STEP``."""
        import torch

        prompt = self._prompt(task)
        padding = {"text": {"pad_to_multiple_of": STEP}}
        left = self._model.tokenizer.padding_side == "left"
        for start in range(0, len(texts), BLOCK):
            block = list(texts[start : start + BLOCK])
            with self._tokenising:
                features = self._model.preprocess(block, prompt=prompt, task=task, processing_kwargs=padding)
            for row, length in enumerate(features["attention_mask"].sum(dim=1).tolist()):
                width = -(length // -STEP) * STEP
                own = slice(-width, None) if left else slice(width)
                yield {  # copied: what waits for a full batch would keep its whole block
                    key: value[row, own].clone() if isinstance(value, torch.Tensor) else value
                    for key, value in features.items()
                }

    def _run(self, some: list[tuple[int, Features]], task: Task, copies: int = 0) -> Batch:
        import torch

        rows = [row for row, _ in some]
        texts = [text for _, text in some] + [some[0][1]] * copies
        features = {
            name: torch.stack([text[name] for text in texts]) if isinstance(value, torch.Tensor) else value
            for name, value in texts[0].items()
        }
        with torch.inference_mode():
            features = self._model(features, task=task)
        tensors = {name: value for name, value in features.items() if isinstance(value, torch.Tensor)}
        return rows, {name: value[: len(rows)] for name, value in tensors.items()}


def _load(folder: Path) -> "SentenceTransformer":
    """Load a model, its layers in bfloat16 where that is fast."""
    import torch
    from sentence_transformers import SentenceTransformer

    able = torch.cpu.get_capabilities().get("amx_bf16")  # with avx512_bf16 alone, bfloat16 is slower than float32
    dtype = torch.bfloat16 if able else torch.float32
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": dtype})
    layers, *rest = model
    layers.register_forward_hook(_widen)
    for module in rest:
        module.float()
    return model.eval()


def _widen(module: object, args: object, features: Features) -> None:
    features["token_embeddings"] = features["token_embeddings"].float()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Run a question alone: a second thread saves 2 of 12 ms, and waits 27 to 260 when its core is busy."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _size(width: int) -> int:
    return max(1, TOKENS // width)


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

    def embed_question(self, text: str) -> tuple[Vectors, Vectors]:
        """Return the query's row, and again as that of its only token."""
        vector = self.embed_query(text)
        return vector, vector[None]

    def embed_corpus(self, texts: Sequence[str]) -> Iterator[Embedded]:
        """Yield all at once; they have no tokens."""
        bare = np.empty((0, self.dimension // 8), np.uint8)
        yield Embedded(list(range(len(texts))), self.embed_passages(texts), [bare] * len(texts))

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
    name = Path(settings.embedder).name
    return SentenceTransformerEmbedder(folder, name, fingerprint(folder), threads=settings.threads)
