import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.measures.metrics import METRICS, Kind
from eval.pages.wording import BETTER, KINDS, NAMES, change, interval, written

UNITS = ("", "s", "tokens", "figures")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_metric_has_a_name_in_both_languages() -> None:
    assert NAMES.keys() == METRICS.keys()
    assert KINDS.keys() == set(get_args(Kind))
    assert BETTER.keys() == {metric.better for metric in METRICS.values()}
    for names in (NAMES, KINDS, BETTER):
        assert not [english for _, english in names.values() if CHINESE.search(english) or not english]
        for language in (0, 1):
            assert len({each[language] for each in names.values()}) == len(names), "two are called the same"


def test_units_are_those_of_the_metrics() -> None:
    assert {metric.unit for metric in METRICS.values()} == set(UNITS)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "", "–"),
        (None, "s", "–"),
        (0.0, "", "0.0%"),
        (0.8766, "", "87.7%"),
        (1.0, "", "100.0%"),
        (12.345, "s", "12.35 s"),
        (0.1, "s", "0.10 s"),
        (0.0994, "s", "99 ms"),
        (0.0, "s", "0 ms"),
        (1234567.4, "tokens", "1,234,567"),
        (0.25, "figures", "0.25"),
    ],
)
def test_a_figure_as_it_is_written(value: float | None, unit: str, expected: str) -> None:
    assert written(value, unit) == expected


@pytest.mark.parametrize(
    ("low", "high", "unit", "expected"),
    [
        (None, None, "", ""),
        (0.1, None, "s", ""),
        (0.0, 0.125, "", "0.0–12.5"),
        (0.05, 1.5, "s", "50 ms – 1.50 s"),
        (600.0, 1200.0, "tokens", "600–1,200"),
        (0.0, 0.5, "figures", "0.00–0.50"),
    ],
)
def test_an_interval_as_it_is_written(low: float | None, high: float | None, unit: str, expected: str) -> None:
    assert interval(low, high, unit) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "", "–"),
        (0.0213, "", "+2.1"),
        (-0.0213, "", "−2.1"),
        (0.0004, "", "0.0"),
        (-0.0004, "", "0.0"),
        (-1.5, "s", "−1.50 s"),
        (0.004, "s", "0.00 s"),
        (-1234.5, "tokens", "−1,234"),
        (0.4, "tokens", "0"),
        (0.25, "figures", "+0.25"),
    ],
)
def test_a_change_as_it_is_written(value: float | None, unit: str, expected: str) -> None:
    assert change(value, unit) == expected


@given(st.floats(-1e6, 1e6), st.sampled_from(UNITS))
def test_a_change_and_its_opposite_differ_in_the_sign_alone(value: float, unit: str) -> None:
    one, other = change(value, unit), change(-value, unit)
    assert one.lstrip("+−") == other.lstrip("+−")
    assert {one[0], other[0]} == {"+", "−"} or (one == other and not re.search("[1-9]", one))
