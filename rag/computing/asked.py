"""A question to the computation it asks for: its kind, the sides it names, and what it says of both."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rag.computing.amounts import SIMPLER, dates, unit_of
from rag.computing.forms import FORMS, HOW, Kind
from rag.language import language_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What to compute of which sides, in the question's words; no sides where it asks of "the two figures".

    ``attribute`` is what is compared (现金储备), where that can be told from what the question says besides, ``rest``.
    ``unit`` is kind and wording of the unit it asks for, and ``word`` how it compares the first side with the second:
    多, 早, wider.
    """

    kind: Kind
    sides: tuple[str, ...]
    rest: str
    attribute: str = ""
    unit: tuple[str, str] = ("", "")
    word: str = ""


LONGEST = 120  # characters of a question that is read for this: no one asks for a difference at greater length
_SPANS: Mapping[str, str] = {"年": "year", "月": "month", "个月": "month", "天": "day", "日": "day", "岁": "year"} | {
    "years": "year",
    "months": "month",
    "days": "day",
}
_OF_TIME = re.compile("早|晚|earlier|later|older|younger|sooner|first", re.IGNORECASE)
_AGE = re.compile("(?:多少|几)岁")
_ALL_OF_THEM = re.compile(r"(?:the |these |those |both )?(?:two|three|four|both) \w+s", re.IGNORECASE)
_DONE = re.compile(  # what two together do: "A and B cost"
    r"(?:^| )(?:cost|have|own|weigh|last|employ|produce|handle|carry|hold|cover|earn|make|take|use|sell|win|score"
    r"|receive|attract|serve|export|import)$"
)
_OWNED = re.compile("(?P<owner>.+)的(?P<attribute>.+)")
_NOUN = re.compile(
    "(?P<owner>.{2,}?)(?P<attribute>[\u4e00-\u9fff]{0,2}(?:[数量额率价值度积程龄温]|人口|收入|利润|储备|份额|成本"
    "|费用|规模|预算|投资|用户|活|票房"
    "|占比|员工|工资))"
)
_PERCENT = re.compile(
    r"百分之|[增降涨跌]幅|(?:增长|上涨|下降)率|per ?cent(?!age point)|percentage(?! points?)", re.IGNORECASE
)


def read_question(question: str) -> Asked | None:
    """Return the computation that a question asks for, None where it asks for none or is long."""
    text = question.strip().rstrip("？?。. ")
    if len(text) > LONGEST:
        return None
    text, _, unit = text.partition(", in percentage")
    folded = text.translate(SIMPLER)
    for kind, pattern in FORMS[language_of(question)]:
        if match := pattern.fullmatch(folded) or pattern.search(folded):
            groups = {name: text[slice(*match.span(name))] for name, found in match.groupdict().items() if found}
            groups |= {name: match[name] for name in ("word", "unit") if name in groups}
            asked = _asked(kind, groups)
            return replace(asked, unit=("%", "")) if asked and unit else asked
    return None


def _asked(kind: Kind, groups: Mapping[str, str]) -> Asked | None:
    word, unit = groups.get("word", ""), groups.get("unit", "").strip()
    sides = tuple(groups[name].strip() for name in "ab" if groups.get(name)) or _listed(groups.get("sides", ""))
    if kind == "sum" and len(sides) < 2:
        return None
    if groups.get("by"):
        sides = sides[::-1]  # 2023年比2019年增长: the earlier first, as in 从2019年到2023年
    rest = f"{groups.get('rest', '')} {groups.get('more', '')}".strip()
    if kind == "change" and not _PERCENT.search(unit + rest):
        kind = "difference"
    if kind == "difference" and (_OF_TIME.fullmatch(word) or _AGE.match(unit)):
        kind = "time"
    if kind == "difference" and re.fullmatch("more|fewer", word):
        unit = unit or groups.get("more", "").strip()  # how many more passengers
    asked = Asked(kind, sides, rest, groups.get("attribute") or _counted(unit), _unit(kind, word, unit), word)
    if len(sides) > 1:
        for step in (_without_clauses, _without_verb, _without_date, _between_dates, _without_attribute):
            asked = step(asked)
    return replace(asked, sides=tuple(map(str.strip, asked.sides)))


def _unit(kind: Kind, word: str, asked: str) -> tuple[str, str]:
    """Return the unit that 多少亿元, 几个百分点, 几个月 or "million passengers" names; of a time, that of a date."""
    bare = re.sub(f"^{HOW}", "", asked).strip()
    if kind == "time":
        return "date", next((name for key, name in _SPANS.items() if bare.startswith(key)), "")
    if kind == "change":
        return "", ""
    if kind == "which" and _OF_TIME.fullmatch(word):
        return "date", ""
    named, wording = unit_of(bare)
    if named == "point" or (not named and re.match("percentage points?|per ?cent", bare)):
        return "%", ""
    noun = re.match(r"(?:million |billion )?([a-z]+s|people)\b", bare)
    return ("count", noun[1]) if noun and not named else (named, wording)


def _counted(asked: str) -> str:
    """Return what 几枚金牌 counts."""
    match = re.fullmatch(f"{HOW}(?P<unit>.)(?!百分点)(?P<counted>[\u4e00-\u9fff]{{2,6}}?)(?:了|呢|吗|啊)?", asked)
    return match["counted"] if match and unit_of(match["unit"])[0] == "count" else ""


def _listed(sides: str) -> tuple[str, ...]:
    """Return the things that 甲、乙和丙 or "A, B and C" lists."""
    parts = [part.strip() for part in re.split(r"、|以及|和|与|及|跟|,? and |, ", sides)]
    return tuple(filter(None, (_DONE.sub("", part) for part in parts if not _ALL_OF_THEM.fullmatch(part))))


def _without_clauses(asked: Asked) -> Asked:
    """Take from the first side a clause in front, from the last one behind."""
    *front, first = re.split("[，,] ?", asked.sides[0])
    if not first and front:  # 甲接手，比乙成立早几年
        first = front.pop()
    last, *behind = re.split("[，,] ?", asked.sides[-1])
    return replace(asked, sides=(first, *asked.sides[1:-1], last), rest=_joined(asked.rest, *front, *behind))


def _without_verb(asked: Asked) -> Asked:
    """Take a verb that stands only in the first side for both: "the film cost" more than "the book"."""
    first, *others = asked.sides
    done = _DONE.search(first)
    if not done or re.search("ed$", others[-1]) or _DONE.search(others[-1]):
        return asked
    return replace(asked, sides=(_DONE.sub("", first), *others), rest=_joined(asked.rest, done[0].strip()))


def _without_date(asked: Asked) -> Asked:
    """Take a date that only one side tells: it is that of both."""
    dated = [(at, found[0]) for at, side in enumerate(asked.sides) if (found := dates(side))]
    if len(dated) != 1:
        return asked
    at, date = dated[0]
    side = asked.sides[at]
    left = f"{side[: date.start]} {side[date.end :]}"
    told = f"({side[date.start : date.end]})"  # in brackets a year alone is still read as one
    return replace(asked, sides=_with(asked.sides, at, left), rest=_joined(asked.rest, told))


def _between_dates(asked: Asked) -> Asked:
    """Take from a side what is said beside its date, where the other is nothing but a date."""
    dated = [dates(side) for side in asked.sides]
    if len(dated) != 2 or not all(dated):
        return asked
    for at, other in ((0, 1), (1, 0)):
        side, date = asked.sides[at], dated[at][0]
        if dated[other][0].end - dated[other][0].start == len(asked.sides[other]):
            attribute = asked.attribute or side[date.end :].lstrip("的")
            sides = _with(asked.sides, at, side[date.start : date.end])
            return replace(asked, sides=sides, rest=_joined(asked.rest, side[: date.start]), attribute=attribute)
    return asked


def _without_attribute(asked: Asked) -> Asked:
    """Take an attribute that only one side tells: 份额 of 甲的份额 beside 乙."""
    if len(asked.sides) == 2 and (tail := _tail(*asked.sides)):
        return replace(asked, sides=_with(asked.sides, 0, asked.sides[0].removesuffix(tail)), attribute=tail)
    for pattern in (_OWNED, _NOUN):
        split = [(at, match) for at, side in enumerate(asked.sides) if (match := pattern.fullmatch(side.strip()))]
        if len(split) != 1 or asked.attribute:
            continue
        at, match = split[0]
        owner, attribute = match["owner"], match["attribute"]
        if attribute[-1] == asked.sides[1 - at][-1:]:  # 铁路的东段 beside 西段: one of its parts, like the other side
            return replace(asked, sides=_with(asked.sides, at, attribute), rest=_joined(asked.rest, owner))
        asked = replace(asked, sides=_with(asked.sides, at, owner), attribute=attribute)
    return asked


def _with(sides: tuple[str, ...], at: int, side: str) -> tuple[str, ...]:
    return (*sides[:at], side, *sides[at + 1 :])


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _tail(first: str, second: str) -> str:
    """Return what follows in the first side where the second ends: 里程 of 上海地铁里程 beside 广州地铁."""
    end = second[-2:]
    at = first.find(end)
    tail = first[at + len(end) :]
    return tail if at > 0 and len(end) == 2 and len(tail) > 1 and not tail.isascii() and "的" not in tail else ""
