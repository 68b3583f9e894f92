"""The frozen records that the stages exchange. Offsets are Unicode code points into ``Article.text``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = Mapping[str, Any]

LONGEST_QUESTION = 2000  # characters


@dataclass(frozen=True, slots=True)
class Article:
    """A text with a stable, readable id. ``source`` is a full path or URL that a person can open.

    ``root`` is the path it was indexed through: an update of that root may remove the article.
    ``questions`` are examples its author suggests asking. ``markdown`` says how to read the text.
    ``date`` is as the article states it. ``groups`` are the readers it is for; none means everybody.
    """

    id: str
    title: str
    source: str
    text: str
    root: str
    markdown: bool = False
    questions: tuple[str, ...] = ()
    date: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What a file, page or line says of an article.

    An empty ``title``, or a ``source`` that is no address of the web, leaves that to its place.
    """

    text: str
    title: str = ""
    source: str = ""
    markdown: bool = False
    questions: tuple[str, ...] = ()
    date: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of an article that can be cited; ``heading`` is the level of a heading, 1 the highest, or 0."""

    start: int
    end: int
    heading: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Neighbouring sentences ``first:last`` (half open) of one article, under one ``heading``.

    ``above`` are the headings over that one, from the highest, with `` > `` between. Chunks next to each other whose
    article, ``above`` and ``heading`` are the same are one section. ``columns`` is the header of the table whose rows
    the chunk begins with, where that stands in an earlier chunk.
    """

    article: str
    start: int
    end: int
    first: int
    last: int
    heading: str
    above: str = ""
    columns: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found for a query; ``score`` is between 0 and 1."""

    article: str
    source: str
    start: int
    end: int
    score: float
    text: str

    def to_json(self) -> Json:
        """Return the hit as the contract's JSON object."""
        return {
            "article": self.article,
            "source": self.source,
            "start": self.start,
            "end": self.end,
            "score": round(self.score, 6),
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Citation:
    """One ``[marker]`` of an answer, resolved: the article's ``text[start:end]`` is ``quote``."""

    marker: int
    article: str
    title: str
    source: str
    start: int
    end: int
    quote: str

    def to_json(self) -> Json:
        """Return the citation as the contract's JSON object."""
        return {
            "marker": self.marker,
            "article": self.article,
            "title": self.title,
            "source": self.source,
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
        }


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, with what was said before; ``passages`` replaces the index as the only source."""

    text: str
    history: tuple[Turn, ...] = ()
    passages: tuple[str, ...] | None = None
    id: str | int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the model server counted them; zero where it does not say."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds from the question's arrival; ``first_token_s`` equals ``total_s`` without a streaming model."""

    retrieve_s: float
    first_token_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A grounded answer, or a refusal: ``refused`` with no citations and the nearest passages in ``hits``.

    Every ``[n]`` in ``text`` has its citation and every citation its ``[n]``, numbered by first use.
    ``note`` is a line for the reader when the answer is not what was asked for, as when the model was
    unreachable and the answer is extractive.
    """

    question: str
    text: str
    refused: bool
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    unsupported: tuple[str, ...]
    model: str
    index: str
    generation: str
    usage: Usage
    timings: Timings
    note: str = ""
    id: str | int | None = None

    def to_json(self) -> Json:
        """Return the answer as the contract's JSON object."""
        body: dict[str, Any] = {} if self.id is None else {"id": self.id}
        body |= {
            "question": self.question,
            "answer": self.text,
            "refused": self.refused,
            "citations": [citation.to_json() for citation in self.citations],
            "hits": [hit.to_json() for hit in self.hits],
            "unsupported": list(self.unsupported),
            "model": self.model,
            "index": {"name": self.index, "generation": self.generation},
            "usage": {
                "prompt_tokens": self.usage.prompt_tokens,
                "cached_tokens": self.usage.cached_tokens,
                "completion_tokens": self.usage.completion_tokens,
            },
            "timings": {
                "retrieve_s": round(self.timings.retrieve_s, 4),
                "first_token_s": round(self.timings.first_token_s, 4),
                "total_s": round(self.timings.total_s, 4),
            },
        }
        if self.note:
            body["note"] = self.note
        return body


@dataclass(frozen=True, slots=True)
class Passages:
    """First event of an answer's stream: what was retrieved."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of answer text, its ``[n]`` markers whole.

    The pieces joined are ``Answer.text``, unless the model failed half-way: the ``Answer`` that ends
    the stream is what counts.
    """

    text: str


Event: TypeAlias = Passages | Delta | Answer
