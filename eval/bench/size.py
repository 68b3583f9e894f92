"""A question to its passages by the size of the index, without embedding it: all of retrieval, on one thread.

The texts are parts of real sentences shuffled, as in ``lexical``, five to an article; the vectors real ones moved, as
the ``grown`` ones of ``dense``; the tokens real ones. The questions are real.
"""

import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from eval.bench.apart import ONE_THREAD, apart
from eval.bench.dense import grown, quantiles, recall
from eval.bench.lexical import made, material
from eval.bench.timing import Row
from eval.memory import peak_mb, private_mb
from rag.building import index_articles
from rag.embedding import HashEmbedder, Vectors, open_embedder
from rag.gathering import gather
from rag.generations import writing
from rag.index import Index
from rag.records import Article, Chunk, Json, Sentence
from rag.retrieval import retrieve
from rag.settings import Settings
from rag.tokens import pick

SIZES = (10_000, 100_000, 1_000_000)  # chunks
PASSAGES = 500  # real texts whose vectors and tokens the others' are made of
QUESTIONS = 300
COMPARED = 100  # questions whose nearest are compared with the exact ones
TOGETHER = 5  # chunks of an article


class _Asked(HashEmbedder):
    """Knows one question."""

    def __init__(self, vector: Vectors, tokens: Vectors) -> None:
        self._both = vector, tokens

    def embed_question(self, text: str) -> tuple[Vectors, Vectors]:
        del text
        return self._both


def rows(settings: Settings, sizes: Sequence[int] = SIZES) -> Iterator[Row]:
    """Build and search indexes of so many chunks.

    Raises:
        SuwenError: the embedder is missing, or the disk too small.

    """
    open_embedder(settings)  # says so here if it is missing
    for size in sizes:
        with TemporaryDirectory() as name:
            built = apart("size", "build", name, size)
            told = apart("size", "search", name, environment=ONE_THREAD)
        what = f"search among {size:,} chunks"
        yield Row(f"{what}, p50 / p95 ms", "{:.1f} / {:.1f}".format(*told["ms"]))
        yield Row(f"{what}: recall@10 of the vectors", f"{told['recall']:.4f}")
        yield Row(f"{what}: build s, disk MB", f"{built['seconds']:.0f}, {built['mb']:,.0f}")
        yield Row(f"{what}: memory, of which no mapped files, MB", f"{told['resident']:,.0f}, {told['private']:,.0f}")


def build(folder: Path, size: int) -> Json:
    """Write an index of ``size`` chunks, and questions with their embeddings."""
    embedder = open_embedder(Settings.load({}))
    texts, questions = material()
    draw, noise = random.Random(0), np.random.default_rng(0)
    some = draw.sample(texts, min(len(texts), PASSAGES))
    sample = index_articles([Article(str(number), "", "", each, "") for number, each in enumerate(some)], embedder)
    asked = draw.sample(questions, min(len(questions), QUESTIONS))
    embedded = [embedder.embed_question(each) for each in asked]
    np.savez(folder / "questions.npz", *(each for both in embedded for each in both))
    (folder / "questions.json").write_text(json.dumps(asked), encoding="utf-8")
    began = time.perf_counter()
    picked, vectors = grown(sample.dense.rows(slice(None)), size, noise)
    index = Index.from_parts(gather(_articles(texts, size)), vectors, pick([sample.tokens], picked), embedder)
    with writing(folder / "index"):
        index.save(folder / "index")
    stored = sum(path.stat().st_size for path in (folder / "index").rglob("*") if path.is_file())
    return {"seconds": time.perf_counter() - began, "mb": stored / 1e6}


def _articles(texts: Sequence[str], size: int) -> Iterator[tuple[Article, list[Sentence], list[Chunk]]]:
    chunks = made(size, texts)
    for number in range(-(size // -TOGETHER)):
        parts = list(islice(chunks, TOGETHER))
        ends = np.cumsum([len(part) + 1 for part in parts]).tolist()
        places = [(end - len(part) - 1, end - 1) for part, end in zip(parts, ends, strict=True)]
        name = f"{number:09}"
        yield (
            Article(name, "", "", "\n".join(parts), ""),
            [Sentence(*place) for place in places],
            [Chunk(name, *place, at, at + 1, "") for at, place in enumerate(places)],
        )


def search(folder: Path) -> Json:
    """Open the index and ask every question."""
    questions = json.loads((folder / "questions.json").read_bytes())
    arrays = list(np.load(folder / "questions.npz").values())
    embedded = list(zip(arrays[::2], arrays[1::2], strict=True))
    index = Index.load(folder / "index")
    asked = [(question, _Asked(*both)) for question, both in zip(questions, embedded, strict=True)]
    ms = quantiles(lambda each: retrieve(each[0], index, each[1], 10), asked)
    memory = {"resident": peak_mb(), "private": private_mb()}
    vectors = np.stack([vector for vector, _ in embedded[:COMPARED]])
    return {"ms": ms, "recall": recall(index.dense, vectors), **memory}


if __name__ == "__main__":
    step, place, *rest = sys.argv[1:]
    json.dump(build(Path(place), int(rest[0])) if step == "build" else search(Path(place)), sys.stdout)
