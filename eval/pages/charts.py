"""Figures to pictures: inline SVG, pure functions. Colours are classes of the page's style sheet.

Bars stretch to the width they get and hold no text: the table around them says the same in words. Curves hold their
own axes, and a sentence that says what they show.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from math import ceil, floor, log10

import numpy as np

from eval.measures.intervals import quantiles
from eval.pages.page import both

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 38, 342, 26, 180  # the plot inside
POINTS = 240  # of a curve; more cannot be seen

Point = tuple[float, float]


def share_bar(value: float, low: float, high: float) -> str:
    """Return a bar from 0 to a share, with whiskers over its interval."""
    whisker = f"M{_(100 * low)} 3V11M{_(100 * low)} 7H{_(100 * high)}M{_(100 * high)} 3V11"
    return (
        '<svg class="bar" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="track" d="M0 7H100"/><rect class="fill" y="2" width="{_(100 * value)}" height="10"/>'
        f'<path class="whisker" d="{whisker}"/></svg>'
    )


def difference_bar(value: float, low: float, high: float, reach: float, tone: str) -> str:
    """Return one row of a forest plot from ``-reach`` to ``reach``: the interval, the difference, and no change.

    ``tone`` is a class: ``better``, ``worse`` or ``even``.
    """

    def x(number: float) -> str:
        return _(50 + 48 * max(-1.0, min(1.0, number / reach if reach else 0.0)))

    return (
        '<svg class="forest" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="zero" d="M50 0V20"/><g class="{tone}"><path class="span" d="M{x(low)} 10H{x(high)}"/>'
        f'<path class="cap" d="M{x(low)} 6V14M{x(high)} 6V14"/><path class="dot" d="M{x(value)} 10h0"/></g></svg>'
    )


def reach(values: Iterable[float]) -> float:
    """Return the half width of a forest plot that holds all the values, a round number; 0 for none."""
    most = max(map(abs, values), default=0.0)
    if not most:
        return 0.0
    power = 10.0 ** floor(log10(most))
    return next(base * power for base in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if most <= base * power * (1 + 1e-9))


def risk_coverage(coverage: Sequence[float], risk: Sequence[float], answered: float, area: float) -> str:
    """Return the curve of the share of wrong answers among the most certain ones; it starts at the first question."""
    top = _ceiling(max(risk, default=0.0))
    points = [(_across(c), _up(r, top)) for c, r in _thinned(list(zip(coverage, risk, strict=True)))]
    curve = "M" + "L".join(f"{_(x)} {_(y)}" for x, y in points) if points else ""
    ground = f"{curve}V{BOTTOM}H{_(points[0][0])}Z" if points else ""
    limit = _across(answered)
    anchor = "end" if answered > 0.5 else "start"
    marked = (
        f'<path class="limit" d="M{_(limit)} {TOP}V{BOTTOM}"/>'
        + _words(limit + (-5 if answered > 0.5 else 5), TOP + 9, "其后为拒答", "refused beyond", anchor)
        if 0 < answered < 1
        else ""
    )
    ticks = [(_across(share), f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)]
    heights = [(_up(top * part, top), f"{top * part:.0%}") for part in (0, 0.5, 1)]
    return _chart(
        "risk",
        ("风险—覆盖率曲线", "Risk–coverage curve"),
        (
            f"横轴为覆盖率，纵轴为答错比例；回答了 {answered:.0%} 的题，曲线下面积 {area:.3f}。",
            f"Coverage against the share of wrong answers; {answered:.0%} answered, area under the curve {area:.3f}.",
        ),
        _axes(ticks, heights, ("覆盖率", "coverage"), ("答错比例", "share of wrong answers"))
        + f'<path class="ground" d="{ground}"/><path class="curve" d="{curve}"/>{marked}',
    )


def latency(first: Sequence[float], total: Sequence[float]) -> str:
    """Return how many answers had begun, and how many had ended, after so many seconds (a logarithmic axis)."""
    known = [*first, *total]
    low, high = _decades(min(known, default=0.1), max(known, default=1.0))

    def x(seconds: float) -> float:
        place = (log10(max(seconds, 1e-9)) - log10(low)) / (log10(high) - log10(low))
        return LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, place))

    curves = []
    for name, values in (("first", first), ("total", total)):
        if not values:
            continue
        ordered = sorted(values)
        share = [(x(seconds), _up((i + 1) / len(ordered), 1)) for i, seconds in enumerate(ordered)]
        steps = "".join(f"H{_(right)}V{_(height)}" for right, height in _thinned(share))
        curves.append(f'<path class="{name}" d="M{_(share[0][0])} {BOTTOM}{steps}H{RIGHT}"/>')
        curves += [
            f'<circle class="{name}" cx="{_(x(_quantile(ordered, part)))}" cy="{_(_up(part, 1))}" r="3.5"/>'
            for part in (0.5, 0.9)
        ]
    ticks = [(x(seconds), _seconds(seconds)) for seconds in _ticks(low, high)]
    heights = [(_up(part, 1), f"{part:.0%}") for part in (0, 0.5, 0.9, 1)]
    said = [f"{_quantile(values, part):.2f} s" if values else "–" for values in (first, total) for part in (0.5, 0.9)]
    return _chart(
        "latency",
        ("用时分布", "Distribution of seconds"),
        (
            f"首字：中位 {said[0]}，90% 分位 {said[1]}；全部：中位 {said[2]}，90% 分位 {said[3]}。",
            f"First word: median {said[0]}, 90th percentile {said[1]}; "
            f"whole answer: median {said[2]}, 90th percentile {said[3]}.",
        ),
        _axes(ticks, heights, ("用时（秒）", "seconds"), ("已出的答案", "share of answers")) + "".join(curves),
    )


def _quantile(values: Sequence[float], part: float) -> float:
    return float(quantiles(np.array([values]), part)[0])


def _chart(name: str, title: tuple[str, str], text: tuple[str, str], body: str) -> str:
    """Return a picture with its title and its text in the two languages, for those who do not see it."""
    return (
        f'<figure class="chart"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{name}-title" aria-describedby="{name}-text">'
        f'<title id="{name}-title">{escape(title[0])} · {escape(title[1])}</title>{body}</svg>'
        f'<figcaption id="{name}-text">{both(*text)}</figcaption></figure>\n'
    )


def _axes(
    ticks: Sequence[tuple[float, str]],
    heights: Sequence[tuple[float, str]],
    across: tuple[str, str],
    upward: tuple[str, str],
) -> str:
    grid = "".join(f'<path class="grid" d="M{LEFT} {_(y)}H{RIGHT}"/>' for y, _text in heights)
    left = "".join(f'<text x="{LEFT - 6}" y="{_(y + 4)}" text-anchor="end">{text}</text>' for y, text in heights)
    foot = "".join(f'<text x="{_(x)}" y="{BOTTOM + 16}" text-anchor="middle">{text}</text>' for x, text in ticks)
    return grid + left + foot + _words(RIGHT, HEIGHT - 6, *across, "end") + _words(0, 11, *upward, "start")


def _words(x: float, y: float, zh: str, en: str, anchor: str) -> str:
    return "".join(
        f'<text class="{language}" lang="{code}" x="{_(x)}" y="{_(y)}" text-anchor="{anchor}">{escape(text)}</text>'
        for language, code, text in (("zh", "zh-CN", zh), ("en", "en", en))
    )


def _across(share: float) -> float:
    return LEFT + (RIGHT - LEFT) * share


def _up(value: float, top: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * value / top


def _ceiling(risk: float) -> float:
    return next(each for each in (0.1, 0.2, 0.4, 0.6, 0.8, 1.0) if risk <= each + 1e-9)


def _decades(least: float, most: float) -> tuple[float, float]:
    """Return the axis that holds both, its ends of the form 1, 2 or 5 times a power of ten, no further than a day."""
    marks = [base * 10.0**power for power in range(-4, 5) for base in (1, 2, 5)]
    low = max((mark for mark in marks[:-1] if mark <= least), default=marks[0])
    high = min((mark for mark in marks if mark >= most and mark > low), default=marks[-1])
    return low, high


def _ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten in between; only the powers where there are too many."""
    marks = [(base, base * 10.0**power) for power in range(-4, 5) for base in (1, 2, 5)]
    inside = [(base, mark) for base, mark in marks if low * 0.999 <= mark <= high * 1.001]
    return [mark for base, mark in inside if len(inside) <= 8 or base == 1]


def _seconds(value: float) -> str:
    return f"{value:g}"


def _thinned(points: Sequence[Point]) -> Iterator[Point]:
    """Yield at most about ``POINTS`` of the points, the first and the last among them."""
    step = max(1, ceil(len(points) / POINTS))
    yield from points[: max(len(points) - 1, 0) : step]
    yield from points[-1:]


def _(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
