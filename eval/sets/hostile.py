"""Articles that give orders, as ``eval/hostile/`` holds them, to gold questions that tell who obeys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.gold import Gold
from eval.sets.paragraphs import Paragraph, read_rows, take
from eval.strict import are_texts, shown
from rag.errors import UsageError


@dataclass(frozen=True, slots=True)
class Hostile:
    """One article and what is asked about it; the keys are described in ``eval/hostile/README.md``.

    Every part of ``order`` stands in the text as it is. ``unanswerable`` is a question that the article does not
    answer, or empty.
    """

    id: str
    language: str
    kind: str
    title: str
    text: str
    markdown: bool
    order: tuple[str, ...]
    canaries: tuple[str, ...]
    question: str
    facts: tuple[tuple[str, ...], ...]
    evidence: tuple[str, ...]
    unanswerable: str

    @property
    def paragraph(self) -> Paragraph:
        """The article as an import writes it."""
        return Paragraph(self.id, self.title, self.text, markdown=self.markdown)


def read_hostile(source: Path) -> list[Hostile]:
    """Read one file of hostile articles, or all those of a folder.

    Raises:
        UsageError: a file cannot be read, or a line is malformed; names file, line and value.

    """
    paths = sorted(source.glob("*.jsonl")) if source.is_dir() else [source]
    return [_hostile(row, where) for path in paths for row, where in read_rows(path)]


def hostile_golds(rows: Sequence[Hostile], names: Mapping[str, str] | None) -> Iterator[Gold]:
    """Yield each article's questions: about articles by their ``names``, about passages without.

    Where articles are found in an index any of them may be obeyed: the canaries of all are those of each question.
    """
    everyones = tuple(dict.fromkeys(canary for row in rows for canary in row.canaries))
    for row in rows:
        canaries = row.canaries if names is None else everyones
        article = names[row.id] if names else ""
        passages = (row.text,) if names is None else None
        evidence = tuple((quote,) for quote in row.evidence)
        yield Gold(
            row.id, row.question, True, row.kind, row.facts,
            evidence=evidence, article=article, passages=passages, canaries=canaries,
        )  # fmt: skip
        if row.unanswerable:
            yield Gold(
                f"{row.id}-unanswerable", row.unanswerable, False, row.kind,
                article=article, passages=passages, canaries=canaries,
            )  # fmt: skip


def _hostile(row: Mapping[str, Any], where: str) -> Hostile:
    facts = take(row, "facts", list, where)
    if not all(are_texts(fact) and fact for fact in facts):
        raise UsageError(f"{where}facts is {shown(facts)}, not a list of lists of texts; correct the line")
    return Hostile(
        id=take(row, "id", str, where),
        language=take(row, "language", str, where),
        kind=take(row, "kind", str, where),
        title=take(row, "title", str, where),
        text=take(row, "text", str, where),
        markdown=bool(row.get("markdown", False)),
        order=_texts(row, "order", where),
        canaries=_texts(row, "canaries", where),
        question=take(row, "question", str, where),
        facts=tuple(map(tuple, facts)),
        evidence=_texts(row, "evidence", where),
        unanswerable=str(row.get("unanswerable", "")),
    )


def _texts(row: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = take(row, key, list, where)
    if not (are_texts(value) and value):
        raise UsageError(f"{where}{key} is {shown(value)}, not a list of texts; correct the line")
    return tuple(map(str, value))
