"""An index to a starter gold set: sentences worth asking about, each with its facts and, from a model, a question.

A model is shown a figure or name of a sentence and writes the question it answers. That is kept if the model, asked it
with the sentence, comes back to the same answer: Alberti et al., "Synthetic QA Corpora Generation with Roundtrip
Consistency", ACL 2019. All else is a draft with a part left for a person, and reading the set says so line by line
until that is done.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, islice
from typing import TypeVar

import numpy as np

from eval.gold import Gold, problem
from eval.measures.facts import contains_fact
from rag.building import Progress
from rag.errors import UsageError
from rag.figures import figures
from rag.index import Index
from rag.language import language_of
from rag.llm import ChatModel, Message
from rag.prompt import dialogue
from rag.records import Article
from rag.terms import tokens

SHARE = 5  # one question in so many is one that an author suggests, and one in so many has no answer
TRIES = 10  # for each question wanted: a model that drafts nothing sound would go through the whole index
LENGTHS = range(12, 200)  # characters of a sentence worth asking about
REPLY_TOKENS = 60
LONGEST = 3  # times the answer: what a model may say around it when it is asked
_POINT = re.compile(  # a date, else a figure with its unit, else a name in brackets or capitals
    r"\d{4}年(?:\d+月(?:\d+日)?)?|\d+月\d+日"
    r"|(?:\d{1,2}\s)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\s(?:\d{1,2},\s)?\d{4}"
    r"|(?<![A-Za-z\d])\d+(?:[.,]\d+)*(?:\s?(?:万亿|[千百十]?[万亿]|%|％|(?:thousand|million|billion|percent)\b))?"
    r"多?(?:[\u4e00-\u9fff]|\s(?!(?:and|or|to|in|of|the|at|for|by|on|from|with)\b)[a-z]+)?"
    r"|《[^》]+》|(?<=[a-z,] )[A-Z][a-z]+(?:(?: of)? [A-Z][a-z]+)*"
)
_QUESTION = re.compile(r"(?:(?:问题|Question)\s*[:：])?\s*(.+[?？])")
_ABOUT_THE_TEXT = re.compile(r"这[句段篇]|文[中章]|材料|\b(?:sentence|passage|article|text)\b", re.IGNORECASE)
_T = TypeVar("_T")


@dataclass(frozen=True)
class _Spot:
    """A sentence, the article and chunk it is in, and the figures that it tells, or names where it tells none."""

    article: Article
    chunk: int
    passage: str
    sentence: str

    @cached_property
    def points(self) -> tuple[str, ...]:
        found = _POINT.findall(self.sentence)
        return tuple(dict.fromkeys([each for each in found if any(map(str.isdigit, each))] or found))

    def draft(self, question: str = "") -> Gold:
        facts = tuple((point,) for point in self.points)
        category = "several-facts" if len(facts) > 1 else "single-fact"
        draft = bool(question)  # an empty one says enough
        return Gold("", question, True, category, facts, (), ((self.sentence,),), self.article.id, draft=draft)


class Starter:
    """The questions of a starter set, drafted one by one.

    It counts those ``made``, the ``drafts`` among them that a person has to finish, and those ``dropped``: what a
    model made that was not sound, or was asked already.
    """

    def __init__(self, index: Index, model: ChatModel | None) -> None:
        """Find what there is to ask about.

        Raises:
            UsageError: no sentence of the index has a figure or a name.

        """
        spots = {article: list(each) for article, each in groupby(_spots(index), key=lambda spot: spot.article.id)}
        rich = [sorted(each, key=lambda spot: -len(spot.points)) for each in spots.values()]
        self._telling = [spot for spot in _in_turn(rich) if spot.points and len(spot.sentence) in LENGTHS]
        if not self._telling:
            raise UsageError(f"index {index.name!r} has no sentence with a figure or a name; index more text")
        self._suggested = _in_turn([_suggested(each, index) for each in spots.values()])
        self._name = index.name or "starter"
        self._model = model
        self.made = self.drafts = self.dropped = 0

    def questions(self, count: int, report: Progress) -> Iterator[Gold]:
        """Yield ``count`` questions over the articles in turn, fewer where there is no more to ask about.

        Each is to be kept as it comes: a model takes seconds for it, and may fail at the next.

        Raises:
            ModelError: the model failed.

        """
        share, model = count // SHARE, self._model
        asked = (_ask(spot, model) if model else spot.draft() for spot in self._telling)
        unanswerable = (_leave_open(spot, model) for spot in reversed(self._telling))
        seen = set[str]()
        for tries, wanted in ((self._suggested, share), (unanswerable, share), (asked, count)):
            enough = min(self.made + wanted, count)
            left = islice(tries, TRIES * wanted)
            while self.made < enough and (gold := next(left, _END)) is not _END:
                if gold is None or gold.question in seen:
                    self.dropped += 1
                    continue
                seen |= {gold.question} - {""}
                self.made += 1
                self.drafts += gold.draft or not gold.question
                yield replace(gold, id=f"{self._name}-{self.made:03}")
                report(self.made, count)


_END = Gold("", "", False)


def _spots(index: Index) -> Iterator[_Spot]:
    for identity, chunks in groupby(enumerate(index.chunks), key=lambda each: each[1].article):
        article, sentences = index.articles[identity], index.sentences[identity]
        for position, chunk in chunks:
            for each in sentences[chunk.first : chunk.last]:
                if not each.heading:
                    yield _Spot(article, position, index.text(chunk), article.text[each.start : each.end])


def _in_turn(queues: Iterable[Iterable[_T]]) -> Iterator[_T]:
    """Yield the first of each, then the second of each, and so on."""
    waiting = deque(map(iter, queues))
    while waiting:
        queue = waiting.popleft()
        for item in queue:
            yield item
            waiting.append(queue)
            break


def _suggested(spots: list[_Spot], index: Index) -> Iterator[Gold]:
    """Yield what the author suggests to ask, with the sentence whose words are nearest to it."""
    for question in spots[0].article.questions:
        shares = index.lexical.shares(question, np.arange(len(index.chunks)))
        terms = set(tokens(question))
        yield max(spots, key=lambda spot: (shares[spot.chunk], len(terms & set(tokens(spot.sentence))))).draft(question)


def _ask(spot: _Spot, model: ChatModel) -> Gold | None:
    """Return a question that the model drafts for what a sentence tells last, None if it is not sound."""
    answer = spot.points[-1]
    question = _question(spot, model, "draft", sentence=spot.sentence, answer=answer)
    gold = Gold("", question, True, "single-fact", ((answer,),), (answer,), ((spot.sentence,),), spot.article.id)
    sound = not problem(gold) and not contains_fact(question, [answer]) and _is_about(question, spot)
    if not sound:
        return None
    back = _say(model, dialogue("recheck", language_of(spot.sentence), sentence=spot.sentence, question=question))
    return gold if contains_fact(back, [answer]) and len(back) <= LONGEST * len(answer) else None


def _leave_open(spot: _Spot, model: ChatModel | None) -> Gold | None:
    """Return a question for a person to make sure that no article answers it."""
    question = _question(spot, model, "unanswered", passage=spot.passage) if model else ""
    gold = Gold("", question, False, "unanswerable", article=spot.article.id, draft=bool(question))
    return gold if model is None or _is_about(question, spot) else None


def _question(spot: _Spot, model: ChatModel, prompt: str, **values: str) -> str:
    """Return the question that a model writes in its first line; empty if that is none."""
    reply = _say(model, dialogue(prompt, language_of(spot.sentence), title=spot.article.title, **values))
    found = _QUESTION.fullmatch(reply.partition("\n")[0].strip())
    return found[1] if found else ""


def _say(model: ChatModel, messages: Sequence[Message]) -> str:
    return "".join(model.stream(messages, max_tokens=REPLY_TOKENS)).strip()


def _is_about(question: str, spot: _Spot) -> bool:
    """Tell whether a question stands by itself, in the sentence's language, on the passage's figures and words."""
    around = f"{spot.article.title}\n{spot.passage}"
    terms = set(tokens(question))
    return (
        not _ABOUT_THE_TEXT.search(question)
        and language_of(question) == language_of(spot.sentence)
        and set(figures(question)) <= set(figures(around))
        and 3 * len(terms & set(tokens(around))) >= len(terms) > 0
    )
