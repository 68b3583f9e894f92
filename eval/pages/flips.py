"""The questions that flipped between two runs: both answers side by side, each with its sources."""

import re
from collections.abc import Iterator, Sequence
from html import escape

from eval.gold import Gold
from eval.measures.scoring import evidence_ranks
from eval.pages.detail import told, verdict, wanted
from eval.pages.page import both
from eval.pages.wording import VERDICTS
from eval.runs.comparing import Flip
from rag.records import Json

_MARKER = re.compile(r"\[(\d+)\]")
_NOW = {True: ("better", "变对", "Now right"), False: ("worse", "变错", "Now wrong")}


def flipped(flips: Sequence[Flip], level: int) -> Iterator[str]:
    """Yield the questions, those that became wrong first; the page's script adds the filters."""
    if not flips:
        yield f'<p class="note">{both("没有翻转的题。", "No question flipped.")}</p>\n'
        return
    yield '<div class="flips">\n'
    for flip in sorted(flips, key=lambda each: each.gained):
        yield _flip(flip, level)
    yield "</div>\n"


def _flip(flip: Flip, level: int) -> str:
    gold = flip.gold
    kind, *now = _NOW[flip.gained]
    about = " · ".join(escape(each) for each in (gold.category, gold.id) if each)
    return (
        f'<article class="flip" data-kind="{kind}" data-category="{escape(gold.category)}">'
        f'<p class="about"><span class="said {kind}">{both(*now)}</span> <span class="soft">{about}</span></p>'
        f"<h{level}>{escape(gold.question)}</h{level}>{_history(gold)}{_gold(gold)}"
        f'<div class="pair">{_side(gold, flip.before, ("之前", "Before"))}'
        f"{_side(gold, flip.after, ('之后', 'After'))}</div></article>\n"
    )


def _history(gold: Gold) -> str:
    if not gold.history:
        return ""
    turns = "".join(
        f'<p class="asked">{escape(turn.question)}</p><p class="told">{escape(turn.answer)}</p>'
        for turn in gold.history
    )
    return f'<div class="history">{turns}</div>'


def _gold(gold: Gold) -> str:
    refusal = both("文章没有答案，应当拒答。", "The articles hold no answer: to be refused.")
    text = escape(wanted(gold)) if gold.answerable else refusal
    return f'<p class="standard"><span class="soft">{both("标准答案", "Gold")}</span> {text}</p>'


def _side(gold: Gold, answer: Json, when: tuple[str, str]) -> str:
    kind = verdict(gold, answer)
    title = f'<p class="when">{both(*when)} <span class="verdict {kind}">{both(*VERDICTS[kind])}</span></p>'
    if "error" in answer:
        return f'<div class="given">{title}<p class="error">{escape(answer["error"])}</p></div>'
    known = {str(each["marker"]) for each in answer["citations"]}
    return (
        f'<div class="given">{title}<p class="text">{_marked(answer["answer"], known)}</p>'
        f"{_unsupported(answer)}{_checks(gold, answer)}{_quotes(answer)}</div>"
    )


def _marked(text: str, known: set[str]) -> str:
    return "".join(
        f'<b class="number">{piece}</b>' if odd and piece in known else escape(f"[{piece}]" if odd else piece)
        for odd, piece in ((place % 2, piece) for place, piece in enumerate(_MARKER.split(text)))
    )


def _unsupported(answer: Json) -> str:
    items = "".join(f"<li>{escape(each)}</li>" for each in answer.get("unsupported", ()))
    said = both("原文中没有依据：", "No source supports:")
    return f'<div class="caution"><p>{said}</p><ul>{items}</ul></div>' if items else ""


def _checks(gold: Gold, answer: Json) -> str:
    """Return which facts are told, and where the evidence was found."""
    items = [
        _check(yes, escape(" / ".join(fact)), ("已说出", "told") if yes else ("未说出", "not told"))
        for yes, fact in zip(told(gold, answer), gold.required, strict=True)
    ]
    for rank in evidence_ranks(gold, answer["hits"]):
        place = (f"第 {rank} 段", f"passage {rank}") if rank else ("未检索到", "not found")
        items.append(_check(bool(rank), both("证据", "Evidence"), place))
    return f'<ul class="checks">{"".join(items)}</ul>' if items else ""


def _check(yes: bool, text: str, said: tuple[str, str]) -> str:
    return f'<li class="{"yes" if yes else "no"}"><span>{text}</span> <small>{both(*said)}</small></li>'


def _quotes(answer: Json) -> str:
    items = "".join(
        f'<li><b class="number">{each["marker"]}</b><div><q>{escape(each["quote"])}</q>'
        f"<cite>{escape(each.get('title') or each['article'])}</cite></div></li>"
        for each in answer["citations"]
    )
    return f'<ul class="quotes">{items}</ul>' if items else ""
