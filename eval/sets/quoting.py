"""Answers to the sentences that prove them: evidence for question sets that mark only the answer."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from rag.sentences import split_sentences


def quotes_of(answers: Iterable[str], texts: Iterable[str]) -> tuple[str, ...]:
    """Return the sentences of the texts that hold any of the answers, as they stand, each once.

    An answer that crosses sentences gives the span of them all.
    """
    wanted = [answer.strip() for answer in answers if answer.strip()]
    return tuple(dict.fromkeys(quote for text in texts for quote in _quotes(wanted, text)))


def _quotes(answers: Iterable[str], text: str) -> Iterator[str]:
    starts, ends = _spans(text)
    for answer in answers:
        for start, end in _places(answer, text):
            first, last = bisect_right(ends, start), bisect_left(starts, end) - 1
            if first <= last:  # what has no letter or digit lies in no sentence
                yield text[starts[first] : ends[last]]


@lru_cache(maxsize=16)  # questions about one paragraph follow each other
def _spans(text: str) -> tuple[list[int], list[int]]:
    sentences = split_sentences(text)
    return [each.start for each in sentences], [each.end for each in sentences]


def _places(answer: str, text: str) -> list[tuple[int, int]]:
    """Return where an answer stands: as a whole number or word, or where it never does, anywhere."""
    before = r"(?<!\d)(?<!\d[.,])" if answer[0].isdigit() else "(?<![A-Za-z])" if answer[0].isascii() else ""
    after = r"(?!\d)(?![.,]\d)" if answer[-1].isdigit() else "(?![A-Za-z])" if answer[-1].isascii() else ""
    inside = re.escape(answer)
    found = re.compile(f"{before}{inside}{after}").finditer(text)
    return [match.span() for match in found] or [match.span() for match in re.finditer(inside, text)]
