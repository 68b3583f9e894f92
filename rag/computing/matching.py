"""Which words of a question a sentence has: pairs of characters, stems, dates, and events by one of their names."""

import re
from functools import lru_cache
from typing import TypeAlias

from rag.computing.amounts import Date, dates
from rag.language import FUNCTION_WORDS
from rag.terms import singular, tokens

Words: TypeAlias = frozenset[str]

_FILLER = re.compile(
    "文[中章]|先后|给了?|提到|数[字据]|它们|两[个者家]|大约|大概|其[他它余]|厂商|一共|总共|还?剩下?|余下|按照?|算|请问|根据|都|分别|同样|各自|目前|现在|[去今前当]年|同期|[还占]"
    "|[的了是在和与跟及这那有]"
)
_LITTLE = FUNCTION_WORDS | frozenset(
    (
        "than more less together combined total it they total this that did there each per other others else left "
        "remain get got go went make made take took give gave come came its his her them two three both one ones "
        "share percentage proportion part their"
    ).split()
)
_ALIKE = tuple(  # events and attributes that a question and an article often call differently
    (f"#{number}", re.compile(pattern, re.IGNORECASE))
    for number, pattern in enumerate(
        (
            r"创[立办建始]|成立|设立|新设|组建|\b(?:found(?:ed|ing)|establish(?:ed|ment)|foundation)\b",
            r"通车|开通|启用|投入使用|通航|投入运营|正式运营|\bopen(?:ed|ing|s)?\b",
            r"开工|动工|开建|开始建设|开始施工|\bbegan|begun|begins?\b|\bstart(?:ed|s)?\b",
            r"竣工|完工|建成|落成|\b(?:complet(?:ed|ion|e)|finish(?:ed)?|built)\b",
            r"出生|诞生|生于|\b(?:born|birth)\b",
            r"去世|逝世|病逝|离世|死于|\b(?:died|death|die)\b",
            r"上市|挂牌",
            r"[担出接]任|上任|就任|接[手管]|到任|\b(?:appointed|took office|took over)\b",
            r"发布|推出|面世|上线|问世|\b(?:launch(?:ed)?|releas(?:ed|e)|introduced)\b",
            r"员工|职工|雇员|\b(?:employees|staff|workers|workforce)\b",
            r"人口|居民|\b(?:inhabitants|residents|population|people (?:live|living))\b",
            r"营业收入|营收",
            r"高度|高(?=[约近达为超]?[0-9])|海拔|\b(?:tall|height|high)\b",
            r"长度|全长|长(?=[约近达为超]?[0-9])|里程|\b(?:length|long)\b",
            r"宽度|宽(?=[约近达为超]?[0-9])|\b(?:width|wide)\b",
            r"深度|深(?=[约近达为超]?[0-9])|\b(?:depth|deep)\b",
            r"票价|售价|价格|定价|\b(?:prices?|costs?)\b",
        )
    )
)
_LETTERED = re.compile("(?<![A-Za-z])[A-Za-z][\u4e00-\u9fff]")  # A型


@lru_cache(4096)
def words(text: str) -> Words:
    """Return what of a text is looked for in another, with ``@`` before a date and ``#`` before what has many names."""
    told, text = dates(text), _undated(text)
    alike = {name for name, pattern in _ALIKE if pattern.search(text)}
    for _, pattern in _ALIKE:
        text = pattern.sub(" ", text)
    plain = {_stem(each) for each in tokens(_FILLER.sub(" ", text)) if each not in _LITTLE} - _LITTLE
    lettered = {each.lower() for each in _LETTERED.findall(text)}
    kept = {each for each in plain if len(each) > 1 or each.isdigit()}
    return frozenset(kept | lettered | alike | {_tag(each) for each in told})


@lru_cache(4096)
def words_held(text: str) -> Words:
    """Return the words of a text that may be looked for in it: each date also by its month and its year alone."""
    found = words(text)
    return found | {"-".join(each.split("-")[:n]) for each in found if each[0] == "@" for n in (1, 2)}


def names(text: str) -> Words:
    """Return the words of a text that name: those in capitals, numbers and dates."""
    named = re.findall(r"\b[A-Z][\w'’-]*|\b[0-9][\w.-]*", _undated(text))
    return words(" ".join(named)) | {_tag(each) for each in dates(text)}


def in_time(all_words: Words) -> Words:
    """Return the dates among some words."""
    return frozenset(each for each in all_words if each[0] == "@")


def events(all_words: Words) -> Words:
    """Return what among some words has many names."""
    return frozenset(each for each in all_words if each[0] == "#")


def _undated(text: str) -> str:
    for each in reversed(dates(text)):
        text = f"{text[: each.start]} {text[each.end :]}"
    return text


def _tag(date: Date) -> str:
    return "@" + "-".join(str(each) for each in (date.year, date.month, date.day) if each)


def _stem(word: str) -> str:
    if not word.isascii() or not word.isalpha():
        return word
    return re.sub("(?<=[a-z]{4})(?:ing|ed|e)$", "", singular(word))
