"""Differences of two runs as tables with a forest plot: every metric, or right answers by category."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby

from eval.measures.metrics import METRICS
from eval.pages.charts import difference_bar, reach
from eval.pages.page import both
from eval.pages.wording import KINDS, NAMES, change, written
from eval.runs.comparing import Change

_VERDICTS = {"better": ("变好", "better"), "worse": ("变差", "worse"), "even": ("差异不显著", "unclear")}
_SAME = ("相同", "same")
_HEADS = [
    ("", ("之前", "Before")),
    ("", ("之后", "After")),
    ("", ("差", "Difference")),
    (' class="picture" colspan="2"', ("差的 95% 区间", "95 % interval of the difference")),
    ("", ("p", "p")),
    ("", ("n", "n")),
    ("", ("判断", "Verdict")),
]
Scales = Mapping[str, float]  # how far the plot reaches to either side, by unit


def by_kind(changes: Sequence[Change]) -> str:
    """Return a table of all metrics, grouped as the report does; each unit has one scale."""
    scales = _scales(changes)
    groups = []
    for kind, group in groupby(changes, key=lambda change: METRICS[change.name].kind):
        rows = list(group)
        units = dict.fromkeys(METRICS[each.name].unit for each in rows)
        ends = " · ".join(filter(None, (_end(scales[unit], unit) for unit in units)))
        groups.append(
            f'<tbody><tr class="group"><th colspan="4" scope="rowgroup">{both(*KINDS[kind])}</th>'
            f'<td class="picture scale">{ends}</td><td colspan="4"></td></tr>'
            f"{''.join(_row(each, _name(each), scales) for each in rows)}</tbody>"
        )
    return _table(("指标", "Metric"), "".join(groups))


def by_category(changes: Sequence[Change], whole: Change) -> str:
    """Return a table of one metric, a row for each category and one for all questions."""
    rows = [*changes, whole]
    scales = _scales(rows)
    ends = "".join(_end(scales[unit], unit) for unit in scales)
    scale = f'<tr class="group"><td colspan="4"></td><td class="picture scale">{ends}</td><td colspan="4"></td></tr>'
    body = "".join(_row(each, escape(each.category), scales) for each in changes)
    last = _row(whole, both("全部", "All"), scales, " all")
    return _table(("类别", "Category"), f"<tbody>{scale}{body}{last}</tbody>")


def _luck(p: float) -> str:
    """Return a p value as the table shows it."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _scales(changes: Iterable[Change]) -> Scales:
    ends: dict[str, list[float]] = {}
    for each in changes:
        ends.setdefault(METRICS[each.name].unit, []).extend((each.low, each.high, each.difference))
    return {unit: reach(values) for unit, values in ends.items()}


def _end(scale: float, unit: str) -> str:
    """Return what the plot's ends stand for; empty where nothing differs."""
    if not scale:
        return ""
    size = f"{100 * scale if unit == '' else scale:g}"
    zh, en = {"": (" 个百分点", " points"), "s": (" 秒", " s")}.get(unit, ("", ""))
    return f'<span class="nowrap">±{size}{both(zh, en)}</span>'


def _table(first: tuple[str, str], body: str) -> str:
    columns = [f'<th scope="col"{more}>{both(*words)}</th>' for more, words in _HEADS]
    head = f'<tr><th scope="col">{both(*first)}</th>{"".join(columns)}</tr>'
    return f'<table class="changes"><thead>{head}</thead>{body}</table>\n'


def _name(change: Change) -> str:
    return both(*NAMES[change.name]) + (" <small>↓</small>" if METRICS[change.name].better == "lower" else "")


def _row(each: Change, name: str, scales: Scales, more: str = "") -> str:
    unit, tone = METRICS[each.name].unit, each.verdict
    same = not (each.low or each.high or each.difference)
    interval = "" if same else f"{change(each.low, unit)} … {change(each.high, unit)}"
    cells = [
        ("before", written(each.before, unit)),
        ("after", written(each.after, unit)),
        ("difference", change(each.difference, unit)),
        ("picture", difference_bar(each.difference, each.low, each.high, scales[unit], tone)),
        ("soft interval", interval),
        ("soft p", _luck(each.p)),
        ("soft n", str(each.n)),
        ("said", both(*_SAME if same else _VERDICTS[tone])),
    ]
    row = "".join(f'<td class="{kind}">{text}</td>' for kind, text in cells)
    return f'<tr class="{tone}{more}"><th scope="row">{name}</th>{row}</tr>\n'
