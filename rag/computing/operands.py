"""The amounts or dates of the evidence that a question wants computed with, or none where there is a doubt."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import TypeAlias

from rag.computing.amounts import SIGNS, Amount, Date, amounts, dates, same_count
from rag.computing.asked import Asked
from rag.computing.candidates import Candidate, Stated, candidates
from rag.computing.matching import Words, events, in_time, names, words, words_held
from rag.evidence import Evidence
from rag.language import language_of
from rag.terms import normalise

Operands: TypeAlias = tuple[Candidate, ...]

ENOUGH = 0.5  # of a side's own words: an amount whose part of the sentence holds no more is not told of that side
CLEAR = 0.15  # by how much the chosen amount scores better than the next
ATTRIBUTE_WEIGHT = 0.5  # of the words that the sides share, where a side's own weigh 1
# What a word weighs in the amount's clause, its part of the sentence, all of that, the heading, or the sentence before.
OWN_WEIGHTS = (1.0, 0.9, 0.4, 0.6, 0.3)  # for what tells one side from the other
SHARED_WEIGHTS = (1.0, 0.9, 0.7, 0.7, 0.6)  # for what is said of both
OF_TWO_WEIGHTS, ALL = (1.0, 0.9, 0.8), 0.8
SURER = 0.05  # by how much the operands of one kind score better than those of the next

_RESPECTIVELY = re.compile(r"分别|\brespectively\b", re.IGNORECASE)
_DIMENSIONS = (
    (
        re.compile("[宽窄]|wider|narrower"),
        re.compile(r"宽|直径|\b(?:wide|width|across|diameter|broad)\b", re.IGNORECASE),
    ),
    (
        re.compile("[深浅]|deeper|shallower"),
        re.compile(r"深|以下|\b(?:deep\w*|depth|below|beneath|under)\b", re.IGNORECASE),
    ),
    (
        re.compile("[长短]|longer|shorter"),
        re.compile(r"长|里程|\b(?:long\w*|length|stretch\w*|runs?|measures?)\b", re.IGNORECASE),
    ),
    (re.compile("高|taller"), re.compile(r"高|\b(?:tall|high|height|rises?|stands?)\b", re.IGNORECASE)),
)
_MEASURED = (
    (re.compile("[宽窄深浅]|wider|narrower|deeper|shallower|taller"), ("length", "foot", "inch", "mile")),
    (re.compile("[重轻]|heavier|lighter"), ("mass",)),
    (re.compile("贵|便宜|cheaper"), tuple(SIGNS.values())),
)
_MONEY = ("%", *SIGNS.values(), "HKD", "JPY")
_ATTRIBUTES = (  # what they are measured in, whatever else is told beside the sides
    (re.compile(r"面积|\barea\b"), ("area", "mu", "acre", "square mile", "%")),
    (re.compile(r"[人户]口|员工|人数|\b(?:population|inhabitants|employees)\b"), ("count", "%")),
    (re.compile(r"收入|利润|营收|市值|票价|售价|造价|\b(?:revenue|profit|price)\b"), _MONEY),
    (re.compile(r"[长高宽深]度|海拔|里程|\b(?:length|height|width|depth)\b"), ("length", "foot", "inch", "mile", "%")),
)
_LASTING = ("year", "month", "day", "second", "km/h", "mph")
_OF_SHARES = re.compile(
    r"率|比[例重]|份额|占|\b(?:share|rate|proportion|percent|turnout|margin|yield|market)", re.IGNORECASE
)
_ITS = re.compile(r"\b(?:its|it|his|her|their)\b|其|它|他|她", re.IGNORECASE)  # of what the other side tells
_LINKS = re.compile("[为是有达到至则也仅只约近超过逾突破共的了占:：，,、 （(]|大约|将近")
_THING = re.compile(
    "[数量额率价值度积程]$|人口|收入|利润|成本|费用|[教老]师|学生|[男女]生|工人|医生|员工|面积|投资|[负欠]债|资产|营收|[盈亏]|现金|[年月]薪|工资"
    "|产[能值]|存货|库存|研发|销售|估值|下载|股"
)
_COUNTED = re.compile("(?!左右|以上|上下|量级|领先|排名|同比)[\u4e00-\u9fff]{2}")
_LABEL = re.compile(r"\b([a-z]+) (?:of|was|were|is|at) (?:about |nearly |over )?[$£€]?$")  # a profit of $3 billion
_ANY = frozenset(words("figure number total amount value sum count level"))
_PERSONS = words("人口 员工")


def choose(asked: Asked, evidence: Sequence[Evidence]) -> Operands | None:
    """Return one candidate for each side, in their order, all of one kind; None unless each stands out.

    Without sides it is the two that are told of what the question is about, the larger first.
    """
    groups: dict[str, list[Candidate]] = {}
    for each in candidates(evidence):
        if _is_asked(asked, each.kind) and _fits(asked, each):
            groups.setdefault(each.kind, []).append(each)
    found = sorted(filter(None, (_chosen(asked, group) for group in groups.values())), key=lambda each: -each[0])
    margin = SURER if asked.attribute or asked.rest else 2.0  # 甲和乙相差多少 does not say what is compared
    if not found or (len(found) > 1 and found[1][0] > found[0][0] - margin):
        return None
    return found[0][1]


def sides_words(asked: Asked) -> tuple[list[Words], Words, Words]:
    """Return the words of each side that no other has, those that all have, and those of what is compared."""
    all_words = [words(side) for side in asked.sides]
    own = [each - frozenset().union(*all_words[:at], *all_words[at + 1 :]) for at, each in enumerate(all_words)]
    attribute = words(asked.attribute)
    named = [each & names(side) for each, side in zip(own, asked.sides, strict=True)]
    if named and all(named):  # what is no name is said of both: "people live in Lyon" than "in Nice"
        attribute |= frozenset().union(*own) - frozenset().union(*named)
        own = named
    if asked.kind == "time" and all(map(events, own)) and any(side == events(side) for side in own):
        attribute |= frozenset().union(*own) - frozenset().union(*map(events, own))  # 甲成立到上市: 甲 does both
        own = [events(side) for side in own]
    return own, frozenset().union(*all_words) - frozenset().union(*own) - attribute, attribute


def _is_asked(asked: Asked, kind: str) -> bool:
    if asked.unit[0]:
        return kind == asked.unit[0]
    if asked.kind == "remainder":
        return kind == "%"
    if needed := next((kinds for word, kinds in _MEASURED if word.fullmatch(asked.word)), None):
        return kind in needed
    said = f"{asked.attribute} {asked.rest}"
    if any(attribute.search(said) and kind not in kinds for attribute, kinds in _ATTRIBUTES):
        return False
    if kind == "%":
        said = " ".join((*asked.sides, asked.attribute, asked.rest))
        return asked.kind not in ("share", "change") and _OF_SHARES.search(said) is not None
    return kind not in ("date", "point", "times") and not (asked.kind == "share" and kind in _LASTING)


def _fits(asked: Asked, candidate: Candidate) -> bool:
    """Tell whether a candidate counts or measures what is asked for, and is not itself a difference."""
    what = candidate.what
    if isinstance(what, Date):
        return True
    if candidate.is_change:
        return False
    if what.kind == "count" and asked.unit[0] == "count" and not same_count(what.unit, asked.unit[1]):
        return False
    if what.kind == "count" and words(f"{asked.attribute} {asked.rest}") & _PERSONS and what.unit:
        return what.unit != "个" and same_count(what.unit, "人")
    if what.kind == "length" and asked.kind in ("difference", "which"):
        cues = [cue for word, cue in _DIMENSIONS if word.fullmatch(asked.word)]
        return not cues or cues[0].search(candidate.evidence.text) is not None
    return True


def _chosen(asked: Asked, group: Sequence[Candidate]) -> tuple[float, Operands] | None:
    """Return the operands of one kind with the least of their scores."""
    own, common, attribute = sides_words(asked)
    about = common | attribute | words(asked.rest)
    if not own:
        return _two(group, about)
    if not all(own):
        return None
    chosen: list[Candidate] = []
    least = 2.0
    for at in range(len(own)):
        told = (attribute or common, about) if asked.kind != "share" or not at else (frozenset[str](), frozenset[str]())
        scored = sorted(((_score(each, at, own, *told), -n) for n, each in enumerate(group)), reverse=True)
        score, best = scored[0][0], group[-scored[0][1]]
        rival = next((other for other, n in scored if not _same(group[-n].what, best.what)), 0.0)
        if not score or rival > score - CLEAR:
            return None
        chosen.append(best)
        least = min(least, score)
    return (least, tuple(chosen)) if _go_together(asked, chosen, own, about) else None


def _go_together(asked: Asked, chosen: Sequence[Candidate], own: Sequence[Words], about: Words) -> bool:
    """Tell whether operands that each are of their side are of the same thing, too."""
    if not _distinct(chosen) or not _same_event(asked, chosen):
        return False
    if any(map(_ITS.search, asked.sides)) and len({each.evidence.article for each in chosen}) > 1:
        return False
    told = asked.kind == "share" or asked.unit[0] == "date" or about
    dimension = any(word.fullmatch(asked.word) for word, _ in (*_DIMENSIONS, *_MEASURED))
    return bool(told) or dimension or _told_alike(chosen, own)


def _told_alike(chosen: Sequence[Candidate], own: Sequence[Words]) -> bool:
    """Tell whether amounts of what the question does not say are of one thing: in one sentence, or beside the sides."""
    if len({each.evidence for each in chosen}) == 1:
        return True
    beside = all(side <= words_held(each.clause) for each, side in zip(chosen, own, strict=True))
    return beside and chosen[0].kind not in ("count", *_LASTING)


def _same_event(asked: Asked, chosen: Sequence[Candidate]) -> bool:
    """Tell whether two dates that are compared, with no word of what happened then, are dates of the same event."""
    told = " ".join((*asked.sides, asked.rest, asked.attribute))
    if asked.unit[0] != "date" or not asked.word or events(words(told)):
        return True
    return bool(frozenset.intersection(*(events(words(each.part)) for each in chosen)))


def _two(group: Sequence[Candidate], about: Words) -> tuple[float, Operands] | None:
    """Return the two values told of one thing, if all that it is called by is told of two and no more."""
    shares = {at: _share(about, each, OF_TWO_WEIGHTS) for at, each in enumerate(group)}
    found = sorted((at for at, share in shares.items() if share >= ALL), key=lambda at: _size(group[at]))
    chosen = [next(same) for _, same in groupby(found, key=lambda at: _size(group[at]))][::-1]
    if len(chosen) != 2 or not _distinct(pair := tuple(group[at] for at in chosen)):
        return None
    return min(shares[at] for at in chosen), pair


def _size(candidate: Candidate) -> tuple[object, ...]:
    what = candidate.what
    return (what.value,) if isinstance(what, Amount) else (what.year, what.month, what.day)


def _same(one: Stated, other: Stated) -> bool:
    """Tell whether two state the same: equal amounts, or dates one of which is only more precise."""
    if isinstance(one, Date) and isinstance(other, Date):
        pairs = ((one.year, other.year), (one.month, other.month), (one.day, other.day))
        return all(first == second or not first or not second for first, second in pairs)
    return isinstance(one, Amount) and isinstance(other, Amount) and one.value == other.value


def _distinct(chosen: Sequence[Candidate]) -> bool:
    """Tell whether operands are different ones that count the same."""
    places = {(each.evidence.number, each.what.start) for each in chosen}
    units = [each.what.unit for each in chosen if isinstance(each.what, Amount) and each.what.kind == "count"]
    return len(places) == len(chosen) and all(same_count(one, other) for one in units for other in units)


def _score(candidate: Candidate, at: int, own: Sequence[Words], compared: Words, about: Words) -> float:
    """Return how well a candidate matches a side, 0 where it cannot be of it.

    ``about`` is all that is said of both sides; of ``compared`` it has to be told.
    """
    order = _order(candidate, own)
    own_weights = OWN_WEIGHTS if isinstance(candidate.what, Amount) else OWN_WEIGHTS[:3]
    share = _share(own[at], candidate, own_weights) if order is None else float(order == at)
    if share <= ENOUGH or _is_of_another_time(candidate, own[at] | about):
        return 0.0
    weights = SHARED_WEIGHTS[:2] if compared & words_held(candidate.clause) else SHARED_WEIGHTS
    if isinstance(candidate.what, Date) and not events(own[at] | compared) <= words_held(candidate.part):
        return 0.0
    if about and _share(compared or about, candidate, weights) <= ENOUGH:  # 研发费用 where 研发投入 is told
        return 0.0
    if order is None and compared and not compared & words_held(candidate.part):
        said = compared & words_held(candidate.evidence.text[: candidate.last]) or own[at] & words_held(
            candidate.clause
        )
        if not said or _is_of_something_else(candidate, own[at], about):
            return 0.0
    return share + ATTRIBUTE_WEIGHT * (_share(about, candidate, SHARED_WEIGHTS) if about else 1.0)


def _share(wanted: Words, candidate: Candidate, weights: Sequence[float]) -> float:
    """Return which part of some words a candidate is told with, by the weights of where they stand."""
    left, told = wanted, 0.0
    before = candidate.evidence.text[: candidate.last]  # what is left out after it was said: 甲的产量为3吨，乙为2吨
    places = (candidate.clause, candidate.part, before, candidate.evidence.heading, candidate.before)
    for place, weight in zip(places, weights, strict=False):
        held = left & words_held(place)
        told += weight * len(held)
        left -= held
    return told / len(wanted) if wanted else 0.0


def _is_of_another_time(candidate: Candidate, wanted: Words) -> bool:
    """Tell whether a candidate is told of dates none of which the question names, though it names some."""
    asked, sentence = in_time(wanted), candidate.evidence.text
    if not asked or isinstance(candidate.what, Date):
        return False
    places = (candidate.part, sentence[: candidate.what.start], candidate.evidence.heading)
    told = next(filter(None, (in_time(words_held(text)) for text in places)), asked)
    return not told & asked


def _is_of_something_else(candidate: Candidate, side: Words, about: Words) -> bool:
    """Tell whether, beside a side, something is told that is not asked for: 乙校有教师85人, 58枚奖牌."""
    text, leading = candidate.evidence.text, candidate.leading
    if language_of(text) == "en":
        label = _LABEL.search(leading)
        return label is not None and not words(label[1]) & (side | about | _ANY)
    leading = normalise(leading)
    told = [leading.rfind(word) + len(word) for word in side if word in leading] + [each.end for each in dates(leading)]
    if not told:
        return False
    name, *rest = _LINKS.split(leading[max(told) :], maxsplit=1)  # 阿里 ends within 阿里巴巴为
    said = _LINKS.sub("", "".join(rest))
    return _THING.search(name) is not None or len(said) > 1 or _COUNTED.match(text, candidate.what.end) is not None


def _order(candidate: Candidate, own: Sequence[Words]) -> int | None:
    """Return which side a candidate of "A and B have 3 and 5 respectively" is of."""
    text = candidate.evidence.text
    if not _RESPECTIVELY.search(text) or not isinstance(candidate.what, Amount):
        return None
    folded = text.lower()
    places = [
        min((folded.find(word.lstrip("@")) for word in side if word.lstrip("@") in folded), default=-1) for side in own
    ]
    listed = [each.start for each in amounts(text) if each.kind == candidate.what.kind]
    if min(places) < 0 or len(listed) != len(own):
        return None
    return sorted(range(len(own)), key=lambda side: places[side])[listed.index(candidate.what.start)]
