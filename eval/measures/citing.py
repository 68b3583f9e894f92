"""Citation recall and precision by ALCE's definition, with a support that is computed and not judged by a model.

Gao et al., "Enabling Large Language Models to Generate Text with Citations" (EMNLP 2023): every sentence of an answer
is a statement, and its citations are the markers in it. Recall is the share of statements that their citations support
together. Precision is the share of citations whose statement is supported and that are not irrelevant: a citation is
irrelevant when it does not support its statement alone and the others support it without it.

ALCE asks a model of natural language inference whether quotes support a statement. Here they do when they hold, by
value, every figure of it that the question does not say and it does not compute from others, and moreover enough of its
wording. Of a quote that is gold
evidence less will do: one such figure or one term of the statement. A statement in another language than its quotes
shares no wording with them: there one such figure takes its place, and gold evidence needs nothing more. So a
statement that twists the words of its source passes, and ``right`` is what tells; the same answers always get the
same figures.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from eval.gold import Gold
from eval.measures.reckoned import reckoned
from rag.figures import figures, quantities
from rag.language import language_of
from rag.records import Json
from rag.sentences import split_sentences
from rag.terms import normalise, tokens

THRESHOLD = 0.4  # of a statement's terms that its quotes hold; eval/LOG.md has what it was measured on
SHARED = 0.5  # of the shorter of a quote and a piece of gold evidence: both are the same place
_RUN = 3  # characters that are compared as one, so that sharing characters means sharing words

_MARKER = re.compile(r"[ \t]*\[(\d+)\]")
_AFTER_THE_END = re.compile(r"([。！？!?.]+[”’」』）)\"']*)((?:[ \t]*\[\d+\])+)")
_ITEM = re.compile(r"^[ \t]*\d{1,2}[.、)）](?!\d)", re.MULTILINE)  # the number of an item in a list says nothing


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer, without its markers."""

    text: str
    markers: tuple[int, ...]


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of an answer; a marker before or after the full stop belongs to the same one."""
    text = _AFTER_THE_END.sub(r"\2\1", text)
    words, markers = "", list[int]()
    for sentence in split_sentences(text):
        part = text[sentence.start : sentence.end]
        plain = _MARKER.sub("", part).strip()
        if any(map(str.isalnum, plain)):
            if words:
                yield Statement(words, tuple(dict.fromkeys(markers)))
                markers = []
            words = plain
        markers += map(int, _MARKER.findall(part))
    if words:
        yield Statement(words, tuple(dict.fromkeys(markers)))


def citation_recall(answer: Json, gold: Gold) -> float | None:
    """Return the share of statements that their citations support; none for a refusal, an error or no statement."""
    supported = [supports(quotes, words, gold) for words, quotes in _cited(answer)]
    return sum(supported) / len(supported) if supported else None


def citation_precision(answer: Json, gold: Gold) -> float | None:
    """Return the share of citations that are of use; none where there are none, and for a refusal or an error.

    A marker without its citation is a citation of nothing.
    """
    useful = [each for words, quotes in _cited(answer) for each in _useful(quotes, words, gold)]
    return sum(useful) / len(useful) if useful else None


def _useful(quotes: Sequence[str], statement: str, gold: Gold) -> Iterator[bool]:
    supported = supports(quotes, statement, gold)
    for i in range(len(quotes)):
        others = [*quotes[:i], *quotes[i + 1 :]]
        yield supported and (supports(quotes[i : i + 1], statement, gold) or not supports(others, statement, gold))


def supports(quotes: Sequence[str], statement: str, gold: Gold) -> bool:
    """Tell whether quotes support a statement together."""
    if not quotes:
        return False
    asked = _values(gold.question)
    every = set(figures(_ITEM.sub("", statement)))
    quoted = frozenset().union(*map(_values, quotes))
    told = every - asked - reckoned(every, quoted)
    if told - quoted:
        return False
    found = share(quotes, statement, gold.question)
    worded = bool(told) if found is None else found >= THRESHOLD
    return worded or any(
        _is_evidence(quote, gold) and (told & _values(quote) or share([quote], statement, gold.question) != 0)
        for quote in quotes
    )


def share(quotes: Sequence[str], statement: str, question: str) -> float | None:
    """Return the share of a statement's terms that quotes hold, from 0 to 1.

    Terms are Chinese pairs and words, without those of the question unless there are no others. None where there
    is nothing to compare: the statement is in another language, or has no terms but figures.
    """
    terms = _terms(statement) - _terms(question) or _terms(statement)
    same = [quote for quote in quotes if _language(quote) == _language(statement)]
    if not terms or not same:
        return None
    return len(terms.intersection(frozenset().union(*map(_terms, same)))) / len(terms)


def unsupported_figures(answer: Json) -> int:
    """Return how many figures of an answer, by value, neither a quote that it cites contains nor the question says."""
    return len(_unsupported(answer))


def unmarked_figures(answer: Json) -> int:
    """Return how many of the unsupported figures the answer does not report as such."""
    return len(_unsupported(answer) - {value for each in answer.get("unsupported", ()) for value in figures(each)})


def _unsupported(answer: Json) -> set[str]:
    if answer.get("refused") or "error" in answer:
        return set()
    quoted = {value for each in answer["citations"] for value in _values(each["quote"])}
    told = set(figures(_ITEM.sub("", _MARKER.sub("", answer["answer"]))))
    return told - quoted - _values(answer["question"]) - reckoned(told, frozenset(quoted))


def _cited(answer: Json) -> Iterator[tuple[str, list[str]]]:
    """Yield each statement with the quotes that it cites; nothing of a refusal or an error."""
    if answer.get("refused") or "error" in answer:
        return
    quotes = {each["marker"]: each["quote"] for each in answer["citations"]}
    for statement in statements(answer["answer"]):
        yield statement.text, [quotes.get(marker, "") for marker in statement.markers]


_language = lru_cache(maxsize=4096)(language_of)


@lru_cache(maxsize=4096)
def _terms(text: str) -> frozenset[str]:
    return frozenset(term for term in tokens(text) if len(term) > 1 and not term[0].isdigit())


@lru_cache(maxsize=4096)
def _values(text: str) -> frozenset[str]:
    """Return the figures of a source by value, those in words too: 二十三天 supports 23天."""
    return frozenset(figures(text)) | {str(each) for each in quantities(text)}


@lru_cache(maxsize=4096)
def _runs(text: str) -> frozenset[str]:
    plain = "".join(normalise(text).split())
    return frozenset(plain[i : i + _RUN] for i in range(max(len(plain) - _RUN + 1, 1))) if plain else frozenset()


def _is_evidence(quote: str, gold: Gold) -> bool:
    return any(_same_place(quote, each) for any_of in gold.evidence for each in any_of)


def _same_place(quote: str, evidence: str) -> bool:
    quoted, proof = _runs(quote), _runs(evidence)
    return bool(quoted and proof) and len(quoted & proof) >= SHARED * min(len(quoted), len(proof))
