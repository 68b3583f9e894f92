"""The text files in ``prompts/``, and evidence and question to messages."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from string import Template
from typing import Literal, TypeAlias

from rag.errors import PromptError
from rag.evidence import Evidence
from rag.language import Language, language_of
from rag.llm import Message
from rag.records import Article, Question
from rag.settings import PROMPTS

Task: TypeAlias = Literal["answer", "doubt"]  # to answer; to answer or decline, which shows whether it would

REFUSAL: Mapping[Language, str] = {"zh": "文章没有提到。", "en": "The article does not say."}
REMEMBERED = 3  # earlier exchanges shown to the model
_TURN = "\n---\n"  # between the turns of a prompt file that is a dialogue
_VARIABLES: Mapping[str, set[str]] = {
    "system": set(),
    "material": {"passages", "question"},
    "answer": set(),
    "doubt": {"refusal"},
    "judge": {"question", "reference", "answer"},
    "prefer": {"question", "reference", "first", "second"},
    "draft": {"title", "sentence", "answer"},
    "recheck": {"sentence", "question"},
    "unanswered": {"title", "passage"},
}


def build_messages(
    question: Question, evidence: Sequence[Evidence], articles: Mapping[str, Article], task: Task = "answer"
) -> list[Message]:
    """Return the conversation to continue: who it is, earlier exchanges, material, question, and the task last.

    The tasks share everything before them, so that a server that caches prompts reads the material once.
    """
    language = language_of(question.text)
    messages = [Message("system", fill("system", language))]
    for turn in question.history[-REMEMBERED:]:
        messages += [Message("user", turn.question), Message("assistant", turn.answer)]
    passages = "\n".join(_numbered(evidence, articles))
    material = fill("material", language, passages=passages, question=question.text)
    what = fill(task, language, **({"refusal": REFUSAL[language]} if task == "doubt" else {}))
    return [*messages, Message("user", f"{material}\n\n{what}")]


def _numbered(evidence: Sequence[Evidence], articles: Mapping[str, Article]) -> list[str]:
    lines = []
    for (article, heading), group in groupby(evidence, key=lambda each: (each.article, each.heading)):
        title = articles[article].title
        lines.append(f"《{title}》{heading if heading != title else ''}".strip())
        lines += [f"[{each.number}] {each.text}" for each in group]
    return lines


def fill(name: str, language: Language, **values: str) -> str:
    """Return a prompt file with its variables filled in.

    Raises:
        PromptError: the file is gone, or uses other variables.

    """
    return _template(name, language).substitute(values)


def dialogue(name: str, language: Language, **values: str) -> list[Message]:
    """Return a prompt file of several turns, which show by example what the last one asks for.

    Raises:
        PromptError: the file is gone, or uses other variables.

    """
    turns = _template(name, language).template.split(_TURN)  # before anything is filled in that may hold such a line
    texts = [Template(turn).substitute(values) for turn in turns]
    return [Message("assistant" if place % 2 else "user", text) for place, text in enumerate(texts)]


@cache
def _template(name: str, language: Language) -> Template:
    path = PROMPTS / f"{name}.{language}.txt"
    try:
        template = Template(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise PromptError(f"{path}: cannot be read ({error.strerror}); restore it") from error
    wanted, got = _VARIABLES[name], set(template.get_identifiers())
    if not template.is_valid() or wanted != got:
        raise PromptError(f"{path}: must use {_listed(wanted)} and nothing else, has {_listed(got)}; correct it")
    return template


def _listed(variables: set[str]) -> str:
    return ", ".join(sorted(f"${each}" for each in variables)) or "no variable"
