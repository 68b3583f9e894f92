"""One spelling for texts that say the same: width, case, script, punctuation, and numbers by value."""

import re
from functools import lru_cache

from rag.figures import quantities
from rag.terms import normalise as fold

LATIN = "a-zà-öø-ÿ"
NUMERAL = "〇零一二两三四五六七八九十百千万亿"
_LATIN = frozenset(each for each in map(chr, range(256)) if re.match(f"[{LATIN}]", each))
_DIGITS = frozenset("0123456789")
_BEFORE_DIGITS = _DIGITS | {"%"}
_NUMBERS = _BEFORE_DIGITS | frozenset(NUMERAL)
_WIDE_COMMA = re.compile("(?<=[０-９])，(?=[０-９])")  # folding takes any other for the end of a number
_MARKER = re.compile(r"\[[0-9]{1,3}\]")
_GAP = re.compile(r"(?:[^\w%]|_)+")


@lru_cache(maxsize=1024)  # every measure of a question asks for the same few texts
def normalise(text: str) -> str:
    """Fold width, case, script (to Simplified), ``[n]`` markers, spaces, punctuation and how numbers are written.

    Numbers become digits: 三百五十 is ``350``, 4,238亿 ``423800000000``, 百分之27 ``27%``. What qualifies them stays:
    近10% is not 10%. One space stays between two Latin words and between two separate numbers, so that neither
    runs into the next: ``often`` holds no ``ten``, and ``3、4`` is not 34.
    """
    folded = _MARKER.sub(";", fold(_WIDE_COMMA.sub(",", text)).casefold())
    return _GAP.sub(_close, _in_digits(folded))


def _in_digits(text: str) -> str:
    written: list[str] = []
    end = 0
    for quantity in quantities(text):
        between = text[end : quantity.start]
        inside = text[quantity.start : quantity.end]
        if (written and not between) or between[-1:] in _BEFORE_DIGITS:
            between += ";"
        end = quantity.end
        more = "多" if "多" in inside or "余" in inside else ""  # 三百多万 is 3000000多
        written += [between, f"{quantity}{more}", ";" if text[end : end + 1].isdigit() else ""]
    return "".join([*written, text[end:]])


def _close(gap: re.Match[str]) -> str:
    text, start, end = gap.string, gap.start(), gap.end()
    if not start or end == len(text):
        return ""
    before, after = text[start - 1], text[end]
    if before in _BEFORE_DIGITS and after in _DIGITS:
        return "." if gap[0] == "." else " "
    if before in _LATIN and after in _LATIN:
        return " "
    # "一、二" lists two numbers
    return " " if before in _NUMBERS and after in _NUMBERS and not gap[0].isspace() else ""
