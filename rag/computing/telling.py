"""A computation in words: the expression that was computed, and a sentence that says what came out."""

import re
from collections.abc import Mapping, Sequence

from rag.computing.amounts import Date
from rag.computing.asked import Asked
from rag.computing.reckoning import Operand, Result
from rag.language import Language

_SIGNS = {"difference": " − ", "sum": " + ", "ratio": " ÷ ", "share": " ÷ ", "time": " − "}
_OPPOSITE: Mapping[str, str] = {
    pair[place]: pair[1 - place]
    for pair in ("多少", "高低", "大小", "长短", "宽窄", "深浅", "厚薄", "重轻", "快慢", "早晚")
    for place in (0, 1)
} | {"贵": "便宜", "便宜": "贵", "远": "近"}
_AHEAD = {"领先": "高", "超": "多", "高": "高", "多": "多"}
_ADJECTIVES = frozenset(
    "wider narrower deeper shallower taller longer shorter heavier lighter higher lower larger".split()
)
_DATED, _NAME = re.compile("[12][0-9]{3}年.*"), re.compile(r"[\w·]{2,12}")
_LESS = frozenset("少低小短窄浅薄轻早") | frozenset(
    ("便宜 less fewer lower smaller shorter narrower shallower lighter cheaper earlier older sooner first").split()
)


def asks_for_less(word: str) -> bool:
    """Tell whether what is asked for is the lesser, or the earlier: 更少, cheaper."""
    return word.lower() in _LESS


def express(asked: Asked, operands: Sequence[Operand], result: Result) -> str:
    """Return what was computed, with its result."""
    equals = " ≈ " if result.approximate else " = "
    return working(asked, operands) + equals + result.shown


def working(asked: Asked, operands: Sequence[Operand]) -> str:
    """Return what was computed, without its result; the larger or later first where one is taken from another."""
    texts = [each.text for each in operands]
    if asked.kind == "change":
        return f"({texts[1]} − {texts[0]}) ÷ {texts[0]}"
    if asked.kind == "remainder":
        return " − ".join(["100%", *texts])
    if asked.kind in ("difference", "time"):
        texts = [each.text for each in sorted(operands, key=_size, reverse=True)]
    return _SIGNS[asked.kind].join(texts)


def tell(asked: Asked, operands: Sequence[Operand], result: Result, language: Language) -> str:
    """Return a sentence that answers, with the sides as the question names them where the evidence does so too."""
    about = {"zh": "约", "en": "about "}[language] if result.approximate else ""
    shown, by = about + result.shown, working(asked, operands)
    named = len(asked.sides) == len(operands) and all(each.named for each in operands)
    if language == "zh":
        return _chinese(asked, operands, shown, by) if named else _quoted_chinese(asked, operands, shown, by)
    if named and asked.kind == "difference" and asked.word in _ADJECTIVES and _size(operands[0]) > _size(operands[1]):
        first, second = asked.sides
        return f"{first[0].upper()}{first[1:]} is {shown} {asked.word} than {second} ({by})."
    return _english(asked, operands, shown, by)


def tell_more(asked: Asked, operands: Sequence[Operand], language: Language) -> str:
    """Return a sentence that says which is more, the first operand being the one asked for."""
    one, other = (each.of for each in operands)
    about = {"zh": "约", "en": "about "}[language]
    first, second = (f"{about if each.what.vague else ''}{each.text}" for each in operands)
    named = all(each.named for each in operands)
    if language == "zh":
        if named:
            return f"{one}{asked.attribute}更{asked.word}：{one}{first}，{other}{second}。"
        return f"更{asked.word}的是{first}（“{one}”），另一方是{second}（“{other}”）。"
    if named:
        return f"{one[0].upper()}{one[1:]}: {first}, against {second} for {other}."
    return f"It is {first} (“{one}”), against {second} (“{other}”)."


def _chinese(asked: Asked, operands: Sequence[Operand], shown: str, by: str) -> str:
    first, *_, second = asked.sides
    of = f"的{asked.attribute}" if asked.attribute else ""
    match asked.kind:
        case "sum":
            return f"{'、'.join(asked.sides[:-1])}和{second}{of}合计{shown}（{by}）。"
        case "ratio":
            return f"{first}{of}是{second}的{shown}（{by}）。"
        case "share":
            return f"{first}占{second}的{shown}（{by}）。"
        case "remainder":
            return f"除{'、'.join(asked.sides)}外，还剩{shown}（{by}）。"
        case "change":
            grown = f"{asked.attribute or asked.rest}{_changed(operands)}{shown.replace('-', '')}"
            return f"从{first}到{second}，{grown}（{by}）。"
    word = _AHEAD.get(asked.word[:2], _AHEAD.get(asked.word[:1], asked.word))
    if word not in _OPPOSITE or (asked.kind == "time" and word not in ("早", "晚")):
        return _quoted_chinese(asked, operands, shown, by)
    is_less = _size(operands[0]) < _size(operands[1])
    if is_less != asks_for_less(word):
        word = _OPPOSITE[word]
    whose = asked.rest if _DATED.fullmatch(first) and _NAME.fullmatch(asked.rest) else ""
    return f"{whose}{first}{of}比{second}{word}{'了' if shown[0] == '约' else ''}{shown}（{by}）。"


def _quoted_chinese(asked: Asked, operands: Sequence[Operand], shown: str, by: str) -> str:
    quoted = [f"{each.text}（“{each.of}”）" for each in operands]
    match asked.kind:
        case "sum":
            return f"{'、'.join(quoted[:-1])}和{quoted[-1]}合计{shown}（{by}）。"
        case "ratio":
            return f"{quoted[0]}是{quoted[1]}的{shown}（{by}）。"
        case "share":
            return f"{quoted[0]}占{quoted[1]}的{shown}（{by}）。"
        case "remainder":
            return f"除去{'、'.join(quoted)}，还剩{shown}（{by}）。"
        case "change":
            return f"从{quoted[0]}到{quoted[1]}，{_changed(operands)}{shown.replace('-', '')}（{by}）。"
    return f"{quoted[0]}与{quoted[1]}相差{shown}（{by}）。"


def _english(asked: Asked, operands: Sequence[Operand], shown: str, by: str) -> str:
    quoted = [f"{each.text} (“{each.of}”)" for each in operands]
    match asked.kind:
        case "sum":
            return f"Together that is {shown}: {', '.join(quoted[:-1])} and {quoted[-1]}."
        case "ratio":
            return f"{quoted[0]} is {shown} {quoted[1]} ({by})."
        case "share":
            return f"{quoted[0]} is {shown} of {quoted[1]} ({by})."
        case "remainder":
            return f"After {' and '.join(quoted)}, {shown} is left ({by})."
        case "change":
            return f"From {quoted[0]} to {quoted[1]} is {_changed(operands)} of {shown.replace('-', '')} ({by})."
        case "time":
            return f"Between {quoted[0]} and {quoted[1]} lie {shown}."
    return f"The difference is {shown}: {quoted[0]} against {quoted[1]}."


def _changed(operands: Sequence[Operand]) -> str:
    chinese = any("\u4e00" <= each <= "\u9fff" for each in operands[0].evidence.text)
    grew = _size(operands[1]) > _size(operands[0])
    return ("增长" if grew else "下降") if chinese else ("a rise" if grew else "a fall")


def _size(operand: Operand) -> tuple[int, int, int] | tuple[object]:
    what = operand.what
    return (what.year, what.month, what.day) if isinstance(what, Date) else (what.value,)
