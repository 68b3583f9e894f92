import pytest

from eval.bench.timing import Spread, alternate, ratios


def test_a_spread_is_median_least_and_greatest() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert Spread.of([0.0123, 0.0119, 0.013]).text(" ms", 1000) == "12.3 ms (11.9 to 13)"
    assert Spread.of([1234.0]).text() == "1,234 (1,234 to 1,234)"


def test_ratios_are_of_pairs() -> None:
    assert ratios([1.0, 4.0, 9.0], [2.0, 4.0, 3.0]) == Spread(1.0, 0.5, 3.0)


def test_both_are_done_in_turn_and_the_first_round_does_not_count() -> None:
    done: list[str] = []
    ours, other = alternate(lambda: done.append("a"), lambda: done.append("b"), 3)
    assert (len(ours), len(other)) == (3, 3)
    assert done == ["b", "a", "a", "b", "b", "a", "a", "b"]


def test_no_values_have_no_spread() -> None:
    with pytest.raises(ValueError, match="no median"):
        Spread.of([])
