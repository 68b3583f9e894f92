"""What an index in Milvus is to hold: written beside what is in use, then switched to in one step.

What is new is born with the generation to come, and what goes dies with it, so that readers of the one in use see
nothing of either. The switch is one entity of the meta collection. After it the dead are deleted; what a killed writer
left is cleared by the next one.
"""

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from rag.building import index_articles
from rag.embedding import Embedder
from rag.index import Index
from rag.lexical import K1, B
from rag.milvus.articles import AT_ONCE, first_rows, to_rows
from rag.milvus.collections import create, delete, drop_others, insert, mark
from rag.milvus.index import dimensions, to_chunk, to_signed
from rag.milvus.lease import Lease
from rag.milvus.server import ALIVE, KINDS, LOOK_UP, PLACES, Milvus, Row, State, pieces, versions
from rag.postings import Postings, gather
from rag.records import Article

Progress: TypeAlias = Callable[[int, int], None]  # articles done, total

BATCH = 2_000_000  # characters of the articles that are cut, embedded and sent together
_NOTHING = 4_294_967_292  # dimension of no term, for a chunk without any: Milvus takes no empty sparse vectors


def update(
    lease: Lease,
    old: State | None,
    articles: Sequence[Article],
    gone: Sequence[str],
    embedder: Embedder,
    progress: Progress = lambda done, total: None,
) -> State:
    """Write articles, take out those of the ids ``gone``, switch, and return what is then current.

    A changed article is among both. Without an ``old`` state all is made anew, in collections of its own.

    Raises:
        IndexBusy: another writer took over; nothing was switched.
        SuwenError: the server cannot be reached or refuses something; nothing was switched.

    """
    milvus = lease.milvus
    before = milvus.read_meta("state") or {"collections": 0, "generation": 0}
    drop_others(milvus, before["collections"])
    if old:
        _clear(milvus, old)
    changes = _Changes()
    done, new = 0, old and replace(old, generation=old.generation + 1)
    for batch in _batches(articles):
        index = index_articles(batch, embedder)
        lease.renew()  # each time before something is written, or it could be among what another writer wrote
        if new is None:
            new = _anew(index, embedder, before)
            create(milvus, new)
        new = _add(milvus, new, index, changes)
        done += len(batch)
        progress(done, len(articles))
    assert new, "there is a batch"
    if old:
        for start in range(0, len(gone), AT_ONCE):
            lease.renew()
            new = _remove(milvus, old, new, gone[start : start + AT_ONCE], changes)
    _count(lease, old, new, changes)
    lease.renew()
    new = replace(new, moment=time.time_ns() // 1_000_000)
    milvus.switch(new)
    for kind in KINDS if old else ():
        delete(milvus, new, kind, f"died <= {new.generation}")
    drop_others(milvus, new.collections)
    return new


def _clear(milvus: Milvus, state: State) -> None:
    """Take back what a killed writer left in the collections in use."""
    for kind in KINDS:
        delete(milvus, state, kind, f"born > {state.generation} or died <= {state.generation}")
        marked = milvus.each(state, kind, f"died > {state.generation} and died < {ALIVE}", ("id",))
        mark(milvus, state, kind, [row["id"] for row in marked], ALIVE)


def _batches(articles: Sequence[Article]) -> Iterator[list[Article]]:
    """Yield the articles some at a time, and an empty batch if there are none."""
    batch: list[Article] = []
    characters = 0
    for article in articles:
        batch.append(article)
        characters += len(article.text)
        if characters >= BATCH:
            yield batch
            batch, characters = [], 0
    if batch or not articles:
        yield batch


def _anew(index: Index, embedder: Embedder, before: Row) -> State:
    """Return the state of collections that hold nothing yet; ``index`` tells how long chunks are."""
    lengths = index.lexical.postings.lengths
    return State(
        **versions(),
        embedder=embedder.name,
        fingerprint=embedder.fingerprint,
        dimension=embedder.dimension,
        mean=max(int(lengths.sum()), 1) / max(len(lengths), 1),
        collections=before["collections"] + 1,
        generation=before["generation"] + 1,
    )


def _add(milvus: Milvus, state: State, index: Index, changes: "_Changes") -> State:
    """Write the articles of an index that was built here; return what the state is with them."""
    chunks, articles = index.chunks, index.articles
    life = {"born": state.generation, "died": ALIVE}
    counts = np.diff(chunks.starts).tolist()
    written = zip(articles.values(), counts, strict=True)
    rows = (
        row | life
        for number, (article, count) in enumerate(written, start=state.numbers)
        for row in to_rows(article, index.sentences[article.id], number, count)
    )
    insert(milvus, state, "articles", rows)
    insert(milvus, state, "chunks", (row | life for row in _chunks(index, state)))
    postings = index.lexical.postings
    changes.add(postings, 1)
    return replace(
        state,
        articles=state.articles + len(articles),
        sentences=state.sentences + len(index.sentences.spans),
        chunks=state.chunks + len(chunks),
        terms=state.terms + int(postings.lengths.sum()),
        numbers=state.numbers + len(articles),
    )


def _chunks(index: Index, state: State) -> Iterator[Row]:
    """Yield the entities of the chunks of an index, without the generations they are of."""
    chunks, tokens, vectors = index.chunks, index.tokens, index.dense.rows(slice(None))
    owners = chunks.owners(np.arange(len(chunks)))
    places = np.arange(len(chunks)) - chunks.starts[owners]
    ids = (owners + state.numbers) << PLACES | places
    for position, (chunk, sparse) in enumerate(zip(chunks, _sparse(index.lexical.postings, state.mean), strict=True)):
        content = asdict(chunk) | {"embedded": index.corpus.embedded(position)}
        groups = index.articles[content.pop("article")].groups
        bits = tokens.bits[tokens.starts[position] : tokens.starts[position + 1]]
        yield {
            "id": int(ids[position]),
            "article": chunk.article,
            "vector": vectors[position].tolist(),
            "terms": sparse,
            "tokens": pieces(b64encode(bits.tobytes()).decode("ascii")),
            "content": pieces(json.dumps(content, ensure_ascii=False)),
            "groups": list(groups),
            "everybody": not groups,
        }


def _sparse(postings: Postings, mean: float) -> Iterator[dict[int, float]]:
    """Yield for each text the share of its weight that BM25 gives it of each of its terms."""
    terms, counts = postings.keys[postings.terms], postings.repeats.astype(np.float64)
    norms = K1 * (1 - B + B * postings.lengths / mean)
    for text, (first, last) in enumerate(pairwise(postings.begins.tolist())):
        some = counts[first:last]
        shares = (some / (some + norms[text])).tolist()
        yield dict(zip(dimensions(terms[first:last]), shares, strict=True)) or {_NOTHING: 1.0}


def _remove(milvus: Milvus, old: State, new: State, gone: Sequence[str], changes: "_Changes") -> State:
    """Let at most ``AT_ONCE`` articles die with the generation to come; return what the state is without them."""
    for row in first_rows(milvus, old, gone):
        chunks = list(range(row["id"], row["id"] + row["chunks"]))
        texts = [to_chunk(each)[1] for each in milvus.get(old, "chunks", chunks, ("article", "content"))]
        postings = gather(texts)
        changes.add(postings, -1)
        mark(milvus, old, "chunks", chunks, new.generation)
        mark(milvus, old, "articles", list(range(row["id"], row["id"] + row["pieces"])), new.generation)
        new = replace(
            new,
            articles=new.articles - 1,
            sentences=new.sentences - row["sentences"],
            chunks=new.chunks - row["chunks"],
            terms=new.terms - int(postings.lengths.sum()),
        )
    return new


class _Changes:
    """By how many more chunks, or fewer, each term is held."""

    def __init__(self) -> None:
        self._keys, self._held = np.empty(0, np.uint64), np.empty(0, np.int64)

    def add(self, postings: Postings, sign: int) -> None:
        """Count the texts of some postings, or take them off."""
        keys = np.concatenate((self._keys, postings.keys))
        held = np.concatenate((self._held, sign * np.diff(postings.starts)))
        self._keys, places = np.unique(keys, return_inverse=True)
        self._held = np.zeros(len(self._keys), np.int64)
        np.add.at(self._held, places, held)

    def each(self) -> Iterator[list[tuple[int, int]]]:
        """Yield the keys of the terms, as Milvus holds them, with their changes, some at a time."""
        changed = np.flatnonzero(self._held)
        for start in range(0, len(changed), LOOK_UP):
            some = changed[start : start + LOOK_UP]
            yield list(zip(map(to_signed, self._keys[some].tolist()), self._held[some].tolist(), strict=True))


def _count(lease: Lease, old: State | None, new: State, changes: _Changes) -> None:
    """Write how many chunks hold each term that changed."""
    milvus = lease.milvus
    for some in changes.each():
        lease.renew()
        before: list[Row] = []
        if old:
            terms = [term for term, _ in some]
            before = milvus.query(old, "terms", f"term in {terms} and {old.visible}", ("id", "term", "chunks"))
            mark(milvus, old, "terms", [row["id"] for row in before], new.generation)
        held = {row["term"]: row["chunks"] for row in before}
        rows = (
            {
                "id": f"{term:x}_{new.generation}",
                "term": term,
                "chunks": held.get(term, 0) + change,
                "born": new.generation,
                "died": ALIVE,
            }
            for term, change in some
        )
        insert(milvus, new, "terms", (row for row in rows if row["chunks"] > 0))
