"""Many questions from a JSONL file, their results to another: same order, appended one by one, resumable."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.records import Json, Question, Turn

_FIELDS = {"id", "question", "history", "passages"}


@dataclass(frozen=True)
class Item:
    """One line of the input: a question, or why it is none."""

    line: int
    id: str | None
    question: Question | None
    error: str = ""


def read_batch(path: Path) -> list[Item]:
    """Read ``{"id", "question", "history"?, "passages"?}`` lines; blank lines are skipped.

    A malformed line becomes an item with an ``error`` that names file and line, and the rest goes on.

    Raises:
        UsageError: the file cannot be read.

    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 JSONL ({error}); check the path") from error
    return [_item(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def run_batch(
    items: Iterable[Item], out: Path, answer: Callable[[Question], Json], report: Callable[[int], None]
) -> int:
    """Write one result line for each item to ``out`` and return how many were errors.

    Lines already in ``out`` are kept and their questions not asked again, so a stopped run goes on where it
    was; a line cut off by a kill is replaced. ``report`` is told how many are done.

    Raises:
        UsageError: ``out`` holds results of other questions.

    """
    items = list(items)
    done = _results(out)
    for item, row in zip(items, done, strict=False):
        if row.get("id") != item.id or (item.question and row.get("question") != item.question.text):
            raise UsageError(f"{out}: line for {row.get('id')!r} is not of this batch; choose another --out")
    if len(done) > len(items):
        raise UsageError(f"{out}: has {len(done)} results for {len(items)} questions; choose another --out")
    failed = sum("error" in row for row in done)
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("a", encoding="utf-8") as file:
        report(len(done))
        for position, item in enumerate(items[len(done) :], start=len(done) + 1):
            result = _result(item, answer)
            failed += "error" in result
            file.write(json.dumps(result, ensure_ascii=False) + "\n")
            file.flush()
            report(position)
    return failed


def _result(item: Item, answer: Callable[[Question], Json]) -> Json:
    known = {} if item.id is None else {"id": item.id}
    if item.question is None:
        return {**known, "error": item.error}
    try:
        return {**known, **answer(item.question)}
    except UsageError as error:
        return {**known, "question": item.question.text, "error": str(error)}


def _results(out: Path) -> list[dict[str, Any]]:
    """Return the whole result lines, after cutting a half-written one off the file."""
    if not out.exists():
        return []
    raw = out.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    try:
        rows = [json.loads(line) for line in whole.splitlines()]
    except ValueError as error:
        raise UsageError(f"{out}: exists and is not a result file; choose another --out") from error
    if len(whole) < len(raw):
        with out.open("rb+") as file:
            file.truncate(len(whole))
    return rows


def _item(path: Path, number: int, line: str) -> Item:
    identity = None
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError("not a JSON object")
        identity = None if row.get("id") is None else str(row["id"])
        return Item(number, identity, parse_question(row))
    except ValueError as error:
        return Item(number, identity, None, f"{path}:{number}: {error}")


def parse_question(row: Json) -> Question:
    """Read the contract's question object.

    Raises:
        ValueError: a field is missing, unknown or of the wrong shape.

    """
    if unknown := row.keys() - _FIELDS:
        raise ValueError(f"unknown field {', '.join(sorted(unknown))}; fields are {', '.join(sorted(_FIELDS))}")
    text, history, passages = row.get("question"), row.get("history") or [], row.get("passages")
    if not isinstance(text, str) or not text.strip():
        raise ValueError('"question" must be a text')
    if not isinstance(history, list) or not all(_is_texts(turn) and len(turn) == 2 for turn in history):
        raise ValueError('"history" must be a list of [question, answer]')
    if passages is not None and not _is_texts(passages):
        raise ValueError('"passages" must be a list of texts')
    return Question(
        text=text,
        history=tuple(Turn(asked, answered) for asked, answered in history),
        passages=None if passages is None else tuple(passages),
        id=None if row.get("id") is None else str(row["id"]),
    )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
