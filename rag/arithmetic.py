"""Arithmetic that an answer needs, computed from figures of the evidence and never guessed.

``compute`` says nothing where it is not sure which figures are meant, or where the evidence states the result itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rag.computing.amounts import Amount
from rag.computing.asked import Asked, read_question
from rag.computing.candidates import Candidate, candidates
from rag.computing.forms import Kind
from rag.computing.matching import words_held
from rag.computing.operands import ENOUGH, choose, sides_words
from rag.computing.reckoning import (
    Operand,
    Result,
    change,
    difference,
    is_more,
    ratio,
    remainder,
    share,
    time_between,
    total,
)
from rag.computing.telling import asks_for_less, express, tell, tell_more
from rag.evidence import Evidence
from rag.language import Language, language_of

_CLAUSE = re.compile(r"[，；;。]|,(?!\d)")
_ARTICLE = re.compile("^(?:the|an?) ", re.IGNORECASE)
LONGEST_PHRASE = 80  # characters of a sentence that tell what an operand is of


@dataclass(frozen=True, slots=True)
class Computation:
    """What was computed, of which figures, and how it is told in the language of the question.

    ``result`` is in ``unit`` (亿元, 个百分点, million pounds, months); for ``which`` it is the figure of the one asked
    for. ``approximate`` results say so in both renderings. ``expression`` is "4238亿元 − 3736亿元 = 502亿元".
    """

    kind: Kind
    operands: tuple[Operand, ...]
    result: Decimal
    unit: str
    approximate: bool
    expression: str
    sentence: str


def compute(question: str, evidence: Sequence[Evidence]) -> Computation | None:
    """Return the arithmetic that a question asks for; None unless it surely does, and of figures that stand out."""
    asked = read_question(question)
    chosen = asked and choose(asked, evidence)
    if not asked or not chosen:
        return None
    language = language_of(question)
    operands = tuple(_operand(each, asked.sides[n] if asked.sides else "") for n, each in enumerate(chosen))
    if asked.kind == "which":
        return _which(asked, operands, language)
    result = _result(asked, operands, language)
    if result is None or _is_stated(asked, chosen, result, evidence):
        return None
    return Computation(
        asked.kind,
        operands,
        result.value,
        result.unit,
        result.approximate,
        express(asked, operands, result),
        tell(asked, operands, result, language),
    )


def _result(asked: Asked, operands: Sequence[Operand], language: Language) -> Result | None:
    match asked.kind:
        case "sum":
            return total(operands)
        case "ratio":
            return ratio(operands, language)
        case "share":
            return share(operands)
        case "remainder":
            return remainder(operands)
        case "change":
            return change(operands)
        case "time":
            return time_between(operands, asked.unit[1], language)
    return difference(operands, language)


def _which(asked: Asked, operands: Sequence[Operand], language: Language) -> Computation | None:
    more = is_more(operands)
    if more is None:
        return None
    if more == asks_for_less(asked.word):
        operands = operands[::-1]
    one, other = operands
    value = Decimal(0)
    unit, vague = "", False
    if isinstance(one.what, Amount) and isinstance(other.what, Amount):
        value, unit = one.what.value / one.what.scale, one.what.magnitude + one.what.unit
        vague = one.what.vague or other.what.vague
    expression = f"{one.text} {'<' if asks_for_less(asked.word) else '>'} {other.text}"
    return Computation("which", tuple(operands), value, unit, vague, expression, tell_more(asked, operands, language))


def _operand(candidate: Candidate, side: str) -> Operand:
    """Return a candidate as an operand, with what it is of: as the question says it, or else a part of its sentence."""
    text, name = candidate.evidence.text, _ARTICLE.sub("", side)
    edge, close = (r"\b", r"s?\b") if name.isascii() else ("", "")
    if len(name) > 1 and (found := re.search(f"{edge}{re.escape(name)}{close}", text, re.IGNORECASE)):
        return Operand(candidate.evidence, candidate.what, candidate.written, found[0], named=True)
    return Operand(candidate.evidence, candidate.what, candidate.written, _phrase(candidate), named=False)


def _phrase(candidate: Candidate) -> str:
    """Return the part of the sentence that tells what an amount is of, or as much before it as is short enough."""
    text, what = candidate.evidence.text, candidate.what
    part = candidate.part
    if len(part) > LONGEST_PHRASE:
        part = (
            _CLAUSE.split(text[candidate.first : what.start])[-1] + _CLAUSE.split(text[what.start : candidate.last])[0]
        )
    if len(part) > LONGEST_PHRASE:
        part = text[max(candidate.first, what.end - LONGEST_PHRASE) : what.end]
    return part.strip(" ，,；;。、.")


def _is_stated(asked: Asked, chosen: Sequence[Candidate], result: Result, evidence: Sequence[Evidence]) -> bool:
    """Tell whether the evidence has the result already: then it is better quoted."""
    own, _, _ = sides_words(asked)
    sentences = {each.evidence.text for each in chosen}
    kinds = _kinds_of_result(asked, chosen)
    for each in candidates(evidence):
        if each.kind not in kinds or any(each.what == one.what and each.evidence == one.evidence for one in chosen):
            continue
        told = words_held(each.evidence.text)
        of_both = bool(own) and all(len(side & told) > ENOUGH * len(side) for side in own)
        if each.evidence.text in sentences or of_both:
            says = each.is_total if asked.kind == "sum" else each.is_change or each.kind in ("times", "point")
            if says or (isinstance(each.what, Amount) and _written(each.what) == abs(result.value)):
                return True
    return False


def _kinds_of_result(asked: Asked, chosen: Sequence[Candidate]) -> set[str]:
    """Return the kinds of amount that the result is one of."""
    what = chosen[0].what
    kind = what.kind if isinstance(what, Amount) else "date"
    match asked.kind:
        case "time":
            return {"year", "month", "day"}
        case "ratio":
            return {"times"}
        case "share" | "change" | "remainder":
            return {"%"}
        case "difference" if kind == "%":
            return {"point", "%"}
    return {kind}


def _written(amount: Amount) -> Decimal:
    return amount.value / amount.scale
