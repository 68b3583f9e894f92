import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gold import Gold
from eval.runs.answers import read_rows
from eval.runs.asking import Asking, ask_all
from eval.runs.cache import Cache
from rag.errors import ModelError, SuwenError, UsageError
from rag.records import Json
from tests.small_disk import small_disk

GOLD = [Gold(f"q{n}", f"问题{n}？", True, "c", answers=("a",)) for n in range(6)]
ASKINGS = [Asking(gold, repeat, f"{gold.id}/{repeat}") for gold in GOLD for repeat in (1, 2)]
PLACES = [(asking.gold.id, asking.repeat) for asking in ASKINGS]


def quiet(done: int, total: int) -> None:
    del done, total


class Asker:
    """Answers with the question's id; raises what it is told to at the given question."""

    def __init__(self, fails: Callable[[str], Exception | None] = lambda identity: None) -> None:
        self.asked: list[str] = []
        self._fails = fails

    def __call__(self, gold: Gold) -> Json:
        if error := self._fails(gold.id):
            raise error
        self.asked.append(gold.id)
        return {"answer": f"答{gold.id}", "timings": {"total_s": 1.0}}


def run(path: Path, ask: Asker, cache: Cache | None = None, workers: int = 1) -> list[dict[str, Any]]:
    ask_all(ASKINGS, path, ask, cache or Cache(None), quiet, workers)
    return list(read_rows(path))


@pytest.mark.parametrize("workers", [1, 4])
def test_every_question_is_asked_once_and_in_order(tmp_path: Path, workers: int) -> None:
    ask = Asker()
    rows = run(tmp_path / "answers.jsonl", ask, workers=workers)
    assert [(row["id"], row["repeat"]) for row in rows] == PLACES
    assert rows[3] == {
        "answer": "答q1",
        "timings": {"total_s": 1.0},
        "id": "q1",
        "question": "问题1？",
        "repeat": 2,
        "cached": False,
    }
    assert len(ask.asked) == len(PLACES)


def test_progress_counts_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with pytest.raises(ModelError):
        run(path, Asker(lambda identity: ModelError("down") if identity == "q2" else None))
    told: list[tuple[int, int]] = []
    ask_all(ASKINGS, path, Asker(), Cache(None), lambda done, total: told.append((done, total)))
    assert told == [(n, 12) for n in range(4, 13)]


@pytest.mark.parametrize("workers", [1, 3])
def test_a_failing_model_stops_it_and_what_was_answered_stays(tmp_path: Path, workers: int) -> None:
    path, first, second = (
        tmp_path / "answers.jsonl",
        Asker(lambda i: ModelError("down") if i == "q4" else None),
        Asker(),
    )
    cache = Cache(tmp_path / "cache.sqlite")
    with pytest.raises(ModelError, match="down"):
        run(path, first, cache, workers)
    rows = run(path, second, cache, workers)
    assert [(row["id"], row["repeat"]) for row in rows] == PLACES
    assert sorted(first.asked + second.asked) == sorted(identity for identity, _ in PLACES)  # none twice
    cache.close()


def test_what_is_under_way_when_a_worker_fails_is_kept_without_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, failed, fail = tmp_path / "answers.jsonl", threading.Event(), Future.set_exception

    def set_exception(self: "Future[Json]", error: BaseException | None) -> None:
        fail(self, error)
        failed.set()

    def ask(gold: Gold) -> Json:
        if gold.id == "q1":
            raise ModelError("down")
        assert failed.wait(60)  # q0, twice: answered only when q1 has failed
        return {"answer": gold.id}

    monkeypatch.setattr(Future, "set_exception", set_exception)
    with pytest.raises(ModelError, match="down"):
        ask_all(ASKINGS, path, ask, Cache(None), quiet, workers=3)
    assert sorted((row["id"], row["repeat"]) for row in read_rows(path)) == [("q0", 1), ("q0", 2)]


def test_no_more_is_asked_than_there_are_workers_before_the_answers_are_in_the_file(tmp_path: Path) -> None:
    path, ask, ahead = tmp_path / "answers.jsonl", Asker(), list[int]()
    many = [Asking(GOLD[0], repeat, "") for repeat in range(100)]

    def progress(done: int, total: int) -> None:
        if path.exists():
            ahead.append(len(ask.asked) - len(list(read_rows(path))))

    ask_all(many, path, ask, Cache(None), progress, workers=3)
    assert max(ahead) <= 6  # three that are to be written, and the three asked in their place


@pytest.mark.parametrize("cut", [1, 40, 100, 101])
def test_a_half_written_line_is_asked_again(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "answers.jsonl"
    whole = run(path, Asker())
    content = path.read_bytes()
    path.write_bytes(content[:-cut])
    again = Asker()
    assert run(path, again) == whole
    assert again.asked == ["q5"]
    assert path.read_bytes() == content


def test_only_a_few_are_asked_when_told_so_each_of_them_once(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    assert ask_all(ASKINGS, path, Asker(), Cache(None), quiet, most=3) == 9
    assert [(row["id"], row["repeat"]) for row in read_rows(path)] == [("q0", 1), ("q1", 1), ("q2", 1)]
    assert ask_all(ASKINGS, path, Asker(), Cache(None), quiet, workers=3) == 0
    assert [(row["id"], row["repeat"]) for row in read_rows(path)] == PLACES


@given(st.sets(st.sampled_from(ASKINGS)), st.integers(1, 7))
def test_what_the_cache_has_is_not_among_the_few(kept: set[Asking], most: int) -> None:
    with TemporaryDirectory() as folder, closing(Cache(Path(folder) / "cache.sqlite")) as cache:
        path = Path(folder) / "answers.jsonl"
        for asking in kept:
            cache.put(asking.key, {"answer": "前"})
        few, rest = Asker(), Asker()
        left = ask_all(ASKINGS, path, few, cache, quiet, most=most)
        new = {asking.gold.id for asking in ASKINGS if asking not in kept}
        assert few.asked == sorted(new)[:most]
        assert left == len(ASKINGS) - len(kept) - len(few.asked)
        assert ask_all(ASKINGS, path, rest, cache, quiet) == 0
        assert len(rest.asked) == left
        assert [(row["id"], row["repeat"]) for row in read_rows(path)] == PLACES


def test_a_run_that_the_few_make_whole_is_in_order(tmp_path: Path) -> None:
    with closing(Cache(tmp_path / "cache.sqlite")) as cache:
        cache.put(ASKINGS[2].key, {"answer": "前"})
        assert ask_all(ASKINGS[::2], tmp_path / "answers.jsonl", Asker(), cache, quiet, most=5) == 0
    assert [row["id"] for row in read_rows(tmp_path / "answers.jsonl")] == [f"q{n}" for n in range(6)]


def test_a_wrong_question_is_a_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    rows = run(tmp_path / "answers.jsonl", Asker(lambda i: UsageError("too long") if i == "q1" else None))
    assert rows[2] == {"id": "q1", "question": "问题1？", "repeat": 1, "error": "too long"}
    assert len(rows) == 12


def test_what_another_run_was_told_is_taken_from_the_cache(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache.sqlite")
    first = run(tmp_path / "one.jsonl", Asker(), cache)
    second_asker = Asker()
    second = run(tmp_path / "two.jsonl", second_asker, cache)
    assert second_asker.asked == []
    assert second == [{**row, "cached": True} for row in first]
    cache.close()


@pytest.mark.parametrize(
    "line",
    [b'{"id": "q0", "repeat": 3}', b'{"id": "other", "repeat": 1}', b"[]", b"{", b'{"id": "q0", "repeat": 1}'],
    ids=["repeat", "id", "list", "no JSON", "twice"],
)
def test_lines_of_something_else_are_left_alone(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "answers.jsonl"
    content = b'{"id": "q0", "repeat": 1}\n' + line + b"\n"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"answers\.jsonl:2: is no answer to what is asked"):
        run(path, Asker())
    assert path.read_bytes() == content


def test_a_full_disk_keeps_what_is_written(tmp_path: Path) -> None:
    whole = run(tmp_path / "answers.jsonl", Asker())
    with small_disk(4 << 10) as disk:
        (disk / "filler").write_bytes(bytes(3 << 10))  # pages are whole: nothing is left
        with pytest.raises(SuwenError, match=r"answers\.jsonl: cannot be written \(No space"):
            run(disk / "answers.jsonl", Asker())
        (disk / "filler").unlink()
        assert run(disk / "answers.jsonl", Asker()) == whole


def test_lines_are_json_that_others_can_read(tmp_path: Path) -> None:
    run(tmp_path / "answers.jsonl", Asker())
    lines = (tmp_path / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["answer"] == "答q0"
    assert "答" in lines[0]
