"""What the page needs of the answer path; ``rag.pipeline.Pipeline`` is one."""

from collections.abc import Collection, Iterator
from typing import Protocol, Self

from rag.records import Article, Event, Question
from rag.settings import Settings


class Answerer(Protocol):
    """Answers questions about the articles it holds."""

    @property
    def settings(self) -> Settings:
        """The settings it was opened with."""

    def now(self) -> Self:
        """Return the answerer of the articles as they are now, which does not change while it is held."""

    def stream(self, question: Question, llm: str | None = None) -> Iterator[Event]:
        """Yield ``Passages``, ``Delta`` pieces and last the ``Answer``; closing it stops the model."""

    def article(self, article_id: str) -> Article:
        """Return one article. Raises SuwenError where there is none of that id."""

    def articles(self) -> Collection[Article]:
        """Return every article of the index."""

    def example_questions(self) -> list[str]:
        """Return questions that the index can answer."""

    def models(self) -> list[str]:
        """Return the model settings that can be chosen now."""
