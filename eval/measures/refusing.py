"""Refusals: the risk of what a system dares to answer, and telling that a text is no answer at all.

Risk and coverage after El-Yaniv and Wiener, "On the Foundations of Noise-free Selective Classification" (JMLR 2010),
and Geifman and El-Yaniv, "Selective Classification for Deep Neural Networks" (NeurIPS 2017): questions are let in
from the most certain answer down, and the risk at a coverage is the share of wrong ones among those let in. The
refused ones come last, as answers that the system was forced to give, and are wrong, even where refusing was right.
Among answers of equal confidence the order is random, and the expected value is taken: so the order of the questions
does not matter.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag.citations import without_markers
from rag.terms import normalise

Floats: TypeAlias = NDArray[np.float64]
_Kind: TypeAlias = Literal["declines", "filler", "states"]

# A text is judged folded (small letters, Simplified) and by clauses. A contrast begins one, and so does "and the".
_CLAUSE_ENDS = re.compile(
    r"[、，；;。！？!?：\n]+|(?<!\d),|,(?!\d)|\.(?=\s|$)|(?=(?<!不)但|不过|然而|而是)"
    r"|\s(?=(?:but|however|although|though|while)\b|and (?:the|it|there|i|this|no)\b)",
)
_LEAD = re.compile(
    r"^(?:\s|但是?|不过|然而|而且|并且|因此|所以|因而|故|综上(?:所述)?|由于|因为|虽然|尽管|很?抱歉|对不起|很?遗憾|不好意思"
    r"|目前|暂时|这里|我|也|(?:but|however|although|though|while|and|therefore|thus|hence|so|since|as|because|unfortunately"
    r"|sorry|i(?:['’]m| am) (?:very |really |so )?sorry|i apologi[sz]e|apologies|regrettably|currently|that)\b)+",
)
_CONTRAST = re.compile(r"^\s*(?:但|不过|然而|而是|(?:but|however|instead|rather|still|nevertheless)\b)")
_CONCLUDES = re.compile(r"^\s*(?:因此|所以|因而|故|综上|(?:therefore|thus|hence|so)\b)")
_ONLY = re.compile(r"只|仅|\bonly\b|\bjust\b")
_QUOTED = re.compile(r"“[^”]*”|「[^」]*」|《[^》]*》|\"[^\"\n]*\"")
_NOTHING = re.compile(
    r"(?:empty response|none|n/?a|null|unknown|unanswerable|no answer|not found|not available"
    r"|未知|不详|无|无答案|没有答案|空)",
)

_ZH = (
    r"(?:文章|文中|本文|原文|全文|文本|文档|文件|材料|资料|上下文|段落|片段|知识库|检索结果|搜索结果|来源"
    r"|(?:的|些|述|有|关)(?:信息|内容))"
)
_NOT_ZH = r"(?:没有?|未|并无|无|不)(?:能|曾|有|明确|具体|直接|详细|任何|足够的?)*"
_TOLD_ZH = (
    r"(?:提|说|讲|给出|涉及|披露|透露|包含|包括|公布|列出|记载|指出|写明|写|显示|描述|介绍|交代|回答|找到"
    r"|相关|关于|足够|答案)"
)
_EN = (
    r"\b(?:articles?|materials?|passages?|texts?|information|contexts?|documents?|sources?|excerpts?|paragraphs?|content"
    r"|knowledge base|search results?|data provided)\b"
)
_NOT_EN = r"(?:do|does|did|is|are|was|were|has|have|can|could)(?: not|n[’']t|not)"
_TELL_EN = (
    r"(?:say|mention|state|provide|specify|contain|give|include|disclose|cover|discuss|address|indicate|reveal|answer"
    r"|explain|list|describe|have)"
)
_TOLD_EN = r"(?:mentioned|stated|specified|provided|given|included|found|available|contained|discussed|covered)"
_DECLINES = re.compile(
    "|".join(
        [
            rf"{_ZH}.{{0,12}}(?:{_NOT_ZH}{_TOLD_ZH}|[找查看]不到)|{_NOT_ZH}在{_ZH}[里中]?{_TOLD_ZH}",
            rf"^中?{_NOT_ZH}(?:提到|提及|涉及|说明|给出|找到|查到|检索到|(?:相关|足够)的?(?:信息|内容|资料|材料|答案))",
            r"^(?:暂无|尚无|缺乏|缺少)(?:相关|足够)?的?(?:信息|资料|数据|答案)",
            rf"(?:根据|从|依据|基于|由).{{0,20}}{_ZH}.{{0,12}}(?:无法|不能|难以|得不出|看不出|没法)",
            r"^(?:无法|不能|没法|难以)(?:直接|准确|明确|具体)*(?:回答|确定|得知|判断|提供|给出|找到|获取|从|根据|得出)",
            r"^(?:[找查]不到|不知道|不清楚|不确定|不了解|不得而知)",
            r"^(?:信息|资料|材料|内容|上下文)(?:不足|不够)|无法(?:回答|作答)",
            rf"{_EN}.{{0,60}}\b{_NOT_EN} (?:\w+ )?(?:{_TELL_EN}|{_TOLD_EN}(?<!found))",
            rf"\b(?:information|answer|details?)\b.{{0,60}}\b{_NOT_EN} (?:\w+ )?found",
            rf"\b(?:{_NOT_EN}|not) (?:\w+ )?{_TOLD_EN} .{{0,40}}{_EN}",
            rf"^(?:i|we) {_NOT_EN} (?:\w+ ){{0,2}}(?:know|have|find|answer|determine|provide|confirm|tell|assist|help"
            r"|explain|say|see|aware|able|sure)\b",
            r"^(?:(?:i|we) (?:am|was|are|were)|i[’']m) (?:unable|not able|not aware|not sure|unaware)\b",
            r"^(?:i|we) (?:neither (?:have|know)|have no\b|(?:could )?find no\b)",
            r"^(?:there (?:is|was|are|were) )?(?:no|not enough|insufficient|not any|isn[’']t any) (?:\w+ ){0,2}"
            r"(?:information|details?|mention|context|evidence|answer)\b",
            r"\b(?:cannot|can not|can[’']t) be (?:determined|answered|inferred)\b",
            rf"^(?:it|they) {_NOT_EN} (?:\w+ )?(?:say|mention|state|specify|indicate|disclose|explain)\b",
            rf"^not (?:{_TOLD_EN}|answerable)",
        ]
    ),
)
_FILLER = re.compile(  # what it is about, where it comes from, what else to try: without a figure, not the answer
    "|".join(
        [
            r"^(?:虽然|尽管|(?:although|though|while)\b)|^(?:关于|对于|至于|(?:regarding|as for|concerning)\b)",
            r"^(?:就|根据|依据|基于|从|在|按照)\D*$",
            r"^(?:based on|according to|in|from|with respect to|given|about|to)\b\D*$",
            rf"^\D*{_ZH}\D*(?:提到|提及|介绍|讨论|讲述|描述|讲的是|涉及|主要)\D*$|^(?:只|仅)(?:提到|介绍|讨论|讲|说|涉及|描述)",
            r"^(?:如果|如需|若|请|建议|您?可以|欢迎|希望|谢谢|感谢|很?抱歉|对不起|很?遗憾|不好意思|您好|你好)",
            rf"^\D*(?:{_EN}|it|they) (?:\w+ )?"
            r"(?:discuss|describe|focus|cover|mention|talk|deal|(?:is|are) about|only|just)\D*$",
            r"^(?:if|please|for (?:more|the most)|feel free|let me know|thank|(?:could|can|would) you|hello)\b",
            r"^you (?:may|might|can|could|should) (?:want|try|check|consult|contact|visit|refer|need|look|find)\b",
            r"^i(?:[’']d| would| can| could)? (?:recommend|suggest|advise|apologi[sz]e|need) (?!several|some)",
            r"sorry\.?$",
        ]
    ),
)


@dataclass(frozen=True, slots=True)
class Curve:
    """Expected risk at each coverage ``k / n``, k from 1 to n; refusals begin beyond the coverage ``answered``."""

    coverage: Floats
    risk: Floats
    answered: float

    @property
    def area(self) -> float:
        """The mean risk over all coverages, nan without questions."""
        return float(self.risk.mean()) if len(self.risk) else float("nan")


def areas(confidence: ArrayLike, right: ArrayLike, refused: ArrayLike) -> Callable[[NDArray[np.intp]], Floats]:
    """Return a function from row numbers, shape (batch, n), to the areas under their curves, shape (batch,).

    The arrays are those of ``curve``. For a bootstrap: the questions are put in order only once, and then counted.
    """
    order, starts, wrong = _ordered(confidence, right, refused)
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))

    def area_of(rows: NDArray[np.intp]) -> Floats:
        batch, n = rows.shape
        cells = place[rows] + len(order) * np.arange(batch)[:, None]
        drawn = np.bincount(cells.ravel(), minlength=batch * len(order)).reshape(batch, -1)
        sizes = np.add.reduceat(drawn, starts, axis=1)
        missed = np.add.reduceat(drawn * wrong, starts, axis=1)
        ends = np.cumsum(sizes, axis=1)
        weights = _weights(n)
        shares = missed / np.maximum(sizes, 1) * (weights[ends] - weights[ends - sizes])
        return np.asarray(shares.sum(axis=1))

    return area_of


def curve(confidence: ArrayLike, right: ArrayLike, refused: ArrayLike) -> Curve:
    """Return the risk-coverage curve of questions, from arrays of shape (n,).

    ``right`` may be a share, as the mean over repeats is. An answer without a confidence (nan) counts as the least
    certain.
    """
    order, starts, wrong = _ordered(confidence, right, refused)
    n = len(order)
    if not n:
        return Curve(np.empty(0), np.empty(0), float("nan"))
    sizes = np.diff(starts, append=n)
    count = np.arange(1, n + 1)
    risk = np.cumsum(np.repeat(np.add.reduceat(wrong, starts) / sizes, sizes)) / count
    return Curve(count / n, risk, 1 - float(np.asarray(refused, np.float64).mean()))


def _ordered(
    confidence: ArrayLike, right: ArrayLike, refused: ArrayLike
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Return the order from the most certain down and, in it, where runs of equal confidence start and who is wrong."""
    certain, held = np.asarray(confidence, np.float64), np.asarray(refused, np.bool_)
    # nan is sorted last and equals nothing: every refusal is a run of its own, which changes nothing as all are wrong
    key = np.where(held, np.nan, np.where(np.isnan(certain), np.inf, -certain))
    order = np.argsort(key)
    wrong = np.where(held, 1.0, 1 - np.asarray(right, np.float64))[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = key[order][1:] != key[order][:-1]
    return order, np.flatnonzero(new), wrong


def _weights(n: int) -> Floats:
    """Return what the first so many places count in the area, shape (n + 1,): it is the mean of the first k's means.

    The answer at place i counts 1/k for every k >= i.
    """
    return np.concatenate([[0.0], np.cumsum(np.cumsum(1 / np.arange(n, 0, -1))[::-1])]) / n


def says_nothing(text: str) -> bool:
    """Tell whether the answer of any system is a refusal: it says that it cannot tell, and tells nothing.

    For systems that do not say themselves whether they refused. An answer that tells one thing and leaves another
    open is none: "文章没有说2022年，而是2023年", "Since 1994. The article does not say who paid."
    """
    plain = normalise(without_markers(text)).strip()
    if _NOTHING.fullmatch(plain.strip(" .。!！\"'")) or not any(map(str.isalnum, plain)):
        return True
    unquoted = _QUOTED.sub("“”", plain)  # what others do not know is no refusal
    clauses = _clauses(unquoted if any(map(str.isalnum, unquoted)) else plain.strip('“”「」"'))
    kinds = [_kind(each) for each in clauses]
    if "declines" not in kinds:
        return False
    if kinds[-1] == "declines" and _CONCLUDES.match(clauses[-1]):
        return True
    first = kinds.index("declines")
    if "states" in kinds[:first]:
        return False
    contrasts = [i for i in range(first, len(kinds)) if _CONTRAST.match(clauses[i]) and not _ONLY.search(clauses[i])]
    return not contrasts or "states" not in kinds[contrasts[0] :]


def _clauses(text: str) -> list[str]:
    """Return the clauses; what only leads up to one, as "Therefore," does, is part of it."""
    clauses: list[str] = []
    begun = ""
    for piece in _CLAUSE_ENDS.split(text):
        begun = f"{begun} {piece}".strip()
        if any(map(str.isalnum, _LEAD.sub("", begun))):
            clauses.append(begun)
            begun = ""
    return clauses


def _kind(clause: str) -> _Kind:
    words = _LEAD.sub("", clause).strip()
    if _DECLINES.search(words):
        return "declines"
    return "filler" if _FILLER.search(words) or _FILLER.search(clause) else "states"
