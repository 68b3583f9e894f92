"""Gold questions out of readers' corrections: what they said is right, and where the articles say it.

Nothing is guessed: a question is a draft where no fact could be told from the correction, or no sentence of the
articles clearly says the same. It then waits for a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from eval.gold import Gold
from rag.feedback import Feedback
from rag.figures import Quantity, quantities
from rag.records import Article, Turn
from rag.sentences import split_sentences
from rag.terms import tokens

SHORT = 12  # characters of a correction that is a fact by itself
ENOUGH = 0.6  # of a correction's terms in one sentence, by weight: below, it says something else
AHEAD = 0.05  # how far the best sentence must be before the next: nearer, there is no telling which it is
FIGURE_WEIGHT = 3.0  # of a figure, where another term weighs 1
ASKED_WEIGHT = 0.25  # of the question's terms, which only tell apart sentences that hold the same of the correction
Places = tuple[tuple[str, str], ...]  # article and quote


@dataclass
class _Search:
    """The sentence that says best what a part of a correction says."""

    terms: Mapping[str, float]
    asked: frozenset[str]
    best: float = 0.0
    next: float = 0.0
    share: float = 0.0  # of the terms, in the best sentence
    place: tuple[str, str] = ("", "")
    figures: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.figures = frozenset(term for term in self.terms if term.startswith("#"))

    def offer(self, article: str, quote: str, terms: Iterable[str]) -> None:
        """Consider one sentence of an article."""
        held = set(terms)
        share = sum(weight for term, weight in self.terms.items() if term in held) / sum(self.terms.values())
        if not share or not self.figures <= held:
            return
        score = share + ASKED_WEIGHT * len(self.asked & held) / max(len(self.asked), 1)
        if score > self.best:
            self.next, self.best, self.share, self.place = self.best, score, share, (article, quote)
        else:
            self.next = max(self.next, score)

    @property
    def clear(self) -> bool:
        """Whether the best sentence says the same, and no other does as well."""
        return self.share >= ENOUGH and self.best - self.next >= AHEAD


def corrections(rows: Iterable[Feedback], articles: Iterable[Article]) -> list[Gold]:
    """Return a question for each thumbs-down with a correction, in their order.

    The same correction of the same question is one question. Facts are the figures that the question does not
    name already; without any, the correction itself if it is short.
    """
    chosen = _chosen(rows)
    found = _found({row.id: row for row in chosen if row.correction}, articles)
    return [_gold(f"feedback-{number}", row, found.get(row.id, ())) for number, row in enumerate(chosen, start=1)]


def _chosen(rows: Iterable[Feedback]) -> list[Feedback]:
    seen: dict[tuple[str, tuple[Turn, ...], str], Feedback] = {}
    for row in rows:
        said = _said(row)
        if row.verdict == "down" and (row.unanswerable or any(map(str.isalnum, said))):
            seen.setdefault((row.question, row.history, said), row)
    return list(seen.values())


def _said(row: Feedback) -> str:
    """Return the right answer according to the reader, empty where there is none."""
    return "" if row.unanswerable else row.correction.strip()


def _gold(identity: str, row: Feedback, places: Places) -> Gold:
    if row.unanswerable:
        return Gold(identity, row.question, answerable=False, category="feedback", history=row.history)
    said, facts = _said(row), _facts(_said(row), row.question)
    sources = {article for article, _ in places}
    return Gold(
        id=identity,
        question=row.question,
        answerable=True,
        category="feedback",
        facts=facts,
        answers=(said,),
        evidence=tuple((quote,) for _, quote in places),
        article=min(sources) if len(sources) == 1 else "",
        history=row.history,
        draft=not (facts and places),
    )


def _facts(said: str, question: str) -> tuple[tuple[str, ...], ...]:
    asked = {str(each) for each in _numbers(question)}
    # by value: the first wording stands for the others
    numbers = {str(each): said[each.start : each.end] for each in reversed(_numbers(said)) if str(each) not in asked}
    if numbers:
        return tuple((written,) for written in reversed(numbers.values()))
    return ((said,),) if len(said) <= SHORT else ()


def _found(rows: Mapping[str, Feedback], articles: Iterable[Article]) -> Mapping[str, Places]:
    """Return by row where the articles clearly say what the correction says, sentence by sentence of it."""
    searches = {identity: _searches(row) for identity, row in rows.items()}
    every = [search for each in searches.values() for search in each]
    for article in articles if every else ():
        for sentence in split_sentences(article.text, markdown=article.markdown):
            if not sentence.heading:
                quote = article.text[sentence.start : sentence.end]
                terms = _terms(quote)
                for search in every:
                    search.offer(article.id, quote, terms)
    return {
        identity: tuple(dict.fromkeys(search.place for search in each if search.clear))
        for identity, each in searches.items()
    }


def _searches(row: Feedback) -> list[_Search]:
    asked = frozenset(_terms(row.question))
    parts = (row.correction[each.start : each.end] for each in split_sentences(row.correction))
    return [_Search(terms, asked) for terms in map(_terms, parts) if terms]


def _terms(text: str) -> dict[str, float]:
    """Return the terms that carry meaning: Chinese pairs, words, and the values of numbers after a ``#``."""
    numbers, bare = _numbers(text), text
    for each in numbers:
        bare = f"{bare[: each.start]}{' ' * (each.end - each.start)}{bare[each.end :]}"
    words = {term: 1.0 for term in tokens(bare) if len(term) > 1 and not term[0].isdigit()}
    return words | {f"#{each}": FIGURE_WEIGHT for each in numbers}


def _numbers(text: str) -> list[Quantity]:
    """Return the numbers of a text, but for those of one Chinese character, which are too often words: 一个."""
    found = quantities(text)
    return [each for each in found if each.end - each.start > 1 or text[each.start].isdecimal()]
