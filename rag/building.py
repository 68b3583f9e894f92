"""Articles to an index: cut, embed what is new, put together; and the difference to the index before."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from rag.articles import root_of, same_name
from rag.chunks import embedded_text, split_chunks
from rag.embedding import Embedder
from rag.frontmatter import is_url
from rag.index import Index
from rag.records import Article, Chunk, Sentence
from rag.sentences import split_sentences

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


def merge(old: Index | None, read: Sequence[Article], roots: Iterable[Path | str]) -> tuple[list[Article], Difference]:
    """Return the articles an index should hold after ``roots`` were read again, and what that changes.

    Articles indexed through other roots stay. One that was indexed through these and was not read again is
    removed. Articles are in the order of their ids, so that the same articles give the same index.

    Raises:
        ArticleError: an article has the id of one that stays, and the file of that one still exists.

    """
    before = dict(old.articles) if old else {}
    renewed = set(map(root_of, roots))
    sources = {article.source for article in read}
    kept = {
        identity: article
        for identity, article in before.items()
        if article.root not in renewed and article.source not in sources
    }
    for article in read:
        if article.id in kept and _is_there(kept[article.id]):
            raise same_name(article, kept[article.id])
    after = kept | {article.id: article for article in read}
    difference = Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(each for each in after.keys() & before.keys() if after[each] != before[each])),
        removed=tuple(sorted(before.keys() - after.keys())),
        unchanged=tuple(sorted(each for each in after.keys() & before.keys() if after[each] == before[each])),
    )
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
    sentences, cut = _cut_before(articles, old)
    for article in articles:
        if article.id not in sentences:
            sentences[article.id] = tuple(split_sentences(article.text, markdown=article.markdown))
            cut[article.id] = list(split_chunks(article, sentences[article.id], count=embedder.count_tokens))
    chunks = [chunk for article in articles for chunk in cut[article.id]]
    by_id = {article.id: article for article in articles}
    texts = [embedded_text(by_id[chunk.article], chunk) for chunk in chunks]
    known = _embedded(old) if old else {}
    fresh = [text for text in dict.fromkeys(texts) if text not in known]
    told = (lambda done: progress(done, len(fresh))) if progress else (lambda done: None)
    known |= dict(zip(fresh, embedder.embed_corpus(fresh, told), strict=True))
    rows = [known[text] for text in texts]
    vectors = np.stack(rows) if rows else np.empty((0, embedder.dimension), np.float32)
    return Index.from_parts(articles, sentences, chunks, vectors, embedder)


def _cut_before(
    articles: Sequence[Article], old: Index | None
) -> tuple[dict[str, tuple[Sentence, ...]], dict[str, list[Chunk]]]:
    """Return the sentences and chunks, by article, of those that are in ``old`` just as they are."""
    if not old:
        return {}, {}
    same = [article.id for article in articles if old.articles.get(article.id) == article]
    cut: dict[str, list[Chunk]] = {identity: [] for identity in same}
    for chunk in old.chunks:
        if chunk.article in cut:
            cut[chunk.article].append(chunk)
    return {identity: old.sentences[identity] for identity in same}, cut


def _embedded(index: Index) -> dict[str, np.ndarray]:
    texts = (embedded_text(index.articles[chunk.article], chunk) for chunk in index.chunks)
    return dict(zip(texts, index.vectors, strict=True))
