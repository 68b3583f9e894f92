"""What a question is asked of: an index on this machine or on a server of vectors, as retrieval and answers use it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.records import Article, Chunk, Sentence
from rag.terms import Term

Positions = NDArray[np.int64]
Numbers = NDArray[np.float32]


class Pool(Protocol):
    """Chunks by position, those of an article next to each other, in which the candidates of a question stand."""

    def similarities(self, query: Numbers, positions: Positions) -> Numbers:
        """Return how near the query's tokens come to each chunk. See ``Tokens.similarities``."""

    def shares_of_runs(self, queries: Sequence[Sequence[Term]], firsts: Positions, lasts: Positions) -> Numbers:
        """Return how much of the terms of each query each run of chunks holds. See ``Lexical.shares_of_runs``."""

    def around(self, positions: Positions, width: int) -> tuple[Positions, Positions]:
        """Return the neighbourhood of each chunk in its article, half open. See ``Chunks.around``."""

    def languages(self, positions: Positions) -> NDArray[np.uint8]:
        """Return which of ``LANGUAGES`` each chunk is in."""

    def take(self, positions: Positions) -> list[Chunk]:
        """Return the chunks that were chosen; what else was read for the question is needed no more."""


class Searchable(Protocol):
    """One generation of an index."""

    @property
    def name(self) -> str:
        """What users call the index."""

    @property
    def generation(self) -> str:
        """Which state of it this is."""

    @property
    def embedder(self) -> str:
        """Name of the embedder."""

    @property
    def fingerprint(self) -> str:
        """Digest of the embedder's weights."""

    @property
    def count(self) -> int:
        """How many chunks there are."""

    @property
    def articles(self) -> Mapping[str, Article]:
        """The articles by id."""

    @property
    def sentences(self) -> Mapping[str, Sequence[Sentence]]:
        """The sentences of each article by its id."""

    def nominate(self, query: str, vector: Numbers, k: int, width: int, within: Any) -> tuple[Pool, Positions]:
        """Return the ``k`` best chunks of each leg, ascending, and the chunks they stand in.

        These have at least ``width`` neighbours of each in its article. ``within`` is what ``allowed`` returned.
        """

    def allowed(self, groups: frozenset[str] | None) -> Any:
        """Return what limits a search to the chunks that readers of these groups may see; None where nothing does."""

    def open_to(self, groups: frozenset[str] | None) -> Collection[Article]:
        """Return the articles that readers of these groups may see; None is all."""

    def text(self, chunk: Chunk) -> str:
        """Return a chunk's text as it stands in its article."""

    def suggested(self, groups: frozenset[str] | None) -> list[str]:
        """Return the questions that the articles suggest which readers of these groups may see; None is all."""

    def headings(self, most: int, groups: frozenset[str] | None) -> list[str]:
        """Return the first ``most`` different headings of what readers of these groups may see, as they first come."""
