"""What is searched for when a question goes on with a conversation: what it leaves out, is in an earlier question."""

import re

from rag.language import FUNCTION_WORDS, language_of
from rag.records import Question

LEAST = {"zh": 5, "en": 3}  # characters, words that carry meaning: with fewer, what it is about is seldom among them
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
_NAMES = {  # which say what it is about, however short the rest
    "zh": re.compile(r"[《“「]|[A-Za-z]{2,}"),
    "en": re.compile(r"[\"“]|(?<!^)(?<![.?!] )\b(?!I\b)[A-Z]\w+"),
}
_MORE = "far i long may me my our please we"
_EMPTY = {  # words that most questions have
    "zh": re.compile(
        r"什么|怎么样?|怎样|如何|为何|多[少大久长高]|哪[些个里儿一家]?|几个?|谁|何时|时候|时间|地[方区]|主要|现在|目前|后来|当时"
        r"|属于|位于|分[布为]|可以|[是在的了有和与由于以为被从对会能吗呢呀过着]"
    ),
    "en": re.compile(rf"\b(?:{'|'.join(sorted(FUNCTION_WORDS.union(_MORE.split())))})\b", re.IGNORECASE),
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
    """Tell whether a question says by itself what it is about: nothing in it points back, and there is enough of it.

    Chinese leaves out a subject that is known (``职业是什么？``); what is left then has few words that carry meaning.
    """
    language = language_of(text)
    if _POINTS[language].search(text):
        return False
    words = _UNITS[language].findall(_EMPTY[language].sub(" ", text))
    return len(words) >= LEAST[language] or bool(_NAMES[language].search(text))
