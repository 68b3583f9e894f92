"""Raw model text to cited text, as it streams: markers resolved, invented ones dropped, bare sentences attributed.

The model is asked to end each sentence with ``[n]``, n being a sentence's number in the prompt. What it
writes is a claim to be checked: a marker is kept only when that sentence supports the words before it,
otherwise the evidence that does support them takes its place, and when there is none the sentence is
reported as unsupported. Shown markers are numbered by first use.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from rag.evidence import Evidence
from rag.records import Article, Citation
from rag.sentences import is_abbreviation
from rag.support import Supporter

_ENDS = "。！？!?\n"
_CLOSERS = "”’」』）)》】\"'"
_MARKER = re.compile(r"[\[【［]\s*(?:句|来源|s)?\s*(\d{1,4}(?:\s*[,，、;和]\s*\d{1,4})*)\s*[\]】］]", re.IGNORECASE)
_OPENING = "[【［"
_NO_MARKER = {"[": "(", "]": ")"}  # every [n] that is shown is a citation
_LONGEST_MARKER = 24  # characters; so much is held back while it may still become one, however it comes in pieces


class Citer:
    """Feed it the model's text; what it gives back can be shown at once and is never taken back."""

    def __init__(self, supporter: Supporter, articles: Mapping[str, Article]) -> None:
        self._supporter = supporter
        self._evidence = {each.number: each for each in supporter.evidence}
        self._articles = articles
        self._shown: dict[int, int] = {}  # evidence number -> marker
        self._waiting = ""  # text not yet looked at
        self._sentence = ""  # words of the sentence under way, without markers
        self._held = ""  # its end: full stop, closing quotes and white space, until what follows is known
        self._named: list[int] = []  # evidence the model named for it
        self.unsupported: list[str] = []

    def feed(self, text: str) -> str:
        """Take a piece of raw text and return what can be shown now."""
        self._waiting += text
        return self._advance(final=False)

    def finish(self) -> str:
        """Return what was held back; no more text comes."""
        return self._advance(final=True) + self._close()

    def quote(self, evidence: Evidence) -> str:
        """Return a sentence of the evidence word for word, with its marker."""
        text = "".join(_NO_MARKER.get(character, character) for character in evidence.text)
        return f"{text}[{self._marker(evidence.number)}]"

    def state(self, sentence: str, evidence: Iterable[Evidence]) -> str:
        """Return a sentence of our own with the markers of what it rests on before its full stop."""
        text = "".join(_NO_MARKER.get(character, character) for character in sentence)
        words = text.rstrip("。.")
        numbers = dict.fromkeys(each.number for each in evidence)
        return words + "".join(f"[{self._marker(number)}]" for number in numbers) + text[len(words) :]

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of what was shown so far, by marker."""
        return tuple(self._citation(number, marker) for number, marker in self._shown.items())

    def _advance(self, *, final: bool) -> str:
        shown = ""
        while self._waiting:
            if self._waiting[0] in _OPENING:
                if marker := _MARKER.match(self._waiting, 0, _LONGEST_MARKER):
                    self._named += map(int, re.findall(r"\d+", marker[1]))
                    self._waiting = self._waiting[marker.end() :]
                    continue
                if not final and _may_become_marker(self._waiting):
                    break
            character, self._waiting = self._waiting[0], self._waiting[1:]
            shown += self._take(character)
        return shown

    def _take(self, character: str) -> str:
        if self._held and (character in _ENDS or character in _CLOSERS or character.isspace()):
            self._held += character
            return ""
        shown = ""
        if self._held:
            if self._is_end(before=character):
                shown = self._close()
            else:
                shown, self._held = self._held, ""
                self._sentence += shown
        elif character in _ENDS or character == ".":
            self._held = character
            return ""
        character = _NO_MARKER.get(character, character)
        self._sentence += character
        return shown + character

    def _is_end(self, *, before: str) -> bool:
        """Tell whether the held-back text ends the sentence, and is no point in a number, name or list."""
        if self._held[0] != ".":
            return True
        starts_anew = len(self._held) > 1 and not before.islower()
        words = self._sentence.strip()
        return starts_anew and not words.isdigit() and not is_abbreviation(words + ".")

    def _close(self) -> str:
        """End the sentence under way: decide its citations and release its held-back end."""
        words, end, named = self._sentence, self._held, self._named
        self._sentence, self._held, self._named = "", "", []
        if not any(character.isalnum() for character in words):
            return end
        markers = "".join(f"[{self._marker(each.number)}]" for each in self._resolve(words.strip(), named))
        return markers + end

    def _resolve(self, words: str, named: Sequence[int]) -> Sequence[Evidence]:
        known = [self._evidence[number] for number in dict.fromkeys(named) if number in self._evidence]
        claimed = self._supporter.find(words, known)
        if claimed.enough and not claimed.missing_figures:
            return claimed.evidence
        best = self._supporter.find(words)
        if best.enough:
            self.unsupported += best.missing_figures
            return best.evidence
        self.unsupported.append(words)
        return ()

    def _marker(self, number: int) -> int:
        return self._shown.setdefault(number, len(self._shown) + 1)

    def _citation(self, number: int, marker: int) -> Citation:
        evidence = self._evidence[number]
        article, sentence = self._articles[evidence.article], evidence.sentence
        return Citation(marker, article.id, article.title, article.source, sentence.start, sentence.end, evidence.text)


def without_markers(text: str) -> str:
    """Return raw model text without what it meant as citations."""
    return _MARKER.sub("", text)


def _may_become_marker(text: str) -> bool:
    return len(text) < _LONGEST_MARKER and not any(close in text for close in "]】］")
