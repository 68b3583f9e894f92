"""A query to its best chunks: cosine of the embeddings and share of the keywords, summed."""

from dataclasses import dataclass

import numpy as np

from rag.embedding import Embedder
from rag.index import Index
from rag.records import Chunk, Hit

DENSE_WEIGHT = 0.4  # the rest is lexical; measured, see eval/LOG.md
CANDIDATES = 50  # of each leg


@dataclass(frozen=True, slots=True)
class Found:
    """A retrieved chunk with its fused score between 0 and 1, and the scores of the two legs."""

    chunk: Chunk
    score: float
    cosine: float
    keywords: float


def retrieve(query: str, index: Index, embedder: Embedder, k: int) -> list[Found]:
    """Return the ``k`` best chunks, best first; ties go to the one that stands earlier.

    Each leg nominates its best; every candidate is then scored by both, so that a chunk found by one
    leg alone is not punished for a score nobody computed.
    """
    if not index.chunks:
        return []
    vector = embedder.embed_query(query)
    by_keyword, _ = index.lexical.best(query, CANDIDATES)
    candidates = np.union1d(index.nearest(vector, CANDIDATES), by_keyword)
    cosine = index.dense.cosines(vector, candidates)
    keywords = index.lexical.shares(query, candidates)
    fused = DENSE_WEIGHT * _spread(cosine) + (1 - DENSE_WEIGHT) * keywords
    best = np.argsort(-fused, kind="stable")[:k]
    return [Found(index.chunks[candidates[i]], float(fused[i]), float(cosine[i]), float(keywords[i])) for i in best]


def _spread(cosine: np.ndarray) -> np.ndarray:
    """Stretch cosines of the candidates to 0..1: those of e5 all lie between about .7 and .9."""
    low, high = float(cosine.min()), float(cosine.max())
    return (cosine - low) / (high - low) if high > low else np.ones_like(cosine)


def to_hit(found: Found, index: Index) -> Hit:
    """Return a retrieved chunk as the contract's hit."""
    article = index.articles[found.chunk.article]
    chunk = found.chunk
    return Hit(article.id, article.source, chunk.start, chunk.end, found.score, index.text(chunk))
