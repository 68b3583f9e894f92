"""The articles of an index in Milvus: read when asked for, some at once, and the last ones kept.

An article is one entity for each ``PIECE`` characters of its JSON, since a field holds 65,535 bytes and a message of
the server's log a few megabytes. The first piece also says what an update compares: the article without its text.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, ValuesView
from dataclasses import asdict, replace
from itertools import islice
from threading import Lock
from typing import TypeAlias

from rag.milvus.server import PLACES, Milvus, Row, State, pieces, quoted
from rag.records import Article, Sentence

Cut: TypeAlias = tuple[Article, tuple[Sentence, ...]]

KEPT = 256  # articles that were read last
AT_ONCE = 100  # articles


def outline(article: Article) -> Article:
    """Return an article with a digest for its text: two are the same where the articles are."""
    return replace(article, text=hashlib.sha256(article.text.encode()).hexdigest())


def to_rows(article: Article, sentences: Iterable[Sentence], number: int, chunks: int) -> Iterator[Row]:
    """Yield the entities of an article, without the generations they are of."""
    spans = [[each.start, each.end, each.heading] for each in sentences]
    content = pieces(json.dumps({"article": asdict(article), "sentences": spans}, ensure_ascii=False))
    for place, piece in enumerate(content):
        first = place == 0
        yield {
            "id": number << PLACES | place,
            "article": article.id,
            "pieces": len(content) if first else 0,
            "content": piece,
            "outline": pieces(json.dumps(asdict(outline(article)), ensure_ascii=False)) if first else [],
            "suggesting": first and bool(article.questions),
            "groups": list(article.groups),
            "everybody": not article.groups,
            "chunks": chunks if first else 0,
            "sentences": len(spans) if first else 0,
        }


def to_article(fields: Row) -> Article:
    """Return an article from the JSON of its fields."""
    return Article(**{**fields, "questions": tuple(fields["questions"]), "groups": tuple(fields["groups"])})


def outlines(milvus: Milvus, state: State) -> dict[str, Article]:
    """Return the outline of each article by its id."""
    rows = milvus.each(state, "articles", f"pieces > 0 and {state.visible}", ("article", "outline"))
    return {row["article"]: to_article(json.loads("".join(row["outline"]))) for row in rows}


def first_rows(milvus: Milvus, state: State, identities: Sequence[str]) -> list[Row]:
    """Return the entities of the first pieces of at most ``AT_ONCE`` articles, without their content."""
    expression = f"article in {quoted(identities)} and pieces > 0 and {state.visible}"
    return milvus.query(state, "articles", expression, ("id", "pieces", "chunks", "sentences"))


class RemoteArticles(Mapping[str, Article]):
    """Articles by id, in the order they were written in."""

    def __init__(self, milvus: Milvus, state: State) -> None:
        self._milvus, self._state = milvus, state
        self._kept: dict[str, Cut] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return self._state.articles

    def __iter__(self) -> Iterator[str]:
        yield from self.identities()
        self.check()

    def identities(self, *limits: str) -> Iterator[str]:
        """Return the ids of the articles for which some filter expressions are true."""
        return (row["article"] for row in self._milvus.each(self._state, "articles", self._all(*limits), ("article",)))

    def count(self, *limits: str) -> int:
        """Return how many articles these are."""
        return self._milvus.count(self._state, "articles", self._all(*limits))

    def _all(self, *limits: str) -> str:
        return " and ".join(("pieces > 0", self._state.visible, *limits))

    def __getitem__(self, identity: str) -> Article:
        return self.cut(identity)[0]

    def __contains__(self, identity: object) -> bool:
        try:
            return isinstance(identity, str) and bool(self.cut(identity))
        except KeyError:
            return False

    def values(self) -> ValuesView[Article]:
        """Return the articles, some of them read at once."""
        return self.those()

    def those(self, *limits: str | None) -> ValuesView[Article]:
        """Return the articles for which some filter expressions are true, some of them read at once."""
        return _InOrder(self, *filter(None, limits))

    def cut(self, identity: str) -> Cut:
        """Return an article with its sentences.

        Raises:
            KeyError: there is none of that id.
            IndexBusy: it may be gone because another generation is in use by now.

        """
        found = self.read([identity])
        if identity not in found:
            self.check()
            raise KeyError(identity)
        return found[identity]

    def check(self) -> None:
        """Make sure that the generation is still in use. See ``Milvus.check``."""
        self._milvus.check(self._state)

    def read(self, identities: Iterable[str]) -> dict[str, Cut]:
        """Return those of some articles that there are, with their sentences, in no order."""
        wanted = list(dict.fromkeys(identities))
        with self._lock:
            found = {each: self._kept[each] for each in wanted if each in self._kept}
        missing = iter([each for each in wanted if each not in found])
        while some := list(islice(missing, AT_ONCE)):
            found |= self._fetch(some)
        with self._lock:
            for each in found:  # the last read come last
                self._kept.pop(each, None)
            self._kept |= found
            for each in list(self._kept)[:-KEPT]:
                del self._kept[each]
        return found

    def _fetch(self, identities: Sequence[str]) -> dict[str, Cut]:
        expression = f"article in {quoted(identities)} and pieces > 0 and {self._state.visible}"
        rows = self._milvus.query(self._state, "articles", expression, ("id", "article", "pieces", "content"))
        rest = [row["id"] + place for row in rows for place in range(1, row["pieces"])]
        texts = {row["id"]: row["content"] for row in rows}
        texts |= {row["id"]: row["content"] for row in self._milvus.get(self._state, "articles", rest, ("content",))}
        found: dict[str, Cut] = {}
        for row in rows:
            places = range(row["id"], row["id"] + row["pieces"])
            if texts.keys() >= set(places):  # else it is being removed
                both = json.loads("".join(texts[each] for each in places))
                found[row["article"]] = (
                    to_article(both["article"]),
                    tuple(Sentence(*each) for each in both["sentences"]),
                )
        return found


class _InOrder(ValuesView[Article]):
    def __init__(self, articles: RemoteArticles, *limits: str) -> None:
        super().__init__(articles)
        self._articles = articles
        self._limits = limits

    def __len__(self) -> int:
        return self._articles.count(*self._limits) if self._limits else len(self._articles)

    def __iter__(self) -> Iterator[Article]:
        identities = self._articles.identities(*self._limits)
        while some := list(islice(identities, AT_ONCE)):
            found = self._articles.read(some)
            yield from (found[each][0] for each in some if each in found)
        self._articles.check()

    def __contains__(self, article: object) -> bool:
        return any(each == article for each in self)


class RemoteSentences(Mapping[str, tuple[Sentence, ...]]):
    """The sentences of each article, by its id."""

    def __init__(self, articles: RemoteArticles) -> None:
        self._articles = articles

    def __len__(self) -> int:
        return len(self._articles)

    def __iter__(self) -> Iterator[str]:
        return iter(self._articles)

    def __getitem__(self, identity: str) -> tuple[Sentence, ...]:
        return self._articles.cut(identity)[1]
