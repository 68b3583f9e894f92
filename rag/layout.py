"""An article's lines, and what each is: heading, list item, table row, code, question, byline, boilerplate, prose.

What is laid out is never altered: a line is a span of the text, without the marks and white space around it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from rag.boilerplate import is_boilerplate, is_byline
from rag.headings import LONGEST_HEADING, Spans, heads, is_labelled, is_short, near, numbered, stands_out, underlined

Kind: TypeAlias = Literal[
    "prose", "heading", "item", "header", "row", "code", "question", "byline", "boilerplate", "markup"
]

_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]+")
_LEAD = re.compile(r"(?:>|\s)*(?:(#{1,6})(?=\s)|([-*+•](?=\s)|(?=\d{1,3}[.)]\s)))?\s*(?:[-*+>#]+\s+)*")
_CLOSING_HASHES = re.compile(r"(?<!\s)\s+#+$")
_FENCE = re.compile(r" *(`{3,}|~{3,})([^`]*)")
_BOLD = re.compile(r"(\*\*|__)(?=\S)([^*_]+)(?<=\S)\1")
_QUESTION = re.compile(
    r"[*_]*(?:(?:问|提问|[Qq]|[Qq]uestion)\s*\d{0,3}\s*[:：]|[Qq]\d{1,3}\s*[.、．]|【(?:问|提问|问题)】)"
)
_BULLET = re.compile(r"[-*+•·●■◆○▪►➢]\s|\d{1,3}[.、)）．](?!\d)|[（(]\d{1,3}[)）]|[①-⑳]")


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


def _markdown(text: str, raw: Spans) -> Iterator[Line]:
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
        elif _is_row(text, raw, place, table):
            below = _is_rule(text, raw, place + 1)
            yield _stripped(text, start, end, "header" if below else "row", "| \t")
            place += below
            table = place + 1 if near(text, raw, place + 1) else -1
        else:
            yield _marked(text, raw, place)
        place += 1


def _closing_fences(text: str, raw: Spans) -> dict[int, int]:
    """Return, by the place of the line that opens a code block, that of the line that closes it.

    A fence that nothing closes is none: the rest of the article would be lost in it.
    """
    fences = [
        (place, match[1], match[2].strip())
        for place, (start, end) in enumerate(raw)
        if (match := _FENCE.fullmatch(text, start, end))
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


def _is_row(text: str, raw: Spans, place: int, table: int) -> bool:
    """Tell whether a line with bars goes on with a table, is over a rule, or has bars at both ends."""
    row = text[slice(*raw[place])].strip()
    if "|" not in row or _is_rule(text, raw, place):
        return False
    framed = row[0] == row[-1] == "|" and row.count("|") > 2
    return framed or place == table or _is_rule(text, raw, place + 1)


def _is_rule(text: str, raw: Spans, place: int) -> bool:
    """Tell whether a line parts a table's header from its rows."""
    return place < len(raw) and near(text, raw, place) and {"|", "-"} <= set(text[slice(*raw[place])]) <= set("|-: \t")


def _marked(text: str, raw: Spans, place: int) -> Line:
    start, end = raw[place]
    lead = _LEAD.match(text, start, end)
    hashes, bullet = (lead[1], lead[2]) if lead else (None, None)
    line = _stripped(text, lead.end() if lead else start, end, "prose")
    words = text[line.start : line.end]
    if hashes:
        words = _CLOSING_HASHES.sub("", words)
        line = replace(line, end=line.start + len(words))
        return replace(line, kind="heading", level=len(hashes)) if len(words) <= LONGEST_HEADING else line
    kind = _worded(words)
    if kind != "prose":
        return replace(line, kind=kind)
    if bullet is not None:
        return replace(line, kind="item")
    if level := underlined(text, raw, place, words):
        return replace(line, kind="heading", level=level)
    bold = _BOLD.fullmatch(words)
    inner = bold[2] if bold else words
    rank = numbered(inner)
    if place + 1 < len(raw) and ((bold and is_short(inner)) or (rank and heads(text, raw, place, rank))):
        edge = 2 if bold else 0
        return Line(line.start + edge, line.end - edge, "heading", 7 + rank)
    return line


def _plain(text: str, raw: Spans) -> Iterator[Line]:
    # only a title has a colon
    shorts = [
        is_short(words := text[start:end].strip()) and not numbered(words) and (not place or not is_labelled(words))
        for place, (start, end) in enumerate(raw)
    ]
    for place, (start, end) in enumerate(raw):
        line = _stripped(text, start, end, "prose")
        words = text[line.start : line.end]
        rank = numbered(words)
        kind = _worded(words)
        if kind == "prose" and (heads(text, raw, place, rank) if rank else stands_out(text, raw, shorts, place)):
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


def _stripped(text: str, start: int, end: int, kind: Kind, marks: str = "") -> Line:
    words = text[start:end].lstrip(marks).lstrip()
    start = end - len(words)
    return Line(start, start + len(words.rstrip(marks).rstrip()), kind)
