"""The dense leg by itself: search on one thread and its recall, against one product with every row; building; sizes.

The vectors are made up: ``clustered`` ones lie around random centres, a hundred around each, at cosines of about .7;
``duplicates`` five hundred around each at .999; ``grown`` ones are real sentences' vectors mixed with those of similar
sentences and moved as the real ones vary, and there the queries are real questions.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.bench.apart import ONE_THREAD, apart
from eval.bench.timing import Row
from eval.gold import read_gold
from eval.memory import peak_mb
from rag.articles import read_articles
from rag.dense import Dense
from rag.embedding import Vectors, open_embedder
from rag.records import Json
from rag.sentences import split_sentences
from rag.settings import ROOT, Settings

SIZES = (10_000, 100_000, 1_000_000)
CLUSTERS = {"clustered": (100, 0.65), "duplicates": (500, 0.03)}  # rows around a centre, and their distance from it
KINDS = (*CLUSTERS, "grown")
QUERIES = 200
ROUNDS = 3  # of which the quickest counts: what else the machine does only makes it slower
VARIED = 0.35  # of the variation of real vectors is added to each that is grown
BLOCK = 50_000


def rows(settings: Settings, sizes: Sequence[int] = SIZES) -> list[Row]:
    """Build and search in processes of their own, of all kinds of vectors in all sizes.

    Raises:
        SuwenError: one of them failed, or the embedder is missing.

    """
    embedder = open_embedder(settings)
    articles = read_articles([ROOT / "eval" / "articles"]).articles
    texts = [each.text[span.start : span.end] for each in articles for span in split_sentences(each.text)]
    gold = read_gold(sorted((ROOT / "eval" / "gold").glob("*.jsonl"))).items[:QUERIES]
    questions = np.stack([embedder.embed_query(each.question) for each in gold])
    return measured(embedder.embed_passages(texts), questions, sizes)


def measured(passages: Vectors, questions: Vectors, sizes: Sequence[int]) -> list[Row]:
    """Return two rows for each kind and size; ``grown`` vectors come of ``passages``."""
    table = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "passages.npy", passages)
        np.save(folder / "questions.npy", questions)
        for kind in KINDS:
            for size in sizes:
                built = apart("dense", "build", folder, kind, size)
                told = apart("dense", "search", folder, kind, size, environment=ONE_THREAD)
                ours, other = ("{:.2f} / {:.2f}".format(*told[each]) for each in ("ours", "other"))
                what = f"search among {size:,} {kind} vectors"
                table.append(Row(f"{what}, p50 / p95 ms", ours, other, f"{told['ours'][1] / told['other'][1]:.2g}x"))
                sizes_told = f"{built['seconds']:.1f} s, {built['mb']:.0f} MB, {told['mb']:.0f} MB"
                table.append(
                    Row(
                        f"{what}: recall@10, build, disk, memory ({built['kind']})",
                        f"{told['recall']:.4f}, {sizes_told}",
                    )
                )
    return table


def build(folder: Path, kind: str, size: int) -> Json:
    """Make the vectors and queries, and save an index of them."""
    noise = np.random.default_rng(0)
    passages = np.load(folder / "passages.npy")
    if kind in CLUSTERS:
        about, spread = CLUSTERS[kind]
        centres = _unit(noise.standard_normal((max(1, size // about), passages.shape[1]), np.float32))
        made = _clustered(centres, spread, size, noise)
        queries = _clustered(made[noise.integers(size, size=QUERIES)], 0.5, QUERIES, noise, shuffled=False)
    else:
        made, queries = grown(passages, size, noise)[1], np.load(folder / "questions.npy")
    np.save(folder / "queries.npy", queries)
    began = time.perf_counter()
    dense = Dense.from_rows(made)
    seconds = time.perf_counter() - began
    for left in ("ann.faiss", "ann.json"):  # of the size before
        (folder / left).unlink(missing_ok=True)
    dense.save(folder)
    written = [folder / name for name in ("vectors.npy", "ann.faiss", "ann.json")]
    disk = sum(path.stat().st_size for path in written if path.exists()) / 1e6
    return {"seconds": seconds, "mb": disk, "kind": dense.kind}


def search(folder: Path, kind: str, size: int) -> Json:
    """Open it and search for every query; memory is that of this alone."""
    del kind, size
    dense, queries = Dense.load(folder), np.load(folder / "queries.npy")
    ours = quantiles(lambda query: dense.best(query, 10), queries)
    mb = peak_mb()
    matrix = dense.rows(slice(None))
    other = quantiles(lambda query: np.argpartition(matrix @ query, -10)[-10:], queries)
    return {"ours": ours, "other": other, "recall": recall(dense, queries), "mb": mb}


def recall(dense: Dense, queries: Vectors) -> float:
    """Return recall@10 against comparing each query with every row."""
    greatest = np.full((len(queries), 10), -np.inf, np.float32)
    for start in range(0, len(dense), BLOCK):
        cosines = np.hstack((greatest, queries @ dense.rows(slice(start, start + BLOCK)).T))
        greatest = np.partition(cosines, -10)[:, -10:]
    tenth = greatest.min(axis=1) - 1e-6  # one of equals is as good as another
    return float(np.mean([dense.best(query, 10)[1] >= least for query, least in zip(queries, tenth, strict=True)]))


def quantiles(find: Callable[[Any], object], queries: Iterable[Any]) -> tuple[float, float]:
    """Return the median and the 95th percentile in milliseconds, of the round where that is least."""
    rounds = []
    for _ in range(ROUNDS):
        times = []
        for query in queries:
            began = time.perf_counter()
            find(query)
            times.append(1000 * (time.perf_counter() - began))
        rounds.append((float(np.percentile(times, 50)), float(np.percentile(times, 95))))
    return min(rounds, key=lambda each: each[1])


def _clustered(
    centres: Vectors, spread: float, size: int, noise: np.random.Generator, *, shuffled: bool = True
) -> Vectors:
    made = np.empty((size, centres.shape[1]), np.float32)
    for start in range(0, size, BLOCK):
        block = made[start : start + BLOCK]
        picked = noise.integers(len(centres), size=len(block)) if shuffled else np.arange(len(block))
        off = noise.standard_normal(block.shape, np.float32) * np.float32(spread / centres.shape[1] ** 0.5)
        block[:] = _unit(centres[picked] + off)
    return made


def grown(passages: Vectors, size: int, noise: np.random.Generator) -> tuple[NDArray[np.int64], Vectors]:
    """Return ``size`` vectors like those of some passages, and of which passage each is most."""
    near = np.argsort(-(passages @ passages.T), axis=1)[:, 1:11]
    variation = np.cov(passages.T) + 1e-7 * np.eye(passages.shape[1])
    turned = (VARIED * np.linalg.cholesky(variation).T).astype(np.float32)
    picked, made = np.empty(size, np.int64), np.empty((size, passages.shape[1]), np.float32)
    for start in range(0, size, BLOCK):
        block = made[start : start + BLOCK]
        one = picked[start : start + BLOCK] = noise.integers(len(passages), size=len(block))
        other = near[one, noise.integers(near.shape[1], size=len(block))]
        share = noise.random((len(block), 1), np.float32) / 2
        off = noise.standard_normal(block.shape, np.float32) @ turned
        block[:] = _unit((1 - share) * passages[one] + share * passages[other] + off)
    return picked, made


def _unit(made: Vectors) -> Vectors:
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


if __name__ == "__main__":
    wanted = {"build": build, "search": search}[sys.argv[1]]
    json.dump(wanted(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])), sys.stdout)
