"""Figures in Chinese and English text, by value: 3,000万 is 30 million, and neither is 3000."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

_MAGNITUDES: Mapping[str, int] = {
    "万亿": 12, "千亿": 11, "百亿": 10, "亿": 8, "千万": 7, "百万": 6, "万": 4,
    "trillion": 12, "billion": 9, "million": 6, "thousand": 3,
}  # fmt: skip
_FIGURE = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"\s*(?P<magnitude>{'|'.join(_MAGNITUDES)})?"
    r"\s*(?P<percent>%|per ?cent\b|个百分点|percentage points?)?"
)
_PERCENT_BEFORE = re.compile(r"百分之\s*(\d+(?:\.\d+)?)")


def figures(text: str) -> list[str]:
    """Return the value of every number written in digits, in order: ``["30000000", "49.2%"]``."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("億", "亿").replace("萬", "万")
    folded = _PERCENT_BEFORE.sub(r"\1%", folded)
    return [_value(match) for match in _FIGURE.finditer(folded)]


def _value(match: re.Match[str]) -> str:
    number = Decimal(match["number"].replace(",", "")).scaleb(_MAGNITUDES.get(match["magnitude"] or "", 0))
    return f"{number.normalize():f}" + ("%" if match["percent"] else "")
