"""Numerals in words to their values: 三百五十, 二〇二五 and twenty-three."""

import re
from collections.abc import Mapping

_DIGITS: Mapping[str, int] = {**{digit: value for value, digit in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
_DIGIT = "[一二两三四五六七八九]"
_SECTION = re.compile(
    f"(?:({_DIGIT})千)?(?:[零〇]?({_DIGIT})百)?(?:[零〇]?({_DIGIT}?)十)?(?:([零〇]?)({_DIGIT}))?",
)
CHINESE = f"[{''.join(_DIGITS)}十百千万亿]"

_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_WORDS: Mapping[str, int] = {
    **{word: value for value, word in enumerate(f"{_ONES}|{_TEENS}".split("|"), start=1)},
    **{word: 10 * value for value, word in enumerate(_TENS.split("|"), start=2)},
}
_BELOW_HUNDRED = f"(?:(?:{_TENS})(?:[- ](?:{_ONES}))?|{_TEENS}|{_ONES})"
ENGLISH = rf"\b{_BELOW_HUNDRED}(?:[- ](?:hundred|thousand)(?: (?:and )?{_BELOW_HUNDRED})?)?\b"


def chinese(numeral: str) -> int | None:
    """Return the value of a run of ``CHINESE`` characters; None for what is no number: 三四百, 万一, 十四五.

    Without a unit, one digit is a number, and so are three or more, as years are told: 二〇二五. Two are not:
    三四 is three or four, and nor are those that count on: 一二三.
    """
    if not set(numeral) <= _DIGITS.keys():
        return _in_units(numeral)
    values = [_DIGITS[each] for each in numeral]
    counting = all(after == before + 1 for before, after in zip(values, values[1:], strict=False))
    if len(values) > 1 and (len(values) == 2 or counting or "两" in numeral):
        return None
    return int("".join(map(str, values)))


def english(numeral: str) -> int:
    """Return the value of a text that ``ENGLISH`` matches."""
    value = 0
    for word in numeral.lower().replace("-", " ").split():
        if word in _WORDS:
            value += _WORDS[word]
        elif word != "and":
            value *= {"hundred": 100, "thousand": 1000}[word]
    return value


def _in_units(numeral: str, above: int = 1) -> int | None:
    """Read what follows the unit ``above``, where a lone digit is of the unit below: 三万五 is 35,000."""
    if above > 1 and numeral[0] in "零〇":
        numeral, above = numeral[1:], 1
    for name, unit in (("亿", 10**8), ("万", 10**4)):
        head, found, tail = numeral.rpartition(name)
        if found:
            high, low = _in_units(head), _in_units(tail, unit) if tail else 0
            return None if high is None or low is None or high >= unit else high * unit + low
    section = _SECTION.fullmatch(numeral)
    if section is None or not numeral or numeral[0] in "零〇":
        return None
    thousands, hundreds, tens, zero, ones = section.groups()
    smallest = 1 if zero else 10 if tens is not None else 100 if hundreds else 1000 if thousands else above
    value = 1000 * _DIGITS.get(thousands, 0) + 100 * _DIGITS.get(hundreds, 0)
    value += 0 if tens is None else 10 * _DIGITS.get(tens, 1)
    return value + _DIGITS.get(ones, 0) * max(smallest // 10, 1)
