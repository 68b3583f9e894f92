"""A conversation: one exchange per question, moving from search to answer as the stream comes in."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Literal, TypeAlias

from rag.errors import SuwenError, UsageError
from rag.records import Answer, Delta, Hit, Passages, Question, Turn
from ui.answerer import Answerer
from ui.render import (
    MARKER,
    Surroundings,
    answer_html,
    partial_html,
    passages_html,
    question_html,
    surroundings,
    verdict_html,
)
from ui.stoppable import stoppable
from ui.text import Language, say

LIMIT = 2000  # characters of a question
Phase: TypeAlias = Literal["searching", "reading", "writing", "done", "failed"]
_PROVIDED = re.compile(r"[a-z][a-z_]+:\S+")


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """One question and what has come of it so far; compared by identity, which is all a session needs.

    All versions of an exchange share ``over``. It is set when no more will come, and setting it stops the
    exchange: whichever version a session still holds then counts as stopped, if it was not done or failed.
    """

    question: str
    phase: Phase = "searching"
    hits: tuple[Hit, ...] = ()
    text: str = ""
    answer: Answer | None = None
    error: str = ""
    key: str = ""  # of the answer, for who wants to judge it
    around: Mapping[int, Surroundings] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        """Whether an answer is still to come."""
        return self.phase in ("searching", "reading", "writing") and not self.over.is_set()


Conversation: TypeAlias = tuple[Exchange, ...]


def respond(
    answerer: Answerer,
    text: str,
    past: Conversation,
    llm: str,
    language: Language,
    hold: Callable[[Question, Answer], str] = lambda question, answer: "",
) -> Iterator[Exchange]:
    """Yield the exchange of a new question as it grows; the last one is done, failed or stopped.

    ``hold`` returns the key under which an answer can be judged; without one it cannot.
    Closing this generator, or setting the exchange's ``over``, ends it at once and stops the model.
    """
    exchange = Exchange(text)
    try:
        yield exchange
        answerer = answerer.now()  # an update of the index may come in between
        question = Question(checked(text, language), history(past))
        for event in stoppable(answerer.stream(question, chosen(answerer, llm, language)), exchange.over):
            exchange = _grown(exchange, event, answerer)
            if exchange.answer is not None:
                exchange = replace(exchange, key=hold(question, exchange.answer))
            yield exchange
        if exchange.phase != "done":
            yield exchange  # once more, now that it counts as stopped
    except SuwenError as error:
        yield replace(exchange, phase="failed", error=str(error))
    finally:
        exchange.over.set()


def history(past: Conversation) -> tuple[Turn, ...]:
    """Return the answered exchanges as a model should read them: without markers."""
    return tuple(Turn(one.question, MARKER.sub("", one.answer.text)) for one in past if one.answer is not None)


def checked(text: str, language: Language) -> str:
    """Return the question to ask. Raises UsageError when it is over ``LIMIT`` characters."""
    if len(text) > LIMIT:
        raise UsageError(say("too_long", language, length=len(text), limit=LIMIT))
    return text


def chosen(answerer: Answerer, llm: str, language: Language) -> str:
    """Return the model setting to use: one of the list, or ``provider:model``.

    A path is not accepted: who can see the page must not make the server open files of their choice.

    Raises:
        UsageError: it is neither.

    """
    if llm in answerer.models() or llm == answerer.settings.llm or _PROVIDED.fullmatch(llm):
        return llm
    raise UsageError(say("unknown_model", language, model=llm))


def conversation_html(conversation: Conversation, language: Language) -> str:
    """Return all exchanges, in order."""
    return "".join(exchange_html(one, place, language) for place, one in enumerate(conversation, start=1))


def exchange_html(exchange: Exchange, place: int, language: Language) -> str:
    """Return one exchange; ``place`` (from 1) makes the ids of its elements unique on the page."""
    body = _body(exchange, f"t{place}", language)
    busy = ' aria-busy="true"' if exchange.running else ""
    question = question_html(exchange.question)
    return f'<div class="exchange"{busy}>{question}<div class="reply">{body}</div></div>'


def _body(exchange: Exchange, key: str, language: Language) -> str:
    if exchange.answer is not None:
        verdict = verdict_html(exchange.answer, language, exchange.key, key) if exchange.key else ""
        return answer_html(exchange.answer, exchange.around, exchange.titles, language, key) + verdict
    text = partial_html(exchange.text) if exchange.text else ""
    if exchange.phase == "failed":
        error = exchange.error or say("broken", language)
        return f'{text}<p class="error" role="alert">{escape(error)}</p>'
    if not exchange.running:
        return f'{text}<p class="status">{say("stopped", language)}</p>'
    heading = say("passages", language, count=len(exchange.hits))
    status = say(exchange.phase, language, count=len(exchange.hits))
    return (
        passages_html(exchange.hits, exchange.titles, language, key, heading, False)
        + text
        + f'<p class="status working">{status}</p>'
    )


def _grown(exchange: Exchange, event: Passages | Delta | Answer, answerer: Answerer) -> Exchange:
    match event:
        case Passages(hits):
            return replace(exchange, phase="reading", hits=hits, titles=_titles(hits, answerer))
        case Delta(text):
            return replace(exchange, phase="writing", text=exchange.text + text)
        case Answer():
            return replace(
                exchange,
                phase="done",
                answer=event,
                titles=_titles(event.hits, answerer),
                around=_around(event, answerer),
            )


def _titles(hits: tuple[Hit, ...], answerer: Answerer) -> Mapping[str, str]:
    return {article: answerer.article(article).title for article in {hit.article for hit in hits}}


def _around(answer: Answer, answerer: Answerer) -> Mapping[int, Surroundings]:
    return {one.marker: surroundings(answerer.article(one.article), one) for one in answer.citations}
