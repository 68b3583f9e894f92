"""The forms of questions that ask for a computation, in Chinese and English, each as a pattern with named parts.

``a`` and ``b`` are the two sides, ``sides`` a list of them; ``rest`` and ``more`` what is said besides, ``attribute``
what is compared, ``word`` how, and ``unit`` in what. The first form that fits is the one.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from rag.language import Language

Kind: TypeAlias = Literal["difference", "sum", "ratio", "share", "remainder", "change", "time", "which"]

HOW = "(?:百分之几|百分之多少|多少|几成|几|多大|多远|多长|多久|多宽|多深)"
COMPARATIVES = (
    "more|less|fewer|higher|lower|larger|smaller|bigger|greater|longer|shorter|wider|narrower|deeper|shallower|taller"
    "|heavier|lighter|faster|slower|cheaper|earlier|later|older|younger|sooner|thicker|farther|further"
)
_PARTS = {
    "a": "(?P<a>.+?)",
    "b": "(?P<b>.+?)",
    "last": "(?P<b>.+)",  # the second side, to the end
    "one": "(?P<a>[^，,]+?)",  # a side within a clause
    "other": "(?P<b>[^，,]+?)",
    "rest": "(?P<rest>.*?)",
    "more": "(?P<more>.*?)",
    "how": HOW,
    "in": f"(?P<unit>{HOW}.*)",
    "cmp": "(?P<word>多|少|高|低|大|小|长|短|宽|窄|深|浅|厚|薄|重|轻|快|慢|贵|便宜|远|早|晚)",
    "grow": "(?P<word>增长|增加|上升|上涨|提高|提升|扩大|增|涨|升|下降|减少|降低|下跌|缩小|降|跌|减)(?:幅度?|率|了)?",
    "lead": "(?P<word>领先|超过了?|超出|高出|多出|高于|多于|低于|少于|落后于?)",
    "than": "(?P<by>比|相比于?|较)",
    "and": "(?:和|与|跟|同|及|以及|、)",
    "apart": "(?:相差|差距|差额|差别|差值|差)",
    "both": "(?:相比|比较|相比较|比起来|两者|两[家个座款种条人地国]|二者|之间|当中|中|里)?",
    "links": "(?:是|为|有|达|到|了|大约|约|大概|总共|一共)*",
    "about": "(?:大约|约|大概)?",
    "which": "(?:谁|哪(?:个|家|座|款|种|条|边|一.))的?",
    "together": "(?:加起来|加在一起|合起来|合在一起|合计|总计|共计|一共|总共|总和|之和)",
    "all": "(?:这?[两三四五][家者个国地省座市人项年种款条部间所])?",
    "span": "(?P<unit>年|个?月|天|日)",
    "aux": "(?:is|are|was|were|did|does|do|has|have|had|would|could|can)",
    "er": f"(?P<word>{COMPARATIVES})",
    "verb": "(?:grow|grew|rise|rose|fall|fell|increase|decrease|drop|decline|change|shrink|expand|climb|go up|go down)"
    r"(?:n|d|ed)?\b.*?",
    "beat": "(?P<word>(?:exceed|outnumber|surpass|top|beat|lead|outsell|overtake)(?:s|ed)?)",
    "part": "(?:share|percentage|proportion|part|fraction|per ?cent)",
    "what": "(?:what|how (?:many|much))(?P<unit>.*?)",
    "many": "how (?:many|much)(?P<unit>.*?)",
    "besides": "(?:after|besides|apart from|other than|without|excluding|except)",
    "left": r"\b(?P<rest>.*(?:left|remain|other|else).*?)",
    "years": "(?P<unit>years|months|days)",
}
_CHINESE: Sequence[tuple[Kind, str]] = (
    ("remainder", "除了?(?P<sides>[^，,]+?)(?:以外|之外|外|后)?[，,](?P<rest>.*(?:剩|其[他它余]|余下).*?)<how>.*"),
    ("ratio", "<a><about>(?:是|为|相当于|达到)<other>的?(?:几|多少)倍.*"),
    ("share", "<a><about>占(?:了|到)?<other>的?(?:百分之几|百分之多少|几成|多大比例|多少比例).*"),
    ("share", "<a><about>占(?:了|到)?<other>的?(?:比例|比重|份额)(?:是|为|有)?(?:多少|多大|几成).*"),
    ("difference", "(?P<rest>.*?两[个种次项].+?)<links><apart><links><how>.*"),
    (
        "time",
        "(?:从)?<a>(?:到|至|<and>)<b>(?:之间|中间|期间)?[，,]?(?:一共|总共)?<about>"
        "(?:相隔|间隔|隔|相距|过|用|花|历时|经过|相差|差|有)(?:了|有)*(?:多少|几)<span>.*",
    ),
    (
        "time",
        "(?:在)?<one>(?:之后|以后|后)[，,]?(?:又)?(?:过了?|隔了?)?(?:多少|几)<span>(?:之后|以后|后)?[，,]?(?:才)?(?P<b>.{2,})",
    ),
    ("change", "(?:从|(?=[12][0-9]{3}年))<a>(?:到|至)<other>[，,]<rest><grow><links><in>"),
    ("change", "<rest>从<a>(?:到|至)<b><grow><links><in>"),
    ("change", "<a><than><b><about><grow><links><in>"),
    (
        "difference",
        "<a>[，,]?(?:要|都)?(?:比|相比于?|较)<b>(?:要|还|更|会|大约|约|大概)*<cmp>"
        "(?P<attribute>(?<=[早晚])[\u4e00-\u9fff]{2}?)?(?:了|出|出了|上)?<in>",
    ),
    ("difference", "<a><lead><b>(?:了|大约|约)?<in>"),
    ("difference", "<a><and><b>(?:之间)?的?[，,]?<both><links><apart><links><in>"),
    ("sum", "(?P<sides>.+?)<all>(?:的(?P<attribute>[^，,、和与及]{1,10}?))?[，,]?<together><more><in>"),
    (
        "which",
        "<a>(?:<and>|还是)<b>(?:都[^，,]+)?[，,]?<both>[，,]?(?:到底|究竟)?<which>(?P<attribute>.*?)(?:更|比较|要)<cmp>.*",
    ),
    (
        "which",
        "<rest><which>(?P<attribute>.*?)(?:更|比较|要)<cmp>(?:一些|一点)?[，,：:](?:是)?<a>(?:还是|或者?|和)<last>",
    ),
)
_ENGLISH: Sequence[tuple[Kind, str]] = (
    ("remainder", ".*what <part> <left>,? <besides> (?P<sides>.+)"),
    ("remainder", "<besides> (?P<sides>.+), (?:what|how much)(?: <part>)?<left>"),
    ("ratio", "<rest>how many times <er><more> ?<aux> <a>,? than <last>"),
    ("ratio", r"<rest>how many times as \w+ <b> <aux> (?P<a>.+)"),
    ("ratio", "<rest>how many times as (?:many|much) <a> as <last>"),
    ("share", "<rest>what <part> of <b> (?:<aux>|went to|came from|comes from|goes to) (?P<a>.+)"),
    ("time", r"<rest>how (?:many <years>|long|much time)\b.*? between <a> and <last>"),
    ("time", r"<rest>how many <years>\b.*? from <a> (?:to|until) <last>"),
    ("time", "<rest>how (?:many <years>|long|soon) (?:after|before) <a>,? <aux> <last>"),
    ("change", "<rest>(?:by )?<what> <aux> (?P<more>.+?) <verb>(?:between|from) <a> (?:and|to) <last>"),
    ("change", "(?:between|from) <a> (?:and|to) <b>, by <what> <aux> (?P<rest>.+?) <verb>"),
    ("difference", "<rest>by <what> <aux> <a> <beat> <last>"),
    ("difference", r"<rest><many> <er>\b<more>\b<aux> <a>,? than <last>"),
    ("difference", r"<rest><many> <er>\b(?P<a> .+?),? than <last>"),
    (
        "difference",
        "(?:what|how (?:big|large|great|wide)) (?:is|was|are|were) the (?:difference|gap)(?P<rest> in .+?| of .+?)"
        " between <a> and <last>",
    ),
    (
        "sum",
        r"(?P<rest>(?:how (?:many|much)|what).*?)\b<aux> (?P<sides>.+? and .+?),? "
        r"(?:combined|together|altogether|in total|in all)\b.*",
    ),
    (
        "sum",
        "what (?:is|was|are|were) the (?:total|combined|sum)<rest> (?:of|for|in|from|at) (?P<sides>.+? and .+)",
    ),
    ("which", r"^(?:is|are|was|were|does|do|did|has|have) <a> or <b> <er>\b<rest>"),
    (
        "which",
        rf"(?P<rest>(?:which|who|what)\b.*?)\b(?P<word>{COMPARATIVES}|first)\b<more>(?:,|:|;| -) ?<a>,? or <last>",
    ),
)


def _compiled(forms: Sequence[tuple[Kind, str]]) -> list[tuple[Kind, re.Pattern[str]]]:
    return [
        (kind, re.compile(re.sub(r"(?<!P)<(\w+)>", lambda part: _PARTS[part[1]], form), re.IGNORECASE))
        for kind, form in forms
    ]


FORMS: Mapping[Language, Sequence[tuple[Kind, re.Pattern[str]]]] = {
    "zh": _compiled(_CHINESE),
    "en": _compiled(_ENGLISH),
}
