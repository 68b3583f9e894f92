"""Figures in Chinese and English text, by value: 3,000万 is 30 million, and neither is 3000.

``figures`` reads what is written in digits; ``quantities`` reads numerals in words too, and tells where they stand.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rag.numerals import CHINESE, ENGLISH, chinese, english

_MAGNITUDES: Mapping[str, int] = {
    "万亿": 12, "千亿": 11, "百亿": 10, "亿": 8, "千万": 7, "百万": 6, "万": 4,
    "trillion": 12, "billion": 9, "million": 6, "thousand": 3,
}  # fmt: skip
_FIGURE = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"\s*(?P<magnitude>{'|'.join(_MAGNITUDES)})?"
    r"\s*(?P<percent>%|per ?cent\b|个百分点|percentage points?)?"
)
_PERCENT_BEFORE = re.compile(r"百分之\s*(\d+(?:\.\d+)?)")

# One character stands for one, so that a place in the folded text is that place in the text.
_FOLDED = str.maketrans("０１２３４５６７８９％．億萬兩點餘　", "0123456789%.亿万两点余 ")
_WIDE_COMMA = re.compile("(?<=[０-９])，(?=[０-９])")  # beside narrow digits it separates numbers
_NUMBER = re.compile(
    r"(?P<percent>百分之 *)?(?:"
    r"(?<![0-9])(?<![0-9]\.)"  # 1.2.3 is a version, and no number of it is one
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)(?![0-9]|\.[0-9])"
    rf"|(?P<numeral>{CHINESE}++(?:点[〇零一二三四五六七八九]++(?![十百千点分滴]))?)"
    rf"|(?P<words>{ENGLISH}))(?! *几|分之)"
    rf"|(?:几|数(?=[十百千万亿])|分之 *){CHINESE}++|分之 *[0-9.]++",  # 几十, 数百, 三分之一: passed over whole
    re.IGNORECASE,
)
_POWERS: Mapping[str, int] = {**_MAGNITUDES, "千": 3, "百": 2, "hundred": 2}
_POWER = re.compile(
    r"(?<=[0-9])(?<![0-9]{2})(?P<small>[百千])(?![分问度万亿])"
    r"| *(?P<more>[多余]?)(?P<great>万亿|[百千]?[万亿]|(?:hundred|thousand|million|billion|trillion)\b)",
    re.IGNORECASE,
)
_LOWER = re.compile(r"(?P<digits>[0-9]+)(?P<great>[百千]?万)")  # 3亿5000万 is one number
_PERCENT_AFTER = re.compile(r" *(?:%|per ?cent\b)", re.IGNORECASE)
_TENTHS = re.compile("成(?![半立为员本功果语长熟分年交都品人绩就千群型双套不])")  # 三成 is 30%, 成立 is a word
# What a lone digit must count to be a number: 三个 is one, while 三星, 统一 and 一些 are words.
_COUNTED = re.compile(
    "[个人名位家年月日号天周岁次倍元块米吨克亩台辆款种项条座栋层间所支只头匹本部集章节期届级场轮组队站艘架枚颗张幅件套份篇句页册卷门代类大秒]"
    "|分(?!之)|季度|星期|小时|[美欧日]元|英镑|[公千厘毫]米|公[里斤顷]|千克|[平立]方"
)
_WORD_AFTER = re.compile("分(?!钟)|[足字全堰]")  # 十分, 十足: very
_QUALIFIED = re.compile(
    r"(?:(?P<over>至少|不[少低]于|不下|超[过出]?|逾|突破|[多高大]于"
    r"|\b(?:over|more than|above|at least|exceed(?:s|ed|ing)?|no (?:less|fewer) than)\b)"
    r"|(?P<under>不超过|不[多高大]于|至多|最多|不足|不到|未满|不满|[少低小]于"
    r"|\b(?:under|less than|fewer than|below|at most|up to|no more than)\b)"
    r"|(?P<nearly>(?<![最附临邻靠])近乎?|将近|接近|\b(?:nearly|almost|close to)\b)"
    r"|(?P<about>(?<![节条契合预签])约|大概|差不多|\b(?:about|around|approximately|roughly|some)\b))"
    r"[了为有达到]? *[$€£¥￥]?$",
    re.IGNORECASE,
)
_QUALIFIED_AFTER = re.compile(
    r"(?P<over>[多余+](?![0-9])|[\u4e00-\u9fff]{0,2}以上)|(?P<under>[\u4e00-\u9fff]{0,2}以[下内])"
    r"|(?P<about>[\u4e00-\u9fff]{0,2}左右|来[个名位人年岁天家])"
)
_FARTHEST, _FARTHEST_CHINESE = 24, 6  # characters before a number that may hold its qualifier


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of a text, ``text[start:end]``, with its magnitude and percent sign but without its qualifier."""

    start: int
    end: int
    value: Decimal
    percent: bool
    qualifier: str  # over, under, nearly, about; empty where the number is exact

    def __str__(self) -> str:
        """Return the value in digits: ``4238``, ``49.2%``."""
        whole, point, part = f"{self.value:f}".partition(".")
        part = part.rstrip("0")
        return whole + (point + part if part else "") + ("%" if self.percent else "")


def figures(text: str) -> list[str]:
    """Return the value of every number written in digits, in order: ``["30000000", "49.2%"]``."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("億", "亿").replace("萬", "万")
    folded = _PERCENT_BEFORE.sub(r"\1%", folded)
    return [_value(match) for match in _FIGURE.finditer(folded)]


def quantities(text: str) -> list[Quantity]:
    """Return every number of a text in order, in digits or in words, Chinese or English.

    Chinese digits inside words are none (一些, 统一, 万一), nor are approximations (三四百, 几十), fractions
    (三分之一), a lone "one", versions (1.2.3), and codes, which have a zero before two more digits (007).
    Ordinals are numbers (第三 is 3), and so is a lone digit that counts something (一个, 三家). Tenths are
    per cent (三成); percentage points are not.
    """
    folded = _WIDE_COMMA.sub(",", text).translate(_FOLDED)
    found: list[Quantity] = []
    match = _NUMBER.search(folded)
    while match:
        quantity = _quantity(folded, match)
        if quantity:
            found.append(quantity)
        match = _NUMBER.search(folded, quantity.end if quantity else match.end())
    return found


def _value(match: re.Match[str]) -> str:
    number = Decimal(match["number"].replace(",", "")).scaleb(_MAGNITUDES.get(match["magnitude"] or "", 0))
    return f"{number.normalize():f}" + ("%" if match["percent"] else "")


def _quantity(text: str, match: re.Match[str]) -> Quantity | None:
    start, end = match.span()
    value = _plain(text, match)
    if value is None:
        return None
    percent, more = bool(match["percent"]), False
    power = _POWER.match(text, end)
    if power and not (match["numeral"] and text[end] == " "):
        name, more, end = power["small"] or power["great"], bool(power["more"]), power.end()
        value = _scaled(value, name)
        lower = _LOWER.match(text, end) if match["digits"] else None
        if lower and (rest := _scaled(Decimal(lower["digits"]), lower["great"])) < 10 ** _POWERS[name.lower()]:
            value, end = value + rest, lower.end()
    if sign := _PERCENT_AFTER.match(text, end):
        percent, end = True, sign.end()
    elif not percent and len(match[0]) == 1 and match["numeral"] and (sign := _TENTHS.match(text, end)):
        value, percent, end = 10 * value, True, sign.end()
    if end == match.end() and not percent and _is_word(text, match):
        return None
    return Quantity(start, end, value, percent, "over" if more else _qualifier(text, start, end))


def _plain(text: str, match: re.Match[str]) -> Decimal | None:
    """Return the value of what is matched, before a magnitude that may follow."""
    if digits := match["digits"]:
        is_code = len(digits) > 2 and digits[0] == "0" and digits[1] != "."
        return None if is_code else Decimal(digits.replace(",", ""))
    if words := match["words"]:
        return Decimal(english(words))
    if not match["numeral"]:
        return None
    whole, _, part = match["numeral"].partition("点")
    bare = match["percent"] if whole == "百" else None  # 百分之百
    if bare or (whole in ("百", "千", "万") and text[match.end() : match.end() + 1] in ("多", "余")):
        whole = f"一{whole}"
    value = chinese(whole)
    return None if value is None else Decimal(f"{value}.{''.join(str(chinese(each)) for each in part)}")


def _is_word(text: str, match: re.Match[str]) -> bool:
    """Tell whether a numeral that stands alone is no number but a word or a part of one."""
    numeral, before, after = match[0].lower(), text[: match.start()][-1:], match.end()
    if len(numeral) > 1 or match["digits"]:
        return numeral == "one"
    if numeral == "十":
        return _WORD_AFTER.match(text, after) is not None
    if before == "第" or numeral in "百千万":
        return False
    return _COUNTED.match(text, after) is None or (numeral == "一" and before in ("统", "唯", "单", "划"))


def _qualifier(text: str, start: int, end: int) -> str:
    far = _FARTHEST if text[start - 1 : start].isascii() else _FARTHEST_CHINESE
    match = _QUALIFIED.search(text[max(start - far, 0) : start]) or _QUALIFIED_AFTER.match(text, end)
    return match.lastgroup or "" if match else ""


def _scaled(value: Decimal, magnitude: str) -> Decimal:
    sign, digits, exponent = value.as_tuple()
    return Decimal((sign, digits, int(exponent) + _POWERS[magnitude.lower()]))  # exact, however many digits
