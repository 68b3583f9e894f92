"""The amounts and dates of the evidence, each with the part of its sentence that tells what it is of."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rag.computing.amounts import Amount, Date, amounts, dates
from rag.evidence import Evidence
from rag.language import language_of

_BREAK = re.compile(
    r"[，,；;。、：:|](?!\d)|而|\b(?:and|but|while|whereas|to|or|against|compared|versus)\b", re.IGNORECASE
)
_STOP = re.compile(r"[；;。|]")
_CHANGE_BEFORE = re.compile(
    r"(?:(?:比|较)[^，,]{1,12}[多少高低长短大小]|相差|差距|高出|多出|领先[^，,]{0,10}|增长|增加|上涨|上升|提高|提升|下降|减少|降低|下跌"
    r"|[增降涨]幅|扩大|缩小)(?:[了为是约近逾超达过]|大约|将近|超过){0,2}$"
    r"|\b(?:by|up|down|(?:increase|rise|drop|gain|difference|overrun|gap|lead|growth|decline) of|rose|fell|grew"
    r"|increased|dropped|ahead)(?: by)?(?: about| nearly| almost| some| around| roughly| over| more than)? ?[$£€]?$",
    re.IGNORECASE,
)
_CHANGE_AFTER = re.compile(
    r" (?:more|fewer|less|higher|lower|[a-z]{3,}er (?=than)|ahead|increase|rise|drop|decline|overrun|growth)\b"
    r"|的(?:差距|差额|增幅|降幅)",
    re.IGNORECASE,
)
_TOTAL_BEFORE = re.compile(
    r"(?:合计|一共|总共|共计|总计|总额|累计|共|\btotal(?:led|ling|ed)?(?: of)?|altogether|together)[为达约是有]{0,2}"
    r" ?[$£€]?$",
    re.IGNORECASE,
)

Stated: TypeAlias = Amount | Date


@dataclass(frozen=True, slots=True)
class Candidate:
    """An amount or date, with the part of its sentence, ``text[first:last]``, that tells what it is of.

    The part begins after the one before of the same kind; ``near`` after the one before of any kind.
    """

    evidence: Evidence
    what: Stated
    first: int
    near: int
    last: int
    before: str  # the sentence before, of the same article

    @property
    def kind(self) -> str:
        """The kind of an amount, ``date`` for a date."""
        return self.what.kind if isinstance(self.what, Amount) else "date"

    @property
    def part(self) -> str:
        """The part of the sentence."""
        return self.evidence.text[self.first : self.last]

    @property
    def clause(self) -> str:
        """What of the part stands nearest to the amount."""
        return self.evidence.text[self.near : self.last]

    @property
    def written(self) -> str:
        """The amount or date as it stands in the sentence."""
        return self.evidence.text[self.what.start : self.what.end]

    @property
    def leading(self) -> str:
        """The part of the sentence as far as the amount."""
        return self.evidence.text[self.first : self.what.start]

    @property
    def is_change(self) -> bool:
        """Tell whether it is itself a difference that the sentence states."""
        text = self.evidence.text
        return _CHANGE_BEFORE.search(text[: self.what.start]) is not None or (
            _CHANGE_AFTER.match(text, self.what.end) is not None
        )

    @property
    def is_total(self) -> bool:
        """Tell whether it is itself a sum that the sentence states."""
        return _TOTAL_BEFORE.search(self.evidence.text[: self.what.start]) is not None


def candidates(evidence: Sequence[Evidence]) -> Iterator[Candidate]:
    """Yield every amount and date of the evidence."""
    ordered = sorted(evidence, key=lambda each: (each.article, each.sentence.start, each.text))
    for at, each in enumerate(ordered):
        before = ordered[at - 1].text if at and ordered[at - 1].article == each.article else ""
        counted, dated = amounts(each.text), dates(each.text)
        for kind in sorted({amount.kind for amount in counted}):
            of_kind = [amount for amount in counted if amount.kind == kind]
            for amount, place in zip(of_kind, _parts(each.text, of_kind, counted), strict=True):
                yield Candidate(each, amount, *place, before)
        for date, place in zip(dated, _parts(each.text, dated, dated), strict=True):
            yield Candidate(each, date, *place, before)


def _parts(text: str, of_kind: Sequence[Stated], found: Sequence[Stated]) -> list[tuple[int, int, int]]:
    """Return ``first``, ``near`` and ``last`` of some amounts of one kind, or of dates, among those found of any kind.

    A part ends before the clause of the next number.
    """
    parts: list[tuple[int, int, int]] = []
    first = 0
    for at, each in enumerate(of_kind):
        last = _cut(text, each, of_kind[at + 1]) if at + 1 < len(of_kind) else len(text)
        before = [other for other in found if other.start < each.start]
        after = [other for other in found if other.start > each.start]
        near = max(first, _cut(text, before[-1], each)) if before else first
        parts.append((first, near, min(last, _cut(text, each, after[0])) if after else last))
        first = last
    return parts


def _cut(text: str, one: Stated, other: Stated) -> int:
    """Return where between two the words of the second begin."""
    between = text[one.end : other.start]
    breaks = [match.start() for match in _STOP.finditer(between)] or [each.start() for each in _BREAK.finditer(between)]
    if breaks:  # a date leads its clause, an amount ends it
        return one.end + (breaks[-1] if isinstance(one, Date) else breaks[0])
    return one.end if language_of(text) == "zh" else other.start
