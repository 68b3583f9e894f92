"""Seconds to the first word and to the whole answer, against the textbook LangChain pipeline, question by question."""

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from eval.bench.timing import Row, Spread, ratios
from eval.gold import read_gold, stratified
from eval.peers.asking import Contest, ask_all, prepare
from eval.peers.processes import OTHERS, SYSTEMS
from eval.runs.answers import read_rows
from rag.errors import UsageError
from rag.settings import ROOT, Settings

QUESTIONS = 10
OURS, OTHER = "suwen", "langchain"


def rows(settings: Settings) -> list[Row]:
    """Ask both the same questions in turn, of one language model.

    Raises:
        UsageError: the textbook pipeline is not installed, or one of the two failed.

    """
    if not OTHERS.exists():
        raise UsageError("the textbook pipeline is not installed; run: make peers LIMIT=1")
    gold = stratified(read_gold(sorted((ROOT / "eval" / "gold").glob("*.jsonl"))).items, QUESTIONS)
    commands = {name: SYSTEMS[name] for name in (OURS, OTHER)}
    with ExitStack() as removing:
        folder = Path(tempfile.mkdtemp(prefix="suwen-bench-"))
        removing.callback(shutil.rmtree, folder)
        contest = Contest(folder, gold, prepare(settings, [ROOT / "eval" / "articles"]), commands)
        about = ask_all(contest, lambda done, total: None, lambda line: None)
        answers = list(read_rows(contest.answers.path))
        failed = [each["error"] for each in (*about.values(), *answers) if "error" in each]
        if failed:
            removing.pop_all()  # the error names a log in it
            raise UsageError(f"a pipeline failed: {failed[0]}")
    table = []
    for key, what in (("first_token_s", "first word, s"), ("total_s", "whole answer, s")):
        ours, other = ([answer[key] for answer in answers if answer["system"] == name] for name in (OURS, OTHER))
        table.append(Row(what, Spread.of(ours).text(), Spread.of(other).text(), ratios(ours, other).text("x")))
    return table
