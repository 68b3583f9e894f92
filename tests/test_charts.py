import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.pages.charts import (
    BOTTOM,
    LEFT,
    POINTS,
    RIGHT,
    TOP,
    difference_bar,
    latency,
    reach,
    risk_coverage,
    share_bar,
)

SHARES = st.floats(0, 1)
SECONDS = st.lists(st.floats(0, 1e9), max_size=30)
ACROSS, UP = RIGHT - LEFT, BOTTOM - TOP


def path(svg: str, kind: str) -> str:
    found = re.search(rf'<path class="{kind}" d="([^"]*)"', svg)
    assert found
    return found[1]


def points(path: str) -> list[tuple[float, float]]:
    """Return the corners of a path of M, L, H and V."""
    x = y = 0.0
    corners = []
    for letter, rest in re.findall(r"([MLHV])([^MLHVZ]*)", path):
        numbers = [float(each) for each in rest.split()]
        x = numbers[0] if letter in "MLH" else x
        y = numbers[-1] if letter in "MLV" else y
        corners.append((x, y))
    return corners


def test_a_share_is_a_bar_with_whiskers() -> None:
    bar = share_bar(0.5, 0.25, 0.755)
    assert '<rect class="fill" y="2" width="50" height="10"/>' in bar
    assert path(bar, "whisker") == "M25 3V11M25 7H75.5M75.5 3V11"


@pytest.mark.parametrize(("value", "width"), [(0.0, "0"), (1.0, "100"), (1 / 3, "33.33")])
def test_shares_at_the_ends(value: float, width: str) -> None:
    assert f'width="{width}"' in share_bar(value, value, value)


def test_a_difference_is_a_row_of_a_forest_plot() -> None:
    bar = difference_bar(0.1, -0.05, 0.2, 0.5, "better")
    assert '<g class="better">' in bar
    assert path(bar, "zero") == "M50 0V20"
    assert path(bar, "span") == "M45.2 10H69.2"  # 50 + 48 * -.05 / .5, 50 + 48 * .2 / .5
    assert path(bar, "cap") == "M45.2 6V14M69.2 6V14"
    assert path(bar, "dot") == "M59.6 10h0"


def test_a_difference_beyond_the_scale_ends_at_its_edge() -> None:
    assert path(difference_bar(3, -9, 9, 1, "even"), "span") == "M2 10H98"
    assert path(difference_bar(3, -9, 9, 1, "even"), "dot") == "M98 10h0"


def test_no_difference_is_in_the_middle_of_any_scale() -> None:
    for scale in (0.0, 1.0):
        assert path(difference_bar(0, 0, 0, scale, "even"), "span") == "M50 10H50"


@pytest.mark.parametrize(
    ("values", "scale"), [([], 0), ([0.0], 0), ([-0.407, 0.1], 0.5), ([0.1], 0.1), ([10.3, -8], 15), ([217], 300)]
)
def test_scales_are_round(values: list[float], scale: float) -> None:
    assert reach(values) == pytest.approx(scale)


@given(st.lists(st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 1e-6), min_size=1))
def test_a_scale_holds_every_value_and_little_more(values: list[float]) -> None:
    most = max(map(abs, values))
    assert most * (1 - 1e-6) <= reach(values) <= 1.5 * most


def test_risk_over_coverage() -> None:
    chart = risk_coverage([0.25, 0.5, 1.0], [0.0, 0.5, 0.25], 0.5, 0.2)
    xs = [LEFT + 0.25 * ACROSS, LEFT + 0.5 * ACROSS, RIGHT]
    ys = [BOTTOM, BOTTOM - UP * 0.5 / 0.6, BOTTOM - UP * 0.25 / 0.6]  # the axis ends at 60 %
    curve, ground = (list(zip(*points(path(chart, name)), strict=True)) for name in ("curve", "ground"))
    assert [pytest.approx(xs, abs=0.01), pytest.approx(ys, abs=0.01)] == [list(each) for each in curve]
    assert list(ground[0]) == pytest.approx([*xs, xs[-1], xs[0]], abs=0.01)
    assert list(ground[1]) == pytest.approx([*ys, BOTTOM, BOTTOM], abs=0.01)
    assert points(path(chart, "limit")) == [(LEFT + ACROSS / 2, TOP), (LEFT + ACROSS / 2, BOTTOM)]
    assert "60%</text>" in chart
    assert "50% answered, area under the curve 0.200" in chart


@pytest.mark.parametrize("answered", [0.0, 1.0])
def test_where_nothing_or_everything_is_refused_no_limit_is_drawn(answered: float) -> None:
    assert 'class="limit"' not in risk_coverage([1.0], [0.0], answered, 0.0)


def test_a_curve_of_one_question_and_of_none() -> None:
    one = risk_coverage([1.0], [1.0], 1.0, 1.0)
    assert points(path(one, "curve")) == [(RIGHT, TOP)]
    none = risk_coverage([], [], 0.0, 0.0)
    assert path(none, "curve") == path(none, "ground") == ""


def test_seconds_rise_by_a_step_for_each_answer() -> None:
    chart = latency([1.0, 10.0], [10.0])
    assert points(path(chart, "first")) == [
        (LEFT, BOTTOM), (LEFT, BOTTOM), (LEFT, BOTTOM - UP / 2), (RIGHT, BOTTOM - UP / 2), (RIGHT, TOP), (RIGHT, TOP),
    ]  # fmt: skip
    assert points(path(chart, "total")) == [(RIGHT, BOTTOM), (RIGHT, BOTTOM), (RIGHT, TOP), (RIGHT, TOP)]
    assert "First word: median 5.50 s, 90th percentile 9.10 s; whole answer: median 10.00 s" in chart
    assert re.findall(r">(\d+)</text>", chart) == ["1", "2", "5", "10"]


def test_the_axis_of_seconds_is_logarithmic() -> None:
    middle = points(path(latency([1.0, 10**0.5, 10.0], []), "first"))[3]
    assert middle == pytest.approx((LEFT + ACROSS / 2, BOTTOM - UP / 3), abs=0.01)


def test_seconds_of_no_answer() -> None:
    chart = latency([], [])
    assert '<path class="first"' not in chart
    assert "<circle" not in chart
    assert "whole answer: median –, 90th percentile –" in chart


@given(SECONDS, SECONDS)
def test_seconds_stay_within_the_plot(first: list[float], total: list[float]) -> None:
    chart = latency(first, total)
    for name, values in (("first", first), ("total", total)):
        if values:
            corners = points(path(chart, name))
            assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in corners)
            assert corners == sorted(corners, key=lambda corner: (corner[0], -corner[1]))
            assert corners[-1] == (RIGHT, TOP)


@given(st.lists(SHARES, max_size=30), SHARES, SHARES)
def test_risks_stay_within_the_plot(risk: list[float], answered: float, area: float) -> None:
    coverage = [(i + 1) / len(risk) for i in range(len(risk))]
    for x, y in points(path(risk_coverage(coverage, risk, answered, area), "curve")):
        assert LEFT <= x <= RIGHT
        assert TOP <= y <= BOTTOM


@given(st.integers(1, 5000))
def test_a_long_curve_is_thinned_and_keeps_its_ends(count: int) -> None:
    coverage = [(i + 1) / count for i in range(count)]
    corners = points(path(risk_coverage(coverage, [1.0] * count, 1.0, 1.0), "curve"))
    assert len(corners) <= POINTS + 1
    assert corners[0][0] == pytest.approx(LEFT + ACROSS / count, abs=0.01)
    assert corners[-1] == (RIGHT, TOP)


def test_charts_say_in_both_languages_what_they_show() -> None:
    for chart in (latency([1.0], [2.0]), risk_coverage([1.0], [0.0], 1.0, 0.0)):
        named = re.search(r'aria-labelledby="([\w-]+)" aria-describedby="([\w-]+)"', chart)
        assert named
        assert all(f'id="{each}"' in chart for each in named.groups())
        assert chart.count('lang="zh-CN"') == chart.count('lang="en"') > 0
