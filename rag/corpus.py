"""Articles, their sentences and their chunks in columns: of a million, one is read in microseconds.

    articles/   ids           sentences/   starts    the first of each article, and how many there are
                order                      spans     start, end, heading
                about       chunks/        starts    likewise
                texts                      spans     start, end, first, last
                suggesting                 names     numbers of heading, above and columns among the strings
                groups                     strings
                sets                       digests   of what is embedded
                                           languages which of ``LANGUAGES`` each is in

``indexes/README.md`` says what each holds. Articles keep the order they were put together in; they are found by
halving ``order``, which lists their numbers by id.
"""

import json
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, ValuesView
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Self, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from rag.chunks import embedded_text
from rag.columns import Texts, mapped, write
from rag.records import Article, Chunk, Sentence

KEPT = 64  # articles that were read last
READERS = 16  # sets of groups whose articles were looked up last

Mask: TypeAlias = NDArray[np.bool_]
Positions: TypeAlias = NDArray[np.int64]


def may_read(groups: frozenset[str], article: Collection[str]) -> bool:
    """Return whether readers of these groups may see an article that is for those: for all, if it names none."""
    return not article or not groups.isdisjoint(article)


@dataclass(frozen=True, eq=False)
class Articles(Mapping[str, Article]):
    """Articles by id, in their order."""

    ids: Texts
    order: NDArray[np.int32]
    about: Texts
    texts: Texts
    suggesting: NDArray[np.int32]
    groups: NDArray[np.int32]
    sets: Texts

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __getitem__(self, identity: str) -> Article:
        number = self.number(identity)
        if number is None:
            raise KeyError(identity)
        return self.at(number)

    def __contains__(self, identity: object) -> bool:
        return isinstance(identity, str) and self.number(identity) is not None

    def values(self) -> ValuesView[Article]:
        """Return the articles in their order, none of them looked for by its id."""
        return _InOrder(self, range(len(self)))

    def open_to(self, groups: frozenset[str]) -> ValuesView[Article]:
        """Return the articles that readers of these groups may see, in their order."""
        return _InOrder(self, np.flatnonzero(self.readable(groups)).tolist())

    def number(self, identity: str) -> int | None:
        """Return the place of an article in their order, None if there is none of that id."""
        place = bisect_left(self.order, identity, key=self.ids.__getitem__)
        if place < len(self) and self.ids[self.order[place]] == identity:
            return int(self.order[place])
        return None

    def at(self, number: int) -> Article:
        """Return an article by its place in their order."""
        return self._read(number)

    @cached_property
    def _read(self) -> Callable[[int], Article]:
        # of the columns, not of self: an index in a circle with itself would be freed late
        return lru_cache(KEPT)(partial(_read_article, self.ids, self.about, self.texts, self.groups, self.sets))

    def readable(self, groups: frozenset[str]) -> Mask:
        """Return which articles are for everybody or for one of the groups, shape (len(self),)."""
        distinct = map(json.loads, self.sets)
        ours = np.fromiter((may_read(groups, each) for each in distinct), np.bool_, len(self.sets))
        return ours[self.groups]


class _InOrder(ValuesView[Article]):
    def __init__(self, articles: Articles, numbers: Sequence[int]) -> None:
        super().__init__(articles)
        self._articles = articles
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Article]:
        return map(self._articles.at, self._numbers)

    def __contains__(self, article: object) -> bool:
        return any(each == article for each in self)


def _read_article(
    ids: Texts, about: Texts, texts: Texts, groups: NDArray[np.int32], sets: Texts, number: int
) -> Article:
    row = json.loads(about[number])
    questions, readers = tuple(row.pop("questions")), tuple(json.loads(sets[groups[number]]))
    return Article(id=ids[number], text=texts[number], questions=questions, groups=readers, **row)


@dataclass(frozen=True, eq=False)
class Sentences(Mapping[str, tuple[Sentence, ...]]):
    """The sentences of each article, by its id."""

    articles: Articles
    starts: NDArray[np.int64]
    spans: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.articles)

    def __iter__(self) -> Iterator[str]:
        return iter(self.articles)

    def __getitem__(self, identity: str) -> tuple[Sentence, ...]:
        number = self.articles.number(identity)
        if number is None:
            raise KeyError(identity)
        rows = self.spans[self.starts[number] : self.starts[number + 1]]
        return tuple(Sentence(*row) for row in rows.tolist())


@dataclass(frozen=True, eq=False)
class Chunks(Sequence[Chunk]):
    """Chunks in the order of their articles, and within each as they stand."""

    articles: Articles
    starts: NDArray[np.int64]
    spans: NDArray[np.int32]
    names: NDArray[np.int32]
    strings: Texts
    digests: NDArray[np.uint64]
    languages: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.spans)

    @overload
    def __getitem__(self, position: int) -> Chunk: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[Chunk, ...]: ...
    def __getitem__(self, position: int | slice) -> Chunk | tuple[Chunk, ...]:
        if isinstance(position, slice):
            return tuple(self[each] for each in range(*position.indices(len(self))))
        place = range(len(self))[position]
        names = (self.strings[each] for each in self.names[place])
        return Chunk(self.articles.ids[int(self.owners(place))], *self.spans[place].tolist(), *names)

    def owners(self, positions: Positions | int) -> Positions:
        """Return the number of the article that each chunk is of."""
        return np.asarray(np.searchsorted(self.starts, positions, "right") - 1)

    def around(self, positions: Positions | int, width: int) -> tuple[Positions, Positions]:
        """Return ranges, half open, of each chunk and up to ``width`` before and after it in its article."""
        owners = self.owners(positions)
        firsts = np.maximum(np.subtract(positions, width), self.starts[owners])
        return firsts, np.minimum(np.add(positions, width + 1), self.starts[owners + 1])

    def headings(self, most: int, within: Mask | None = None) -> list[str]:
        """Return the first ``most`` different headings, as they first come, of the chunks ``within``."""
        names = self.names[:, 0] if within is None else self.names[within, 0]
        numbers, firsts = np.unique(names, return_index=True)
        headings = (self.strings[number] for number in numbers[np.argsort(firsts)])
        return list(islice(filter(None, headings), most))


@dataclass(frozen=True, eq=False)
class Corpus:
    """What an index is of: ``rag.gathering`` puts it together in memory, ``load`` maps it."""

    articles: Articles
    sentences: Sentences
    chunks: Chunks

    def embedded(self, position: int) -> str:
        """Return what is embedded and searched for a chunk."""
        chunk = self.chunks[position]
        return embedded_text(self.articles.at(int(self.chunks.owners(position))), chunk)

    def all_embedded(self) -> Iterator[str]:
        """Yield what is embedded and searched for each chunk."""
        return map(self.embedded, range(len(self.chunks)))

    def allowed(self, groups: frozenset[str] | None) -> Mask | None:
        """Return which chunks readers of these groups may see, shape (len(self.chunks),), not to be written to.

        A chunk is for everybody if its article has no groups. None, for ``groups`` as well, means all of them.
        """
        return None if groups is None else self._allowed(groups)

    @cached_property
    def _allowed(self) -> Callable[[frozenset[str]], Mask | None]:
        return lru_cache(READERS)(partial(_allowed, self.chunks))

    def save(self, folder: Path) -> None:
        """Write three folders into an existing one.

        Raises:
            OSError: the disk is full or cannot be written.

        """
        for name in ("articles", "sentences", "chunks"):
            (folder / name).mkdir()
            for column, values in vars(getattr(self, name)).items():
                if isinstance(values, np.ndarray):
                    write(folder / name / f"{column}.npy", values)
                elif isinstance(values, Texts):
                    values.save(folder / name, column)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what ``save`` wrote; the caller has checked that the files are what was written."""
        place = folder / "articles"
        articles = Articles(
            ids=Texts.load(place, "ids"),
            order=mapped(place / "order.npy"),
            about=Texts.load(place, "about"),
            texts=Texts.load(place, "texts"),
            suggesting=mapped(place / "suggesting.npy"),
            groups=mapped(place / "groups.npy"),
            sets=Texts.load(place, "sets"),
        )
        place = folder / "sentences"
        sentences = Sentences(articles, mapped(place / "starts.npy"), mapped(place / "spans.npy"))
        place = folder / "chunks"
        chunks = Chunks(
            articles,
            starts=mapped(place / "starts.npy"),
            spans=mapped(place / "spans.npy"),
            names=mapped(place / "names.npy"),
            strings=Texts.load(place, "strings"),
            digests=mapped(place / "digests.npy"),
            languages=mapped(place / "languages.npy"),
        )
        return cls(articles, sentences, chunks)


def _allowed(chunks: Chunks, groups: frozenset[str]) -> Mask | None:
    readable = chunks.articles.readable(groups)
    if readable.all():
        return None
    mask = np.repeat(readable, np.diff(chunks.starts))
    mask.setflags(write=False)
    return mask
