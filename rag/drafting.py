"""Evidence to an answer's text, in pieces that can be shown at once: declined, quoted, or written by a model."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rag.arithmetic import Computation
from rag.citations import Citer, without_markers
from rag.embedding import Embedder
from rag.errors import ModelError
from rag.evidence import Evidence
from rag.extractive import best_sentences
from rag.language import language_of
from rag.llm import ChatModel, Message
from rag.prompt import REFUSAL, build_messages
from rag.records import Article, Citation, Question, Usage
from rag.refusal import RefusalGate, declines
from rag.support import Supporter

MAX_TOKENS = 400  # of an answer
DOUBT_TOKENS = 12  # enough to see whether the model would decline


_NO_TOKENS = Usage()


@dataclass(frozen=True, slots=True)
class Draft:
    """The answer's text, whole, and what it rests on."""

    text: str
    refused: bool = False
    citations: tuple[Citation, ...] = ()
    unsupported: tuple[str, ...] = ()
    usage: Usage = _NO_TOKENS


Drafting: TypeAlias = Generator[str, None, Draft]  # yields the text in pieces and returns the draft


def decline(question: Question, usage: Usage = _NO_TOKENS) -> Drafting:
    """Say, in the question's language, that the article does not say."""
    refusal = REFUSAL[language_of(question.text)]
    yield refusal
    return Draft(refusal, refused=True, usage=usage)


def quote(
    question: Question, evidence: Sequence[Evidence], articles: Mapping[str, Article], embedder: Embedder
) -> Drafting:
    """Quote the sentences nearest to the question, one a line."""
    citer = Citer(Supporter(question.text, evidence, embedder), articles)
    text = "\n".join(citer.quote(each) for each in best_sentences(question.text, evidence, embedder))
    yield text
    return Draft(text, citations=citer.citations)


def reckon(
    computation: Computation,
    question: Question,
    evidence: Sequence[Evidence],
    articles: Mapping[str, Article],
    embedder: Embedder,
) -> Drafting:
    """Tell what was computed, citing the sentences of its operands."""
    citer = Citer(Supporter(question.text, evidence, embedder), articles)
    text = citer.state(computation.sentence, (each.evidence for each in computation.operands))
    yield text
    return Draft(text, citations=citer.citations)


def write(
    model: ChatModel,
    question: Question,
    evidence: Sequence[Evidence],
    articles: Mapping[str, Article],
    embedder: Embedder,
) -> Drafting:
    """Let the model write; decline when its first sentence shows that the evidence does not say.

    Raises:
        ModelError: the model failed, or wrote nothing.

    """
    supporter = Supporter(question.text, evidence, embedder)
    citer = Citer(supporter, articles)

    doubting = build_messages(question, evidence, articles, "doubt")
    gate = RefusalGate(lambda sentence: _unfounded(sentence, supporter, model, doubting))
    text, usage = "", _NO_TOKENS
    reply = model.stream(build_messages(question, evidence, articles), max_tokens=MAX_TOKENS)
    try:
        while not gate.refused:
            if piece := citer.feed(gate.feed(next(reply))):
                text += piece
                yield piece
    except StopIteration as done:
        usage = done.value
    finally:
        reply.close()
    if rest := (citer.feed(gate.finish()) + citer.finish()).rstrip():
        text += rest
        yield rest
    if gate.refused:
        return (yield from decline(question, usage))
    if not text.strip():
        raise ModelError(f"{model.name}: answered without words; try another model with --llm")
    return Draft(text, False, citer.citations, tuple(citer.unsupported), usage)


def _unfounded(sentence: str, supporter: Supporter, model: ChatModel, doubting: Sequence[Message]) -> bool:
    """Tell whether no evidence says it; or whether it hardly does, and the model itself would rather decline."""
    words = without_markers(sentence)
    if not any(character.isalnum() for character in words):
        return False
    support = supporter.find(words)
    if not (support.enough and support.near):
        return True
    if support.same and not support.missing_figures:
        return False
    return declines("".join(model.stream(doubting, max_tokens=DOUBT_TOKENS)))
