"""How near an answer is to the reference answers, as CMRC 2018 measures it: the same text, and F1 of tokens.

A token is a Chinese character or a word of anything else. F1 counts the tokens of the longest run that both
texts share. ``cmrc_exact_match`` and ``cmrc_f1`` are the published definition, for figures that stand beside
published ones. ``exact_match`` and ``f1`` are the same after ``normalising``, so that spelling, script and
the way a number is written make no difference.
"""

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

from eval.measures.normalising import normalise
from eval.measures.words import words

_CMRC_PUNCTUATION = str.maketrans("", "", "-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")
_CMRC_CHINESE = re.compile("([\u4e00-\u9fa5])")
_TOKEN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]|[0-9.]+%?|[^\\W0-9\u3400-\u9fff\U00020000-\U0003ffff]+|%")


def exact_match(answer: str, references: Sequence[str]) -> float:
    """Return 1 if the answer is one of the references once both are normalised, else 0."""
    return float(normalise(answer) in map(normalise, references))


def f1(answer: str, references: Sequence[str]) -> float:
    """Return the best F1 of the answer with a reference, of which there is at least one, on normalised text."""
    return _best(answer, references, _tokens)


def cmrc_exact_match(answer: str, references: Sequence[str]) -> float:
    """Return the exact match of the published script: 0 or 1."""
    return float(_cmrc_fold(answer) in map(_cmrc_fold, references))


def cmrc_f1(answer: str, references: Sequence[str]) -> float:
    """Return the F1 of the published script, from 0 to 1; there is at least one reference."""
    return _best(answer, references, _cmrc_tokens)


def _best(answer: str, references: Sequence[str], cut: Callable[[str], list[str]]) -> float:
    said = cut(answer)
    matcher = SequenceMatcher(b=said, autojunk=False)
    best = 0.0
    for reference in map(cut, references):
        matcher.set_seq1(reference)
        shared = matcher.find_longest_match().size
        best = max(best, 2 * shared / (len(said) + len(reference)) if shared else 0.0)
    return best


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(normalise(text))


def _cmrc_fold(text: str) -> str:
    return text.lower().strip().translate(_CMRC_PUNCTUATION)


def _cmrc_tokens(text: str) -> list[str]:
    parts = _CMRC_CHINESE.split(_cmrc_fold(text))  # runs of others at even places, Chinese characters at odd ones
    return [token for place, part in enumerate(parts) for token in ([part] if place % 2 else words(part))]
