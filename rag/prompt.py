"""Evidence and question to messages, from the text files in ``prompts/``."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from string import Template
from typing import Literal, TypeAlias

from rag.errors import PromptError
from rag.evidence import Evidence
from rag.llm import Message
from rag.records import Article, Question
from rag.settings import PROMPTS

Language: TypeAlias = Literal["zh", "en"]

REFUSAL: Mapping[Language, str] = {"zh": "文章没有提到。", "en": "The article does not say."}
REMEMBERED = 3  # earlier exchanges shown to the model
_VARIABLES = {"system": {"refusal"}, "user": {"passages", "question"}}


def language_of(text: str) -> Language:
    """Return the language to answer in: Chinese as soon as there is a Chinese character."""
    return "zh" if re.search(r"[\u3400-\u9fff]", text) else "en"


def build_messages(question: Question, evidence: Sequence[Evidence], articles: Mapping[str, Article]) -> list[Message]:
    """Return the conversation to continue: instructions, earlier exchanges, passages with the question."""
    language = language_of(question.text)
    messages = [Message("system", _fill("system", language, refusal=REFUSAL[language]))]
    for turn in question.history[-REMEMBERED:]:
        messages += [Message("user", turn.question), Message("assistant", turn.answer)]
    passages = "\n".join(_numbered(evidence, articles))
    messages.append(Message("user", _fill("user", language, passages=passages, question=question.text)))
    return messages


def _numbered(evidence: Sequence[Evidence], articles: Mapping[str, Article]) -> list[str]:
    lines = []
    for (article, heading), group in groupby(evidence, key=lambda each: (each.article, each.heading)):
        title = articles[article].title
        lines.append(f"《{title}》{heading if heading != title else ''}".strip())
        lines += [f"[{each.number}] {each.text}" for each in group]
    return lines


def _fill(name: str, language: Language, **values: str) -> str:
    return _template(name, language).substitute(values)


@cache
def _template(name: str, language: Language) -> Template:
    path = PROMPTS / f"{name}.{language}.txt"
    try:
        template = Template(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise PromptError(f"{path}: cannot be read ({error.strerror}); restore it") from error
    wanted, got = _VARIABLES[name], set(template.get_identifiers())
    if not template.is_valid() or wanted != got:
        raise PromptError(
            f"{path}: must use {', '.join(sorted('$' + each for each in wanted))} and nothing else, "
            f"has {', '.join(sorted('$' + each for each in got)) or 'none'}; correct it"
        )
    return template
