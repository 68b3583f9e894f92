"""Article text to sentences: spans at Chinese and English sentence ends, exact by construction.

Every letter and digit of the text lies in exactly one sentence. A sentence never crosses a line,
never starts or ends with white space, and is not cut inside quotes or brackets that close nearby.
"""

import re
from collections.abc import Iterator

from rag.records import Sentence

LONGEST = 400  # characters; a longer run is cut at a comma or space so that it can still be shown

_MARKDOWN_LEAD = re.compile(r"(?:#{1,6}(?=\s)|[-*+](?=\s)|>|\s)+")
_HEADING = re.compile(r"\s*#{1,6}\s")
_PAIRS = {"“": "”", "「": "」", "『": "』", "（": "）", "(": ")", "《": "》", "【": "】"}
_QUOTES = frozenset("“「『")
_CLOSERS = frozenset("”’」』）)》】\"'")
_FULL_STOPS = frozenset("。！？!?")
_REACH = 150  # how far a closing quote or bracket may be for its content to be kept whole
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|etc|e\.g|i\.e|approx|Inc|Ltd|Co|Jr|Sr|Fig|Vol|pp|ca|cf|al)"
    r"|\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)|\b[A-Za-z](?:\.[A-Za-z])*)\.$"
)
_SOFT_BREAK = re.compile(r"[；;，,、\s]")


def split_sentences(text: str, *, markdown: bool = False) -> list[Sentence]:
    """Split into sentences in order of their place; headings are sentences marked as such."""
    sentences: list[Sentence] = []
    position = 0
    for line in text.split("\n"):
        lead = _MARKDOWN_LEAD.match(line) if markdown else None
        heading = bool(_HEADING.match(line)) if markdown else _looks_like_heading(line)
        start = position + (lead.end() if lead else 0)
        end = position + len(line)
        if heading:
            sentences += _trimmed(text, start, end, heading=True)
        else:
            for first, last in _cuts(text, start, end):
                sentences += _trimmed(text, first, last)
        position = end + 1
    return sentences


def _looks_like_heading(line: str) -> bool:
    """Plain text has no mark for a heading: a short line that does not end as a sentence or clause does."""
    line = line.strip()
    return 2 <= len(line) <= 40 and line[-1] not in "。！？!?…：:；;，,.”" and "|" not in line


def _trimmed(text: str, start: int, end: int, *, heading: bool = False) -> Iterator[Sentence]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(character.isalnum() for character in text[start:end]):
        yield Sentence(start, end, heading)


def _cuts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield consecutive spans that together cover ``start:end``."""
    first, held_until, at = start, start, start
    while at < end:
        character = text[at]
        if character in _PAIRS and at >= held_until:
            close = text.find(_PAIRS[character], at + 1, min(end, at + _REACH))
            # a quotation may end the sentence around it, a bracket does not
            held_until = close + (character not in _QUOTES) if close > 0 else held_until
        at += 1
        if character in _FULL_STOPS or (character == "." and _ends_english(text, first, at, end)):
            stop = at
            while stop < end and (text[stop] in _FULL_STOPS or text[stop] in _CLOSERS):
                stop += 1
            glued = character in "!?" and stop < end and text[stop].isascii() and text[stop].isalnum()
            if stop > held_until and not glued:
                yield from _shortened(text, first, stop)
                first = at = stop
    yield from _shortened(text, first, end)


def _ends_english(text: str, first: int, after: int, end: int) -> bool:
    """Tell whether the full stop before ``after`` ends a sentence and not an abbreviation or a number."""
    rest = text[after : min(end, after + 8)].lstrip("\"'”’)")
    if rest and not rest[0].isspace() and not "\u4e00" <= rest[0] <= "\u9fff":
        return False
    following = rest.lstrip()
    if following and following[0].islower():
        return False
    return not following or not is_abbreviation(text[max(first, after - 12) : after])


def is_abbreviation(text: str) -> bool:
    """Tell whether the full stop that ends ``text`` belongs to an abbreviation or an initial."""
    return _ABBREVIATION.search(text) is not None


def _shortened(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        breaks = list(_SOFT_BREAK.finditer(text, start + LONGEST // 2, start + LONGEST))
        cut = breaks[-1].end() if breaks else start + LONGEST
        yield start, cut
        start = cut
    if start < end:
        yield start, end
