"""Article text to sentences: spans at Chinese and English sentence ends, exact by construction.

Every letter and digit of the text lies in exactly one sentence, or in a line of boilerplate, or in one that opens
or closes a block of code. A sentence never crosses a line, never starts or ends with white space, and is not cut
inside quotes or brackets that close nearby. Headings, table rows, lines of code and bylines are one sentence each.
"""

import re
from collections.abc import Iterator, Sequence

from rag.layout import read_lines
from rag.records import Sentence

LONGEST = 320  # characters; a longer run is cut at a comma or space, so that it can be shown and embedded whole

_WHOLE = ("heading", "header", "row", "code", "byline")
_PAIRS = {
    "“": "”",
    "‘": "’",
    "「": "」",
    "『": "』",
    "（": "）",
    "(": ")",
    "《": "》",
    "【": "】",
    "[": "]",
    "［": "］",
}
_QUOTES = frozenset('“‘「『"')
_CLOSERS = frozenset("”’」』）)》】］")
_FULL_STOPS = frozenset("。！？!?")
_REACH = 150  # how far a closing quote or bracket may be for its content to be kept whole
_EVENT = re.compile(r"[“”‘’「」『』（）()《》【】\[\]［］\"]|[。！？!?]+|…+|\.+")
_REFERENCE = re.compile(r"(?:\[\d{1,3}\])+")  # as in an encyclopedia, after the full stop
_CLAUSE_GOES_ON = frozenset("，,、；;：:")
_SPEAKER = re.compile(
    r"[\u4e00-\u9fff·]{0,10}?(?:说|問|问|答|回应|表示|表明|称|稱|指出|认为|認為|强调|喊|叫|道|写道|感叹|坦言|透露|补充)"
    r"(?:道|到|着|了|過|过)?[。，,：:；]"
)
_NUMBERED_WORDS = r"Nos?|Figs?|Vol|Ch|Sec|Eq|Ref|pp|ca|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
_CLOSING_WORDS = "etc|Inc|Ltd|Co|Corp|Bros|Jr|Sr|al"
_ABBREVIATION = re.compile(
    r"(?:(?<![A-Za-z0-9])(?:Mr|Mrs|Ms|Dr|Prof|St|Mt|Rev|Gen|Col|Capt|Lt|Sgt|Sen|Rep|Gov|Hon|vs|e\.g|i\.e|approx|Dept|Univ"
    rf"|Ave|Blvd|cf|est|Ph\.D|M\.D|{_NUMBERED_WORDS}|{_CLOSING_WORDS})|\b[A-Za-z](?:\.[A-Za-z])*)\.$"
)
_BEFORE_FIGURES = re.compile(rf"(?<![A-Za-z0-9])(?:{_NUMBERED_WORDS})\.$")
_CLOSES_OFTEN = re.compile(rf"(?:\b(?:{_CLOSING_WORDS})|[\w.]\.[A-Za-z]|\b[A-Z])\.$")
_STARTER = re.compile(
    r"(?:The|It|He|She|They|We|This|That|These|Those|There|But|And|In|On|At|As|If|When|However|After|Before|Its|His|Her|Their"
    r"|For|From|Some|Most|Many|Then|What|Who|Why|How)\b"
)
_FIRST_NUMBER = re.compile(r"^[(（]?[\d一二三四五六七八九十]{1,3}\.$")  # of a list
_INNER_NUMBER = re.compile(r"[\s，,；;：:(（]\d{1,3}\.$")
_SOFT_BREAK = re.compile(r"[；;，、|]|,(?!\d)|\s")
_JOINING = re.compile(r"[\u0300-\u036f\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")
_INVISIBLE = "".join(map(chr, filter(lambda code: chr(code).isspace(), range(0x3001)))) + "\u200b\u2060\ufeff"


def split_sentences(text: str, *, markdown: bool = False) -> list[Sentence]:
    """Split into sentences in order of their place; headings are sentences marked with their level."""
    sentences: list[Sentence] = []
    for line in read_lines(text, markdown=markdown):
        if line.kind in ("boilerplate", "markup"):
            continue
        cuts = [(line.start, line.end)] if line.kind in _WHOLE else _cuts(text, line.start, line.end)
        for start, end in cuts:
            for first, last in _shortened(text, start, end):
                sentences += _trimmed(text, first, last, line.level)
    return sentences


def _trimmed(text: str, start: int, end: int, level: int) -> Iterator[Sentence]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip(_INVISIBLE))
    piece = piece.strip(_INVISIBLE)
    if any(map(str.isalnum, piece)):
        yield Sentence(start, start + len(piece), level)


def _cuts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield consecutive spans that together cover ``start:end``."""
    events = [(match.start(), match[0]) for match in _EVENT.finditer(text, start, end)]
    closing = _closing(events)
    closed = set(closing.values())
    first, held_until, seen = start, start, start
    for at, mark in events:
        if at in closing and at >= held_until:
            # a quotation may end the sentence around it, a bracket does not
            held_until = closing[at] + (mark not in _QUOTES)
        if mark[0] not in "。！？!?…." or at < seen:
            continue
        stop = at + len(mark)
        while stop < end and (text[stop] in _FULL_STOPS or text[stop] in _CLOSERS or stop in closed):
            stop += 1
        seen = stop  # what closes after one full stop is not gone through again for the next
        if stop > held_until and _ends(text, first, at, mark, stop, end):
            stop += 2 * (text.startswith("**", stop) and text.count("**", first, stop) % 2)
            reference = _REFERENCE.match(text, stop, end)
            stop = reference.end() if reference else stop
            yield first, stop
            first = stop
    yield first, end


def _closing(events: Sequence[tuple[int, str]]) -> dict[int, int]:
    """Return the places of quotes and brackets that close nearby, each with that of its counterpart."""
    waiting: dict[str, list[int]] = {mark: [] for mark in [*_PAIRS.values(), '"']}
    closing: dict[int, int] = {}
    for at, mark in events:
        if mark in _PAIRS:
            waiting[_PAIRS[mark]].append(at)
        elif mark in waiting:
            opened = waiting[mark].pop() if waiting[mark] else None
            if opened is not None and at - opened <= _REACH:
                closing[opened] = at
            elif mark == '"':  # the same sign opens and closes
                waiting[mark].append(at)
    return closing


def _ends(text: str, first: int, at: int, mark: str, stop: int, end: int) -> bool:
    """Tell whether the full stops at ``at``, with what closes after them up to ``stop``, end the sentence."""
    following = text[stop : min(end, stop + 16)]
    if following[:1] in _CLAUSE_GOES_ON:
        return False
    after = following.lstrip()
    if stop > at + len(mark) and text[stop - 1] in "”’」』" and _SPEAKER.match(following):
        return False
    if mark[0] == "." and len(mark) == 1:
        return _ends_english(text, first, at + 1, following, after)
    if mark[0] in "….":
        if mark[0] == "." and (after[:1].islower() or following[:1].isdigit()):
            return False
        return len(mark) > 1 and stop - first > 8 and (after == "" or not after[0].islower())
    if mark[-1] in "!?":
        glued = following[:1].isascii() and following[:1].isalnum()
        return not glued and not ("a" <= after[:1] <= "z")
    return True


def _ends_english(text: str, first: int, after: int, following: str, next_words: str) -> bool:
    """Tell whether the full stop before ``after`` ends a sentence and not an abbreviation or a number."""
    if not next_words:
        return True
    chinese = "\u4e00" <= following[0] <= "\u9fff"
    if not following[0].isspace() and not chinese and following[0] != "[":
        return False
    before = text[max(first, after - 14) : after].lstrip() if after - first <= 14 else text[after - 14 : after]
    if next_words[0].islower() or _FIRST_NUMBER.search(before) or (chinese and _INNER_NUMBER.search(before)):
        return False
    if _BEFORE_FIGURES.search(before):
        return not next_words[0].isdigit()
    if is_abbreviation(before):
        return bool(_CLOSES_OFTEN.search(before) and _STARTER.match(next_words))
    return True


def is_abbreviation(text: str) -> bool:
    """Tell whether the full stop that ends ``text`` belongs to an abbreviation or an initial."""
    return _ABBREVIATION.search(text) is not None


def _shortened(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        breaks = [match.end() for match in _SOFT_BREAK.finditer(text, start + LONGEST // 2, start + LONGEST)]
        cut = breaks[-1] if breaks else start + LONGEST
        while not breaks and cut > start + LONGEST // 2 and _JOINING.match(text, cut):
            cut -= 1  # an accent or a joined sign stays with what it is part of
        yield start, cut
        start = cut
    if start < end:
        yield start, end
