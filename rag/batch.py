"""Many questions from a JSONL file, their results to another: same order, appended one by one, resumable."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from rag.errors import SuwenError, UsageError
from rag.records import Json, Question, Turn

_FIELDS = {"id", "question", "history", "passages"}


@dataclass(frozen=True)
class Item:
    """One line of the input: a question, or why it is none."""

    line: int
    id: str | int | None
    question: Question | None
    error: str = ""


def read_batch(path: Path) -> list[Item]:
    """Read ``{"id", "question", "history"?, "passages"?}`` lines; blank lines are skipped.

    A malformed line becomes an item with an ``error`` that names file and line, and the rest goes on.

    Raises:
        UsageError: the file cannot be read, or holds no line.

    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # no other line end: JSON texts may hold those
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8 JSONL") from error
    items = [_item(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not items:
        raise UsageError(f"{path}: holds no question; write one JSON object a line")
    return items


def run_batch(
    items: Iterable[Item],
    out: Path,
    answer: Callable[[Question], Json],
    report: Callable[[int], None],
    *,
    field: str = "answer",
) -> int:
    """Write one result line for each item to ``out`` and return how many were errors.

    Lines already in ``out`` are kept and their questions not asked again, so a stopped run goes on where it
    was; a line cut off by a kill is replaced. ``report`` is told how many are done. Every result has ``field``.

    Raises:
        UsageError: ``out`` holds something else than results of these questions.
        SuwenError: ``out`` cannot be written, as on a full disk; what is written stays.

    """
    items = list(items)
    with _translated(out):
        done = _resume(out, items, field)
        out.parent.mkdir(parents=True, exist_ok=True)
        file = out.open("ab", buffering=0)
    failed = sum("error" in row for row in done)
    with file:
        report(len(done))
        for position, item in enumerate(items[len(done) :], start=len(done) + 1):
            result = _result(item, answer)
            failed += "error" in result
            with _translated(out):
                _write(file, json.dumps(result, ensure_ascii=False).encode() + b"\n")
            report(position)
    return failed


def _result(item: Item, answer: Callable[[Question], Json]) -> Json:
    if item.question is None:
        return _head(item)
    try:
        return {**_head(item), **answer(item.question)}
    except UsageError as error:
        return {**_head(item), "error": str(error)}


@contextmanager
def _translated(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SuwenError(f"{out}: cannot be written ({error.strerror}); mend that and run again to go on") from error


def _resume(out: Path, items: Sequence[Item], field: str) -> list[dict[str, Any]]:
    """Return the results already there, after cutting a half-written line off; anything else is left alone."""
    if not out.exists():
        return []
    *lines, rest = out.read_bytes().split(b"\n")
    if len(lines) + bool(rest) > len(items):
        raise UsageError(f"{out}: has more lines than there are questions; choose another --out")
    rows = [_row(line) for line in lines]
    for number, (row, item) in enumerate(zip(rows, items, strict=False), start=1):
        if not (_head(item).items() <= row.items() and {field, "error"} & row.keys()):
            raise UsageError(f"{out}:{number}: is not the result of this question; choose another --out")
    if rest:
        begun = json.dumps(_head(items[len(rows)]), ensure_ascii=False).encode()[:-1]
        if not (rest.startswith(begun) or begun.startswith(rest)):
            raise UsageError(f"{out}: ends in something else than a result; choose another --out")
        os.truncate(out, sum(len(line) + 1 for line in lines))
    return rows


def _row(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    return row if isinstance(row, dict) else {}


def _head(item: Item) -> dict[str, Any]:
    """Return what the result of an item begins with."""
    head: dict[str, Any] = {} if item.id is None else {"id": item.id}
    return head | ({"question": item.question.text} if item.question else {"error": item.error})


def _write(file: FileIO, line: bytes) -> None:
    while line:
        line = line[file.write(line) :]


def _item(path: Path, number: int, line: str) -> Item:
    identity = None
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError("not a JSON object")
        json.dumps(row, ensure_ascii=False).encode()  # half a surrogate pair could not be written out again
        identity = _identity(row)
        return Item(number, identity, parse_question(row))
    except (ValueError, RecursionError) as error:
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
        id=_identity(row),
    )


def _identity(row: Json) -> str | int | None:
    identity = row.get("id")
    if isinstance(identity, bool) or not isinstance(identity, str | int | None):
        raise ValueError('"id" must be a text or a whole number')
    return identity


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
