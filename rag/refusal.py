"""Noticing, while it streams, that the model declines: nothing of a refusal is shown as an answer."""

import re

# Only an answer that opens like this may be a refusal; any other is shown from its first character.
_OPENINGS = (
    "文章", "文中", "材料", "原文", "资料", "根据", "提供", "没有", "未", "无法", "抱歉", "对不起",
    "the article", "the material", "the passage", "the text", "there is no", "it does not", "i ", "i'm", "sorry",
    "no information", "based on", "unfortunately",
)  # fmt: skip
_DECLINES = re.compile(
    r"(?:没有|没|未|并未)(?:明确|具体|直接)?(?:提到|提及|提供|说明|给出|说到|说|涉及|披露|透露|包含|公布|列出)"
    r"|无法(?:确定|得知|回答|判断|从)|没有(?:相关|关于|足够)|信息不足"
    r"|(?:does|do|did|is|are) ?(?:not|n't|n’t) (?:say|mention|state|provide|specify|contain|give|include|disclose)"
    r"|(?:does|do)n[’']t (?:say|mention|state|provide|specify|contain|give|include|disclose)"
    r"|no information|not (?:mentioned|stated|specified|provided)|cannot (?:be determined|answer|determine)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"但|不过|而是|只提到|只说|\bbut\b|\bhowever\b|\binstead\b|\brather\b|\bonly\b", re.IGNORECASE)
_FIRST_SENTENCE = re.compile(r"[^。！？!?\n]*?(?:[。！？!?\n]|\.(?:\s|$))")


class RefusalGate:
    """Feed it raw text; it holds back an opening that may be a refusal until its first sentence is whole."""

    def __init__(self) -> None:
        self._held = ""
        self._open = False
        self.refused = False

    def feed(self, text: str) -> str:
        """Return the text that is known to belong to an answer; empty for ever once refused."""
        if self._open:
            return text
        self._held = (self._held + text).lstrip()
        lowered = self._held.lower()
        maybe = any(each.startswith(lowered) or lowered.startswith(each) for each in _OPENINGS)
        if maybe and not _FIRST_SENTENCE.match(self._held):
            return ""
        return self._decide()

    def finish(self) -> str:
        """Return what is still held back, unless it is a refusal."""
        return "" if self._open else self._decide()

    def _decide(self) -> str:
        sentence = _FIRST_SENTENCE.match(self._held)
        first = sentence[0] if sentence else self._held
        opens_so = first.lower().startswith(_OPENINGS)
        if self.refused or (opens_so and declines(first)):
            self.refused = True
            return ""
        self._open = True
        return self._held


def declines(sentence: str) -> bool:
    """Tell whether a sentence says that the article does not say, and nothing else."""
    return bool(_DECLINES.search(sentence)) and not _GOES_ON.search(sentence)
