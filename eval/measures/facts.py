"""Whether an answer tells a fact: containment on normalised text, numbers and words kept whole."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from eval.measures.normalising import LATIN, NUMERAL, normalise


def contains_fact(answer: str, alternatives: Iterable[str]) -> bool:
    """Whether ``answer`` holds any of ``alternatives``, where no number matches inside another number."""
    return _holds(normalise(answer), alternatives)


def told(answer: str, facts: Sequence[Iterable[str]]) -> float:
    """Return the share of ``facts``, each in its alternatives, that ``answer`` tells; there is at least one."""
    text = normalise(answer)
    return sum(_holds(text, alternatives) for alternatives in facts) / len(facts)


def _holds(text: str, alternatives: Iterable[str]) -> bool:
    patterns = (_pattern(fact) for fact in alternatives)
    return any(pattern.search(text) is not None for pattern in patterns if pattern)


@cache
def _pattern(fact: str) -> re.Pattern[str] | None:
    fact = normalise(fact)
    if not fact:
        return None
    before = after = ""
    if re.match("[0-9]", fact):
        before = r"(?<![0-9])(?<![0-9]\.)"
    elif re.match(f"[{NUMERAL}]", fact):
        before = f"(?<![0-9{NUMERAL}])"
    elif re.match(f"[{LATIN}]", fact):
        before = f"(?<![{LATIN}])"
    if re.search("[0-9]$", fact):
        after = r"(?![0-9%几]|\.[0-9])"
    elif re.search(f"[{NUMERAL}]$", fact):
        after = f"(?![0-9{NUMERAL}%])"
    return re.compile(before + re.escape(fact) + after)
