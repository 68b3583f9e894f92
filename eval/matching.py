"""Whether an answer states a fact: containment once spelling is folded away, numbers and words kept whole."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from opencc import OpenCC

_NUMERAL = "0-9〇零一二两三四五六七八九十百千万亿"
_LATIN = "a-zà-öø-ÿ"
_THOUSANDS = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])")
_PERCENT_BEFORE = re.compile(r"百分之\s*([0-9.]+)")
_PERCENT_AFTER = re.compile(r"(?<=[0-9])\s*per\s?cent\b")
_MARKER = re.compile(r"\[[0-9]{1,3}\]")
_GAP = re.compile(r"(?:[^\w%]|_)+")
_MAGNITUDE = "hundred|thousand|million|billion|trillion"
_SIMPLIFIED = OpenCC("t2s")


def normalise(text: str) -> str:
    """Fold width, case, script (to Simplified), ``[n]`` markers, percent words, spaces and punctuation.

    Thousands separators go, a decimal point stays. One space stays between two Latin words and between two
    separate numbers, so that neither runs into the next: ``often`` holds no ``ten``, and ``3、4`` is not 34.
    """
    text = _SIMPLIFIED.convert(unicodedata.normalize("NFKC", text).casefold())
    text = _MARKER.sub(";", text)
    text = _THOUSANDS.sub(lambda number: number[0].replace(",", ""), text)
    text = _PERCENT_AFTER.sub("%", _PERCENT_BEFORE.sub(r"\1%", text))
    return _GAP.sub(_close, text)


def contains_fact(answer: str, alternatives: Iterable[str]) -> bool:
    """Whether ``answer`` holds any of ``alternatives``, where no number matches inside another number."""
    text = normalise(answer)
    return any(_pattern(fact).search(text) is not None for fact in map(normalise, alternatives) if fact)


def _close(gap: re.Match[str]) -> str:
    around = gap.string[gap.start() - 1 : gap.start()] + gap.string[gap.end() : gap.end() + 1]
    if re.fullmatch("[0-9]{2}", around):
        return "." if gap[0] == "." else " "
    if re.fullmatch(f"[{_LATIN}]{{2}}", around):
        return " "
    # "5亿、6亿" lists two numbers; "6 亿" is one number with a space in it.
    return " " if re.fullmatch(f"[{_NUMERAL}%]{{2}}", around) and not gap[0].isspace() else ""


@cache
def _pattern(fact: str) -> re.Pattern[str]:
    before = after = ""
    if re.match(f"[{_NUMERAL}]", fact):
        before = rf"(?<![{_NUMERAL}])(?<![0-9]\.)"
    elif re.match(f"[{_LATIN}]", fact):
        before = f"(?<![{_LATIN}])"
    if re.search(f"[{_NUMERAL}]$", fact):
        after = rf"(?![{_NUMERAL}%]|\.[0-9]|{_MAGNITUDE})"
    return re.compile(before + re.escape(fact) + after)
