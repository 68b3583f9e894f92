"""Deciding, while an answer streams, that it is none: nothing of it is shown before its first sentence is judged."""

import re
from collections.abc import Callable

LONGEST = 200  # characters held back for want of a full stop
_DECLINES = re.compile(
    r"(?:没有|没|未|并未)(?:明确|具体|直接)?(?:提到|提及|提供|说明|给出|说到|说|涉及|披露|透露|包含|公布|列出)"
    r"|无法(?:确定|得知|回答|判断|从)|没有(?:相关|关于|足够)|信息不足"
    r"|(?:does|do|did|is|are) ?(?:not|n't|n’t) (?:say|mention|state|provide|specify|contain|give|include|disclose)"
    r"|(?:does|do)n[’']t (?:say|mention|state|provide|specify|contain|give|include|disclose)"
    r"|no information|not (?:mentioned|stated|specified|provided)|cannot (?:be determined|answer|determine)",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"文章|文中|材料|原文|资料|信息|^(?:没有|未|无法)|article|material|passage|text|information|\bit\b", re.I
)
_GOES_ON = re.compile(r"但|不过|而是|只提到|只说|\bbut\b|\bhowever\b|\binstead\b|\brather\b|\bonly\b", re.IGNORECASE)
_FIRST_SENTENCE = re.compile(r"[^。！？!?\n]*?(?:[。！？!?\n]|\.(?=\s))")


class RefusalGate:
    """Feed it raw text; it holds the first sentence back until it is whole, and then lets it pass or not."""

    def __init__(self, unfounded: Callable[[str], bool]) -> None:
        self._unfounded = unfounded
        self._held = ""
        self._open = False
        self.refused = False

    def feed(self, text: str) -> str:
        """Return the text that may be shown; empty for ever once refused."""
        if self._open:
            return text
        self._held = (self._held + text).lstrip()
        sentence = _FIRST_SENTENCE.match(self._held)
        if sentence or len(self._held) > LONGEST:
            return self._decide(sentence[0] if sentence else self._held)
        return ""

    def finish(self) -> str:
        """Return what is still held back, unless it is a refusal."""
        return "" if self._open or not self._held else self._decide(self._held)

    def _decide(self, sentence: str) -> str:
        self.refused = self.refused or declines(sentence) or self._unfounded(sentence)
        self._open = not self.refused
        return self._held if self._open else ""


def declines(sentence: str) -> bool:
    """Tell whether a sentence says that the article does not say, and nothing else."""
    return bool(_DECLINES.search(sentence) and _SOURCE.search(sentence)) and not _GOES_ON.search(sentence)
