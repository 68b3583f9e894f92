import pytest

from eval.metrics import METRICS
from eval.wording import BETTER, KINDS, NAMES, change, interval, written


def test_every_metric_has_a_name_and_every_name_a_metric() -> None:
    assert set(NAMES) == set(METRICS)
    assert list(KINDS) == list(dict.fromkeys(metric.kind for metric in METRICS.values()))
    assert set(BETTER) == {metric.better for metric in METRICS.values()}


def test_no_two_metrics_have_the_same_name() -> None:
    for language in (0, 1):
        assert len({names[language] for names in NAMES.values()}) == len(NAMES)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "", "–"), (0.5, "", "50.0%"), (1.0, "", "100.0%"), (0.0996, "s", "100 ms"), (0.1, "s", "0.10 s"),
        (12.345, "s", "12.35 s"), (1234.5, "tokens", "1,234"), (0.125, "figures", "0.12"),
    ],
)  # fmt: skip
def test_figures(value: float | None, unit: str, text: str) -> None:
    assert written(value, unit) == text


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (None, None, "", ""), (0.1, 0.2, "", "10.0–20.0"), (0.5, 2.0, "s", "0.50 s – 2.00 s"),
        (1000, 2000, "tokens", "1,000–2,000"),
    ],
)  # fmt: skip
def test_intervals(low: float | None, high: float | None, unit: str, text: str) -> None:
    assert interval(low, high, unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "", "–"), (0.031, "", "+3.1"), (-0.031, "", "−3.1"), (0.0, "", "0.0"), (-0.0001, "", "0.0"),
        (-1.5, "s", "−1.50 s"), (0.004, "s", "0.00 s"), (1234.0, "tokens", "+1,234"), (-0.25, "figures", "−0.25"),
    ],
)  # fmt: skip
def test_differences(value: float | None, unit: str, text: str) -> None:
    assert change(value, unit) == text
