"""Helpers of the tests that run commands, in this process or in one of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rag.llm import ChatModel

ROOT = Path(__file__).parent.parent
HIT_KEYS = ["article", "source", "start", "end", "score", "text"]
ANSWER_KEYS = [
    "question",
    "answer",
    "refused",
    "citations",
    "hits",
    "unsupported",
    "model",
    "index",
    "usage",
    "timings",
]


def says(model: ChatModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "rag.pipeline.open_model", lambda settings, spec, locate: None if spec == "extractive" else model
    )
    monkeypatch.setenv("SUWEN_LLM", "scripted")


def suwen(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def written(folder: Path) -> dict[Path, tuple[int, int]]:
    """Return when everything below a folder was last written, and what file it is."""
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in folder.rglob("*")}


def line(capsys: pytest.CaptureFixture[str], pattern: str) -> None:
    """Check that nothing but one line that matches is on standard error, and nothing on standard output."""
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(f"suwen: {pattern}\n", err), err
