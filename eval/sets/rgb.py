"""RGB (Chen et al., AAAI 2024) to gold questions: a few passages each, some of which only look as if they helped.

The protocol is the paper's: five passages, of which ``ceil(5 * noise)`` do not hold the answer, in random order;
with none that does, the only right answer is a refusal. Where the answer has parts, each part has its passage.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from math import ceil
from pathlib import Path
from typing import Any

from eval.gold import Gold
from eval.sets.paragraphs import read_rows, take
from eval.sets.quoting import quotes_of
from eval.strict import are_texts, is_text, shown
from rag.errors import UsageError

PASSAGES = 5


def read_rgb(path: Path, noise: float = 0.0, seed: int = 0, *, negatives_only: bool = False) -> Iterator[Gold]:
    """Yield the questions of one of RGB's files.

    Raises:
        UsageError: the file is malformed, or ``noise`` leaves no passage with the answer.

    """
    if not 0 <= noise < 1:
        raise UsageError(f"--noise {noise} is not from 0 to below 1; for no passage with the answer: --negatives-only")
    category = f"{path.stem}-{'negatives' if negatives_only else f'noise-{noise:g}'}"
    for row, where in read_rows(path):
        question, negative = take(row, "query", str, where), take(row, "negative", list, where)
        identity = row.get("id")
        facts, parts = _facts(row.get("answer"), where), _parts(take(row, "positive", list, where), where)
        if not are_texts(negative):
            raise UsageError(f"{where}negative is {shown(negative)}, not a list of texts; is this RGB's own file?")
        chance = random.Random(f"{seed} {identity}")  # of its own, so that --limit changes no passages
        if negatives_only:
            chosen = negative[:PASSAGES]
            evidence: tuple[tuple[str, ...], ...] = ()
        else:
            chosen, telling = _chosen(parts, negative, noise, chance)
            evidence = tuple(quotes for fact in facts if (quotes := quotes_of(fact, telling)))
        chance.shuffle(chosen)
        yield Gold(
            id=f"{path.stem}-{identity}",
            question=question,
            answerable=not negatives_only,
            category=category,
            facts=() if negatives_only else facts,
            evidence=evidence,
            passages=tuple(chosen),
        )


def _chosen(
    parts: Sequence[list[str]], negative: Sequence[str], noise: float, chance: random.Random
) -> tuple[list[str], list[str]]:
    """Return the passages of a question, and those of them that tell the answer: at least one for each part."""
    for part in parts if len(parts) > 1 else ():
        chance.shuffle(part)
    telling = [passage for level in zip_longest(*parts) for passage in level if passage is not None]
    wanted = min(ceil(PASSAGES * noise), len(negative), PASSAGES - len(parts))
    telling = telling[: max(PASSAGES - wanted, len(parts))]
    return [*telling, *negative[: max(PASSAGES - len(telling), 0)]], telling


def _facts(answer: object, where: str) -> tuple[tuple[str, ...], ...]:
    """Read an answer: every entry of the outer list is required, of an inner list any will do."""
    entries: list[Any] = answer if isinstance(answer, list) else [answer]
    if not entries or not all(is_text(each) or (are_texts(each) and each) for each in entries):
        raise UsageError(f"{where}answer is {shown(answer)}, not texts; is this RGB's own file?")
    return tuple((each,) if isinstance(each, str) else tuple(each) for each in entries)


def _parts(positive: list[object], where: str) -> list[list[str]]:
    """Read the passages that tell the answer: one list, or in the integration files one for each part of it."""
    parts = positive if positive and isinstance(positive[0], list) else [positive]
    if not all(are_texts(part) and part for part in parts):
        raise UsageError(f"{where}positive is {shown(positive)}, not texts; is this RGB's own file?")
    return [list(map(str, part)) for part in parts if isinstance(part, list)]
