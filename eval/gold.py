"""Gold questions: what is asked, the facts a right answer tells, and the sentences that prove them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.records import Json, Question, Turn


@dataclass(frozen=True, slots=True)
class Gold:
    """One question of a gold set; the format is described in ``eval/gold/README.md``.

    Every inner tuple of ``facts`` is one required fact, any of its strings tells it. Every inner tuple of
    ``evidence`` is one quote that is needed, any of its strings will do. Without facts, telling any of the
    ``answers`` is right. ``article`` is an id in the index, empty where the set names none; ``passages`` are
    texts that replace the index.
    """

    id: str
    question: str
    answerable: bool
    category: str
    facts: tuple[tuple[str, ...], ...] = ()
    answers: tuple[str, ...] = ()
    evidence: tuple[tuple[str, ...], ...] = ()
    article: str = ""
    passages: tuple[str, ...] | None = None
    history: tuple[Turn, ...] = ()

    def ask(self) -> Question:
        """Return the question as the answer path takes it."""
        return Question(self.question, self.history, self.passages, self.id)

    @property
    def required(self) -> tuple[tuple[str, ...], ...]:
        """The facts a right answer tells; the reference answers where the set states none."""
        return self.facts or ((self.answers,) if self.answers else ())

    def to_json(self) -> Json:
        """Return the question as one object of a gold set, without the keys that are empty."""
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
        }
        return {key: value for key, value in body.items() if value not in ([], "", None)}


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
    items: list[Gold] = []
    errors: list[UsageError] = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8-sig").split("\n")  # no other line end: JSON texts may hold those
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: cannot be read ({error}); check the path") from error
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    items.append(_gold(json.loads(line)))
                except (ValueError, TypeError, KeyError, AttributeError) as error:
                    errors.append(
                        UsageError(f"{path}:{number}: not a gold question ({error}); see eval/gold/README.md")
                    )
    return GoldSet(tuple(items), tuple(errors))


def _gold(row: Json) -> Gold:
    return Gold(
        id=row["id"],
        question=row["question"],
        answerable=row["answerable"],
        category=row.get("category", ""),
        facts=tuple(map(tuple, row.get("facts", ()))),
        answers=tuple(row.get("answers", ())),
        evidence=tuple((each,) if isinstance(each, str) else tuple(each) for each in row.get("evidence", ())),
        article=row.get("article", ""),
        passages=None if row.get("passages") is None else tuple(row["passages"]),
        history=tuple(Turn(asked, answered) for asked, answered in row.get("history", ())),
    )


def write_gold(path: Path, items: Iterable[Gold]) -> None:
    """Write a gold set, one question a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(item.to_json(), ensure_ascii=False) + "\n" for item in items)
