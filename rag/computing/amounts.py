"""What a sentence states in numbers: amounts with their units, and dates with a year, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from rag.figures import Quantity, quantities
from rag.numerals import chinese

_UNITS: tuple[tuple[str, str, str], ...] = (  # kind, size, wordings; the longer of two that begin alike comes first
    ("point", "1", r"个?百分点|percentage points?"),
    ("times", "1", r"倍|times\b|-?fold\b"),
    ("CNY", "1", r"元人民币|人民币|元|块钱|yuan\b|renminbi\b|RMB\b"),
    ("USD", "1", r"美元|美金|(?:US )?dollars?\b|USD\b"),
    ("GBP", "1", r"英镑|pounds?(?: sterling)?\b|GBP\b"),
    ("EUR", "1", r"欧元|euros?\b|EUR\b"),
    ("HKD", "1", r"港元|港币|Hong Kong dollars?\b"),
    ("JPY", "1", r"日元|yen\b"),
    ("km/h", "1", r"公里/小时|公里每小时|千米每小时|km/h|kilomet(?:re|er)s (?:per|an) hour"),
    ("mph", "1", r"英里每小时|mph\b|miles (?:per|an) hour"),
    ("area", "1000000", r"平方公里|平方千米|square kilomet(?:re|er)s?|km²|sq km"),
    ("area", "10000", r"公顷|hectares?\b"),
    ("area", "1", r"平方米|平米|square met(?:re|er)s?|m²"),
    ("square mile", "1", r"square miles?\b"),
    ("mu", "1", r"亩"),
    ("acre", "1", r"英亩|acres?\b"),
    ("volume", "1000", r"立方米|cubic met(?:re|er)s?|m³"),
    ("volume", "1", r"升|lit(?:re|er)s?\b"),
    ("energy", "1", r"千瓦时|度电|kilowatt[- ]hours?|kWh\b"),
    ("power", "1000000", r"吉瓦|gigawatts?\b|GW\b"),
    ("power", "1000", r"兆瓦|megawatts?\b|MW\b"),
    ("power", "1", r"千瓦|kilowatts?\b|kW\b"),
    ("length", "1000", r"公里|千米|kilomet(?:re|er)s?\b|km\b"),
    ("length", "0.01", r"厘米|centimet(?:re|er)s?\b|cm\b"),
    ("length", "0.001", r"毫米|millimet(?:re|er)s?\b|mm\b"),
    ("length", "1", r"米(?!色)|met(?:re|er)s?\b|m\b"),
    ("mile", "1", r"英里|miles?\b"),
    ("foot", "1", r"英尺|feet\b|foot\b|ft\b"),
    ("inch", "1", r"英寸|inch(?:es)?\b"),
    ("mass", "1000", r"吨|tonnes?\b|tons?\b"),
    ("mass", "1", r"公斤|千克|kilograms?\b|kg\b"),
    ("mass", "0.001", r"克(?![拉])|grams?\b|g\b"),
    ("mark", "1", r"分(?![之钟])"),
    ("celsius", "1", r"摄氏度|℃|°C|degrees? Celsius"),
    ("byte", "1000000", r"GB\b|gigabytes?\b"),
    ("byte", "1000", r"MB\b|megabytes?\b"),
    ("byte", "1000000000", r"TB\b|terabytes?\b"),
    ("second", "0.001", r"毫秒|milliseconds?\b|ms\b"),
    ("second", "3600", r"个?小时|hours?\b"),
    ("second", "60", r"分钟|minutes?\b"),
    ("second", "1", r"秒钟?|seconds?\b"),
    ("day", "7", r"个?星期|周(?![年岁])|weeks?\b"),
    ("day", "1", r"天(?!然)|days?\b"),
    ("month", "1", r"个月|months?\b"),
    ("year", "1", r"年(?![代级龄轻])|years?\b"),
)
_UNIT = re.compile("|".join(f"(?P<u{n}>{words})" for n, (_, _, words) in enumerate(_UNITS)), re.IGNORECASE)
SIGNS = {"$": "USD", "£": "GBP", "€": "EUR", "¥": "CNY", "￥": "CNY"}
_COUNTER = re.compile(
    "人次|[个名位人家座台辆款种项条栋层间所支只头匹本部集章节期届场轮组队站艘架枚颗张幅件套份篇句页册卷门代类次处口户株棵]"
)
_NOUN = re.compile(
    r"(?: (?!(?:of|in|and|to|at|by|on|for|from|per|a|the|was|were|is|are|has|does|its|this|as)\b)[A-Za-z'’-]+){1,3}"
)
_PLURAL = re.compile(r"\b(?:people|men|women|children|[A-Za-z-]+(?<![su])s)\b")
_PERSONS = frozenset(
    "人 名 位 口 people men women children passengers users workers employees students visitors residents "
    "employee person inhabitants members tourists staff customers travellers travelers soldiers citizens pupils".split()
)
_MAGNITUDE = re.compile(r"(?: *)(万亿|[百千]?亿|[百千]?万|trillion|billion|million)$", re.IGNORECASE)
_POWERS = {"万亿": 12, "千亿": 11, "百亿": 10, "亿": 8, "千万": 7, "百万": 6, "万": 4} | {
    "trillion": 12,
    "billion": 9,
    "million": 6,
}
_NAMED_BEFORE = re.compile(r"(?:第|[A-Za-z][-.]?|No\.? ?|[-–—~～－:：几数幾數]|[0-9][,，] ?)$")
_NAMED_AFTER = re.compile(r"(?:st|nd|rd|th|s)\b|[-–—~～－:：、][0-9]|[年月日号点时]|[到至][0-9]")
_RANGE = re.compile(r" ?(?:[-–—~～－到至或]|to|or)? ?")  # between two numbers that are one, or that one is between
_FROM = re.compile(r"(?:[从由]|\bfrom) ?$")
_STATED = re.compile(
    r"(?:[为是达到至有共约近超过破在于占:：]|\b(?:was|is|were|are|to|of|at|reached|about|over|nearly|had|has|only))"
    r"[ 了]?$"
)
_BARE = re.compile(r"[^\w%‰°/\s]|$| (?:in|and|at|by|on|for|to|from|while|but|compared|against|whereas)\b")
_VAGUE = re.compile(r"(?:[多余来])?[^，,。；;]{0,2}(?:量级|上下|出头)")

# Traditional characters of magnitudes, units and questions, one for one, so that places stay what they are.
SIMPLER = str.maketrans(
    "萬億個噸輛條棟層間歐鎊時鐘餘幾數戶張員號畝頃釐艦隻兩誰較佔還長寬輕貴遠領後總與從過歷漲減計來",
    "万亿个吨辆条栋层间欧镑时钟余几数户张员号亩顷厘舰只两谁较占还长宽轻贵远领后总与从过历涨减计来",
)
_MONTHS = "January February March April May June July August September October November December".split()
_DIGIT = "[〇零一二三四五六七八九]"
_DATE = re.compile(
    rf"(?<![0-9])(?P<year>[12][0-9]{{3}}|{_DIGIT}{{4}})[ ]?年(?!代)"
    r"(?:[ ]?(?P<month>[0-9]{1,2}|十[一二]?|[一二三四五六七八九])[ ]?月份?"
    r"(?:[ ]?(?P<day>[0-9]{1,2}|[一二三四五六七八九十]{1,3})[ ]?[日号])?)?"
    r"|(?:(?<=[于於])|(?<=公元)|(?<=西元))(?P<y4>[1-9][0-9]{2})年"
    r"|(?<![0-9])(?P<iso>[12][0-9]{3}-[01][0-9]-[0-3][0-9])(?![0-9])"
    rf"|(?:\b(?P<d1>[0-9]{{1,2}})(?:st|nd|rd|th)? )?\b(?P<name>{'|'.join(_MONTHS)})"
    r"(?: (?P<d2>[0-9]{1,2})(?:st|nd|rd|th)?)?,? (?P<y2>[12][0-9]{3})\b(?!s\b)"
    r"|(?:^|(?<=\bin )|(?<=\bsince )|(?<=\bby )|(?<=\bfrom )|(?<=\buntil )|(?<=\btill )|(?<=\bbetween )|(?<=\bbefore )"
    r"|(?<=\bafter )|(?<=\bduring )|(?<=\baround )|(?<=\babout )|(?<=\bearly )|(?<=\blate )|(?<=\byear )|(?<=\bof )"
    r"|(?<=\bto )|(?<=\band )|(?<=\bthan )|(?<=\bspring )|(?<=\bsummer )|(?<=\bautumn )|(?<=\bwinter )|(?<=\()|(?<=, ))"
    r"(?P<y3>1[0-9]{3}|20[0-9]{2})\b"
    r"(?![,.]?[0-9]|s\b|%|/| ?(?:per ?cent|million|billion|年)| [a-z-]+(?<![su])s\b(?! ))",
    re.IGNORECASE,
)
_BEFORE_CHRIST = re.compile(r"公元前 ?$")
_AFTER_CHRIST = re.compile(r" ?(?:BCE?|B\.C\.)")
_CIRCA = re.compile(r"(?:约|大约|大概|\b(?:around|about|circa|c\.))(?: in)? ?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity with its unit, ``text[start:end]`` with the sign of a currency, without what qualifies it.

    ``kind`` tells what may be added up: a currency, ``%``, ``length``, ``count``, ...; ``unit`` is as written, and
    ``magnitude`` too (亿, million). ``size`` is how many of the kind's smallest one of ``unit`` is.
    """

    start: int
    end: int
    quantity: Quantity
    kind: str
    unit: str
    magnitude: str
    size: Decimal
    vague: bool
    sign: str = ""  # of a currency, before the number

    @property
    def value(self) -> Decimal:
        """The amount in the smallest unit of its kind."""
        return self.quantity.value * self.size

    @property
    def spaced(self) -> bool:
        """Tell whether a space stands before the unit."""
        return self.end - len(self.unit) > self.quantity.end

    @property
    def scale(self) -> Decimal:
        """One of the unit and magnitude it is written in."""
        return self.size.scaleb(_POWERS.get(self.magnitude.lower().translate(SIMPLER), 0))


@dataclass(frozen=True, slots=True)
class Date:
    """A date with a year; ``month`` and ``day`` are 0 where it does not tell them."""

    start: int
    end: int
    year: int
    month: int = 0
    day: int = 0
    vague: bool = False


def amounts(text: str) -> list[Amount]:
    """Return the amounts of a text in order; no dates, ordinals, ranges, times of day, or numbers that are names."""
    dated, folded = [(each.start, each.end) for each in dates(text)], text.translate(SIMPLER)
    read = [
        amount
        for quantity in quantities(folded)
        if not any(start <= quantity.start < end for start, end in dated)
        if (amount := _amount(folded, quantity))
    ]
    if folded != text:
        read = [_as_written(text, each) for each in read]
    ranges = [
        {one.start, other.start}
        for one, other in pairwise(read)
        if _RANGE.fullmatch(text, one.end, other.start) and not _FROM.search(text[: one.start])
    ]
    return [each for each in read if not any(each.start in pair for pair in ranges)]


def dates(text: str) -> list[Date]:
    """Return the dates of a text that tell a year, in order; those before Christ are left out."""
    return list(_dates(text))


def unit_of(text: str) -> tuple[str, str]:
    """Return kind and wording of the unit a text begins with, after a magnitude; both empty where there is none."""
    words = re.match(r"(?:[百千]?[万亿]| ?(?:million|billion|trillion)\b)? *", text)
    rest = text[words.end() if words else 0 :]
    if match := _UNIT.match(rest):
        return _UNITS[int((match.lastgroup or "u0")[1:])][0], match[0]
    if match := _COUNTER.match(rest):
        return "count", match[0]
    return "", ""


def same_count(first: str, second: str) -> bool:
    """Tell whether two units of a count may count the same: equal, both persons, or one left unsaid."""
    general = ("", "个", "個")
    return first == second or first in general or second in general or {first, second} <= _PERSONS


def _as_written(text: str, amount: Amount) -> Amount:
    """Return an amount with unit and magnitude in the characters of the text: its unit ends it, if it has one there."""
    unit = text[amount.end - len(amount.unit) : amount.end]
    end = amount.quantity.end
    magnitude = text[end - len(amount.magnitude) : end]
    return replace(amount, magnitude=magnitude, unit=unit if unit.translate(SIMPLER) == amount.unit else amount.unit)


def _amount(text: str, quantity: Quantity) -> Amount | None:
    start, end = quantity.start, quantity.end
    found = re.search(_MAGNITUDE, text[start:end])
    magnitude = found[1] if found and not quantity.percent else ""
    vague = bool(quantity.qualifier) or _VAGUE.match(text, end) is not None
    if quantity.percent:
        return Amount(start, end, quantity, "%", "%", "", Decimal(1), vague)
    if text[start:end] == "一" or _NAMED_BEFORE.search(text[max(start - 4, 0) : start]):  # 一款 is "a", no number
        return None
    if (sign := text[start - 1 : start]) in SIGNS:
        return Amount(start - 1, end, quantity, SIGNS[sign], "", magnitude, Decimal(1), vague, sign)
    after = end + (text[end : end + 1] in tuple("多余"))
    at = after + (text[after : after + 1] in (" ", "-"))
    if match := _UNIT.match(text, at):
        kind, size, _ = _UNITS[int((match.lastgroup or "u0")[1:])]
        is_name = text[match.end() : match.end() + 1] in tuple("'’-")  # the Thirty Years' War
        return (
            None if is_name else Amount(start, match.end(), quantity, kind, match[0], magnitude, Decimal(size), vague)
        )
    if (not magnitude and _NAMED_AFTER.match(text, end)) or (
        text[end : end + 1].isascii() and text[end : end + 1].isalpha()
    ):
        return None
    return _counted(text, quantity, magnitude, after, vague)


def _counted(text: str, quantity: Quantity, magnitude: str, after: int, vague: bool) -> Amount | None:
    """Read a number without a unit of measure: a count, if it says of what, has a magnitude or is said to be one."""
    start, end, unit = quantity.start, quantity.end, ""
    if match := _COUNTER.match(text, after):
        unit, end = match[0], match.end()
    elif (noun := _NOUN.match(text, quantity.end)) and (plural := _PLURAL.search(noun[0])):
        unit, end = plural[0].lower(), noun.start() + plural.end()
    elif not magnitude and not (_STATED.search(text[max(start - 10, 0) : start]) and _BARE.match(text, end)):
        return None
    return Amount(start, end, quantity, "count", unit, magnitude, Decimal(1), vague)


def _dates(text: str) -> Iterator[Date]:
    for match in _DATE.finditer(text):
        if _BEFORE_CHRIST.search(text[: match.start()]) or _AFTER_CHRIST.match(text, match.end()):
            continue
        if match["iso"]:
            year, month, day = map(int, match["iso"].split("-"))
        elif match["name"]:
            month = _MONTHS.index(match["name"].capitalize()) + 1
            year, day = int(match["y2"]), int(match["d1"] or match["d2"] or 0)
        else:
            year, month, day = map(_number, (match["year"] or match["y3"] or match["y4"], match["month"], match["day"]))
        if month <= 12 and day <= 31:
            yield Date(*match.span(), year, month, day, _CIRCA.search(text[: match.start()]) is not None)


def _number(digits: str | None) -> int:
    if not digits:
        return 0
    return int(digits) if digits.isascii() else chinese(digits) or 0
