"""A gold set asked on the answer path of the chat, every answer kept in a folder, and what they are worth."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.gold import read_gold
from eval.scoring import Summary, score, summarise
from rag.batch import Item, run_batch
from rag.building import Progress
from rag.pipeline import Pipeline
from rag.settings import ROOT, Settings


@dataclass(frozen=True)
class Run:
    """A finished run: where its answers are, and how each category did."""

    answers: Path
    summaries: tuple[Summary, ...]


def run_gold(
    pipeline: Pipeline, paths: Sequence[Path], folder: Path | None, limit: int | None, progress: Progress
) -> Run:
    """Ask every question of the gold sets; a stopped run is taken up again when ``folder`` names it.

    Raises:
        UsageError: a gold set cannot be read, or ``folder`` holds another run.
        ModelError: the model failed; what was answered is kept.

    """
    gold = [each for path in paths for each in read_gold(path)][:limit]
    folder = folder or ROOT / "runs" / time.strftime("%Y%m%d-%H%M%S")
    answers = folder / "answers.jsonl"
    items = [Item(number, each.id, each.ask()) for number, each in enumerate(gold, start=1)]
    run_batch(
        items,
        answers,
        lambda question: pipeline.ask(question, strict=True).to_json(),
        lambda done: progress(done, len(items)),
    )
    rows = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    summaries = summarise([score(each, answer) for each, answer in zip(gold, rows, strict=True)])
    _write_summary(folder, pipeline.settings, summaries)
    return Run(answers, tuple(summaries))


def _write_summary(folder: Path, settings: Settings, summaries: Sequence[Summary]) -> None:
    body = {"settings": asdict(settings), "summaries": [asdict(each) for each in summaries]}
    (folder / "summary.json").write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
