"""``suwen eval run`` and ``check`` on gold sets that people got wrong: every line is named, the rest is evaluated."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.test_gold import MALFORMED, UNREADABLE, line, write
from ui.cli import main

GOOD = [
    line(id="一", question="产茶多少？", facts=[["320吨"]]),
    line(id="二", question="产茶几吨？", facts=[["320吨"]]),
]
UNFIT = [  # lines that are sound by themselves
    line(id="三", article="te.md"),
    line(id="四", article="水.md"),
    line(id="五", article="tea.md", evidence=["厂长是王芳。"]),
]
Suwen = Callable[..., int]


@pytest.fixture(params=["run", "check"])
def suwen(request: pytest.FixtureRequest, indexed: Path) -> Suwen:
    """Return a function that does one of the two actions with gold sets about the indexed articles."""
    options = {"run": ["--out", "r", "--no-cache"], "check": []}[request.param]
    return lambda *paths: main(["eval", request.param, *map(str, paths), *options])


def test_every_kind_of_malformed_line_is_named_once_and_the_rest_goes_on(
    suwen: Suwen, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(MALFORMED) >= 20
    lines = [GOOD[0], *(malformed for malformed, _ in MALFORMED.values()), *UNFIT, GOOD[1]]
    path = write(Path("gold.jsonl"), *lines)
    assert suwen(path) == 1
    out, err = capsys.readouterr()
    told = [each.split(": ", 2)[:2] for each in err.splitlines()]
    assert told == [["suwen", f"gold.jsonl:{number}"] for number in range(2, len(lines))]
    wrong = len(lines) - len(GOOD)
    if Path("r").exists():
        right = next(each for each in out.splitlines() if each.startswith("right "))
        assert f" {len(GOOD)} of {len(GOOD)} " in right
        kept = json.loads(Path("r/run.json").read_text(encoding="utf-8"))["errors"]
        assert kept == [each.removeprefix("suwen: ") for each in err.splitlines()]
        assert "gold.jsonl:2: " in Path("r/report.html").read_text(encoding="utf-8")
    else:
        assert out == f"{len(GOOD)} questions, {wrong} lines to correct\n"


def test_a_malformed_line_of_each_of_several_files_is_named(suwen: Suwen, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [write(Path(f"{number}.jsonl"), GOOD[number], "{") for number in range(2)]
    assert suwen(*paths) == 1
    assert [each.split(": ")[1] for each in capsys.readouterr().err.splitlines()] == ["0.jsonl:2", "1.jsonl:2"]


def test_a_set_without_a_sound_line_is_no_run(suwen: Suwen, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(Path("gold.jsonl"), *(malformed for malformed, _ in list(MALFORMED.values())[:3]))
    status = suwen(path)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert [each.split(": ")[1] for each in lines[:3]] == [f"gold.jsonl:{number}" for number in (1, 2, 3)]
    if out:
        assert (status, out, len(lines)) == (1, "0 questions, 3 lines to correct\n", 3)
    else:
        assert (status, len(lines)) == (2, 4)
        assert lines[3] == "suwen: no question is left to ask; correct the lines above, or name the index with --index"
        assert not Path("r").exists()


@pytest.mark.parametrize(("content", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_gold_set_is_one_line(
    suwen: Suwen, capsys: pytest.CaptureFixture[str], content: bytes | None, said: str
) -> None:
    if content is not None:
        Path("gold.jsonl").write_bytes(content)
    assert suwen("gold.jsonl") == 2
    assert capsys.readouterr() == ("", f"suwen: gold.jsonl: {said}\n")
    assert not Path("r").exists()
