"""An index: articles, their sentences and chunks, the chunks' vectors, and their keywords.

It takes vectors, not a model. On disk it is a generation (``rag.generations``) of these folders, all of it mapped into
memory when it is opened and read where it is asked for:

    articles/ sentences/ chunks/    columns (``rag.corpus``)        dense/      the vectors (``rag.dense``)
                                                                    tokens/     bits of their tokens (``rag.tokens``)
                                                                    lexical/    BM25 over the same chunks
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from rag import chunks as chunking
from rag.corpus import Articles, Chunks, Corpus, Mask, Positions, Sentences, may_read
from rag.dense import Dense, Rows
from rag.embedding import Embedder, Vectors
from rag.errors import IndexMismatch
from rag.generations import commit, open_manifest, opening
from rag.lexical import Lexical
from rag.records import Article, Chunk
from rag.terms import Term
from rag.tokens import Tokens

SCHEMA = 5


@dataclass(frozen=True, eq=False)
class Index:
    """What is searched: row ``i`` of ``dense`` and text ``i`` of ``tokens`` and ``lexical`` belong to chunk ``i``."""

    corpus: Corpus
    dense: Dense
    tokens: Tokens
    lexical: Lexical
    embedder: str
    fingerprint: str
    name: str = ""
    generation: str = ""

    @classmethod
    def from_parts(cls, corpus: Corpus, vectors: Rows, tokens: Tokens, embedder: Embedder) -> Self:
        """Put an index together in memory; ``vectors`` and ``tokens`` are those of ``corpus.chunks``.

        Raises:
            ValueError: ``vectors`` has another shape, or a row is not of length one.

        """
        if vectors.shape != (len(corpus.chunks), embedder.dimension):
            raise ValueError(f"vectors {vectors.shape} do not fit {len(corpus.chunks)} chunks of {embedder.dimension}")
        dense, lexical = Dense.from_rows(vectors), Lexical.from_texts(corpus.all_embedded())
        return cls(corpus, dense, tokens, lexical, embedder.name, embedder.fingerprint)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open the current generation of an index folder, every file checked against its digest.

        Raises:
            IndexMissing: there is none.
            IndexDamaged: a file is not what was written.
            IndexMismatch: it was written by another version of the format or of the chunker.

        """
        with opening(folder) as generation:
            return cls._open(generation)

    @classmethod
    def _open(cls, generation: Path) -> Self:
        folder, manifest = generation.parent, open_manifest(generation)
        for key, expected in _versions().items():
            if manifest.get(key) != expected:
                raise IndexMismatch(
                    f"{folder}: has {key} {manifest.get(key)}, this program has {expected}; "
                    "run: suwen index PATH --rebuild"
                )
        return cls(
            corpus=Corpus.load(generation),
            dense=Dense.load(generation / "dense"),
            tokens=Tokens.load(generation / "tokens"),
            lexical=Lexical.load(generation / "lexical"),
            embedder=manifest["embedder"],
            fingerprint=manifest["fingerprint"],
            name=folder.name,
            generation=generation.name,
        )

    def save(self, folder: Path) -> Path:
        """Write a new generation and switch to it; the caller holds ``generations.writing(folder)``."""
        manifest = {
            **_versions(),
            "embedder": self.embedder,
            "fingerprint": self.fingerprint,
            "dimension": self.dense.dimension,
            "articles": len(self.articles),
            "sentences": len(self.sentences.spans),
            "chunks": len(self.chunks),
        }
        return commit(folder, manifest, self._write)

    def _write(self, folder: Path) -> None:
        self.corpus.save(folder)
        (folder / "dense").mkdir()
        self.dense.save(folder / "dense")
        self.tokens.save(folder / "tokens")
        self.lexical.save(folder / "lexical")

    @property
    def count(self) -> int:
        """How many chunks there are."""
        return len(self.chunks)

    @property
    def articles(self) -> Articles:
        """The articles by id, in the order they were put together in."""
        return self.corpus.articles

    @property
    def sentences(self) -> Sentences:
        """The sentences of each article by its id."""
        return self.corpus.sentences

    @property
    def chunks(self) -> Chunks:
        """The chunks, those of an article next to each other."""
        return self.corpus.chunks

    def nominate(
        self, query: str, vector: Vectors, k: int, width: int, within: Mask | None = None
    ) -> tuple[Self, Positions]:
        """Return this index, and the positions of the ``k`` best chunks of each leg. See ``Searchable.nominate``."""
        del width  # all neighbours are here
        if not self.chunks:
            return self, np.empty(0, np.int64)
        by_keyword, _ = self.lexical.best(query, k, within)
        return self, np.union1d(self.nearest(vector, k, within), by_keyword)

    def nearest(self, vector: Vectors, k: int, within: Mask | None = None) -> Positions:
        """Return the positions of the ``k`` chunks nearest to a unit vector, the nearest first.

        ``within``, shape (len(chunks),), says which may be found.
        """
        return self.dense.best(vector, k, within)[0]

    def allowed(self, groups: frozenset[str] | None) -> Mask | None:
        """Return which chunks readers of these groups may see; None where that is all. See ``Corpus.allowed``."""
        return self.corpus.allowed(groups)

    def around(self, positions: Positions | int, width: int) -> tuple[Positions, Positions]:
        """Return the neighbourhood of each chunk in its article, half open. See ``Chunks.around``."""
        return self.chunks.around(positions, width)

    def similarities(self, query: Vectors, positions: Positions) -> Vectors:
        """Return how near the query's tokens come to each chunk. See ``Tokens.similarities``."""
        return self.tokens.similarities(query, self.dense.rows(positions), positions)

    def shares_of_runs(self, queries: Sequence[Sequence[Term]], firsts: Positions, lasts: Positions) -> Vectors:
        """Return how much of the terms of each query each run of chunks holds. See ``Lexical.shares_of_runs``."""
        return self.lexical.shares_of_runs(queries, firsts, lasts)

    def languages(self, positions: Positions) -> NDArray[np.uint8]:
        """Return which of ``LANGUAGES`` each chunk is in."""
        return self.chunks.languages[positions]

    def take(self, positions: Positions) -> list[Chunk]:
        """Return the chunks at some positions."""
        return [self.chunks[position] for position in positions.tolist()]

    def suggested(self, groups: frozenset[str] | None) -> list[str]:
        """Return the questions that the articles suggest which readers of these groups may see; None is all."""
        suggesting = (self.articles.at(number) for number in self.articles.suggesting.tolist())
        readable = (each for each in suggesting if groups is None or may_read(groups, each.groups))
        return [question for each in readable for question in each.questions]

    def headings(self, most: int, groups: frozenset[str] | None) -> list[str]:
        """Return the first ``most`` different headings of what readers of these groups may see, as they first come."""
        return self.chunks.headings(most, self.allowed(groups))

    def open_to(self, groups: frozenset[str] | None) -> Collection[Article]:
        """Return the articles that readers of these groups may see, in their order; None is all."""
        return self.articles.values() if groups is None else self.articles.open_to(groups)

    def text(self, chunk: Chunk) -> str:
        """Return a chunk's text as it stands in its article."""
        return self.articles[chunk.article].text[chunk.start : chunk.end]


def _versions() -> dict[str, int]:
    return {"schema": SCHEMA, "chunker": chunking.VERSION}
