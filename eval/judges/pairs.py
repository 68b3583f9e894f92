"""Pairs of answers of which people said which is better, from the file of RAGChecker's meta evaluation.

``human_labeled_data.json`` (Apache-2.0) is a list with one entry for each pair and annotator; the user has it.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from eval.gold import Gold
from rag.errors import UsageError
from rag.records import Json

LABEL = "overall_label"
STRONGEST = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one question, and for each annotator how much better the second is, from -2 to 2."""

    gold: Gold
    first: str
    second: str
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """What a file held: pairs in the order in which they are judged, and one error for each entry that is none."""

    items: tuple[Pair, ...]
    errors: tuple[UsageError, ...]


def read_pairs(path: Path) -> Pairs:
    """Read labelled pairs, shuffled the same way every time, so that the first few are of all kinds.

    Raises:
        UsageError: the file cannot be read, is no list, or has no pair.

    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read ({error}); give RAGChecker's human_labeled_data.json") from error
    if not isinstance(rows, list):
        raise UsageError(f"{path}: holds no list; give RAGChecker's human_labeled_data.json")
    pairs: dict[str, Pair] = {}
    errors: list[UsageError] = []
    for number, row in enumerate(rows, start=1):
        try:
            pair = _pair(row)
            known = pairs.get(pair.gold.id, pair)
            if (known.gold, known.first, known.second) != (pair.gold, pair.first, pair.second):
                raise ValueError(f"another pair than before under instance_id {pair.gold.id}")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            errors.append(UsageError(f"{path}: entry {number}: not a labelled pair ({error}); correct or remove it"))
            continue
        labels = (*known.labels, *pair.labels) if pair.gold.id in pairs else pair.labels
        pairs[pair.gold.id] = Pair(pair.gold, pair.first, pair.second, labels)
    if not pairs:
        raise UsageError(f"{path}: holds no labelled pair; give RAGChecker's human_labeled_data.json")
    return Pairs(tuple(sorted(pairs.values(), key=_shuffled)), tuple(errors))


def _pair(row: Json) -> Pair:
    label = row[LABEL]
    if type(label) is not int or abs(label) > STRONGEST:
        raise ValueError(f"{LABEL} is {label!r}, not a whole number from -2 to 2")
    texts = row["query"], row["gt_answer"], row["model1"]["response"], row["model2"]["response"]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("question, reference and both responses must be texts")
    question, answer, first, second = texts  # an empty response is one, too: that system had nothing to say
    if not question.strip() or not answer.strip():
        raise ValueError("question and reference must not be empty")
    gold = Gold(str(row["instance_id"]), question, True, row["dataset"], answers=(answer,))
    return Pair(gold, first, second, (label,))


def _shuffled(pair: Pair) -> str:
    return hashlib.sha256(pair.gold.id.encode()).hexdigest()
