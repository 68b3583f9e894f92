"""The amounts or dates of the evidence that a question wants computed with, or none where there is a doubt."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from typing import TypeAlias

from rag.amounts import SIGNS, Amount, Date, amounts, dates, same_count
from rag.asked import Asked
from rag.evidence import Evidence
from rag.language import FUNCTION_WORDS, language_of
from rag.terms import singular, tokens

Words: TypeAlias = frozenset[str]

ENOUGH = 0.5  # of a side's own words: an amount whose part of the sentence holds no more is not told of that side
CLEAR = 0.15  # by how much the chosen amount scores better than the next
ATTRIBUTE_WEIGHT = 0.5  # of the words that the sides share, where a side's own weigh 1
# A word of a side that stands not in the amount's part of a sentence but elsewhere in it, in the heading, or before.
IN_SENTENCE, IN_HEADING, IN_PREVIOUS = 0.4, 0.6, 0.3

_FILLER = re.compile(
    "文[中章]|先后|给了?|提到|数[字据]|它们|两[个者家]|大约|大概|其[他它余]|厂商|一共|总共|还?剩下?|余下|按照?|算|请问|根据|都|分别|同样|各自"
    "|[的了是在和与跟及这那]"
)
_LITTLE = FUNCTION_WORDS | frozenset("than more less together combined total it its they their this that did".split())
_BREAK = re.compile(r"[，,；;。、：:|](?!\d)|而|\b(?:and|but|while|whereas|to|or|against|compared|versus)\b", re.IGNORECASE)
_STOP = re.compile(r"[；;。|]")
_RESPECTIVELY = re.compile(r"分别|\brespectively\b", re.IGNORECASE)
_CHANGE_BEFORE = re.compile(
    r"(?:(?:比|较)[^，,]{1,12}[多少高低长短大小]|相差|差距|高出|多出|领先[^，,]{0,10}|增长|增加|上涨|上升|提高|提升|下降|减少|降低|下跌|增幅|降幅|涨幅|扩大|缩小)"
    r"(?:[了为是约近逾超达过]|大约|将近|超过){0,2}$"
    r"|\b(?:by|up|down|(?:increase|rise|drop|gain|difference|overrun|gap|lead|growth|decline) of|rose|fell|grew|increased|dropped|ahead)"
    r"(?: by)?(?: about| nearly| almost| some| around| roughly| over| more than)? ?[$£€]?$",
    re.IGNORECASE,
)
_CHANGE_AFTER = re.compile(
    r" (?:more|fewer|less|higher|lower|[a-z]+er|ahead|up|down|above|below|increase|rise|drop|decline|overrun|growth)\b"
    r"(?! (?:sea|the sea|ground|water))|的(?:差距|差额|增幅|降幅)",
    re.IGNORECASE,
)
_TOTAL_BEFORE = re.compile(r"(?:合计|一共|总共|共计|总计|总额|累计|共|\btotal(?:led|ling)?(?: of)?|altogether)[为达约是有]{0,2} ?[$£€]?$")
_DIMENSIONS = (
    (re.compile("[宽窄]|wider|narrower"), re.compile(r"宽|直径|\b(?:wide|width|across|diameter|broad)\b", re.IGNORECASE)),
    (re.compile("[深浅]|deeper|shallower"), re.compile(r"深|以下|\b(?:deep\w*|depth|below|beneath|under)\b", re.IGNORECASE)),
    (re.compile("[长短]|longer|shorter"), re.compile(r"长|\b(?:long\w*|length|stretch\w*|runs?|measures?)\b", re.IGNORECASE)),
    (re.compile("taller"), re.compile(r"高|\b(?:tall|high|height|rises?|stands?)\b", re.IGNORECASE)),
)
_MEASURED = (
    (re.compile("[宽窄深浅]|wider|narrower|deeper|shallower|taller"), ("length", "foot", "inch", "mile")),
    (re.compile("[重轻]|heavier|lighter"), ("mass",)),
    (re.compile("贵|便宜|cheaper"), tuple(SIGNS.values())),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An amount or date, with the part of its sentence, ``text[first:last]``, that tells what it is of."""

    evidence: Evidence
    what: Amount | Date
    first: int
    last: int
    before: str  # the sentence before, of the same article

    @property
    def part(self) -> str:
        """The part of the sentence."""
        return self.evidence.text[self.first : self.last]

    @property
    def written(self) -> str:
        """The amount or date as it stands in the sentence."""
        return self.evidence.text[self.what.start : self.what.end]


def choose(asked: Asked, evidence: Sequence[Evidence]) -> tuple[Candidate, ...] | None:
    """Return one candidate for each side, in their order, all of one kind; None unless each stands out.

    Without sides it is the two that are told of what the question is about.
    """
    found = [
        chosen
        for kind, group in _groups(evidence).items()
        if _is_asked(asked, kind) and (chosen := _chosen(asked, group))
    ]
    return found[0] if len(found) == 1 else None


def candidates(evidence: Sequence[Evidence]) -> Iterator[tuple[str, Candidate]]:
    """Yield every amount and date of the evidence with its kind (``date`` for those)."""
    ordered = sorted(evidence, key=lambda each: (each.article, each.sentence.start, each.text))
    for at, each in enumerate(ordered):
        previous = ordered[at - 1] if at and ordered[at - 1].article == each.article else None
        before = previous.text if previous else ""
        found = amounts(each.text)
        kinds = sorted({amount.kind for amount in found})
        for kind in kinds:
            of_kind = [amount for amount in found if amount.kind == kind]
            for amount, (first, last) in zip(of_kind, _parts(each.text, of_kind, found), strict=True):
                yield kind, Candidate(each, amount, first, last, before)
        told = dates(each.text)
        for date, (first, last) in zip(told, _parts(each.text, told, told), strict=True):
            yield "date", Candidate(each, date, first, last, before)


def is_change(candidate: Candidate) -> bool:
    """Tell whether an amount is itself a difference that the sentence states."""
    text, what = candidate.evidence.text, candidate.what
    return _CHANGE_BEFORE.search(text[: what.start]) is not None or _CHANGE_AFTER.match(text, what.end) is not None


def is_total(candidate: Candidate) -> bool:
    """Tell whether an amount is itself a sum that the sentence states."""
    return _TOTAL_BEFORE.search(candidate.evidence.text[: candidate.what.start]) is not None


@lru_cache(4096)
def words(text: str) -> Words:
    """Return what of a text is looked for in another: pairs of characters, stems, and ``@`` with each date."""
    told = dates(text)
    for each in reversed(told):
        text = f"{text[: each.start]} {text[each.end :]}"
    plain = {_stem(each) for each in tokens(_FILLER.sub(" ", text)) if each not in _LITTLE}
    return frozenset(each for each in plain if len(each) > 1 or each.isdigit()) | {_tag(each) for each in told}


def similar(first: Amount | Date, second: Amount | Date) -> bool:
    """Tell whether two state the same: equal amounts, or dates one of which is only more precise."""
    if isinstance(first, Amount) and isinstance(second, Amount):
        return first.value == second.value
    if isinstance(first, Date) and isinstance(second, Date):
        pairs = ((first.year, second.year), (first.month, second.month), (first.day, second.day))
        return all(one == other or not one or not other for one, other in pairs)
    return False


def sides_words(asked: Asked) -> tuple[list[Words], Words]:
    """Return the words of each side that no other has, and those that must be told of all of them."""
    all_words = [words(side) for side in asked.sides]
    own = [each - frozenset().union(*all_words[:at], *all_words[at + 1 :]) for at, each in enumerate(all_words)]
    shared = frozenset().union(*all_words) - frozenset().union(*own) if own else frozenset()
    names = [frozenset(name for name in each if name in _names(side)) for each, side in zip(own, asked.sides, strict=True)]
    if names and all(names):  # what is no name is said of both: "people live in Lyon" than "in Nice"
        shared |= frozenset().union(*own) - frozenset().union(*names)
        own = names
    return own, shared | words(asked.attribute)


def _groups(evidence: Sequence[Evidence]) -> dict[str, list[Candidate]]:
    groups: dict[str, list[Candidate]] = {}
    for kind, candidate in candidates(evidence):
        groups.setdefault(kind, []).append(candidate)
    return groups


def _is_asked(asked: Asked, kind: str) -> bool:
    if asked.unit[0]:
        return kind == asked.unit[0]
    if asked.kind == "remainder":
        return kind == "%"
    if needed := next((kinds for word, kinds in _MEASURED if word.fullmatch(asked.word)), None):
        return kind in needed
    return kind not in ("date", "point", "times") and not (asked.kind in ("share", "change") and kind == "%")


def _chosen(asked: Asked, group: Sequence[Candidate]) -> tuple[Candidate, ...] | None:
    group = [each for each in group if not is_change(each) and _fits(asked, each)]
    own, shared = sides_words(asked)
    rest = words(asked.rest)
    if own and not all(own):
        return None
    if not own:
        return _two(group, rest)
    about = shared | rest
    chosen: list[Candidate] = []
    for at, side in enumerate(own):
        ranked = sorted(((_score(each, at, own, shared, about), -n) for n, each in enumerate(group)), reverse=True)
        if not ranked or not ranked[0][0]:
            return None
        best = group[-ranked[0][1]]
        rivals = (score for score, n in ranked if not similar(group[-n].what, best.what))
        if next(rivals, 0.0) > ranked[0][0] - CLEAR:
            return None
        chosen.append(best)
    return tuple(chosen) if _distinct(chosen) else None


def _two(group: Sequence[Candidate], about: Words) -> tuple[Candidate, ...] | None:
    """Return the two values told of one thing, if all that it is called by is told of two and no more."""
    found = [each for each in group if about and _share(about, each) >= 0.99]
    values = [list(same) for _, same in groupby(sorted(found, key=_size), key=_size)]
    chosen = [same[0] for same in reversed(values)]
    return tuple(chosen) if len(chosen) == 2 and _distinct(chosen) else None


def _size(candidate: Candidate) -> tuple[int, ...] | object:
    what = candidate.what
    return what.value if isinstance(what, Amount) else (what.year, what.month, what.day)


def _distinct(chosen: Sequence[Candidate]) -> bool:
    """Tell whether operands are different ones that count the same."""
    places = {(each.evidence.number, each.what.start) for each in chosen}
    units = [each.what.unit for each in chosen if isinstance(each.what, Amount) and each.what.kind == "count"]
    return len(places) == len(chosen) and all(same_count(one, other) for one in units for other in units)


def _fits(asked: Asked, candidate: Candidate) -> bool:
    """Tell whether a candidate counts or measures what is asked for, at the time the question tells."""
    what = candidate.what
    if isinstance(what, Amount):
        if what.kind == "count" and asked.unit[0] == "count" and not same_count(what.unit, asked.unit[1]):
            return False
        if what.kind == "length" and asked.kind in ("difference", "which"):
            cues = [cue for word, cue in _DIMENSIONS if word.fullmatch(asked.word)]
            return not cues or cues[0].search(candidate.evidence.text) is not None
    return True


def _score(candidate: Candidate, at: int, own: Sequence[Words], shared: Words, about: Words) -> float:
    """Return how well a candidate matches a side, 0 where it cannot be of it."""
    order = _order(candidate, own)
    if order is None:
        share = _share(own[at], candidate)
    else:
        share = float(order == at)
    of_all = _share(about, candidate, anywhere=True) if about else 1.0
    needed = _share(shared or about, candidate, anywhere=True) if about else 1.0
    if share <= ENOUGH or needed < ENOUGH or _is_of_another_time(candidate, own[at] | about):
        return 0.0
    return share + ATTRIBUTE_WEIGHT * of_all


def _share(wanted: Words, candidate: Candidate, *, anywhere: bool = False) -> float:
    """Return which part of some words a candidate is told with; those farther from it count less, unless told."""
    if not wanted:
        return 0.0
    levels = (
        (candidate.part, 1.0),
        (candidate.evidence.text, 0.95 if anywhere else IN_SENTENCE),
        (candidate.evidence.heading, 0.8 if anywhere else IN_HEADING),
        (candidate.before, 0.7 if anywhere else IN_PREVIOUS),
    )
    left, total = set(wanted), 0.0
    for text, weight in levels:
        held = {each for each in left if each in _all_words(text)}
        total += weight * len(held)
        left -= held
    return total / len(wanted)


def _all_words(text: str) -> set[str]:
    """Return the words of a text, each date also by its month and its year alone."""
    found = set(words(text))
    return found | {"-".join(each.split("-")[:n]) for each in found if each[0] == "@" for n in (1, 2)}


def _is_of_another_time(candidate: Candidate, wanted: Words) -> bool:
    """Tell whether a candidate is told of dates none of which the question names, though it names some."""
    asked = {each for each in wanted if each[0] == "@"}
    if not asked or isinstance(candidate.what, Date):
        return False
    sentence = candidate.evidence.text
    for text in (candidate.part, sentence[: candidate.what.start], candidate.evidence.heading):
        told = {each for each in _all_words(text) if each[0] == "@"}
        if told:
            return not told & asked
    return False


def _order(candidate: Candidate, own: Sequence[Words]) -> int | None:
    """Return which side a candidate of "A and B have 3 and 5 respectively" is of."""
    text = candidate.evidence.text
    if not _RESPECTIVELY.search(text) or not isinstance(candidate.what, Amount):
        return None
    folded = text.lower()
    places = [min((folded.find(word.lstrip("@")) for word in side if word.lstrip("@") in folded), default=-1) for side in own]
    listed = [each.start for each in amounts(text) if each.kind == candidate.what.kind]
    if min(places) < 0 or len(listed) != len(own):
        return None
    return sorted(range(len(own)), key=lambda side: places[side])[listed.index(candidate.what.start)]


def _parts(
    text: str, of_kind: Sequence[Amount] | Sequence[Date], found: Sequence[Amount] | Sequence[Date]
) -> list[tuple[int, int]]:
    """Return for each amount of a kind, or date, the part of the sentence that tells what it is of.

    It begins after the one before, and ends before the clause of the next number of any kind.
    """
    if not of_kind:
        return []
    cuts = [0, *(_cut(text, one, other) for one, other in pairwise(of_kind)), len(text)]
    parts: list[tuple[int, int]] = []
    for (first, last), each in zip(pairwise(cuts), of_kind, strict=True):
        after = next((other for other in found if other.start > each.start), None)
        parts.append((first, min(last, _cut(text, each, after)) if after else last))
    return parts


def _cut(text: str, one: Amount | Date, other: Amount | Date) -> int:
    """Return where between two the words of the second begin."""
    between = text[one.end : other.start]
    breaks = [match.start() for match in _STOP.finditer(between)] or [each.start() for each in _BREAK.finditer(between)]
    if breaks:  # a date leads its clause, an amount ends it
        return one.end + (breaks[-1] if isinstance(one, Date) else breaks[0])
    return one.end if language_of(text) == "zh" else other.start


def _names(side: str) -> Words:
    """Return the words of a side that name: those in capitals, numbers and dates."""
    return words(" ".join(re.findall(r"\b[A-Z][\w'’-]*|\b[0-9][\w.-]*", side))) | {_tag(each) for each in dates(side)}


def _tag(date: Date) -> str:
    return "@" + "-".join(str(each) for each in (date.year, date.month, date.day) if each)


def _stem(word: str) -> str:
    if not word.isascii() or not word.isalpha():
        return word
    word = singular(word)
    return re.sub("(?<=[a-z]{4})(?:ing|ed|e)$", "", word)

