import multiprocessing
import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import SuwenError
from rag.feedback import Feedback, read, record
from rag.records import Turn
from tests.scripted import GROUNDED
from tests.small_disk import small_disk

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DOWN = Feedback(
    id="a1",
    time=NOON,
    verdict="down",
    question=GROUNDED.question,
    history=(Turn("都江堰在哪里？", "在岷江上。"),),
    answer=GROUNDED.to_json(),
    correction="用鱼嘴分水",
    index="sample",
    generation="000001-5f0c9a3be1d24a77",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "feedback#1?.sqlite"


def several(path: Path, writer: int, count: int) -> None:
    for number in range(count):
        record(path, replace(DOWN, id=f"{writer}-{number}"))


def test_what_is_recorded_is_read(path: Path) -> None:
    record(path, DOWN)
    assert read(path) == [DOWN]


def test_without_a_file_there_is_none_and_none_is_made(path: Path) -> None:
    assert read(path) == []
    assert not path.parent.exists()


@settings(max_examples=20)  # each waits for the disk twice
@given(st.text(st.characters(), max_size=50), st.booleans())
def test_any_text_is_kept(text: str, unanswerable: bool) -> None:
    given_text = replace(DOWN, question=text, correction=text, history=(Turn(text, text),), unanswerable=unanswerable)
    with TemporaryDirectory() as folder:
        record(Path(folder) / "feedback.sqlite", given_text)
        assert read(Path(folder) / "feedback.sqlite") == [given_text]


def test_later_feedback_on_the_same_answer_replaces_the_earlier(path: Path) -> None:
    later = replace(DOWN, time=NOON + timedelta(seconds=1), verdict="up", correction="")
    record(path, DOWN)
    record(path, later)
    assert read(path) == [later]
    record(path, DOWN)  # that writer was only slow
    assert read(path) == [later]


def test_oldest_first_and_since(path: Path) -> None:
    second = replace(DOWN, id="a0", time=(NOON + timedelta(hours=1)).astimezone(timezone(timedelta(hours=8))))
    record(path, second)
    record(path, DOWN)
    assert [each.id for each in read(path)] == ["a1", "a0"]
    assert [each.id for each in read(path, since=NOON)] == ["a1", "a0"]
    assert [each.id for each in read(path, since=NOON + timedelta(microseconds=1))] == ["a0"]
    assert read(path, since=NOON + timedelta(hours=2)) == []


def test_threads_write_at_once(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda writer: several(path, writer, 5), range(8)))
    assert len(read(path)) == 40


def test_processes_write_at_once(path: Path) -> None:
    path.parent.mkdir()
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=several, args=(path, writer, 20)) for writer in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len(read(path)) == 60


def test_the_file_is_one_table_with_a_version_and_a_write_ahead_log(path: Path) -> None:
    record(path, DOWN)
    with closing(sqlite3.connect(path)) as rows:
        assert rows.execute("PRAGMA user_version").fetchone() == (1,)
        assert rows.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("feedback",)]


def no_database(path: Path) -> None:
    path.write_text("some notes of mine, far longer than the header of a database would be " * 20, encoding="utf-8")


def folder(path: Path) -> None:
    path.mkdir()


def of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("CREATE TABLE kept (key TEXT)")


def newer(path: Path) -> None:
    record(path, DOWN)
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("PRAGMA user_version = 2")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (no_database, "file is not a database; move it away, or set SUWEN_FEEDBACK to another file"),
        (folder, "is a folder; set SUWEN_FEEDBACK to a file"),
        (of_another_program, "holds something else than feedback; set SUWEN_FEEDBACK to another file"),
        (
            newer,
            "was written by a newer version (format 2, this program has 1); "
            "update, or set SUWEN_FEEDBACK to another file",
        ),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_what_is_no_feedback_file_is_left_as_it_is(tmp_path: Path, make: object, said: str) -> None:
    path = tmp_path / "feedback.sqlite"
    make(path)  # type: ignore[operator]
    before = path.read_bytes() if path.is_file() else b""
    for attempt in (lambda: record(path, replace(DOWN, id="a2")), lambda: read(path)):
        with pytest.raises(SuwenError) as caught:
            attempt()
        assert str(caught.value) == f"{path}: {said}"
    assert before == (path.read_bytes() if path.is_file() else b"")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SuwenError, match=r"file: cannot be made \(.*\); set SUWEN_FEEDBACK to another file$"):
        record(tmp_path / "file" / "feedback.sqlite", DOWN)


def test_a_damaged_row_is_named(path: Path) -> None:
    record(path, DOWN)
    with closing(sqlite3.connect(path)) as rows, rows:
        rows.execute("UPDATE feedback SET body = '{}'")
    with pytest.raises(SuwenError, match=r"feedback 'a1' is damaged \('history'\); remove that row, or "):
        read(path)


def test_a_full_disk_loses_nothing() -> None:
    with small_disk(200_000) as disk:
        place = disk / "feedback.sqlite"
        with pytest.raises(SuwenError, match=r"feedback\.sqlite: database or disk is full; free space and try again$"):
            several(place, 0, 1000)
        kept = {each.id for each in read(place)}
        assert 5 < len(kept) < 1000
        assert kept == {f"0-{number}" for number in range(len(kept))}


def test_a_disk_that_cannot_be_written() -> None:
    with small_disk(200_000) as disk:
        place = disk / "feedback.sqlite"
        record(place, DOWN)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(SuwenError, match="check its permissions, or set SUWEN_FEEDBACK to another file$"):
            record(place, DOWN)
        assert read(place) == [DOWN]
