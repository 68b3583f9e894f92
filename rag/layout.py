"""An article's lines, and what each is: heading, list item, table row, code, question, byline, boilerplate, prose.

What is laid out is never altered: a line is a span of the text, without the marks and white space around it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from rag.boilerplate import is_boilerplate, is_byline

Kind: TypeAlias = Literal[
    "prose", "heading", "item", "header", "row", "code", "question", "byline", "boilerplate", "markup"
]
LONGEST_HEADING = 120  # characters of a marked one
_SHORT = 50  # columns of one that only its shortness tells; a Chinese character takes two, as it does in print

_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]+")
_LEAD = re.compile(r"(?:>|\s)*(?:(#{1,6})(?=\s)|([-*+•](?=\s)|(?=\d{1,3}[.)]\s)))?\s*(?:[-*+>#]+\s+)*")
_FENCE = re.compile(r"(`{3,}|~{3,})([^`]*)")
_UNDERLINE = re.compile(r"={2,}|-{3,}")
_BOLD = re.compile(r"(\*\*|__)(?=\S)([^*_]+)(?<=\S)\1")
_QUESTION = re.compile(r"[*_]*(?:(?:问|提问|[Qq]|[Qq]uestion)\s*\d{0,3}\s*[:：]|[Qq]\d{1,3}\s*[.、．]|【(?:问|提问|问题)】)")
_BULLET = re.compile(r"[-*+•·●■◆○▪►➢]\s|\d{1,3}[.、)）．](?!\d)|[（(]\d{1,3}[)）]|[①-⑳]")
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
_LABEL = re.compile("[:：]")
_CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uff60]")


@dataclass(frozen=True, slots=True)
class Line:
    """A span of the text and what it is; ``level`` orders headings, 1 the highest, and is 0 of anything else."""

    start: int
    end: int
    kind: Kind
    level: int = 0


def read_lines(text: str, *, markdown: bool) -> list[Line]:
    """Return the lines that hold anything, in order; of a text that is all boilerplate, as prose.

    The text is read as Markdown or as plain text, where a heading has no mark but being short.
    """
    raw = [(match.start(), match.end()) for match in _LINE.finditer(text) if not match[0].isspace()]
    lines = list(_markdown(text, raw) if markdown else _plain(text, raw))
    if all(line.kind in ("boilerplate", "markup") for line in lines):
        return [replace(line, kind="prose") for line in lines]
    return lines


def _markdown(text: str, raw: Sequence[tuple[int, int]]) -> Iterator[Line]:
    closing = _closing_fences(text, raw)
    place, table = 0, -1  # where the table ends so far
    while place < len(raw):
        start, end = raw[place]
        close = closing.get(place)
        if close is not None:
            yield _stripped(text, start, end, "markup")
            yield from (_stripped(text, *raw[inner], "code") for inner in range(place + 1, close))
            place = close
            yield _stripped(text, *raw[close], "markup")
        elif _is_row(text, raw, place) and (table == place or _is_rule(text, raw, place + 1) or _is_framed(text, place, raw)):
            below = _is_rule(text, raw, place + 1)
            yield _cells(text, start, end, "header" if below else "row")
            place += below
            table = place + 1 if place + 1 < len(raw) and _near(text, raw, place + 1) else -1
        else:
            yield _marked(text, raw, place)
        place += 1


def _closing_fences(text: str, raw: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Return, by the place of the line that opens a code block, that of the line that closes it.

    A fence that nothing closes is none: the rest of the article would be lost in it.
    """
    fences = [
        (place, match[1], match[2].strip())
        for place, (start, end) in enumerate(raw)
        if text.startswith(("`", "~"), _first(text, start, end)) and (match := _FENCE.fullmatch(text[start:end].strip()))
    ]
    last = {fence: place for place, fence, info in fences if not info}  # bare ones, by sign and length
    closing: dict[int, int] = {}
    opened: tuple[int, str] | None = None
    for place, fence, info in fences:
        if opened is None:
            if any(each.startswith(fence) and after > place for each, after in last.items()):
                opened = place, fence
        elif not info and fence.startswith(opened[1]):
            closing[opened[0]] = place
            opened = None
    return closing


def _first(text: str, start: int, end: int) -> int:
    while start < end and text[start] == " ":
        start += 1
    return start


def _near(text: str, raw: Sequence[tuple[int, int]], place: int) -> bool:
    """Tell whether no empty line stands before a line."""
    between = text[raw[place - 1][1] : raw[place][0]] if place else ""
    return len(between) == 1 or between == "\r\n"


def _is_row(text: str, raw: Sequence[tuple[int, int]], place: int) -> bool:
    return text.find("|", *raw[place]) >= 0 and not _is_rule(text, raw, place)


def _is_rule(text: str, raw: Sequence[tuple[int, int]], place: int) -> bool:
    """Tell whether a line parts a table's header from its rows."""
    return place < len(raw) and _near(text, raw, place) and {"|", "-"} <= set(text[slice(*raw[place])]) <= set("|-: \t")


def _is_framed(text: str, place: int, raw: Sequence[tuple[int, int]]) -> bool:
    row = text[slice(*raw[place])].strip()
    return row.startswith("|") and row.endswith("|") and row.count("|") > 2


def _cells(text: str, start: int, end: int, kind: Kind) -> Line:
    return _stripped(text, start, end, kind, "| \t")


def _marked(text: str, raw: Sequence[tuple[int, int]], place: int) -> Line:
    start, end = raw[place]
    lead = _LEAD.match(text, start, end)
    hashes, bullet = (lead[1], lead[2]) if lead else (None, None)
    line = _stripped(text, lead.end() if lead else start, end, "prose")
    words = text[line.start : line.end]
    if hashes:
        line = _stripped(text, line.start, end - (len(words) - len(words.rstrip("#"))), "heading")
        return replace(line, level=len(hashes)) if line.end - line.start <= LONGEST_HEADING else replace(line, kind="prose")
    kind = _worded(words)
    if kind != "prose":
        return replace(line, kind=kind)
    if bullet is not None:
        return replace(line, kind="item")
    if level := _underlined(text, raw, place, words):
        return replace(line, kind="heading", level=level)
    bold = _BOLD.fullmatch(words)
    inner = bold[2] if bold else words
    rank = _numbered(inner)
    if place + 1 < len(raw) and ((bold and _is_short(inner)) or (rank and _heads(text, raw, place, rank))):
        edge = 2 if bold else 0
        return Line(line.start + edge, line.end - edge, "heading", 7 + rank)
    return line


def _underlined(text: str, raw: Sequence[tuple[int, int]], place: int, words: str) -> int:
    """Return the level of a one-line paragraph under which ``===`` or ``---`` is drawn, or 0."""
    if place + 1 == len(raw) or not _near(text, raw, place + 1) or len(words) > LONGEST_HEADING:
        return 0
    below = text[slice(*raw[place + 1])].strip()
    if not _UNDERLINE.fullmatch(below) or _near(text, raw, place) or words[-1:] in _SENTENCE_ENDS + _CLAUSE_ENDS:
        return 0
    return 1 if below[0] == "=" else 2


def _plain(text: str, raw: Sequence[tuple[int, int]]) -> Iterator[Line]:
    # below the title, a colon tells of a label and what it says, such as a telephone number: worth citing
    shorts = [
        _is_short(text[start:end].strip()) and (not place or not _LABEL.search(text, start, end))
        for place, (start, end) in enumerate(raw)
    ]
    for place, (start, end) in enumerate(raw):
        line = _stripped(text, start, end, "prose")
        words = text[line.start : line.end]
        rank = _numbered(words)
        kind = _worded(words)
        if kind == "prose" and (_heads(text, raw, place, rank) if rank else _stands_out(text, raw, shorts, place)):
            yield replace(line, kind="heading", level=1 + rank)
        elif kind == "prose" and _BULLET.match(words):
            yield replace(line, kind="item")
        else:
            yield replace(line, kind=kind)


def _worded(words: str) -> Kind:
    """Return what a line is by its wording alone."""
    if is_boilerplate(words):
        return "boilerplate"
    if is_byline(words):
        return "byline"
    return "question" if _QUESTION.match(words) else "prose"


def _numbered(words: str) -> int:
    numbered = _NUMBERED.match(words)
    return (numbered.lastindex or 0) if numbered else 0


def _heads(text: str, raw: Sequence[tuple[int, int]], place: int, rank: int) -> bool:
    """Tell whether a numbered line is short and heads what follows, rather than being one of a list."""
    words = text[slice(*raw[place])].strip().strip("*_")
    if not _is_short(words.rstrip("？?")) or place + 1 == len(raw):
        return False
    neighbours = [text[slice(*raw[near])].lstrip("*_# \t\u3000") for near in (place - 1, place + 1) if near >= 0]
    return all(_numbered(each) != rank for each in neighbours)


def _is_short(words: str) -> bool:
    """Tell whether a line is as short as a heading and does not end as a sentence or clause does."""
    return (
        2 <= len(words) <= _SHORT
        and len(words) + len(_CHINESE.findall(words)) <= _SHORT
        and words[-1] not in _SENTENCE_ENDS + _CLAUSE_ENDS
        and not _CLAUSES.search(words)
    )


def _stands_out(text: str, raw: Sequence[tuple[int, int]], shorts: Sequence[bool], place: int) -> bool:
    """Tell whether a short line has something below it to head, and is not one of three or more in a row."""
    if not shorts[place] or place + 1 == len(raw):
        return False
    first = last = place
    while place - first < 2 and first > 0 and shorts[first - 1] and _near(text, raw, first):
        first -= 1
    while last - place < 2 and last + 1 < len(raw) and shorts[last + 1] and _near(text, raw, last + 1):
        last += 1
    return last - first < 2


def _stripped(text: str, start: int, end: int, kind: Kind, marks: str = "") -> Line:
    words = text[start:end]
    if marks:
        words, start = words.lstrip(marks), start + len(words) - len(words.lstrip(marks))
        words = words.rstrip(marks)
    start, words = start + len(words) - len(words.lstrip()), words.strip()
    return Line(start, start + len(words), kind)
