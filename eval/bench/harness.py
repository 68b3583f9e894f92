"""What evaluating costs beside the answers themselves: time and memory with scripted answers, and kills survived."""

import json
import sys
import tempfile
import time
from pathlib import Path

from eval.bench.apart import apart
from eval.bench.interruption import interrupt
from eval.bench.scripted import MANIFEST, answer, article, questions
from eval.bench.timing import Row
from eval.gold import Gold
from eval.memory import peak_mb
from eval.pages.report import write_report
from eval.runs.cache import Cache
from eval.runs.run import ask_gold, finish, start
from rag.records import Json
from rag.settings import Settings

QUESTIONS = 10_000
KILLS = 100


def rows(settings: Settings, count: int = QUESTIONS, kills: int = KILLS) -> list[Row]:
    """Run everything in a process of its own, from asking to the report; then a run that is killed.

    Raises:
        SuwenError: that process failed.

    """
    del settings
    with tempfile.TemporaryDirectory() as folder:
        told = alone(Path(folder), count)
        outcome = interrupt(Path(folder), kills)
    return [
        Row("evaluation, ms a question beside the answer", f"{told['ms']:.2f}"),
        Row(f"evaluation, peak memory with {count:,} questions, MB", f"{told['mb']:.0f}"),
        Row(f"evaluation, report of {count:,} questions, MB", f"{told['report_mb']:.0f}"),
        Row(f"killed {outcome.kills} times: questions asked again though answered", f"{outcome.asked_again}"),
        Row(
            f"killed {outcome.kills} times: same answers and metrics",
            str(outcome.same_answers and outcome.same_metrics),
        ),
    ]


def alone(folder: Path, count: int) -> dict[str, float]:
    """Measure in a process of its own, whose memory is that of nothing else.

    Raises:
        SuwenError: it failed.

    """
    return apart("harness", folder, count)


def measure(folder: Path, count: int) -> Json:
    """Run the scripted questions from start to report; answers' own time is not counted."""
    asking = 0.0

    def ask(gold: Gold) -> Json:
        nonlocal asking
        began = time.perf_counter()
        given = answer(gold)
        asking += time.perf_counter() - began
        return given

    began, worked = time.perf_counter(), time.process_time()
    gold = list(questions(count))
    start(folder / "run", MANIFEST, gold)
    cache = Cache(folder / "cache.sqlite")
    ask_gold(folder / "run", gold, ask, cache, lambda done, total: None)
    write_report(finish(folder / "run", article), folder / "run" / "report.html")
    return {
        "ms": 1000 * (time.perf_counter() - began - asking) / count,
        "cpu_ms": 1000 * (time.process_time() - worked) / count,  # whatever else the machine does
        "mb": peak_mb(),
        "report_mb": (folder / "run" / "report.html").stat().st_size / 1e6,
    }


if __name__ == "__main__":
    json.dump(measure(Path(sys.argv[1]), int(sys.argv[2])), sys.stdout)
