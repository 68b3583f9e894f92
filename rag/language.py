"""Which of the two languages a text is in."""

import re
from typing import Literal, TypeAlias, get_args

Language: TypeAlias = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)  # by number

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_ENGLISH = re.compile(
    r"\b(?:what|who|whom|whose|when|where|why|how|which|is|are|was|were|did|does|do|has|have|had|"
    r"the|of|in|on|and|by|for|with|from|that|its?)\b",
    re.IGNORECASE,
)

FUNCTION_WORDS = frozenset(  # English words that most questions have, whatever they are about
    (
        "a about an and any are as at be been by can could did do does for from had has have how if in into is "
        "many much no not of on or should some the to was were what when where which who whom whose why will with "
        "would you your"
    ).split()
)


def language_of(text: str) -> Language:
    """Return Chinese as soon as there is a Chinese character, unless English grammar holds the words together.

    ``AI to B指什么`` is Chinese, ``Who built 夸克?`` is English.
    """
    chinese, english = len(_CHINESE.findall(text)), len(_ENGLISH.findall(text))
    return "zh" if chinese and 3 * english <= chinese else "en"
