"""What of a text is searched for: Chinese characters and their pairs, words, numbers, names and codes."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from opencc import OpenCC

_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))
_CHARACTER = "".join(f"{chr(first)}-{chr(last)}" for first, last in _HAN)
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)*%?"
_WORD = rf"[^\W\d_{_CHARACTER}]+"
_RUN = re.compile(rf"([{_CHARACTER}]+)|({_NUMBER})|({_WORD})")
_PART = re.compile(rf"{_NUMBER}|{_WORD}")
_ITEM = re.compile(rf"(?:{_NUMBER}|{_WORD})(?:[-/._+&@:]?(?:{_NUMBER}|{_WORD}))*(?:\+\+|#)?")  # c++, gb/t, v2.1.3
_UNIT = re.compile(rf"[{_CHARACTER}]")
_BITS = np.uint64(21)  # of a code point


def normalise(text: str) -> str:
    """Fold what should match: full and half width, case, Traditional and Simplified."""
    text = text.replace("，", "、")  # it separates numbers, and folded to half width it would group their digits
    return str(_simplifier().convert(unicodedata.normalize("NFKC", text).lower()))


@cache
def _simplifier() -> "OpenCC":
    from opencc import OpenCC

    return OpenCC("t2s")


def tokens(text: str) -> list[str]:
    """Return the wording of a text, with repeats, in order: by it texts are compared."""
    terms: list[str] = []
    for chinese, number, word in _RUN.findall(normalise(text)):
        if chinese:
            terms += chinese
            terms += map("".join, zip(chinese, chinese[1:], strict=False))
        else:
            terms.append(number.replace(",", "") if number else word)
    return terms


def keys(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Return the keys of all terms of some texts, with repeats, and the number of the text each stands in.

    The terms are those of ``tokens``, and what tells a name or a code from the same parts elsewhere: the whole of
    what is joined by signs (``gb/t``, ``7714-2015``, ``c++``), and numbers with their neighbour (``12月``, ``iphone 15``).
    """
    folded = [normalise(text) for text in texts]
    joined = "\n".join(folded)
    owners = np.repeat(np.arange(len(texts), dtype=np.int32), [len(text) + 1 for text in folded])
    points = np.frombuffer(joined.encode("utf-32-le"), "<u4").astype(np.uint64)
    chinese = np.zeros(len(points), np.bool_)
    for first, last in _HAN:
        chinese |= (points >= first) & (points <= last)
    pairs = np.flatnonzero(chinese[:-1] & chinese[1:])
    others = list(_others(joined))
    places = np.array([place for place, _ in others], np.int64)
    found = (points[chinese], points[pairs] << _BITS | points[pairs + 1], np.array([key for _, key in others], np.uint64))
    return np.concatenate(found), np.concatenate((owners[: len(points)][chinese], owners[pairs], owners[places]))


def _others(text: str) -> Iterator[tuple[int, int]]:
    """Yield place and key of all terms of a folded text that are not Chinese alone."""
    end, last = 0, ""  # of the item before
    for match in _ITEM.finditer(text):
        item, start = match[0], match.start()
        if (plain := item.isalpha()) and len(item) > 1:
            parts = [item]
        else:
            parts = [part.replace(",", "") for part in _PART.findall(item)]
        for part in parts:
            yield start, key(part)
        if not plain and (whole := item.replace(",", "")) != parts[0]:
            yield start, key(whole)
        if start == end + 1 and text[end] == " " and (_counts(last) or _counts(parts[0])):
            yield start, key(f"{last} {parts[0]}")
        end, last = match.end(), parts[-1]
        if (len(item) == 1 or _counts(last)) and (unit := _UNIT.match(text, end)):
            yield start, key(last + unit[0])


def _counts(part: str) -> bool:
    return part[:1].isdecimal()


@lru_cache(1 << 18)
def key(term: str) -> int:
    """Return the number that stands for a term that is not Chinese alone: 63 bits of its digest, above all pairs.

    Two of a million words share one with probability 5e-8.
    """
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little") | 1 << 63
