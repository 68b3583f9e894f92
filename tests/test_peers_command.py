"""The command that compares Suwen with other pipelines: what it refuses, takes up, prints and writes."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.gold import Gold, write_gold
from eval.peers import __main__ as command
from eval.peers.protocol import Setup, Text
from rag.records import Turn
from rag.settings import Settings
from tests.test_peers import FAKE, FAKE_COMMAND, SETUP, question


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return a function that runs the command on two questions, with fake systems and models of a few bytes."""

    def prepared(settings: Settings, articles: Sequence[Path]) -> Setup:
        texts = tuple(Text(path.name, path.stem, path.read_text(encoding="utf-8")) for path in articles)
        return replace(SETUP, articles=texts, embedder=str(tmp_path / "e5"))

    monkeypatch.setattr(command, "SYSTEMS", {"one": FAKE_COMMAND, "two": FAKE_COMMAND, "lost": ("/nowhere/python",)})
    monkeypatch.setattr(command, "prepare", prepared)
    (tmp_path / "e5").mkdir()
    for name in ("model.gguf", "e5/model.safetensors", "tea.md"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    write_gold(tmp_path / "gold.jsonl", [question("1"), question("2")])
    return lambda *options: command.main(
        [
            *(str(tmp_path / "gold.jsonl"), "--out", str(tmp_path / "out"), "--llm", str(tmp_path / "model.gguf")),
            *("--articles", str(tmp_path / "tea.md"), *options),
        ]
    )


def test_the_command_prints_and_writes_the_table(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    first = capsys.readouterr()
    assert first.out == (tmp_path / "out" / "table.md").read_text(encoding="utf-8")
    assert "eval.peers: lost: /nowhere/python cannot be started" in first.err
    table: dict[str, Any] = json.loads((tmp_path / "out" / "table.json").read_text(encoding="utf-8"))
    assert [(each["system"], each["right"]["count"], bool(each["error"])) for each in table["systems"]] == [
        ("one", 2, False), ("two", 2, False), ("lost", 0, True)
    ]  # fmt: skip
    assert run("--systems", "one,two") == 0  # with nothing left to ask, what was measured before is kept
    rest = first.out.split("\n\n- lost")[0]
    assert capsys.readouterr().out.strip() == rest.strip()


def test_the_memory_of_a_system_that_died_is_not_known(
    run: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mortal = FAKE.replace("serve(build", "import eval.peers.protocol as p; p.peak_mb = sys.exit\nserve(build")
    monkeypatch.setattr(command, "SYSTEMS", {"one": (sys.executable, "-c", mortal)})
    assert run("--systems", "one") == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("| one | 2 of 2"))
    assert row.split(" | ")[8] == "–"


def test_an_unknown_system(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--systems", "one,three") == 2
    assert capsys.readouterr().err == "eval.peers: no system 'three'; systems are one, two, lost\n"


def test_a_set_with_passages_of_its_own(run: Callable[..., int], tmp_path: Path) -> None:
    own = Gold("1", "问？", answerable=True, category="own", answers=("答",), passages=("答。",))
    write_gold(tmp_path / "gold.jsonl", [own])
    assert run() == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("file", "differs"),
    [
        ("model.gguf", "model"),
        ("e5/model.safetensors", "embedder"),
        ("tea.md", "articles"),
        ("gold.jsonl", "questions"),
    ],
)
def test_a_comparison_is_only_taken_up_with_the_same_models_and_texts(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, differs: str
) -> None:
    assert run("--systems", "one") == 0
    capsys.readouterr()
    content = (tmp_path / file).read_text(encoding="utf-8")
    (tmp_path / file).write_text(content.replace("问1", "问9") if differs == "questions" else "other", encoding="utf-8")
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert run("--systems", "one") == 2
    told = f"eval.peers: {tmp_path / 'out'}: was not run with the same {differs}; choose another --out\n"
    assert capsys.readouterr().err == told
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_follow_up_to_something_else_is_another_question(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for before in ("早先？", "更早？"):
        write_gold(tmp_path / "gold.jsonl", [replace(question("1"), history=(Turn(before, "是。"),))])
        status = run("--systems", "one")
    assert status == 2
    assert "was not run with the same questions" in capsys.readouterr().err


def test_what_is_right_may_be_corrected(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--systems", "one") == 0
    assert "| one | 2 of 2 " in capsys.readouterr().out
    write_gold(tmp_path / "gold.jsonl", [replace(question("1"), facts=(("别的",),)), question("2")])
    assert run("--systems", "one") == 0
    assert "| one | 1 of 2 " in capsys.readouterr().out


def test_a_folder_of_something_else_is_left_alone(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "answers.jsonl").write_text("", encoding="utf-8")
    assert run() == 2
    assert "holds something else than a comparison; choose another --out" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["answers.jsonl"]


@pytest.mark.parametrize("limit", ["x", "0", "-3", "1.5", ""])
def test_a_limit_that_is_no_number_is_told_with_what_is_one(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str], limit: str
) -> None:
    with pytest.raises(SystemExit):
        run(f"--limit={limit}")
    assert capsys.readouterr().err.endswith(f"argument --limit: {limit!r} is no whole number from 1 up\n")
