"""Articles with their sentences and chunks, put into columns one after the other."""

import hashlib
import json
from array import array
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np

from rag.chunks import embedded_text
from rag.columns import Numbered, TextsSoFar, as_column, extend
from rag.corpus import Articles, Chunks, Corpus, Sentences
from rag.language import LANGUAGES, language_of
from rag.records import Article, Chunk, Sentence

Part: TypeAlias = tuple[Article, Sequence[Sentence], Sequence[Chunk]]
_ABOUT = ("title", "source", "root", "markdown", "questions", "date")


def gather(parts: Iterable[Part]) -> Corpus:
    """Return articles, each with all its sentences and chunks, as a corpus in memory.

    Raises:
        ValueError: two of them have the same id.

    """
    gathering = Gathering()
    for part in parts:
        gathering.add(*part)
    return gathering.done()


class Gathering:
    """A corpus so far; the same articles give the same columns, whether they are cut or taken over."""

    def __init__(self) -> None:
        self._ids, self._about, self._texts = TextsSoFar(), TextsSoFar(), TextsSoFar()
        self._suggesting, self._groups, self._sets = array("i"), array("i"), Numbered()
        self._sentences, self._sentence_starts = array("i"), array("q", [0])
        self._chunks, self._chunk_starts = array("i"), array("q", [0])
        self._names, self._strings, self._digests = array("i"), Numbered(), array("Q")
        self._languages = array("B")
        self._waiting: tuple[Corpus, range] | None = None  # to be taken over at once

    def add(self, article: Article, sentences: Sequence[Sentence], chunks: Sequence[Chunk]) -> None:
        """Put an article behind the others."""
        self._take_waiting()
        self._ids.add(article.id)
        self._about.add(json.dumps({name: getattr(article, name) for name in _ABOUT}, ensure_ascii=False))
        self._texts.add(article.text)
        if article.questions:
            self._suggesting.append(len(self._groups))
        self._groups.append(self._sets.of(json.dumps(article.groups, ensure_ascii=False)))
        for sentence in sentences:
            self._sentences.extend((sentence.start, sentence.end, sentence.heading))
        self._sentence_starts.append(self._sentence_starts[-1] + len(sentences))
        for chunk in chunks:
            self._chunks.extend((chunk.start, chunk.end, chunk.first, chunk.last))
            self._names.extend(map(self._strings.of, (chunk.heading, chunk.above, chunk.columns)))
            digest = hashlib.blake2b(embedded_text(article, chunk).encode(), digest_size=8).digest()
            self._digests.append(int.from_bytes(digest, "little"))
            self._languages.append(LANGUAGES.index(language_of(article.text[chunk.start : chunk.end])))
        self._chunk_starts.append(self._chunk_starts[-1] + len(chunks))

    def take(self, old: Corpus, number: int) -> None:
        """Put the article of that number of another corpus behind the others, as it is there."""
        if self._waiting and self._waiting[0] is old and self._waiting[1].stop == number:
            self._waiting = old, range(self._waiting[1].start, number + 1)
        else:
            self._take_waiting()
            self._waiting = old, range(number, number + 1)

    def _take_waiting(self) -> None:
        if not self._waiting:
            return
        (old, numbers), self._waiting = self._waiting, None
        first, last = numbers.start, numbers.stop
        articles, sentences, chunks = old.articles, old.sentences, old.chunks
        questions = slice(*np.searchsorted(articles.suggesting, (first, last)))
        extend(self._suggesting, articles.suggesting[questions] + (len(self._groups) - first))
        self._ids.take(articles.ids, numbers)
        self._about.take(articles.about, numbers)
        self._texts.take(articles.texts, numbers)
        extend(self._groups, self._sets.renumbered(articles.sets, articles.groups[first:last]))
        starts = sentences.starts[first : last + 1]
        extend(self._sentence_starts, starts[1:] + (self._sentence_starts[-1] - starts[0]))
        extend(self._sentences, sentences.spans[starts[0] : starts[-1]])
        starts = chunks.starts[first : last + 1]
        extend(self._chunk_starts, starts[1:] + (self._chunk_starts[-1] - starts[0]))
        positions = slice(starts[0], starts[-1])
        extend(self._chunks, chunks.spans[positions])
        extend(self._names, self._strings.renumbered(chunks.strings, chunks.names[positions]))
        extend(self._digests, chunks.digests[positions])
        extend(self._languages, chunks.languages[positions])

    def done(self) -> Corpus:
        """Return the corpus; nothing can be put behind it any more.

        Raises:
            ValueError: two articles have the same id.

        """
        self._take_waiting()
        ids = list(texts := self._ids.done())
        order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int32)
        if len(set(ids)) < len(ids):
            raise ValueError("two articles have the same id")
        articles = Articles(
            ids=texts,
            order=order,
            about=self._about.done(),
            texts=self._texts.done(),
            suggesting=as_column(self._suggesting),
            groups=as_column(self._groups),
            sets=self._sets.done(),
        )
        sentences = Sentences(articles, as_column(self._sentence_starts), as_column(self._sentences, 3))
        numbers = as_column(self._chunk_starts), as_column(self._chunks, 4), as_column(self._names, 3)
        keys = as_column(self._digests), as_column(self._languages)
        return Corpus(articles, sentences, Chunks(articles, *numbers, self._strings.done(), *keys))
