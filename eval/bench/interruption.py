"""A run killed again and again at random moments, and taken up each time."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eval.bench.scripted import MANIFEST, answer, article, questions
from eval.gold import Gold
from eval.runs.cache import Cache
from eval.runs.run import ask_gold, finish, start
from rag.records import Json
from rag.settings import ROOT

QUESTIONS = 2000
PAUSE = 0.002  # seconds an answer takes
MOST = 12  # questions a process has asked before it is killed, at most; it asks on until the kill arrives


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run that was killed, compared with an unbroken one."""

    kills: int
    asked_again: int  # questions asked although their answer was in the folder
    under_way: int  # questions asked a second time because the kill came before their answer was there
    same_metrics: bool
    same_answers: bool


def interrupt(folder: Path, kills: int, seed: int = 0) -> Outcome:
    """Run ``QUESTIONS`` scripted questions, killing the process ``kills`` times at random moments."""
    moments = random.Random(seed)
    broken, whole = folder / "broken", folder / "whole"
    asked: list[str] = []
    again = 0
    for left in range(kills, -1, -1):
        kept = _kept(broken / "answers.jsonl")
        new = _ask(broken, moments.randrange(MOST) if left else None)
        again += len(kept & set(new))
        asked += new
    run(whole, answer)
    return Outcome(
        kills=kills,
        asked_again=again,
        under_way=len(asked) - len(set(asked)) - again,
        same_metrics=all(_same(broken, whole, name) for name in ("metrics.json", "scores.jsonl")),
        same_answers=_same(broken, whole, "answers.jsonl"),
    )


def run(folder: Path, ask: Callable[[Gold], Json]) -> None:
    """Run the scripted questions, or what is left of them, to the end."""
    gold = list(questions(QUESTIONS))
    start(folder, MANIFEST, gold)
    ask_gold(folder, gold, ask, Cache(None), lambda done, total: None)
    finish(folder, article)


def _ask(folder: Path, most: int | None) -> list[str]:
    """Let a process run and kill it once it has asked ``most`` questions; return all that it asked."""
    command = [sys.executable, "-m", "eval.bench.interruption", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = []
        if most is not None:
            lines = [process.stdout.readline() for _ in range(most)]
            process.kill()
        lines += process.stdout
    if most is None and process.returncode:
        raise RuntimeError(f"the run in {folder} ended with {process.returncode}")
    return [line.strip() for line in lines if line.endswith("\n")]


def _slowly(gold: Gold) -> Json:
    sys.stdout.write(f"{gold.id}\n")
    sys.stdout.flush()
    time.sleep(PAUSE)
    return answer(gold)


def _kept(path: Path) -> set[str]:
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return {json.loads(line)["id"] for line in lines}


def _same(one: Path, other: Path, name: str) -> bool:
    return (one / name).read_bytes() == (other / name).read_bytes()


if __name__ == "__main__":
    run(Path(sys.argv[1]), _slowly)
