"""A question to the computation it asks for: its kind, the sides it names, and what it says of both."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from rag.computing.amounts import dates, unit_of
from rag.language import language_of

Kind: TypeAlias = Literal["difference", "sum", "ratio", "share", "remainder", "change", "time", "which"]


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


_CMP = "多|少|高|低|大|小|长|短|宽|窄|深|浅|厚|薄|重|轻|快|慢|贵|便宜|远|早|晚"
_GROW = "增长|增加|上升|上涨|提高|提升|扩大|增|涨|升|下降|减少|降低|下跌|缩小|降|跌|减"
_HOW = "(?:百分之几|百分之多少|多少|几成|几|多大|多远|多长|多久|多宽|多深)"
_RATE = "百分之|幅|率"
_AND = "(?:和|与|跟|同|及|以及|、)"
_APART = "(?:相差|差距|差额|差别|差值|差)"
_BOTH = "(?:相比|比较|相比较|比起来|两者|两[家个座款种条人地国]|二者|之间|当中|中|里)?"
_LINKS = "(?:是|为|有|达|到|了|大约|约|大概|总共|一共)*"
_CHINESE: Sequence[tuple[Kind, re.Pattern[str]]] = [
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("remainder", f"除了?(?P<sides>[^，,]+?)(?:以外|之外|外|后)?[，,](?P<rest>.*(?:剩|其[他它余]|余下).*?){_HOW}.*"),
        ("ratio", "(?P<a>.+?)(?:大约|约|大概)?(?:是|为|相当于|达到)(?P<b>[^，,]+?)的?(?:几|多少)倍.*"),
        ("share", "(?P<a>.+?)(?:大约|约|大概)?占(?:了|到)?(?P<b>[^，,]+?)的?(?:百分之几|百分之多少|几成|多大比例|多少比例"
                  "|(?:比例|比重|份额)(?:是|为|有)?(?:多少|多大|几成)).*"),
        ("difference", f"(?P<rest>.*?两[个种次项].+?){_LINKS}{_APART}{_LINKS}{_HOW}.*"),
        ("time", f"(?:从)?(?P<a>.+?)(?:到|至|{_AND})(?P<b>.+?)(?:之间|中间|期间)?[，,]?(?:一共|总共)?(?:大约|约)?"
                 f"(?:相隔|间隔|隔|相距|过|用|花|历时|经过|相差|差|有)(?:了|有)*(?:多少|几)(?P<unit>年|个?月|天|日).*"),
        ("time", "(?:在)?(?P<a>[^，,]+?)(?:之后|以后|后)[，,]?(?:又)?(?:过了?|隔了?)?(?:多少|几)(?P<unit>年|个?月|天)"
                 "(?:之后|以后|后)?[，,]?(?:才)?(?P<b>.{2,})"),
        ("change", f"(?:从|(?=[12][0-9]{{3}}年))(?P<a>.+?)(?:到|至)(?P<b>[^，,]+?)[，,](?P<rest>.*?)(?P<word>{_GROW})(?:幅度?|了)?{_LINKS}(?P<unit>{_HOW}.*)"),
        ("change", f"(?P<rest>.*?)从(?P<a>.+?)(?:到|至)(?P<b>.+?)(?P<word>{_GROW})(?:幅度?|了)?{_LINKS}(?P<unit>{_HOW}.*)"),
        ("change", f"(?P<a>.+?)(?P<by>比|相比于?|较)(?P<b>.+?)(?:约|大约)?(?P<word>{_GROW})(?:幅度?|率|了)?{_LINKS}(?P<unit>{_HOW}.*)"),
        ("difference", f"(?P<a>.+?)[，,]?(?:要|都)?(?:比|相比于?|较)(?P<b>.+?)(?:要|还|更|会|大约|约|大概)*"
                       f"(?P<word>{_CMP})(?P<attribute>(?<=[早晚])[\u4e00-\u9fff]{{2}}?)?(?:了|出|出了|上)?(?P<unit>{_HOW}.*)"),
        ("difference", f"(?P<a>.+?)(?P<word>领先|超过了?|超出|高出|多出|高于|多于|低于|少于|落后于?)(?P<b>.+?)(?:了|大约|约)?(?P<unit>{_HOW}.*)"),
        ("difference", f"(?P<a>.+?){_AND}(?P<b>.+?)(?:之间)?的?[，,]?{_BOTH}{_LINKS}{_APART}{_LINKS}(?P<unit>{_HOW}.*)"),
        ("sum", "(?P<sides>.+?)(?:这?[两三四五][家者个国地省座市人项年种款条部间所])?(?:的(?P<attribute>[^，,、和与及]{1,10}?))?[，,]?"
                f"(?:加起来|加在一起|合起来|合在一起|合计|总计|共计|一共|总共|总和|之和)(?P<more>.*?)(?P<unit>{_HOW}.*)"),
        ("which", f"(?P<a>.+?)(?:{_AND}|还是)(?P<b>.+?)(?:都[^，,]+)?[，,]?{_BOTH}[，,]?(?:到底|究竟)?(?:谁|哪(?:个|家|座|款|种|条|边|一.))的?"
                  f"(?P<attribute>.*?)(?:更|比较|要)(?P<word>{_CMP}).*"),
        ("which", f"(?P<rest>.*?)(?:谁|哪(?:个|家|座|款|种|条|边|一.))的?(?P<attribute>.*?)(?:更|比较|要)(?P<word>{_CMP})"
                  "(?:一些|一点)?[，,：:](?:是)?(?P<a>.+?)(?:还是|或者?|和)(?P<b>.+)"),
    )
]  # fmt: skip

_AUX = "(?:is|are|was|were|did|does|do|has|have|had|would|could|can)"
_ER = (
    "more|less|fewer|higher|lower|larger|smaller|bigger|greater|longer|shorter|wider|narrower|deeper|shallower|taller"
    "|heavier|lighter|faster|slower|cheaper|earlier|later|older|younger|sooner|thicker|farther|further"
)
_VERB = r"(?:grow|grew|rise|rose|fall|fell|increase|decrease|drop|decline|change|shrink|expand|climb|go up|go down)(?:n|d|ed)?"
_BEAT = r"(?:exceed|outnumber|surpass|top|beat|lead|outsell|overtake)(?:s|ed)?"
_PART = "(?:share|percentage|proportion|part|fraction|per ?cent)"
_ENGLISH: Sequence[tuple[Kind, re.Pattern[str]]] = [
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("remainder", rf".*what {_PART} (?P<rest>.*(?:left|remain|other|else).*?)(?:,? (?:after|besides|apart from|other than"
                      r"|without|excluding|except)) (?P<sides>.+)"),
        ("remainder", rf"(?:after|besides|apart from|other than|without|excluding|except) (?P<sides>.+), (?:what|how much)"
                      rf"(?: {_PART})?\b(?P<rest>.*(?:left|remain|other|else).*)"),
        ("ratio", rf"(?P<rest>.*?)how many times (?P<word>{_ER})(?P<more>.*?) ?{_AUX} (?P<a>.+?),? than (?P<b>.+)"),
        ("ratio", rf"(?P<rest>.*?)how many times as \w+ (?:as )?(?P<b>(?:the |that of )?.+?) {_AUX} (?P<a>.+)"),
        ("ratio", r"(?P<rest>.*?)how many times as (?:many|much) (?P<a>.+?) as (?P<b>.+)"),
        ("share", rf"(?P<rest>.*?)what {_PART} of (?P<b>.+?) (?:{_AUX}|went to|came from|comes from|goes to) (?P<a>.+)"),
        ("time", r"(?P<rest>.*?)how (?:many (?P<unit>years|months|days)|long|much time)\b.*? between (?P<a>.+?) and (?P<b>.+)"),
        ("time", r"(?P<rest>.*?)how many (?P<unit>years|months|days)\b.*? from (?P<a>.+?) (?:to|until) (?P<b>.+)"),
        ("time", rf"(?P<rest>.*?)how (?:many (?P<unit>years|months|days)|long|soon) (?:after|before) (?P<a>.+?),? {_AUX} (?P<b>.+)"),
        ("change", rf"(?P<rest>.*?)(?:by )?(?:what|how (?:many|much))(?P<unit>.*?) {_AUX} (?P<more>.+?) {_VERB}\b.*?"
                   r"(?:between|from) (?P<a>.+?) (?:and|to) (?P<b>.+)"),
        ("change", rf"(?:between|from) (?P<a>.+?) (?:and|to) (?P<b>.+?), by (?:what|how (?:many|much))(?P<unit>.*?) {_AUX} (?P<rest>.+?) {_VERB}\b.*"),
        ("difference", rf"(?P<rest>.*?)by (?:what|how (?:many|much))(?P<unit>.*?) {_AUX} (?P<a>.+?) (?P<word>{_BEAT}) (?P<b>.+)"),
        ("difference", rf"(?P<rest>.*?)how (?:many|much)(?P<unit>.*?) (?P<word>{_ER})\b(?P<more>.*?)\b{_AUX} (?P<a>.+?),? than (?P<b>.+)"),
        ("difference", rf"(?P<rest>.*?)how (?:many|much)(?P<unit>.*?) (?P<word>{_ER})\b(?P<a> .+?),? than (?P<b>.+)"),
        ("difference", r"(?:what|how (?:big|large|great|wide)) (?:is|was|are|were) the (?:difference|gap)(?P<rest> in .+?| of .+?) between (?P<a>.+?) and (?P<b>.+)"),
        ("sum", rf"(?P<rest>(?:how (?:many|much)|what).*?)\b{_AUX} (?P<sides>.+? and .+?),? "
                r"(?:combined|together|altogether|in total|in all)\b.*"),
        ("sum", r"what (?:is|was|are|were) the (?:total|combined|sum)(?P<rest>.*?) (?:of|for|in|from|at) (?P<sides>.+? and .+)"),
        ("which", rf"^(?:is|are|was|were|does|do|did|has|have) (?P<a>.+?) or (?P<b>.+?) (?P<word>{_ER})\b(?P<rest>.*)"),
        ("which", rf"(?P<rest>(?:which|who|what)\b.*?)\b(?P<word>{_ER}|first)\b(?P<more>.*?)(?:,|:|;| -) ?(?P<a>.+?),? or (?P<b>.+)"),
    )
]  # fmt: skip
_UNITS_ASKED: Mapping[str, str] = {"年": "year", "月": "month", "个月": "month", "天": "day", "日": "day"} | {
    "years": "year",
    "months": "month",
    "days": "day",
}
_OF_TIME = re.compile("早|晚|earlier|later|older|younger|sooner|first", re.IGNORECASE)
_ALL_OF_THEM = re.compile(r"(?:the |these |those |both )?(?:two|three|four|both) \w+s", re.IGNORECASE)
_DONE = re.compile(  # what two together do: "A and B cost"
    r"(?:^| )(?:cost|have|own|weigh|last|employ|produce|handle|carry|hold|cover|weigh|earn|make|take|use|sell|win|score|receive|attract|serve|export|import)$"
)
_OWNED = re.compile("(?P<owner>.+)的(?P<attribute>.+)")
_NOUN = re.compile(
    "(?P<owner>.{2,}?)(?P<attribute>[\u4e00-\u9fff]{0,2}(?:[数量额率价值度积程龄温]|人口|收入|利润|储备|份额|成本|费用|规模|预算|投资|用户|活|票房|占比|员工"
    "|工资))"
)
_PERCENT = re.compile(
    r"百分之|[增降涨跌]幅|(?:增长|上涨|下降)率|per ?cent(?!age point)|percentage(?! points?)", re.IGNORECASE
)


def read_question(question: str) -> Asked | None:
    """Return the computation that a question asks for, None where it asks for none."""
    text = question.strip().rstrip("？?。. ")
    text, _, unit = text.partition(", in percentage")
    for kind, pattern in _CHINESE if language_of(question) == "zh" else _ENGLISH:
        if match := pattern.fullmatch(text) or pattern.search(text):
            asked = _asked(kind, match.groupdict(default=""))
            return replace(asked, unit=("%", "")) if asked and unit else asked
    return None


def _asked(kind: Kind, groups: Mapping[str, str]) -> Asked | None:
    word, unit = groups.get("word", ""), groups.get("unit", "").strip()
    sides = tuple(groups[name].strip() for name in "ab" if groups.get(name)) or _listed(groups.get("sides", ""))
    rest = f"{groups.get('rest', '')} {groups.get('more', '')}".strip()
    if kind == "change" and groups.get("by"):
        sides = sides[::-1]  # the earlier first, as in 从…到
    attribute = groups.get("attribute") or _counted(unit)
    asked = Asked(kind, sides, rest, attribute, _unit(unit), word)
    if kind == "sum" and len(sides) < 2:
        return None
    if kind == "change" and not _PERCENT.search(unit + rest):
        asked = replace(asked, kind="difference")
    if kind == "difference" and _OF_TIME.fullmatch(word):
        asked = replace(asked, kind="time")
    if kind == "change":
        asked = replace(asked, unit=asked.unit if asked.kind == "difference" else ("", ""))
    if asked.kind == "time":
        name = re.sub(_HOW, "", unit)
        asked = replace(
            asked, unit=("date", next((each for key, each in _UNITS_ASKED.items() if name.startswith(key)), ""))
        )
    if kind == "which" and _OF_TIME.fullmatch(word):
        asked = replace(asked, unit=("date", ""))
    return _shared(asked)


def _unit(asked: str) -> tuple[str, str]:
    """Return the unit that 多少亿元, 几个百分点 or "million passengers" names."""
    bare = re.sub(f"^{_HOW}", "", asked).strip()
    kind, name = unit_of(bare)
    if kind == "point" or (not kind and re.match("percentage points?|per ?cent", bare)):
        return "%", ""
    if kind:
        return kind, name
    noun = re.match(r"(?:million |billion )?([a-z]+s|people)\b", bare)
    return ("count", noun[1]) if noun else ("", "")


def _counted(asked: str) -> str:
    """Return what 几枚金牌 counts."""
    match = re.fullmatch(f"{_HOW}(?P<unit>.)(?!百分点)(?P<counted>[\u4e00-\u9fff]{{2,6}}?)(?:了|呢|吗|啊)?", asked)
    return match["counted"] if match and unit_of(match["unit"])[0] == "count" else ""


def _listed(sides: str) -> tuple[str, ...]:
    """Return the things that 甲、乙和丙 or "A, B and C" lists."""
    parts = [part.strip() for part in re.split(r"、|以及|和|与|及|跟|,? and |, ", sides)]
    return tuple(filter(None, (_DONE.sub("", part) for part in parts if not _ALL_OF_THEM.fullmatch(part))))


def _shared(asked: Asked) -> Asked:
    """Take apart what one side says for both: a clause in front or behind, a date, an attribute."""
    if len(asked.sides) < 2:
        return asked
    *front, first = re.split("[，,] ?", asked.sides[0])
    if not first and front:  # 甲接手，比乙成立早几年
        first = front.pop()
    last, *behind = re.split("[，,] ?", asked.sides[-1])
    sides = [first, *asked.sides[1:-1], last]
    if (done := _DONE.search(first)) and not last.endswith(done[0]):
        sides[0] = _DONE.sub("", first)
    rest, attribute = [asked.rest, *front, *behind], asked.attribute
    dated = [dates(side) for side in sides]
    if sum(map(bool, dated)) == 1:
        at = next(at for at, found in enumerate(dated) if found)
        start, end = dated[at][0].start, dated[at][0].end
        rest.append(sides[at][start:end])
        sides[at] = f"{sides[at][:start]} {sides[at][end:]}"
    if all(dated) and (alone := [n for n, found in enumerate(dated) if found[0].end - found[0].start == len(sides[n])]):
        at = 1 - alone[0] if len(sides) == 2 else alone[0]
        start, end = dated[at][0].start, dated[at][0].end
        rest.append(sides[at][:start])
        attribute = attribute or sides[at][end:].lstrip("的")
        sides[at] = sides[at][start:end]
    if len(sides) == 2 and (tail := _tail(sides[0], sides[1])):
        sides[0], attribute = sides[0].removesuffix(tail), tail
    for pattern in (_OWNED, _NOUN):
        split = [pattern.fullmatch(side.strip()) for side in sides]
        if sum(map(bool, split)) == 1 and not attribute:
            at, match = next((at, match) for at, match in enumerate(split) if match)
            sides[at], attribute = match["owner"], match["attribute"]
            if attribute[-1] == sides[1 - at][-1:]:  # 铁路的东段比西段: one of its parts, like the other side
                sides[at], attribute = attribute, asked.attribute
                rest.append(match["owner"])
    return replace(asked, sides=tuple(map(str.strip, sides)), rest=" ".join(filter(None, rest)), attribute=attribute)


def _tail(first: str, second: str) -> str:
    """Return what follows in the first side where the second ends: 里程 of 上海地铁里程 beside 广州地铁."""
    end = second[-2:]
    at = first.find(end)
    tail = first[at + len(end) :]
    return tail if at > 0 and len(end) == 2 and len(tail) > 1 and not tail.isascii() and "的" not in tail else ""
