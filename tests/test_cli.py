import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commandline import ROOT, line, suwen
from ui.cli import main

pytestmark = pytest.mark.usefixtures("here")

# what is shown without work


def test_help_is_quick() -> None:
    seconds = []
    for _ in range(10):
        started = time.perf_counter()
        assert suwen("--help").returncode == 0
        seconds.append(time.perf_counter() - started)
    assert statistics.median(seconds) < 0.5, seconds


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    for command in ("index", "ask", "search", "chat", "eval", "models", "verify", "doctor"):
        assert f"\n    {command} " in out


@pytest.mark.parametrize(
    "arguments",
    [[], ["fly"], ["index"], ["search", "x", "-k", "0"], ["search", "x", "-k", "a"], ["models"], ["ask", "x", "--fly"]],
    ids=" ".join,
)
def test_wrong_words_are_wrong_use(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("suwen")


# one line for what is wrong


WRONG = {
    "no question": (["ask"], 2, "suwen ask needs a question, or --batch IN.jsonl --out OUT.jsonl"),
    "an empty question": (["search", ""], 2, "suwen search needs a question, .*"),
    "a blank question": (["ask", " "], 2, "the question is empty; write one"),
    "a long question": (["ask", "茶" * 2001], 2, "the question has 2001 characters; 2000 are the most"),
    "no UTF-8": (["ask", "\udcff"], 2, r"the question '\\udcff' is not UTF-8; check the terminal's encoding"),
    "question and batch": (
        ["ask", "x", "--batch", "in.jsonl", "--out", "o"],
        2,
        "give a question or --batch, not both",
    ),
    "batch without out": (["search", "--batch", "in.jsonl"], 2, "--batch needs --out OUT.jsonl for the results"),
    "out without batch": (["ask", "x", "--out", "o"], 2, "--out goes with --batch; .*"),
    "out on itself": (["ask", "--batch", "in.jsonl", "--out", "in.jsonl"], 2, "in.jsonl: holds the questions; .*"),
    "no batch file": (["ask", "--batch", "no", "--out", "o"], 2, r"no: cannot be read \(No such .*\); check the path"),
    "no index": (["ask", "x", "--index", "tee"], 1, "no index 'tee' in .*; run: suwen index PATH --index tee"),
    "no index to verify": (["verify", "--index", "tee"], 1, "no index 'tee' in .*"),
    "an empty name": (["ask", "x", "--index", ""], 2, "the command line sets index to '', which is no text"),
    "unknown provider": (["ask", "x", "--llm", "acme:m"], 2, "no language model 'acme:m'; use .*openai:MODEL, .*"),
    "unknown model": (["ask", "x", "--llm", "acme"], 2, "no model is called 'acme'; the catalogue has .*"),
    "absent model": (
        ["ask", "x", "--llm", "qwen2.5-coder-0.5b"],
        1,
        "qwen2.5-coder-0.5b is not in .*; run: suwen models pull qwen2.5-coder-0.5b",
    ),
    "absent file": (["ask", "x", "--llm", "no/model.gguf"], 1, "no/model.gguf is no .gguf file .*; correct the path"),
    "no key file": (
        ["ask", "x", "--llm", "openai:m", "--api-key-file", "no"],
        2,
        "the API key file no cannot be read; check its path",
    ),
    "pull of nothing": (["models", "pull", "acme"], 2, "no model is called 'acme'; the catalogue has .*"),
}


@pytest.mark.parametrize(("arguments", "status", "said"), WRONG.values(), ids=WRONG)
def test_one_line_says_what_is_wrong(
    indexed: Path, here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, said: str
) -> None:
    questions = '{"question": "x"}\n'
    (here / "in.jsonl").write_text(questions, encoding="utf-8")
    assert main(arguments) == status
    line(capsys, said)
    assert (here / "in.jsonl").read_text(encoding="utf-8") == questions
    assert not (here / "o").exists()


def test_a_wrong_setting_is_wrong_use(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUWEN_THREADS", "many")
    assert main(["verify"]) == 2
    line(capsys, "the environment sets threads to 'many', which is no whole number from 0 up")


def test_an_absent_embedder_is_one_line(indexed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = suwen("search", "茶")  # a process of its own has no fakes
    expected = "suwen: multilingual-e5-small is not in .*/models; run: suwen models pull multilingual-e5-small\n"
    assert (run.returncode, run.stdout) == (1, "")
    assert re.fullmatch(expected, run.stderr), run.stderr


def test_debug_shows_where_an_error_came_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "x", "--index", "tee", "--debug"]) == 1
    err = capsys.readouterr().err
    assert "Traceback (most recent call last):" in err
    assert "FileNotFoundError" in err
    assert err.splitlines()[-1].startswith("suwen: no index 'tee' in ")


def test_an_error_of_the_system_is_one_line(
    indexed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(settings: object) -> None:
        raise PermissionError(13, "Permission denied", "/models/x")

    monkeypatch.setattr("rag.pipeline.open_embedder", refuse)
    assert main(["search", "x"]) == 1
    line(capsys, "/models/x: Permission denied; check the path, its permissions and the space")


def test_ctrl_c(indexed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rag.pipeline.open_embedder", interrupted)
    assert main(["search", "x"]) == 130
    line(capsys, "stopped")


# as a process


def test_the_exit_status_of_a_process() -> None:
    missing = suwen("verify", "--index", "tee")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert re.fullmatch(r"suwen: no index 'tee' in .*\n", missing.stderr)
    assert suwen("ask").returncode == 2
    assert suwen("models", "list").returncode == 0


def test_a_terminal_that_knows_no_chinese() -> None:
    run = suwen("--help", PYTHONIOENCODING="ascii")
    assert run.returncode == 0
    assert r"Suwen \u6eaf\u95ee answers" in run.stdout


def test_a_reader_that_goes_away() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run(
        [sys.executable, "-m", "ui.cli", "models", "list"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (run.returncode, run.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full to write to")
def test_output_to_a_full_disk() -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "ui.cli", "models", "list"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    expected = "suwen: No space left on device; check the path, its permissions and the space\n"
    assert (run.returncode, run.stderr) == (1, expected)


def test_an_index_can_be_moved(indexed: Path, here: Path) -> None:
    shutil.move(indexed, here / "elsewhere")
    assert main(["verify", "--index", str(here / "elsewhere")]) == 0
    assert main(["search", "茶", "--index", str(here / "elsewhere")]) == 0
