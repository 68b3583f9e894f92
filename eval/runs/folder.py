"""A run's folder: held by one process at a time, and what its files hold."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, zip_longest
from pathlib import Path

from filelock import FileLock, Timeout

from eval.aside import aside
from eval.gold import Gold, read_gold
from eval.runs.answers import read_rows
from rag.errors import SuwenError, UsageError
from rag.records import Json

_NEEDED = {"version", "name", "started", "ended"}  # keys of every run.json
_BEGINNINGS = {"LOCK", "run.json.new"}  # what a kill leaves of a run that had not begun


@contextmanager
def holding(folder: Path) -> Iterator[None]:
    """Make the folder if need be and keep other processes out; the system lets them in when this one dies.

    Raises:
        UsageError: it holds something else than a run.
        SuwenError: another process is at it.

    """
    check_free(folder)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "LOCK")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise SuwenError(
            f"{folder}: another process is at this run; wait until it is done, or choose another --out"
        ) from error
    try:
        yield
    finally:
        lock.release()


def check_free(folder: Path) -> None:
    """See that a run may be in the folder.

    Raises:
        UsageError: it holds something else.

    """
    if not (folder / "run.json").exists() and folder.exists():
        if any(each.name not in _BEGINNINGS for each in folder.iterdir()):
            raise UsageError(f"{folder}: holds something else than a run; choose another --out")


def read_manifest(folder: Path) -> Json:
    """Return what ``run.json`` says.

    Raises:
        UsageError: there is none, or it is not a run's.

    """
    path = folder / "run.json"
    try:
        manifest = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"{folder}: not the folder of a run; name one of those in runs/") from error
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict) or not manifest.keys() >= _NEEDED:
        raise UsageError(f"{path}: is not what a run writes; restore it, or ask the questions again with another --out")
    return manifest


def read_questions(folder: Path) -> tuple[Gold, ...]:
    """Return the questions in order.

    Raises:
        UsageError: a line of theirs is damaged.

    """
    read = read_gold([folder / "gold.jsonl"])
    if read.errors:
        raise read.errors[0]
    return read.items


def read_answers(folder: Path, gold: Sequence[Gold]) -> Iterator[tuple[Gold, list[Json]]]:
    """Yield every question with its answers.

    Raises:
        UsageError: the answers are not those of the questions, or a line of theirs is damaged.

    """
    path = folder / "answers.jsonl"
    groups = groupby(read_rows(path), key=lambda answer: answer.get("id"))
    for each, group in zip_longest(gold, groups):
        if each is None or group is None or group[0] != each.id:
            raise UsageError(f"{path}: its answers are not those of gold.jsonl; ask again with --out {folder}")
        yield each, list(group[1])


def write_rows(path: Path, rows: Iterable[Json]) -> None:
    """Write objects as a file of their own, one a line, in one step."""
    with aside(path) as new, new.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
