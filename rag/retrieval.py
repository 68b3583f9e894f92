"""A query to its best chunks: how near their tokens come, what share of the keywords they and their neighbours hold."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.dictionary import dictionary
from rag.embedding import Embedder
from rag.language import LANGUAGES, language_of
from rag.records import Chunk, Hit
from rag.searchable import Pool, Searchable
from rag.terms import any_of, words_of

NEARNESS = 0.4  # weight of it; what was measured is in eval/LOG.md
KEYWORDS = 0.3  # likewise, of the chunk itself
AROUND = 0.3  # likewise, of the chunk with what stands around it
NEIGHBOURS = 3  # chunks before, and as many after, that stand around one
CANDIDATES = 50  # of each leg


@dataclass(frozen=True, slots=True)
class Found:
    """A retrieved chunk with its fused score between 0 and 1, and what the chunk alone has of it."""

    chunk: Chunk
    score: float
    nearness: float
    keywords: float


def retrieve(query: str, index: Searchable, embedder: Embedder, k: int, within: Any = None) -> list[Found]:
    """Return the ``k`` best chunks, best first; ties go to the one that stands earlier.

    Each leg nominates its best; every candidate is then scored by both, so that a chunk found by one
    leg alone is not punished for a score nobody computed. ``within``, which ``index.allowed`` returns, says which may
    be found.
    """
    vector, tokens = embedder.embed_question(query)
    pool, candidates = index.nominate(query, vector, CANDIDATES, NEIGHBOURS, within)
    if not len(candidates):
        return []
    nearness = pool.similarities(tokens, candidates)
    keywords, around = _shares(query, pool, candidates)
    fused = NEARNESS * _spread(nearness) + KEYWORDS * keywords + AROUND * around
    best = np.argsort(-fused, kind="stable")[:k]
    scores = zip(*(each[best].tolist() for each in (fused, nearness, keywords)), strict=True)
    return [Found(chunk, *each) for chunk, each in zip(pool.take(candidates[best]), scores, strict=True)]


def _shares(query: str, pool: Pool, candidates: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what share of the query's keywords each candidate holds, and each with what stands around it.

    A candidate in the other language is also looked through for their translations.
    """
    firsts, lasts = pool.around(candidates, NEIGHBOURS)
    firsts, lasts = np.concatenate((candidates, firsts)), np.concatenate((candidates + 1, lasts))
    foreign = np.tile(pool.languages(candidates) != LANGUAGES.index(language_of(query)), 2)
    asked = [words_of(query), any_of(dictionary().translate(query))] if foreign.any() else [words_of(query)]
    shares, *translated = pool.shares_of_runs(asked, firsts, lasts)
    for each in translated:
        shares = np.where(foreign, np.maximum(shares, each), shares)
    return shares[: len(candidates)], shares[len(candidates) :]


def _spread(nearness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Stretch cosines of the candidates to 0..1: those of e5 all lie between about .7 and .9."""
    low, high = nearness.min(), nearness.max()
    return (nearness - low) / (high - low) if high > low else np.ones_like(nearness)


def to_hit(found: Found, index: Searchable) -> Hit:
    """Return a retrieved chunk as the contract's hit."""
    article = index.articles[found.chunk.article]
    chunk = found.chunk
    return Hit(article.id, article.source, chunk.start, chunk.end, found.score, index.text(chunk))
