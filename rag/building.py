"""Articles to an index: cut, embed what is new, put together; and the difference to the index before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.articles import root_of, same_name
from rag.chunks import split_chunks
from rag.corpus import Corpus
from rag.embedding import Embedder
from rag.frontmatter import is_url
from rag.gathering import Gathering
from rag.index import Index
from rag.records import Article
from rag.sentences import split_sentences
from rag.tokens import Gathered, Tokens, pick

Progress: TypeAlias = Callable[[int, int], None]  # done, total


@dataclass(frozen=True)
class Difference:
    """Ids of articles by what an update does to them."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Tell whether the index is already up to date."""
        return not (self.added or self.changed or self.removed)


class Holding(Protocol):
    """What holds articles."""

    @property
    def articles(self) -> Mapping[str, Article]:
        """The articles by id."""


def merge(
    old: Holding | None, read: Sequence[Article], roots: Iterable[Path | str]
) -> tuple[list[Article], Difference]:
    """Return the articles an index should hold after ``roots`` were read again, and what that changes.

    Articles indexed through other roots stay. One that was indexed through these and was not read again is
    removed. Articles are in the order of their ids, so that the same articles give the same index.

    Raises:
        ArticleError: an article has the id of one that stays, and the file of that one still exists.

    """
    renewed = set(map(root_of, roots))
    sources = {article.source for article in read}
    after = {article.id: article for article in read}
    added = set(after)
    changed: list[str] = []
    removed: list[str] = []
    unchanged: list[str] = []
    for article in old.articles.values() if old else ():
        stays = article.root not in renewed and article.source not in sources
        now = after.get(article.id)
        if now and stays and _is_there(article):
            raise same_name(now, article)
        if not now and not stays:
            removed.append(article.id)
            continue
        (changed if now and now != article else unchanged).append(article.id)
        after.setdefault(article.id, article)
        added.discard(article.id)
    difference = Difference(*(tuple(sorted(each)) for each in (added, changed, removed, unchanged)))
    return [after[identity] for identity in sorted(after)], difference


def _is_there(article: Article) -> bool:
    """Tell whether what an article was read from still exists, as far as this machine can know."""
    place = article.root if is_url(article.source) else article.source
    return is_url(place) or Path(place).exists()


def index_articles(
    articles: Sequence[Article],
    embedder: Embedder,
    old: Index | None = None,
    progress: Progress | None = None,
) -> Index:
    """Build an index; what ``old``, of the same weights, holds of it is neither cut nor embedded again."""
    old = old if old and old.fingerprint == embedder.fingerprint else None
    gathering = Gathering()
    for article in articles:
        number = old.articles.number(article.id) if old else None
        if old and number is not None and old.articles.at(number) == article:
            gathering.take(old.corpus, number)
        else:
            sentences = split_sentences(article.text, markdown=article.markdown)
            gathering.add(article, sentences, split_chunks(article, sentences, count=embedder.count_tokens))
    corpus = gathering.done()
    return Index.from_parts(corpus, *_embedded(corpus, embedder, old, progress), embedder)


def _embedded(
    corpus: Corpus, embedder: Embedder, old: Index | None, progress: Progress | None
) -> tuple[NDArray[np.float16], Tokens]:
    """Return vectors and tokens of all chunks; a text that ``old`` or another chunk has is not embedded again.

    Texts are the same if their digests of 64 bits are: of a million, two are by chance one time in 30 million.
    """
    digests = corpus.chunks.digests
    rows = np.empty((len(digests), embedder.dimension), np.float16)
    numbers = np.empty(len(digests), np.int64)  # of a chunk's text among those of old, or behind them among the new
    before = old.chunks.digests if old else np.empty(0, np.uint64)
    order = np.argsort(before)
    places = np.searchsorted(before, digests, sorter=order)
    known = places < len(before)
    known[known] = before[order[places[known]]] == digests[known]
    if old:
        numbers[known] = order[places[known]]
        rows[known] = old.dense.stored[numbers[known]]
    missing = np.flatnonzero(~known)
    _, firsts, which = np.unique(digests[missing], return_index=True, return_inverse=True)
    fresh = missing[np.sort(firsts)]
    new = Gathered(embedder.dimension)
    for each in embedder.embed_corpus([corpus.embedded(position) for position in fresh.tolist()]):
        rows[fresh[each.rows]] = each.vectors
        numbers[fresh[each.rows]] = len(before) + len(new) + np.arange(len(each.rows))
        new.add(each.sides)
        if progress:
            progress(len(new), len(fresh))
    sources = missing[firsts[which]]
    rows[missing], numbers[missing] = rows[sources], numbers[sources]
    parts = [old.tokens, new.done()] if old else [new.done()]
    return rows, pick(parts, numbers)
