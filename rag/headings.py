"""Which lines are headings: under which a line is drawn, that are numbered, or that only their shortness tells.

``raw`` are the spans of a text's lines that hold anything, ``place`` is that of one of them.
"""

import re
from collections.abc import Sequence
from typing import TypeAlias

Spans: TypeAlias = Sequence[tuple[int, int]]

LONGEST_HEADING = 120  # characters of a marked one
_SHORT = 50  # columns of one that only its shortness tells; a Chinese character takes two, as it does in print
_UNDERLINE = re.compile(r"={2,}|-{3,}")
_NUMERAL = "[一二三四五六七八九十百零〇\\d]{1,4}"
_NUMBERED = re.compile(  # how numbered headings begin, the highest first
    rf"(第{_NUMERAL}(?:[编篇卷]|部分)|Part (?:\d+|[IVX]+)\b)"
    rf"|(第{_NUMERAL}章|Chapter (?:\d+|[IVX]+)\b)"
    rf"|(第{_NUMERAL}节|Section \d+\b)"
    rf"|(第{_NUMERAL}条)"
    r"|([一二三四五六七八九十]{1,3}[、.．])"
    r"|([（(][一二三四五六七八九十]{1,3}[)）])"
    r"|(\d{1,2}(?:[、．]|\.(?!\d)))"
    r"|(\d{1,2}\.\d{1,2}\.?\s+(?![\d万亿%]))"
    r"|(\d{1,2}(?:\.\d{1,2}){2,3}\.?\s)"
)
_CLAUSE_ENDS = "…：:；;，,、"
_SENTENCE_ENDS = "。！？!?.”"
_CLAUSES = re.compile(r"[|。！!；;]|[，,].*[，,]")  # of a sentence that somebody did not end
_CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uff60]")


def numbered(words: str) -> int:
    """Return how high the heading would stand that a line begins as, 1 the highest, or 0 if it has no number."""
    match = _NUMBERED.match(words)
    return (match.lastindex or 0) if match else 0


def heads(text: str, raw: Spans, place: int, rank: int) -> bool:
    """Tell whether a numbered line is short and heads what follows, rather than being one of a list."""
    words = text[slice(*raw[place])].strip().strip("*_")
    if not is_short(words.rstrip("？?")) or place + 1 == len(raw):
        return False
    neighbours = [raw[place + 1], *raw[max(place - 1, 0) : place]]
    return all(numbered(text[start:end].lstrip("*_# \t\u3000")) != rank for start, end in neighbours)


def is_short(words: str) -> bool:
    """Tell whether a line is as short as a heading and does not end as a sentence or clause does."""
    return (
        2 <= len(words) <= _SHORT
        and len(words) + len(_CHINESE.findall(words)) <= _SHORT
        and words[-1] not in _SENTENCE_ENDS + _CLAUSE_ENDS
        and not _CLAUSES.search(words)
    )


def stands_out(text: str, raw: Spans, shorts: Sequence[bool], place: int) -> bool:
    """Tell whether a short line has something below it to head, and is not one of three or more in a row."""
    if not shorts[place] or place + 1 == len(raw):
        return False
    first = last = place
    while place - first < 2 and first > 0 and shorts[first - 1] and near(text, raw, first):
        first -= 1
    while last - place < 2 and last + 1 < len(raw) and shorts[last + 1] and near(text, raw, last + 1):
        last += 1
    return last - first < 2


def underlined(text: str, raw: Spans, place: int, words: str) -> int:
    """Return the level of a one-line paragraph under which ``===`` or ``---`` is drawn, or 0."""
    if place + 1 == len(raw) or not near(text, raw, place + 1) or len(words) > LONGEST_HEADING:
        return 0
    below = text[slice(*raw[place + 1])].strip()
    if not _UNDERLINE.fullmatch(below) or near(text, raw, place) or words[-1:] in _SENTENCE_ENDS + _CLAUSE_ENDS:
        return 0
    return 1 if below[0] == "=" else 2


def near(text: str, raw: Spans, place: int) -> bool:
    """Tell whether no empty line stands before a line."""
    between = text[raw[place - 1][1] : raw[place][0]] if 0 < place < len(raw) else ""
    return len(between) == 1 or between == "\r\n"


def is_labelled(words: str) -> bool:
    """Tell whether a line is a label and what it says, such as a telephone number, which is worth citing."""
    return ":" in words or "：" in words
