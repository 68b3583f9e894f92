"""The comparison with other pipelines, with systems that are a few lines each."""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gold import Gold
from eval.peers.asking import Contest, ask_all, rotated
from eval.peers.keeping import Systems
from eval.peers.processes import System, SystemFailed
from eval.peers.protocol import WARM_UP, Setup, Text
from eval.runs.answers import read_rows
from rag.errors import SuwenError, UsageError
from tests.small_disk import small_disk

SETUP = Setup((Text("tea.md", "茶", "茶厂年产320吨。"),), "http://127.0.0.1:1/v1", "key", "qwen", 8192, "/models/e5")

# Answers with the question; says on standard error what it was asked, which is its log.
FAKE = """
import sys
from eval.peers.protocol import Reply, serve

def build(setup):
    print("a library that prints")
    def ask(question, history, said):
        sys.stderr.write(f"asked {question}\\n")
        if question.startswith("die"):
            sys.exit("it broke")
        for piece in ["", "答：", question, *(f"，接着{asked}" for asked, answered in history)]:
            said(piece)
        return Reply("答：" + question, tuple(article.text for article in setup.articles))
    return ask

serve(build, ["pip"])
"""
FAKE_COMMAND = (sys.executable, "-c", FAKE)


def question(identity: str, text: str = "", category: str = "single-fact") -> Gold:
    return Gold(identity, text or f"问{identity}", answerable=True, category=category, facts=(("问",),))


def contest(folder: Path, *gold: Gold, **commands: Sequence[str]) -> Contest:
    return Contest(folder, gold, SETUP, commands or {"one": FAKE_COMMAND, "two": FAKE_COMMAND})


def quiet(done: int, total: int) -> None:
    pass


def asked(folder: Path, name: str) -> list[str]:
    """Return the questions that a fake system's log says it was asked."""
    lines = (folder / f"{name}.log").read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("asked ") for line in lines if line.startswith("asked ")]


def test_a_system_answers_and_says_how_long_it_took(tmp_path: Path) -> None:
    system = System("fake", FAKE_COMMAND, tmp_path / "fake.log")
    started = system.start(SETUP)
    reply = system.ask("茶？", [("早先？", "是。")])
    assert started.versions.keys() == {"pip"}
    assert 0 <= started.index_s < 60
    assert {key: reply[key] for key in ("answer", "passages")} == {
        "answer": "答：茶？",
        "passages": ["茶厂年产320吨。"],
    }
    assert 0 <= reply["first_token_s"] <= reply["total_s"]
    assert 5 < (system.stop() or 0) < 100
    assert system.stop() is None  # nobody knows what a process that is gone has held


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ((sys.executable, "-c", "raise SystemExit('no such model')"), "fake: no such model; see "),
        ((sys.executable, "-c", "print('hello')"), r"fake: ended with status -?\d+; see "),
        (("/nowhere/python",), "fake: /nowhere/python cannot be started .*; run: make peers"),
    ],
    ids=["dies", "speaks something else", "is not installed"],
)
def test_a_system_that_does_not_start(tmp_path: Path, program: Sequence[str], message: str) -> None:
    with pytest.raises(SystemFailed, match=message):
        System("fake", program, tmp_path / "fake.log").start(SETUP)


def test_a_system_that_does_not_reply_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.peers.processes.STARTING_S", 0.05)
    with pytest.raises(SystemFailed, match="fake: no reply in 0 seconds"):
        System("fake", (sys.executable, "-c", "input(); input()"), tmp_path / "fake.log").start(SETUP)


@pytest.mark.parametrize(("turn", "order"), [(0, "abc"), (1, "bca"), (2, "cab"), (3, "abc")])
def test_every_system_comes_first_in_its_turn(turn: int, order: str) -> None:
    assert "".join(rotated("abc", turn)) == order


def test_every_question_goes_to_every_system_in_turn(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    about = ask_all(contest(tmp_path, question("1"), question("2")), lambda *done: told.append(done), pytest.fail)
    rows = [(row["id"], row["system"], row["answer"]) for row in read_rows(tmp_path / "answers.jsonl")]
    assert rows == [("1", "one", "答：问1"), ("1", "two", "答：问1"), ("2", "two", "答：问2"), ("2", "one", "答：问2")]
    assert asked(tmp_path, "one") == [WARM_UP, "问1", "问2"]
    assert told == [(0, 4), (0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert {name: sorted(each) for name, each in about.items()} == {
        name: ["index_s", "peak_mb", "versions"] for name in ("one", "two")
    }


def test_a_killed_comparison_goes_on(tmp_path: Path) -> None:
    gold = [question("1"), question("2")]
    ask_all(contest(tmp_path, *gold), quiet, pytest.fail)
    path = tmp_path / "answers.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    for log in tmp_path.glob("*.log"):
        log.unlink()
    ask_all(contest(tmp_path, *gold), quiet, pytest.fail)
    assert [(row["id"], row["system"]) for row in read_rows(path)] == [
        ("1", "one"), ("1", "two"), ("2", "two"), ("2", "one")
    ]  # fmt: skip
    assert asked(tmp_path, "one") == [WARM_UP, "问2"]
    assert not (tmp_path / "two.log").exists()  # it had nothing left to do


def test_what_a_system_is_outlives_a_stop_at_any_time(tmp_path: Path) -> None:
    seen: list[dict[str, list[str]]] = []
    both = contest(tmp_path, question("1"))

    def stopped_at_the_last(done: int, total: int) -> None:
        seen.append({name: sorted(about) for name, about in both.systems.read().items()})
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_all(both, stopped_at_the_last, pytest.fail)
    started = {"one": ["index_s", "versions"], "two": ["index_s", "versions"]}
    assert seen == [{}, started, started, started]
    about = ask_all(both, quiet, pytest.fail)
    assert {name: sorted(each) for name, each in about.items()} == {
        name: ["index_s", "peak_mb", "versions"] for name in ("one", "two")
    }


@given(st.lists(st.floats(1, 1e5), min_size=1, max_size=5))
def test_the_greatest_memory_of_a_system_counts(peaks: list[float]) -> None:
    with TemporaryDirectory() as folder:
        systems = Systems(Path(folder) / "systems.json")
        for number, peak in enumerate(peaks):
            systems.started("one", number, {"pip": "1"})
            systems.ended("one", peak)
        assert systems.read() == {"one": {"index_s": len(peaks) - 1, "versions": {"pip": "1"}, "peak_mb": max(peaks)}}


def test_a_full_disk_is_a_line(tmp_path: Path) -> None:
    with small_disk(4 << 10) as disk:
        (disk / "filler").write_bytes(bytes(4 << 10))
        with pytest.raises(
            SuwenError, match=r"systems\.json: cannot be written \(No space left on device\); mend that"
        ):
            Systems(disk / "systems.json").ended("one", 80.0)


def test_a_system_that_starts_again_is_no_longer_given_up(tmp_path: Path) -> None:
    systems = Systems(tmp_path / "systems.json")
    systems.given_up("one", "it broke")
    systems.given_up("two", "it broke")
    systems.started("one", 1.5, {"pip": "1"})
    assert systems.read() == {"one": {"index_s": 1.5, "versions": {"pip": "1"}}, "two": {"error": "it broke"}}


def test_answers_of_another_comparison_are_not_added_to(tmp_path: Path) -> None:
    ask_all(contest(tmp_path, question("1")), quiet, pytest.fail)
    with pytest.raises(UsageError, match=r"answers\.jsonl:1: is no answer to what is asked"):
        ask_all(contest(tmp_path, question("9")), quiet, pytest.fail)


def test_a_system_that_fails_is_started_again_then_left_alone(tmp_path: Path) -> None:
    warnings: list[str] = []
    gold = [question("1", "die"), question("2"), *(question(str(number), "die") for number in range(3, 8))]
    about = ask_all(contest(tmp_path, *gold, one=FAKE_COMMAND), quiet, warnings.append)
    rows = list(read_rows(tmp_path / "answers.jsonl"))
    assert [row.get("answer", "failed") for row in rows] == ["failed", "答：问2", "failed", "failed", "failed"]
    assert rows[0]["error"] == f"one: it broke; see {tmp_path / 'one.log'}"
    assert warnings == [rows[-1]["error"]] == [about["one"]["error"]]


def test_the_rest_goes_on_without_a_system_that_does_not_start(tmp_path: Path) -> None:
    warnings: list[str] = []
    commands = {"one": ("/nowhere/python",), "two": FAKE_COMMAND}
    about = ask_all(contest(tmp_path, question("1"), **commands), quiet, warnings.append)
    assert [row["system"] for row in read_rows(tmp_path / "answers.jsonl")] == ["two"]
    assert warnings == [about["one"]["error"]]
