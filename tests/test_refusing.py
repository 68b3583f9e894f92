import math
from itertools import permutations
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.refusing import area, curve

Row: TypeAlias = tuple[float, float, bool]  # confidence, right, refused

ROWS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.25, 0.5, 0.9, math.inf, -math.inf]) | st.floats(0, 1),
        st.sampled_from([0.0, 0.5, 1.0]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


def columns(rows: list[Row]) -> tuple[list[float], list[float], list[bool]]:
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def area_in_order(rows: list[Row]) -> float:
    """The area of questions in this very order, by the definition."""
    wrong = [1.0 if refused else 1 - right for _, right, refused in rows]
    return sum(sum(wrong[:k]) / k for k in range(1, len(rows) + 1)) / len(rows)


def by_confidence(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row[2], -row[0]))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([(0.9, 1, False), (0.5, 0, False)], (0 + 1 / 2) / 2, id="right first"),
        pytest.param([(0.5, 1, False), (0.9, 0, False)], (1 + 1 / 2) / 2, id="wrong first"),
        pytest.param([(0.5, 1, False), (0.5, 0, False)], (1 / 2 + 1 / 2) / 2, id="a tie is half wrong from the start"),
        pytest.param([(0.9, 1, True), (0.1, 1, False)], (0 + 1 / 2) / 2, id="refused comes last, and is wrong"),
        pytest.param([(0.9, 0, True), (0.1, 1, False), (0.2, 0, False)], (1 + 1 / 2 + 2 / 3) / 3, id="three"),
        pytest.param([(0.9, 0.5, False), (0.8, 1, False)], (1 / 2 + 1 / 4) / 2, id="right in half of the repeats"),
        pytest.param([(math.nan, 1, False), (0.1, 0, False)], (1 + 1 / 2) / 2, id="without confidence: least certain"),
        pytest.param([(math.nan, 1, False), (0.1, 0, True)], (0 + 1 / 2) / 2, id="but before the refused"),
        pytest.param([(0.3, 1, False)] * 4, 0.0, id="all right"),
        pytest.param([(0.3, 1, True)] * 4, 1.0, id="all refused"),
    ],
)
def test_area_by_hand(rows: list[Row], expected: float) -> None:
    assert area(*columns(rows)) == pytest.approx([expected])
    assert curve(*columns(rows)).area == pytest.approx(expected)


def test_curve_by_hand() -> None:
    drawn = curve([0.9, 0.8, 0.8, 0.99], [1, 1, 0, 1], [False, False, False, True])
    assert drawn.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert drawn.risk == pytest.approx([0, 0.5 / 2, 1 / 3, 2 / 4])
    assert drawn.answered == 0.75


def test_without_questions_there_is_no_area() -> None:
    assert np.isnan(area([], [], [])).all()
    assert math.isnan(curve([], [], []).area)


@given(ROWS.filter(lambda rows: len(rows) <= 5))
def test_ties_are_the_mean_over_every_order(rows: list[Row]) -> None:
    orders = [order for order in permutations(rows) if by_confidence(list(order)) == list(order)]
    expected = sum(area_in_order(list(order)) for order in orders) / len(orders)
    assert area(*columns(rows)) == pytest.approx([expected])


@given(ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_questions_does_not_matter(orders: tuple[list[Row], list[Row]]) -> None:
    rows, shuffled = orders
    assert area(*columns(shuffled)) == pytest.approx(area(*columns(rows)))


@given(ROWS)
def test_area_lies_between_the_best_order_and_the_worst(rows: list[Row]) -> None:
    (found,) = area(*columns(rows))
    answered = sorted((row for row in rows if not row[2]), key=lambda row: -row[1])
    refused = [row for row in rows if row[2]]
    assert 0 <= found <= 1 + 1e-12
    assert area_in_order(answered + refused) - 1e-12 <= found <= area_in_order(answered[::-1] + refused) + 1e-12


@given(ROWS)
def test_the_curve_ends_at_the_share_of_wrong_ones(rows: list[Row]) -> None:
    drawn = curve(*columns(rows))
    wrong = [1.0 if refused else 1 - right for _, right, refused in rows]
    assert drawn.risk[-1] == pytest.approx(sum(wrong) / len(rows))
    assert drawn.area == pytest.approx(area(*columns(rows))[0])
    assert drawn.answered == pytest.approx(sum(not row[2] for row in rows) / len(rows))


@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(st.lists(ROWS.map(lambda rows: rows[0]), min_size=n, max_size=n), min_size=1, max_size=5)
    )
)
def test_rows_of_a_batch_do_not_touch(batch: list[list[Row]]) -> None:
    confidence, right, refused = (list(each) for each in zip(*map(columns, batch), strict=True))
    assert area(confidence, right, refused) == pytest.approx([area(*columns(rows))[0] for rows in batch])


def test_arrays_are_broadcast_and_blocks_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.refusing._BLOCK", 4)
    right = np.random.default_rng(0).integers(0, 2, (7, 2))
    expected = [area([0.9, 0.5], row, False)[0] for row in right]
    assert area([0.9, 0.5], right, False).tolist() == expected
