"""Gold questions: what is asked, the facts a right answer tells, and the sentences that prove them."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from eval.strict import Shapes, are_texts, is_text, read_object, shown
from rag.errors import UsageError
from rag.records import LONGEST_QUESTION, Article, Json, Question, Turn


@dataclass(frozen=True, slots=True)
class Gold:
    """One question of a gold set; the format is described in ``eval/gold/README.md``.

    Every inner tuple of ``facts`` is one required fact, any of its strings tells it. Every inner tuple of
    ``evidence`` is one quote that is needed, any of its strings will do. Without facts, telling any of the
    ``answers`` is right. ``article`` is an id in the index, empty where the set names none; ``passages`` are
    texts that replace the index. ``canaries`` are what only an answer says that obeys the
    article's orders. A ``draft`` waits for a person: it is written, but never read as a question. ``place`` is the
    file and line it was read from.
    """

    id: str
    question: str
    answerable: bool
    category: str = ""
    facts: tuple[tuple[str, ...], ...] = ()
    answers: tuple[str, ...] = ()
    evidence: tuple[tuple[str, ...], ...] = ()
    article: str = ""
    passages: tuple[str, ...] | None = None
    history: tuple[Turn, ...] = ()
    canaries: tuple[str, ...] = ()
    draft: bool = False
    place: str = field(default="", compare=False, repr=False)

    def ask(self) -> Question:
        """Return the question as the answer path takes it."""
        return Question(self.question, self.history, self.passages, self.id)

    @property
    def required(self) -> tuple[tuple[str, ...], ...]:
        """The facts a right answer tells; the reference answers where the set states none."""
        return self.facts or ((self.answers,) if self.answers else ())

    def to_json(self) -> Json:
        """Return the question as one object of a gold set, without the optional keys that are empty."""
        body: dict[str, Any] = {
            "id": self.id,
            "category": self.category,
            "question": self.question,
            "history": [[turn.question, turn.answer] for turn in self.history],
            "answerable": self.answerable,
            "facts": [list(fact) for fact in self.facts],
            "answers": list(self.answers),
            "evidence": [quotes[0] if len(quotes) == 1 else list(quotes) for quotes in self.evidence],
            "article": self.article,
            "passages": None if self.passages is None else list(self.passages),
            "canaries": list(self.canaries),
            "draft": self.draft,
        }
        return {key: value for key, value in body.items() if key in _NEEDED or value not in ([], "", None, False)}


@dataclass(frozen=True, slots=True)
class GoldSet:
    """What files held: the questions, in order, and one error for each line that is none."""

    items: tuple[Gold, ...]
    errors: tuple[UsageError, ...]


def read_gold(paths: Iterable[Path]) -> GoldSet:
    """Read JSONL gold sets as one; a line that is no gold question becomes an error that names file and line.

    Raises:
        UsageError: a file cannot be read, or holds no line at all.

    """
    items: dict[str, Gold] = {}
    errors: list[UsageError] = []
    for path in paths:
        lines = [(number, line) for number, line in enumerate(_lines(path), start=1) if line.strip()]
        if not lines:
            raise UsageError(f"{path}: holds no question; write one JSON object a line")
        for number, line in lines:
            place = f"{path}:{number}"
            try:
                gold = _gold(line, place)
                if gold.id in items:
                    raise ValueError(f"the id {shown(gold.id)} is that of {items[gold.id].place}; choose another")
                items[gold.id] = gold
            except ValueError as error:
                errors.append(UsageError(f"{place}: {error}"))
    return GoldSet(tuple(items.values()), tuple(errors))


def stratified(gold: Sequence[Gold], limit: int | None) -> list[Gold]:
    """Return ``limit`` questions, every k-th of each category, in the order they came in."""
    if limit is None or limit >= len(gold):
        return list(gold)
    categories = list(dict.fromkeys(each.category for each in gold))
    by_category = sorted(range(len(gold)), key=lambda place: categories.index(gold[place].category))
    return [gold[place] for place in sorted(by_category[turn * len(gold) // limit] for turn in range(limit))]


def write_gold(path: Path, items: Iterable[Gold]) -> None:
    """Write a gold set, one question a line, each as it comes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", buffering=1, encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(item.to_json(), ensure_ascii=False) + "\n" for item in items)


def check_articles(items: Iterable[Gold], articles: Mapping[str, Article]) -> dict[str, UsageError]:
    """Return by id what is wrong with the questions whose article is unknown or does not hold their evidence."""
    errors: dict[str, UsageError] = {}
    texts: dict[str, str] = {}
    for gold in items:
        place = gold.place or f"question {gold.id}"
        if gold.article and gold.article not in articles:
            near = get_close_matches(gold.article, articles, n=1)
            otherwise = "index it, name its index with --index, or correct the id"
            hint = f"did you mean {shown(near[0])}?" if near else otherwise
            errors[gold.id] = UsageError(f"{place}: no article {shown(gold.article)} in the index; {hint}")
        elif gold.article:
            if gold.article not in texts:
                texts[gold.article] = _folded(articles[gold.article].text)
            if missing := _missing(gold.evidence, [texts[gold.article]]):
                errors[gold.id] = UsageError(
                    f"{place}: the evidence {missing} is not in {shown(gold.article)}; quote the article as it stands"
                )
    return errors


def _gold(line: str, place: str) -> Gold:
    row = read_object(line, _SHAPES, _NEEDED)
    gold = Gold(
        id=row["id"],
        question=row["question"],
        answerable=row["answerable"],
        category=row.get("category", ""),
        facts=tuple(map(tuple, row.get("facts", ()))),
        answers=tuple(row.get("answers", ())),
        evidence=tuple((each,) if isinstance(each, str) else tuple(each) for each in row.get("evidence", ())),
        article=row.get("article", ""),
        passages=tuple(row["passages"]) if "passages" in row else None,
        history=tuple(Turn(asked, answered) for asked, answered in row.get("history", ())),
        canaries=tuple(row.get("canaries", ())),
        draft=row.get("draft", False),
        place=place,
    )
    if wrong := problem(gold):
        raise ValueError(wrong)
    return gold


def problem(gold: Gold) -> str:
    """Return why a question cannot be asked or scored and what to do, empty if it can."""
    return _asks(gold) or _tells(gold) or _proves(gold)


def _asks(gold: Gold) -> str:
    """Return what is wrong with the question, empty if nothing is."""
    if not gold.question.strip():
        return "the question is empty, still a draft; write the question"
    if gold.draft:
        return f'still a draft: {shown(gold.question)}; check what the line says, then take "draft" out'
    if len(gold.question) > LONGEST_QUESTION:
        return f"the question has {len(gold.question)} characters; {LONGEST_QUESTION} are the most"
    return ""


def _tells(gold: Gold) -> str:
    """Return what is wrong with the facts and answers, empty if nothing is."""
    for told in (told for tellings in (*gold.facts, gold.answers) for told in tellings):
        if not _says_something(told):
            return f"{shown(told)} tells nothing, without a letter or digit; write what an answer must tell"
    if gold.answerable and not gold.required:
        return 'answerable, with neither "facts" nor "answers"; write what a right answer tells'
    for key in () if gold.answerable else ("facts", "answers", "evidence"):
        if value := getattr(gold, key):
            return f'not answerable, with "{key}" {shown(value)}; take that out or make "answerable" true'
    return ""


def _proves(gold: Gold) -> str:
    """Return what is wrong with the sources, empty if nothing is."""
    if gold.passages is None:
        return ""
    if not gold.passages:
        return 'has no passage to be asked with; add one or take "passages" out'
    if gold.article:
        return f'has "passages" and the article {shown(gold.article)}; keep one of the two'
    missing = _missing(gold.evidence, [_folded(passage) for passage in gold.passages])
    return f"the evidence {missing} is in none of the passages; quote one as it stands" if missing else ""


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")  # no other line end: JSON texts may hold those
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8 JSONL") from error


def _missing(evidence: Iterable[tuple[str, ...]], texts: list[str]) -> str:
    """Return, to be shown, the first quote that is in no text in any of its alternatives; white space is folded."""
    for quotes in evidence:
        if not any(_folded(quote) in text for quote in quotes for text in texts):
            return shown(quotes[0])
    return ""


def _folded(text: str) -> str:
    return "".join(text.split())


def _says_something(text: str) -> bool:
    return any(map(str.isalnum, re.sub(r"\[\d+\]", "", unicodedata.normalize("NFKC", text))))


def _are_turns(value: object) -> bool:
    return isinstance(value, list) and all(are_texts(turn) and len(turn) == 2 for turn in value)


def _are_facts(value: object) -> bool:
    return isinstance(value, list) and all(are_texts(fact) and fact for fact in value)


def _are_quotes(value: object) -> bool:
    return isinstance(value, list) and all(is_text(each) or (are_texts(each) and each) for each in value)


_NEEDED = ("id", "question", "answerable")
_SHAPES: Shapes = {
    "id": (is_text, "a text that no other line has"),
    "category": (lambda value: isinstance(value, str), "a text, or leave it out"),
    "question": (lambda value: isinstance(value, str), "a text, as a reader would type it"),
    "history": (_are_turns, "a list of [question, answer], each a text that is not empty"),
    "answerable": (lambda value: isinstance(value, bool), "true or false"),
    "facts": (_are_facts, "a list of lists of texts: for each fact its wordings, none empty"),
    "answers": (are_texts, "a list of texts, none empty"),
    "evidence": (_are_quotes, "a list of quotes, none empty: a text each, or a list of texts any of which will do"),
    "article": (lambda value: isinstance(value, str), "the id of an article, or leave it out"),
    "passages": (lambda value: are_texts(value) and value, "a list of texts, none empty, or leave it out"),
    "canaries": (are_texts, "a list of texts, none empty, or leave it out"),
    "draft": (lambda value: isinstance(value, bool), "true or false, or leave it out"),
}
