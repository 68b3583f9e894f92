"""One spelling for texts that say the same: width, case, script, punctuation, and numbers by value."""

import re

from rag.figures import quantities
from rag.lexical import normalise as fold

LATIN = "a-zà-öø-ÿ"
NUMERAL = "〇零一二两三四五六七八九十百千万亿"
_WIDE_COMMA = re.compile("(?<=[０-９])，(?=[０-９])")  # folding takes any other for the end of a number
_MARKER = re.compile(r"\[[0-9]{1,3}\]")
_GAP = re.compile(r"(?:[^\w%]|_)+")


def normalise(text: str) -> str:
    """Fold width, case, script (to Simplified), ``[n]`` markers, spaces, punctuation and how numbers are written.

    Numbers become digits: 三百五十 is ``350``, 4,238亿 ``423800000000``, 百分之27 ``27%``. What qualifies them stays:
    近10% is not 10%. One space stays between two Latin words and between two separate numbers, so that neither
    runs into the next: ``often`` holds no ``ten``, and ``3、4`` is not 34.
    """
    folded = _MARKER.sub(";", fold(_WIDE_COMMA.sub(",", text)).casefold())
    return _GAP.sub(_close, _in_digits(folded))


def _in_digits(text: str) -> str:
    written = ""
    end = 0
    for quantity in quantities(text):
        written += text[end : quantity.start]
        apart = ";" if written[-1:].isdigit() or written[-1:] == "%" else ""
        more = "多" if re.search("[多余]", text[quantity.start : quantity.end]) else ""  # 三百多万 is 3000000多
        written += f"{apart}{quantity}{more}"
        end = quantity.end
        if text[end : end + 1].isdigit():
            written += ";"
    return written + text[end:]


def _close(gap: re.Match[str]) -> str:
    around = gap.string[gap.start() - 1 : gap.start()] + gap.string[gap.end() : gap.end() + 1]
    if re.fullmatch("[0-9%][0-9]", around):
        return "." if gap[0] == "." else " "
    if re.fullmatch(f"[{LATIN}]{{2}}", around):
        return " "
    # "一、二" lists two numbers
    return " " if re.fullmatch(f"[0-9{NUMERAL}%]{{2}}", around) and not gap[0].isspace() else ""
