"""A run's folder: begun, killed, held, and taken for another's."""

import json
from pathlib import Path

import pytest

from eval.bench.scripted import MANIFEST, article
from eval.runs.cache import Cache
from eval.runs.folder import holding
from eval.runs.run import ask_gold, finish, read_articles, read_run, start
from rag.errors import SuwenError, UsageError
from tests.runs import make_run, questions, reply


@pytest.mark.parametrize("steps", range(6))
def test_wherever_a_run_is_killed_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    gold, left, replace = questions(2), iter(range(steps)), Path.replace

    def killed(self: Path, target: Path) -> Path:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return replace(self, target)

    def go() -> None:
        with holding(tmp_path / "run"):
            start(tmp_path / "run", MANIFEST, gold)
            ask_gold(tmp_path / "run", gold, lambda each: reply(each, "+"), Cache(None), lambda done, total: None)
            finish(tmp_path / "run", article)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            go()
    go()
    assert read_run(tmp_path / "run").summary.figure("right").value == 1.0


@pytest.mark.parametrize("content", [b"{", b"[]", b"3", b"\xff", b'{"name": "x"}'])
def test_a_manifest_of_something_else_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    make_run(tmp_path / "run", "+")
    (tmp_path / "run" / "run.json").write_bytes(content)
    for use in (
        read_run,
        read_articles,
        lambda folder: start(folder, MANIFEST, questions(1)),
        lambda folder: finish(folder, article),
    ):
        with pytest.raises(UsageError, match=r"run\.json: is not what a run writes; restore it, or ask the questions"):
            use(tmp_path / "run")
    assert (tmp_path / "run" / "run.json").read_bytes() == content


def test_a_run_is_of_one_process_at_a_time(tmp_path: Path) -> None:
    other = f"{tmp_path / 'run'}: another process is at this run; wait until it is done, or choose another --out"
    with holding(tmp_path / "run"):
        with pytest.raises(SuwenError) as raised, holding(tmp_path / "run"):
            pass
        assert str(raised.value) == other
    with holding(tmp_path / "run"):
        assert [path.name for path in (tmp_path / "run").iterdir()] == ["LOCK"]


def test_nothing_is_put_into_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "run.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="holds something else than a run"), holding(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["run.txt"]


def test_a_run_that_is_taken_up_has_its_questions(tmp_path: Path) -> None:
    start(tmp_path / "run", MANIFEST, questions(2))
    (tmp_path / "run" / "gold.jsonl").unlink()
    start(tmp_path / "run", MANIFEST, questions(2))
    ids = [json.loads(line)["id"] for line in (tmp_path / "run" / "gold.jsonl").read_text("utf-8").splitlines()]
    assert ids == ["q0", "q1"]
