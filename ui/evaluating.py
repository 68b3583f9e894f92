"""What ``suwen eval`` and its actions do. The one place where the command line meets ``eval``."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import UsageError
from rag.settings import ROOT, Settings
from ui import console

if TYPE_CHECKING:
    from eval.gold import Gold, GoldSet
    from eval.run import Run
    from rag.pipeline import Pipeline

Options = argparse.Namespace
RUNS = ROOT / "runs"


def evaluate(settings: Settings, options: Options) -> int:
    """Do the action that was named; returns the exit status."""
    return _ACTIONS[options.action](settings, options)


def run(settings: Settings, options: Options) -> int:
    """Ask the questions of gold sets and measure the answers."""
    from eval.cache import Cache
    from eval.gates import parse_gate
    from eval.gold import read_gold
    from eval.manifest import describe
    from eval.recording import Heard, Recorded
    from eval.report import write_report
    from eval.run import ask_gold, finish, start
    from rag.llm import is_api
    from rag.pipeline import Pipeline

    gates = [parse_gate(text) for text in options.fail_if]
    if options.workers > 1 and not is_api(settings.llm):
        raise UsageError(f"--workers {options.workers} is for an API; {settings.llm} answers one question at a time")
    gold = read_gold(options.gold)
    items = _chosen(gold.items, options)
    heard = Heard()
    with_index = any(item.passages is None for item in items)
    pipeline = Pipeline.open(settings, with_index=with_index, around=lambda model: Recorded(model, heard))
    wrong = [*gold.errors, *(_misplaced(items, pipeline) if with_index else ())]
    ...
