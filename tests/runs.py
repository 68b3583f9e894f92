"""Runs without a model: what became of each question is one letter."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.bench.scripted import MANIFEST, article
from eval.gold import Gold
from eval.runs.cache import Cache
from eval.runs.run import Run, ask_gold, finish, start
from rag.errors import UsageError
from rag.records import Json

REFUSAL = "文章没有提到。"


def questions(count: int, *, unanswerable: int = 0) -> list[Gold]:
    """Return gold questions q0, q1, …, of which the last ones cannot be answered."""
    answerable = [
        Gold(f"q{n}", f"第{n}年的产量？", True, "single-fact", ((f"{n}吨",),), (), ((quote(n),),), "tea.md")
        for n in range(count)
    ]
    return answerable + [
        Gold(f"q{n}", f"第{n}年的利润？", False, "unanswerable", article="tea.md")
        for n in range(count, count + unanswerable)
    ]


def quote(n: int) -> str:
    return f"茶厂当年产茶{n}吨。"


def reply(gold: Gold, letter: str, seconds: float = 1.0, confidence: float = 0.5) -> Json:
    """Return what was said: ``+`` tells the fact, ``-`` another one, ``0`` refuses, ``!`` is an error."""
    if letter == "!":
        raise UsageError("no answer")
    n = int(gold.id[1:])
    place: dict[str, Any] = {"article": "tea.md", "source": "/tea.md", "start": 0, "end": len(quote(n))}
    return {
        "question": gold.question,
        "answer": {"+": f"当年产茶{n}吨[1]。", "-": f"当年产茶{n + 500}吨[1]。", "0": REFUSAL}[letter],
        "refused": letter == "0",
        "citations": [] if letter == "0" else [{**place, "marker": 1, "title": "茶", "quote": quote(n)}],
        "hits": [{**place, "score": confidence, "text": quote(n)}],
        "unsupported": [],
        "usage": {"prompt_tokens": 0, "cached_tokens": 0, "completion_tokens": 0},
        "timings": {"retrieve_s": 0.0, "first_token_s": seconds / 2, "total_s": seconds},
        "prompts": [],
    }


def make_run(
    folder: Path,
    *repeats: str,
    gold: Sequence[Gold] | None = None,
    seconds: Sequence[float] = (),
    confidence: Sequence[float] = (),
    **manifest: object,
) -> Run:
    """Ask the questions in their order; every repeat has a letter for each of them."""
    gold = questions(len(repeats[0])) if gold is None else gold
    letters = iter([(row, repeat[row]) for row in range(len(gold)) for repeat in repeats])

    def ask(each: Gold) -> Json:
        row, letter = next(letters)
        return reply(each, letter, seconds[row] if seconds else 1.0, confidence[row] if confidence else 0.5)

    start(folder, {**MANIFEST, "repeat": len(repeats), **manifest}, gold)
    ask_gold(folder, gold, ask, Cache(None), lambda done, total: None)
    return finish(folder, article)
