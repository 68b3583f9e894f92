"""Retrieved chunks in a better order: a cross-encoder reads the query together with each of them.

It is far slower than comparing vectors, so it reads only the best few. The method is that of Nogueira & Cho 2019,
Passage Re-ranking with BERT.
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.chunks import embedded_text
from rag.errors import ModelDamaged
from rag.models import fingerprint, locate
from rag.retrieval import Found
from rag.searchable import Searchable
from rag.settings import Settings

RERANKED = 20  # chunks that are read again: at 100 tokens each with the query, 3.4 s of a base model on two cores
_JUDGES = ("ForSequenceClassification", "ForCausalLM")  # ends of what transformers calls a model with a verdict


class Reranker:
    """Any sentence-transformers ``CrossEncoder`` from a local folder; it never goes to a hub."""

    def __init__(self, folder: Path, name: str, fingerprint: str) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"  # a bar for half a second of loading
        from safetensors import SafetensorError
        from sentence_transformers import CrossEncoder

        where = f"{folder}: no cross-encoder for reranking"
        try:
            self._model = CrossEncoder(
                str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": "float32"}
            )
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ModelDamaged(f"{where} ({reason}); set another reranker, or none") from error
        kinds = self._model.config.architectures or [""]
        if not kinds[0].endswith(_JUDGES):  # an embedder: the layer that judges would be made up at random
            raise ModelDamaged(f"{where}, but a {kinds[0] or 'model of no kind'}; set another reranker, or none")
        if self._model.num_labels != 1:
            raise ModelDamaged(f"{where}, as it gives {self._model.num_labels} values a pair; set another, or none")
        self._reading = threading.Lock()  # a tokenizer keeps padding and truncation as state
        self.name = name
        self.fingerprint = fingerprint

    def values(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return how well each text fits the query, the more the better, shape (len(texts),); any number can come.

        Raises:
            ModelDamaged: a value is not finite.

        """
        with self._reading:
            values = self._model.predict(
                [(query, text) for text in texts], activation_fn=_as_they_are, show_progress_bar=False
            )
        if not np.isfinite(values).all():
            raise ModelDamaged(f"the reranker {self.name} returned values that are not finite; set another, or none")
        return np.asarray(values, np.float32)


def _as_they_are(values: Any) -> Any:
    """Keep a model's values from being squeezed to 0..1 in single precision, where the best of them become equal."""
    return values


def rerank(query: str, found: Sequence[Found], index: Searchable, reranker: Reranker) -> list[Found]:
    """Return the best ``RERANKED`` chunks in the order of the reranker's values, and after them the rest as it was.

    The ``score`` of one that was read is the logistic function of its value, whatever function the model itself names:
    of a model that was trained so, it is the chance that the passage fits. The rest have none above the least of these.
    """
    best, rest = found[:RERANKED], found[RERANKED:]
    if not best:
        return []
    texts = [embedded_text(index.articles[each.chunk.article], each.chunk) for each in best]
    values = reranker.values(query, texts).astype(np.float64)
    scores = (1 + np.tanh(values / 2)) / 2  # the logistic function, without its overflow
    order = np.argsort(-values, kind="stable")
    read = [replace(best[int(place)], score=float(scores[place])) for place in order]
    return read + [replace(each, score=min(each.score, read[-1].score)) for each in rest]


def open_reranker(settings: Settings) -> Reranker | None:
    """Load the reranker that is set, a catalogue name or a folder by its path; None where none is set.

    Raises:
        UsageError: neither a catalogue name nor anything like a path.
        ModelMissing: it is not on disk.
        ModelDamaged: it cannot be loaded, or is no cross-encoder.

    """
    if not settings.reranker:
        return None
    folder = locate(settings.reranker, settings)
    return Reranker(folder, Path(settings.reranker).name, fingerprint(folder))
