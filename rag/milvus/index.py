"""An index in Milvus: two searches nominate, what they found comes here with its neighbours, and is scored here.

The scores are computed by the same code as those of an index on disk, over the few chunks that were fetched. A
question takes some requests: how many chunks hold its terms, both searches at once, the neighbours, the articles of
the best, and last whether the generation is still the one that was opened.
"""

import json
from base64 import b64decode
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from rag.language import LANGUAGES, language_of
from rag.lexical import Lexical, idf
from rag.milvus.articles import RemoteArticles, RemoteSentences
from rag.milvus.server import LOOK_UP, PLACES, Milvus, Row, State, generation_name, readable
from rag.postings import gather
from rag.records import Article, Chunk
from rag.searchable import Numbers, Positions
from rag.terms import Term, keys
from rag.tokens import Tokens

DIMENSIONS = 4_294_967_291  # of a sparse vector: the greatest prime of 32 bits
_AROUND = ("id", "article", "content")
_FOUND = (*_AROUND, "vector", "tokens")
_SHOWN = 20  # chunks whose articles are fetched with them; the others when they are asked for
_FIRST = 300  # chunks whose headings are looked at


@dataclass(frozen=True, eq=False)
class MilvusIndex:
    """One generation of an index in Milvus, which can be read until the next has come into use."""

    milvus: Milvus
    state: State

    @classmethod
    def load(cls, milvus: Milvus) -> Self:
        """Open the current generation.

        Raises:
            IndexMissing, IndexMismatch: there is none, or it was written by another version.
            SuwenError: the server cannot be reached.

        """
        return cls(milvus, milvus.state())

    @property
    def name(self) -> str:
        """What users call the index."""
        return self.milvus.address.name

    @property
    def generation(self) -> str:
        """Which state of it this is."""
        return generation_name(self.state)

    @property
    def embedder(self) -> str:
        """Name of the embedder."""
        return self.state.embedder

    @property
    def fingerprint(self) -> str:
        """Digest of the embedder's weights."""
        return self.state.fingerprint

    @property
    def count(self) -> int:
        """How many chunks there are."""
        return self.state.chunks

    @cached_property
    def articles(self) -> RemoteArticles:
        """The articles by id; those read last are kept here."""
        return RemoteArticles(self.milvus, self.state)

    @property
    def sentences(self) -> RemoteSentences:
        """The sentences of each article by its id."""
        return RemoteSentences(self.articles)

    def nominate(
        self, query: str, vector: Numbers, k: int, width: int, within: str | None = None
    ) -> tuple["Fetched", Positions]:
        """Return the ``k`` best chunks of each leg and the chunks they stand in. See ``Searchable.nominate``."""
        from pymilvus import AnnSearchRequest

        terms, repeats = np.unique(keys([query])[0], return_counts=True)
        held = Frequencies(self.milvus, self.state)
        held.ask(terms.tolist())
        holding = np.array([held[each] for each in terms.tolist()], np.int64)
        weights = (repeats * idf(self.state.chunks, holding))[holding > 0]
        expression = " and ".join(filter(None, (self.state.visible, within)))
        legs = [AnnSearchRequest([vector.tolist()], "vector", {"metric_type": "IP"}, k, expr=expression)]
        if len(weights):
            asked = dict(zip(dimensions(terms[holding > 0]), weights.tolist(), strict=True))
            legs.append(AnnSearchRequest([asked], "terms", {"metric_type": "IP"}, k, expr=expression))
        found = self.milvus.search(self.state, legs, k, _FOUND)
        if not found:
            self.articles.check()
        near = {row["id"] for row in found}
        beside = {each + step for each in near for step in range(-width, width + 1) if each % (1 << PLACES) + step >= 0}
        rows = found + self.milvus.get(self.state, "chunks", sorted(beside - near), _AROUND)
        rows.sort(key=lambda row: (row["article"], row["id"]))
        candidates = [position for position, row in enumerate(rows) if row["id"] in near]
        return Fetched(self, rows, held), np.array(candidates, np.int64)

    def allowed(self, groups: frozenset[str] | None) -> str | None:
        """Return the filter expression of what readers of these groups may see; None for ``groups`` means all."""
        return None if groups is None else readable(groups)

    def open_to(self, groups: frozenset[str] | None) -> Collection[Article]:
        """Return the articles that readers of these groups may see, in the order they were written in; None is all."""
        return self.articles.those(self.allowed(groups))

    def text(self, chunk: Chunk) -> str:
        """Return a chunk's text as it stands in its article."""
        return self.articles[chunk.article].text[chunk.start : chunk.end]

    def suggested(self, groups: frozenset[str] | None) -> list[str]:
        """Return the questions that the articles suggest which readers of these groups may see; None is all."""
        suggesting = self.articles.those("suggesting == true", self.allowed(groups))
        return [question for article in suggesting for question in article.questions]

    def headings(self, most: int, groups: frozenset[str] | None) -> list[str]:
        """Return ``most`` different headings of what readers of these groups may see: the first, if it is little."""
        expression = " and ".join(filter(None, (self.state.visible, self.allowed(groups))))
        rows = self.milvus.query(self.state, "chunks", expression, _AROUND, limit=_FIRST)
        rows.sort(key=lambda row: row["id"])
        headings = (to_chunk(row)[0].heading for row in rows)
        return list(dict.fromkeys(filter(None, headings)))[:most]


class Fetched:
    """The chunks that were fetched for a question, in the order of their articles' ids and their places."""

    def __init__(self, index: MilvusIndex, rows: Sequence[Row], held: "Frequencies") -> None:
        state = index.state
        self._articles, self._held = index.articles, held
        self._ids = np.array([row["id"] for row in rows], np.int64)
        read = [to_chunk(row) for row in rows]
        self._chunks = [chunk for chunk, _ in read]
        self._passages = [text[len(text) - chunk.end + chunk.start :] for chunk, text in read]
        self._lexical = Part(gather(text for _, text in read), np.empty(0, np.float32), state.chunks, state.terms, held)
        nothing = np.zeros(state.dimension, np.float32)
        self._vectors = np.array([row.get("vector", nothing) for row in rows], np.float32)
        width = -(state.dimension // -8)
        bits = [np.frombuffer(b64decode("".join(row.get("tokens", ()))), np.uint8).reshape(-1, width) for row in rows]
        ends = np.cumsum([0, *map(len, bits)])
        self._tokens = Tokens(np.concatenate([np.empty((0, width), np.uint8), *bits]), ends)

    def similarities(self, query: Numbers, positions: Positions) -> Numbers:
        """Return how near the query's tokens come to each candidate. See ``Tokens.similarities``."""
        return self._tokens.similarities(query, self._vectors[positions], positions)

    def shares_of_runs(self, queries: Sequence[Sequence[Term]], firsts: Positions, lasts: Positions) -> Numbers:
        """Return how much of the terms of each query each run of chunks holds. See ``Lexical.shares_of_runs``."""
        self._held.ask(key for query in queries for term in query for phrase in term for key in phrase)
        return self._lexical.shares_of_runs(queries, firsts, lasts)

    def around(self, positions: Positions, width: int) -> tuple[Positions, Positions]:
        """Return the neighbourhood of each candidate in its article, half open. See ``Chunks.around``."""
        owners = self._ids >> PLACES
        steps = np.arange(1, width + 1)[:, None]
        before, after = positions - steps, positions + steps
        same_before = (before >= 0) & (owners[np.maximum(before, 0)] == owners[positions])
        inside = after < len(owners)
        same_after = inside & (owners[np.where(inside, after, 0)] == owners[positions])
        return positions - same_before.sum(axis=0), positions + 1 + same_after.sum(axis=0)

    def languages(self, positions: Positions) -> NDArray[np.uint8]:
        """Return which of ``LANGUAGES`` each chunk is in."""
        languages = (LANGUAGES.index(language_of(self._passages[position])) for position in positions.tolist())
        return np.fromiter(languages, np.uint8, len(positions))

    def take(self, positions: Positions) -> list[Chunk]:
        """Return the chunks that were chosen, with the articles of the first.

        Raises:
            IndexBusy: the generation gave way to another, so that something may not have been found.

        """
        chosen = [self._chunks[position] for position in positions.tolist()]
        self._articles.read(each.article for each in chosen[:_SHOWN])
        self._articles.check()
        return chosen


@dataclass(frozen=True)
class Part(Lexical):
    """Inverted lists of some texts of a collection; what a term weighs is that of the collection.

    ``texts`` is how many it has, ``terms`` how many terms these have, with repeats, ``held`` how many of them hold the
    term of a key.
    """

    texts: int
    terms: int
    held: Mapping[int, int]

    def __len__(self) -> int:
        return self.texts

    def _held(self, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        return np.array([self.held[key] for key in terms.tolist()], np.int64)

    @cached_property
    def _mean(self) -> float:
        return max(self.terms, 1) / max(self.texts, 1)


class Frequencies(dict[int, int]):
    """How many chunks hold a term, by its key, as far as it was asked for."""

    def __init__(self, milvus: Milvus, state: State) -> None:
        self._milvus, self._state = milvus, state

    def ask(self, terms: Iterable[int]) -> None:
        """Ask for the terms that are not known yet."""
        missing = [each for each in dict.fromkeys(terms) if each not in self]
        self.update(dict.fromkeys(missing, 0))
        for start in range(0, len(missing), LOOK_UP):
            signed = [to_signed(each) for each in missing[start : start + LOOK_UP]]
            expression = f"term in {signed} and {self._state.visible}"
            rows = self._milvus.query(self._state, "terms", expression, ("term", "chunks"))
            self.update((row["term"] % (1 << 64), row["chunks"]) for row in rows)


def to_signed(key: int) -> int:
    """Return the INT64 that has the 64 bits of a key."""
    return key - (1 << 64) if key >> 63 else key


def dimensions(terms: NDArray[np.uint64]) -> list[int]:
    """Return the dimension of the sparse vectors that stands for each key of a term.

    Terms that by chance share one, of ten million one in 400, nominate chunks for each other; scores tell them apart.
    """
    numbers: list[int] = (terms % np.uint64(DIMENSIONS)).tolist()
    return numbers


def to_chunk(row: Row) -> tuple[Chunk, str]:
    """Return a chunk, and what is embedded and searched for it, from its entity."""
    content = json.loads("".join(row["content"]))
    embedded = content.pop("embedded")
    return Chunk(article=row["article"], **content), embedded
