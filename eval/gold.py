"""Gold questions: what is asked, the facts a right answer tells, and the sentences that prove them."""

import json
from dataclasses import dataclass
from pathlib import Path

from rag.errors import UsageError
from rag.records import Question, Turn


@dataclass(frozen=True)
class Gold:
    """One question of a gold set; the format is described in ``eval/gold/README.md``."""

    id: str
    category: str
    question: str
    answerable: bool
    facts: tuple[tuple[str, ...], ...]
    answer: str
    evidence: tuple[str, ...]
    article: str
    history: tuple[Turn, ...] = ()

    def ask(self) -> Question:
        """Return the question as the answer path takes it."""
        return Question(self.question, self.history, id=self.id)


def read_gold(path: Path) -> list[Gold]:
    """Read a JSONL gold set.

    Raises:
        UsageError: names the file and the line that cannot be read.

    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error}); check the path") from error
    return [_gold(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _gold(path: Path, number: int, line: str) -> Gold:
    try:
        row = json.loads(line)
        return Gold(
            **{
                **row,
                "facts": tuple(map(tuple, row["facts"])),
                "evidence": tuple(row["evidence"]),
                "history": tuple(Turn(asked, answered) for asked, answered in row.get("history", [])),
            }
        )
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{path}:{number}: not a gold question ({error}); see eval/gold/README.md") from error
