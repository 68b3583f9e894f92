"""What is searched for when a question goes on with a conversation: what it leaves out, is in an earlier question."""

import re

from rag.language import language_of
from rag.records import Question

SHORT = 6  # Chinese characters or English words: what is shorter seldom says by itself what it is about
FARTHEST = 4  # turns that are looked back at
_POINTS = {
    "zh": re.compile(
        r"[它他她]|这[些个家种样里时项款次位座]?|那[些个家种样里时项款次位座么]?|其[中他它余]?|该[公厂校市项人企书片国]|此[外后前事人时]"
        r"|上述|前者|后者|两者|二者|同样|另[一外]|还有|呢[？?]?$|^(?:为什么|怎么|谁|何时|多少|哪)[^，。]{0,3}[？?]?$"
    ),
    "en": re.compile(
        r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|these|those|there|then|former|latter|both|"
        r"ones?|same|such|else|others?|another|also|too|instead|more)\b|^(?:and|but|so|or|why|how come|what about|"
        r"how about)\b|\bthat\b(?=[^a-z]*$|\s+(?:one|time|year|day|place|is|was|mean))",
        re.IGNORECASE,
    ),
}
_UNITS = {"zh": re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+"), "en": re.compile(r"\w+")}


def search_query(question: Question) -> str:
    """Return the question, behind the last one that stands alone if it does not itself.

    What was asked in between stands between them, so that a chain of questions that each point back stays whole. A
    question that stands alone is searched for alone: what was spoken of before would only lead away from it.
    """
    query = [question.text]
    for turn in reversed(question.history[-FARTHEST:]):
        if stands_alone(query[0]):
            break
        query.insert(0, turn.question)
    return " ".join(query)


def stands_alone(text: str) -> bool:
    """Tell whether a question says by itself what it is about: nothing in it points back, and it is not too short."""
    language = language_of(text)
    return len(_UNITS[language].findall(text)) > SHORT and not _POINTS[language].search(text)
