"""What readers thought of answers, in one SQLite file on this machine that threads and processes may share.

A row is found by the id of its answer; ``body`` is everything else, as JSON. ``PRAGMA user_version`` is the version
of that format.
"""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

from rag.errors import SuwenError
from rag.records import Json, Turn

SCHEMA = 1
Verdict: TypeAlias = Literal["up", "down"]
_PATIENCE = 20  # seconds that a writer waits for the others
_NEXT_STEPS: Mapping[str, str] = {
    "SQLITE_FULL": "free space and try again",
    "SQLITE_BUSY": "another process holds it; try again",
    "SQLITE_NOTADB": "move it away, or set SUWEN_FEEDBACK to another file",
    "SQLITE_CORRUPT": "move it away, or set SUWEN_FEEDBACK to another file",
}


@dataclass(frozen=True, slots=True)
class Feedback:
    """A reader's verdict on one answer.

    ``answer`` is the whole answer as its JSON object, ``correction`` what would have been right, if the reader
    said so. ``unanswerable`` is the correction that the articles do not say. ``time`` has a time zone.
    """

    id: str
    time: datetime
    verdict: Verdict
    question: str
    history: tuple[Turn, ...]
    answer: Json
    correction: str = ""
    unanswerable: bool = False
    index: str = ""
    generation: str = ""


def record(path: Path, feedback: Feedback) -> None:
    """Keep feedback, in place of any earlier one on the same answer; on return it is on the disk.

    Raises:
        SuwenError: the file cannot be written, is no feedback file, or is a newer version's.

    """
    body = {
        "verdict": feedback.verdict,
        "question": feedback.question,
        "history": [[turn.question, turn.answer] for turn in feedback.history],
        "answer": feedback.answer,
        "correction": feedback.correction,
        "unanswerable": feedback.unanswerable,
        "index": feedback.index,
        "generation": feedback.generation,
    }
    with _translated(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SuwenError(
                f"{path.parent}: cannot be made ({error.strerror}); set SUWEN_FEEDBACK to another file"
            ) from error
        with closing(_connect(path, "mode=rwc")) as rows:
            _version(path, rows)  # before anything is written to what may be another program's
            rows.execute("PRAGMA journal_mode = WAL")
            rows.execute("BEGIN IMMEDIATE")
            _prepare(path, rows)
            rows.execute(
                "INSERT INTO feedback VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET time = excluded.time,"
                " body = excluded.body WHERE excluded.time >= time",  # whichever of two writers comes first
                [feedback.id, _stamp(feedback.time), json.dumps(body)],
            )
            rows.execute("COMMIT")


def read(path: Path, since: datetime | None = None) -> list[Feedback]:
    """Return the feedback given at or after ``since``, the oldest first; none where there is no file yet.

    Raises:
        SuwenError: the file cannot be read, is no feedback file, or is a newer version's.

    """
    if not path.exists():
        return []
    first = _stamp(since) if since else ""
    log = path.with_name(f"{path.name}-wal")
    # SQLite makes a log even to read, unless it is told that nobody can write
    mode = "mode=ro" if os.access(path.parent, os.W_OK) or log.exists() else "immutable=1"
    with _translated(path), closing(_connect(path, mode)) as rows:
        if not _version(path, rows):
            return []
        found = rows.execute("SELECT * FROM feedback WHERE time >= ? ORDER BY time, id", [first]).fetchall()
    return [_feedback(path, *row) for row in found]


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    if path.is_dir():
        raise SuwenError(f"{path}: is a folder; set SUWEN_FEEDBACK to a file")
    address = f"{path.absolute().as_uri()}?{mode}"
    return sqlite3.connect(address, timeout=_PATIENCE, isolation_level=None, uri=True)


def _prepare(path: Path, rows: sqlite3.Connection) -> None:
    """Make the table if the file is new; the caller holds the one writing place."""
    if not _version(path, rows):
        rows.execute("CREATE TABLE feedback (id TEXT PRIMARY KEY, time TEXT NOT NULL, body TEXT NOT NULL)")
        rows.execute(f"PRAGMA user_version = {SCHEMA}")


def _version(path: Path, rows: sqlite3.Connection) -> int:
    """Return the version of the format, 0 where the file is empty."""
    # in this order: another process may make both in between
    tables = {name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    (version,) = rows.execute("PRAGMA user_version").fetchone()
    if (tables and "feedback" not in tables) or (version == 0 and tables):
        raise SuwenError(f"{path}: holds something else than feedback; set SUWEN_FEEDBACK to another file")
    if version > SCHEMA:
        raise SuwenError(
            f"{path}: was written by a newer version (format {version}, this program has {SCHEMA}); "
            "update, or set SUWEN_FEEDBACK to another file"
        )
    return int(version)


def _feedback(path: Path, identity: str, time: str, text: str) -> Feedback:
    try:
        body = json.loads(text)
        history = tuple(Turn(asked, answered) for asked, answered in body.pop("history"))
        return Feedback(identity, datetime.fromisoformat(time), history=history, **body)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SuwenError(
            f"{path}: feedback {identity!r} is damaged ({error}); remove that row, or move the file away"
        ) from error


def _stamp(time: datetime) -> str:
    """Return the time as text that sorts by time."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        step = _NEXT_STEPS.get(name, "check its permissions, or set SUWEN_FEEDBACK to another file")
        raise SuwenError(f"{path}: {' '.join(str(error).split())}; {step}") from error
