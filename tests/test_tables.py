"""Figures and changes as rows of text."""

from dataclasses import replace
from pathlib import Path

import pytest

from eval.pages.tables import categories, changes, figures, remarks, shown
from eval.runs.comparing import compare
from tests.runs import make_run, questions


def test_every_figure_has_a_row(tmp_path: Path) -> None:
    header, *rows = figures(make_run(tmp_path / "a", "+++-").summary)
    assert header[:4] == ("METRIC", "VALUE", "95 %", "SCORED")
    told = {row[0]: row[1:5] for row in rows}
    # Wilson's interval of 3 of 4, and of 0 of 4: the upper end is z² / (4 + z²), z = 1.96
    assert told["right"] == ("0.750", "0.301 to 0.954", "4 of 4", "higher")
    assert told["false_refusals"] == ("0.000", "0.000 to 0.490", "4 of 4", "lower")
    assert told["total_p50"] == ("1.00 s", "1.00 s to 1.00 s", "4 of 4", "lower")
    assert told["refused_unanswerable"] == ("-", "", "0 of 4", "higher")
    assert "judge" not in told
    assert "repeatable" not in told


def test_categories_are_told_apart(tmp_path: Path) -> None:
    run = make_run(tmp_path / "a", "++-00", gold=questions(3, unanswerable=2))
    header, *rows = categories(run.summary)
    assert header[:4] == ("CATEGORY", "N", "RIGHT", "REFUSED_UNANSWERABLE")
    assert [row[:5] for row in rows] == [
        ("single-fact", "3", "0.667", "-", "0.000"),
        ("unanswerable", "2", "1.000", "1.000", "-"),
    ]


def test_questions_without_a_category_are_not_told_twice(tmp_path: Path) -> None:
    gold = [replace(each, category="") for each in questions(3)]
    assert len(categories(make_run(tmp_path / "a", "+++", gold=gold).summary)) == 1


def test_changes_are_headlines_and_what_is_more_than_luck(tmp_path: Path) -> None:
    old, new, luckier = (
        make_run(tmp_path / name, row) for name, row in (("a", "+" * 8), ("b", "-" * 8), ("c", "-" * 4 + "+" * 4))
    )
    (pairing,) = compare([old, new]).pairings
    told = {row[0]: row[1:] for row in changes(pairing)}
    assert told["right"] == ("1.000", "0.000", "-1.000 (-1.000 to -1.000)", "0.008", "▼ worse")
    assert told["facts"][-1] == "▼ worse"  # no headline
    assert told["recall@5"] == ("1.000", "1.000", "+0.000 (+0.000 to +0.000)", "1.000", "")
    assert remarks(pairing) == ("", "8 questions compared: 0 became right, 8 wrong.")
    (pairing,) = compare([old, luckier]).pairings  # McNemar: 4 of 4, p = 2 / 2 ** 4
    assert {row[0]: row[4] for row in changes(pairing)}["right"] == "0.125"
    assert "facts" not in {row[0] for row in changes(pairing)}


def test_a_difference_has_the_digits_of_its_unit(tmp_path: Path) -> None:
    old, new = make_run(tmp_path / "a", "+" * 8, seconds=[1] * 8), make_run(tmp_path / "b", "+" * 8, seconds=[1.25] * 8)
    (pairing,) = compare([old, new]).pairings
    told = {row[0]: row[3] for row in changes(pairing)}
    assert told["total_p50"] == "+0.25 s (+0.25 s to +0.25 s)"
    tokens = replace(pairing.changes[0], name="prompt_tokens", before=600, after=612.333, low=1.6, high=25, p=0)
    (row,) = changes(replace(pairing, changes=(tokens,)))
    assert row[1:4] == ("600", "612", "+12 (+2 to +25)")


def test_questions_left_out_are_counted(tmp_path: Path) -> None:
    old, new = make_run(tmp_path / "a", "+++"), make_run(tmp_path / "b", "-+", gold=questions(2))
    (pairing,) = compare([old, new]).pairings
    assert remarks(pairing) == ("Questions left out: 1 only in a.", "2 questions compared: 0 became right, 1 wrong.")


@pytest.mark.parametrize(
    ("name", "value", "text", "difference"),
    [
        ("right", 0.12345, "0.123", "+0.123"),
        ("right", None, "-", "-"),
        ("prompt_tokens", 612.5, "612", "+612"),
        ("prompt_tokens", -0.4, "0", "+0"),
        ("total_p50", 1.005, "1.00 s", "+1.00 s"),
        ("unsupported_figures", -1.275, "-1.27", "-1.27"),
    ],
)
def test_a_value_has_the_digits_of_its_unit(name: str, value: float | None, text: str, difference: str) -> None:
    assert (shown(name, value), shown(name, value, "+")) == (text, difference)
