"""Keyword search alone by the number of texts: seconds to build, size on disk, and how long a question takes.

The texts are parts of real sentences shuffled, so that characters, pairs and words are as common as they are there:
those of the public sets that lie in ``shared/data`` beside the repository, otherwise those of the sample articles, of
which each question then finds far too many. Times are of this thread's processor, which other work on the machine
changes least.
"""

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from eval.bench.timing import Row
from eval.gold import read_gold
from eval.memory import peak_mb
from eval.sets.paragraphs import read_rows
from rag.articles import read_articles
from rag.lexical import Lexical
from rag.settings import ROOT, Settings

SIZES = (10_000, 100_000, 1_000_000)  # texts
LENGTH = 70  # characters of a text, at least
NOMINATED = 50  # texts that a question asks for
QUESTIONS = 300
SETS = ROOT.parent / "shared" / "data"
_PART = re.compile(r"[^，、；。！？,;!?\n]{4,}[，、；。！？,;!?]*")


def rows(settings: Settings, sizes: Sequence[int] = SIZES, sets: Path = SETS) -> list[Row]:
    """Time real questions in indexes of so many texts."""
    texts, questions = material(sets)
    asked = random.Random(0).sample(questions, min(len(questions), QUESTIONS))
    return [row for size in sizes for row in _timed(size, texts, asked)]


def material(sets: Path = SETS) -> tuple[list[str], list[str]]:
    """Return texts and questions of the public sets; those of the sample articles where the sets are not there."""
    return _real(sets) if sets.exists() else _sample()


def _real(sets: Path) -> tuple[list[str], list[str]]:
    texts, questions = (
        [str(row[key]) for path in sorted(sets.glob(f"*/{name}.jsonl")) for row, _ in read_rows(path)]
        for name, key in (("corpus", "text"), ("questions", "question"))
    )
    return texts, questions


def _sample() -> tuple[list[str], list[str]]:
    articles = read_articles([ROOT / "eval" / "articles"]).articles
    gold = read_gold(sorted((ROOT / "eval" / "gold").glob("*.jsonl")))
    return [article.text for article in articles], [each.question for each in gold.items]


def _timed(size: int, texts: Sequence[str], questions: Sequence[str]) -> list[Row]:
    with TemporaryDirectory() as name:
        folder = Path(name) / "lexical"
        took = _seconds(lambda: Lexical.from_texts(made(size, texts)).save(folder))
        stored = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        lexical = Lexical.load(folder)
        for _ in range(2):  # the first round brings the files into memory
            times = [1000 * _seconds(partial(lexical.best, question, NOMINATED)) for question in questions]
    middle, high = np.percentile(times, (50, 95))
    return [
        Row(
            f"keyword index of {size:,} texts: build, disk, peak memory",
            f"{took:.0f} s, {stored:.0f} MB, {peak_mb():.0f} MB",
        ),
        Row(f"keyword search among {size:,} texts: p50, p95", f"{middle:.1f} ms, {high:.1f} ms"),
    ]


def made(size: int, texts: Sequence[str]) -> Iterator[str]:
    """Yield ``size`` texts of parts of the sentences of some texts, shuffled."""
    parts = [part for text in texts for part in _PART.findall(text)]
    draw = random.Random(0)
    for _ in range(size):
        text = ""
        while len(text) < LENGTH:
            text += draw.choice(parts)
        yield text


def _seconds(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started
