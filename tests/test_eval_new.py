"""``suwen eval new``: a starter set is on disk as it is drafted, and nothing is written over."""

import json
import re
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.gold import read_gold, write_gold
from eval.sets.starter import Starter
from rag.errors import ModelError
from rag.llm import Message
from rag.records import Usage
from tests.test_starter import BOTH, COST, MUCH, OPEN, SINCE, UNSOUND, WHEN
from ui.cli import main


class Drafter:
    """Says the replies in turn; before each it looks at the file, and raises what is no reply."""

    name = "drafter"

    def __init__(self, path: Path, *replies: str | BaseException) -> None:
        self.kept: list[int] = []  # lines that were on disk when it was asked
        self._path = path
        self._replies = iter(replies)

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, fresh: bool = False
    ) -> Generator[str, None, Usage]:
        self.kept.append(len(lines(self._path)))
        reply = next(self._replies)
        if isinstance(reply, BaseException):
            raise reply
        yield reply
        return Usage()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def new(indexed: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return a function that runs ``suwen eval new`` with a model that says the given replies."""

    def run(*replies: str | BaseException, count: int = 4) -> int:
        model = Drafter(Path("new.jsonl"), *replies)
        monkeypatch.setattr("rag.llm.open_model", lambda settings, spec, locate: model)
        return main(["eval", "new", "--out", "new.jsonl", "--count", str(count), "--llm", "ollama:x"])

    return run


def test_the_command_says_what_it_wrote_and_the_set_is_sound(
    new: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert new(*OPEN, *WHEN, *UNSOUND["a statement"], *COST, *SINCE, "", *UNSOUND["JSON"], count=5) == 0
    told = "new.jsonl: 4 questions, 1 of them drafts to finish, 3 dropped as unsound"
    assert capsys.readouterr().out.startswith(told)
    assert [row["id"] for row in lines(Path("new.jsonl"))] == [f"sample-{n:03}" for n in range(1, 5)]
    assert main(["eval", "check", "new.jsonl"]) == 1  # until the draft is finished
    assert re.fullmatch(r"suwen: new\.jsonl:1: still a draft.*\n", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("stop", "status", "said"),
    [
        (ModelError("the server is gone; start it"), 1, "the server is gone; start it"),
        (KeyboardInterrupt(), 130, "stopped"),
    ],
    ids=["the model fails", "Ctrl-C"],
)
def test_what_was_drafted_is_kept_when_it_stops(
    new: Callable[..., int], capsys: pytest.CaptureFixture[str], stop: BaseException, status: int, said: str
) -> None:
    assert new(*WHEN, *MUCH, stop) == status
    assert capsys.readouterr().err == (
        f"suwen: new.jsonl: keeps what was drafted so far; another --out starts anew\nsuwen: {said}\n"
    )
    assert [gold.answers for gold in read_gold([Path("new.jsonl")]).items] == [("1890",), ("40吨",)]


def test_each_is_on_disk_before_the_next_is_drafted(indexed: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.jsonl"
    model = Drafter(path, *WHEN, *MUCH, *COST, *SINCE)
    write_gold(path, Starter(BOTH, model).questions(4, lambda done, total: None))
    assert model.kept == [0, 0, 1, 1, 2, 2, 3, 3]  # asked twice for each


@pytest.mark.parametrize(
    ("replies", "status", "said"),
    [
        ((ModelError("the server is gone; start it"),), 1, "the server is gone; start it"),
        (["我不明白。"] * 6, 2, "ollama:x: none of its 6 drafts was sound; choose another --llm"),
    ],
    ids=["the model fails at once", "nothing sound"],
)
def test_no_file_is_left_without_a_question(
    new: Callable[..., int], capsys: pytest.CaptureFixture[str], replies: Sequence[str], status: int, said: str
) -> None:
    assert new(*replies) == status
    assert capsys.readouterr().err == f"suwen: {said}\n"
    assert not Path("new.jsonl").exists()


@pytest.mark.parametrize("option", ["--count=4", "--feedback"])
def test_a_file_that_someone_may_have_worked_on_is_left_alone(
    indexed: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    Path("mine.jsonl").write_text("mine", encoding="utf-8")
    assert main(["eval", "new", "--out", "mine.jsonl", option]) == 2
    assert capsys.readouterr().err == "suwen: mine.jsonl: is there already; choose another --out, or remove it\n"
    assert Path("mine.jsonl").read_text(encoding="utf-8") == "mine"
