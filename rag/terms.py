"""What of a text is searched for: Chinese characters and their pairs, words, numbers, names and codes."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from opencc import OpenCC

Term: TypeAlias = Sequence[Sequence[int]]  # alternatives that count as one word: keys that one text holds all of

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
    """Return the keys of all terms of some texts, with repeats, and the number of the text that each is of.

    The terms are those of ``tokens``, English ones in the singular, and what tells a name or a code from the same parts
    elsewhere: the whole of what signs join (``gb/t``, ``7714-2015``, ``c++``), and a number with its neighbour
    (``12月``, ``iphone 15``). A character's key is its code point, a pair's the two in a row, any other's ``key``.
    """
    if any("\n" in text for text in texts):
        folded = [normalise(text) for text in texts]
    else:  # quicker for many short ones
        folded = normalise("\n".join(texts)).split("\n")[: len(texts)]
    joined = "\n".join(folded)
    owners = np.repeat(np.arange(len(texts), dtype=np.int32), [len(text) + 1 for text in folded])
    points = np.frombuffer(joined.encode("utf-32-le"), "<u4")
    chinese = np.zeros(len(points), np.bool_)
    for first, last in _HAN:
        chinese |= points - np.uint32(first) <= last - first  # what is less than the first wraps around
    ones, pairs = np.flatnonzero(chinese), np.flatnonzero(chinese[:-1] & chinese[1:])
    points = points.astype(np.uint64)
    places, others = _others(joined)
    found = (points[ones], points[pairs] << _BITS | points[pairs + 1], np.array(others, np.uint64))
    return np.concatenate(found), owners[np.concatenate((ones, pairs, np.array(places, np.int64)))]


def words_of(text: str) -> list[Term]:
    """Return each of the terms of a text, with repeats, as one without alternatives."""
    return [((each,),) for each in keys([text])[0].tolist()]


def any_of(words: Sequence[Sequence[str]]) -> list[Term]:
    """Return for each of some words, given as its phrases, what a text holds that holds one of these.

    That is all the pairs of characters of a phrase, or all its words.
    """
    found, owners = keys([phrase for phrases in words for phrase in phrases])
    pairs = set(owners[(found >= 1 << int(_BITS)) & (found < 1 << 63)].tolist())
    held: list[list[int]] = [[] for phrases in words for _ in phrases]
    for each, owner in zip(found.tolist(), owners.tolist(), strict=True):
        if each >= 1 << int(_BITS) or owner not in pairs:
            held[owner].append(each)
    waiting = iter(held)
    return [[each for each in islice(waiting, len(phrases)) if each] for phrases in words]


def _others(text: str) -> tuple[list[int], list[int]]:
    """Return places and keys of all terms of a folded text that are not Chinese alone."""
    places: list[int] = []
    others: list[int] = []
    end, last = 0, ""  # of the item before
    for match in _ITEM.finditer(text):
        item, start = match[0], match.start()
        plain = item.isalpha()
        parts = [item] if plain else [part.replace(",", "") for part in _PART.findall(item)]
        terms = [singular(part) for part in parts]
        if not plain and (whole := item.replace(",", "")) != parts[0]:
            terms.append(whole)
        if last and start == end + 1 and text[end] == " " and (last[:1].isdecimal() or item[0].isdecimal()):
            terms.append(f"{last} {parts[0]}")
        end, last = match.end(), parts[-1]
        if (len(item) == 1 or last[0].isdecimal()) and (unit := _UNIT.match(text, end)):
            terms.append(last + unit[0])
        others += map(key, terms)
        places += [start] * len(terms)
    return places, others


def singular(word: str) -> str:
    """Return an English word without the s of its plural (Harman, How effective is suffixing?, JASIS 1991)."""
    if len(word) < 4 or word[-1] != "s" or word[-2] in "us":
        return word
    return word[:-3] + "y" if word[-3:] == "ies" and word[-4] not in "ae" else word[:-1]


@lru_cache(1 << 18)
def key(term: str) -> int:
    """Return the number that stands for a term that is not Chinese alone: 63 bits of its digest, above all pairs.

    Two of a million words share one with probability 5e-8.
    """
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little") | 1 << 63
