"""A run's values by question: kept in a file as they are, and picked by row."""

import json
import math
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eval.gold import Gold
from eval.measures.metrics import COLUMNS
from eval.measures.scores import Scores
from eval.measures.scoring import Values
from tests.runs import make_run

Row: TypeAlias = tuple[Gold, Values]

TEXT = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ["q\u2028b", "q\u2029b", "a\x85b", "a\nb", "a\r\nb", "a\0", "𠮷", "e\u0301", "\0", ' "\\']
)
NUMBER = st.none() | st.floats(allow_nan=False)
ROW = st.builds(
    lambda identity, category, answerable, values: (Gold(identity, "?", answerable, category), values),
    TEXT, TEXT, st.booleans(), st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, NUMBER)),
)  # fmt: skip
ROWS = st.lists(ROW, max_size=8)


def row(identity: str, category: str = "", answerable: bool = True, **values: float | None) -> Row:
    return Gold(identity, "?", answerable, category), values


def same(one: Scores, other: Scores) -> bool:
    return (
        (one.ids, one.categories) == (other.ids, other.categories)
        and np.array_equal(one.answerable, other.answerable)
        and list(one.columns) == list(other.columns) == list(COLUMNS)
        and all(np.array_equal(one.columns[name], other.columns[name], equal_nan=True) for name in COLUMNS)
    )


@given(ROWS)
def test_rows_become_columns(rows: list[Row]) -> None:
    scores = Scores.from_rows(rows)
    assert scores.ids == tuple(gold.id for gold, _ in rows)
    assert scores.categories == tuple(gold.category for gold, _ in rows)
    assert scores.answerable.tolist() == [gold.answerable for gold, _ in rows]
    assert {column.shape for column in scores.columns.values()} == {(len(rows),)}
    for place, (_, values) in enumerate(rows):
        assert scores.values(place) == dict.fromkeys(COLUMNS) | dict(values)


@given(rows=ROWS)
def test_what_is_written_is_read(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("run") / "scores.jsonl"
    scores = Scores.from_rows(rows)
    scores.write(path)
    assert same(Scores.read(path), scores)
    written = path.read_bytes()
    Scores.read(path).write(path)
    assert path.read_bytes() == written
    assert written.count(b"\n") == len(rows)


def test_a_line_by_hand(tmp_path: Path) -> None:
    Scores.from_rows([row("问\u20281", "single-fact", right=1.0, facts=0.5)]).write(tmp_path / "scores.jsonl")
    (line,) = (tmp_path / "scores.jsonl").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    assert line.startswith(
        '{"id": "问\u20281", "category": "single-fact", "answerable": true, "scores": {"right": 1.0, '
    )
    assert json.loads(line)["scores"] == dict.fromkeys(COLUMNS) | {"right": 1.0, "facts": 0.5}


def test_the_columns_of_other_versions(tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    body = {"id": "q1", "category": "", "answerable": True, "scores": {"right": 1.0, "given_up": 0.25}}
    path.write_text(json.dumps(body) + "\n", encoding="utf-8")
    read = Scores.read(path)
    assert tuple(read.columns) == COLUMNS  # what an earlier version measured is left out,
    assert read.values(0) == dict.fromkeys(COLUMNS) | {"right": 1.0}  # what only a later one does is empty


def test_a_file_that_is_cut_off_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    Scores.from_rows([row("q1"), row("q2")]).write(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match="line 1 column"):
        Scores.read(path)


@given(st.lists(ROW, min_size=1, max_size=8).flatmap(
    lambda rows: st.tuples(st.just(rows), arrays(np.intp, st.integers(0, 9), elements=st.integers(0, len(rows) - 1)))
))  # fmt: skip
def test_rows_are_taken_in_the_order_asked_for(chosen: tuple[list[Row], np.ndarray]) -> None:
    rows, places = chosen
    assert same(Scores.from_rows(rows).take(places), Scores.from_rows([rows[place] for place in places]))


@given(ROWS, ROWS)
def test_one_run_beside_another(rows: list[Row], others: list[Row]) -> None:
    one, other = Scores.from_rows(rows), Scores.from_rows(others)
    both = one.beside(other)
    assert same(both, Scores.from_rows([*rows, *others]))
    assert same(both.take(np.arange(len(rows))), one)
    assert same(both.take(np.arange(len(others)) + len(rows)), other)


@given(ROWS)
def test_each_row_is_of_its_category_alone(rows: list[Row]) -> None:
    scores = Scores.from_rows(rows)
    for category in [*scores.categories, "no such category"]:
        found = scores.rows_of(category).tolist()
        assert found == [place for place, (gold, _) in enumerate(rows) if gold.category == category]


def test_rows_of_a_category_by_hand() -> None:
    scores = Scores.from_rows([row("1", "why"), row("2", "who"), row("3", "why"), row("4", "WHY"), row("5", "why\0")])
    assert scores.rows_of("why").tolist() == [0, 2]
    assert scores.rows_of("why\0").tolist() == [4]
    assert scores.rows_of("wh").tolist() == []


def test_refused_in_at_least_half_of_the_repeats() -> None:
    shares: list[tuple[float | None, bool]] = [
        (0.0, False), (1 / 3, False), (0.5, True), (2 / 3, True), (1.0, True), (None, False),
    ]  # fmt: skip
    for column in ("false_refusals", "refused_unanswerable"):
        scores = Scores.from_rows([(Gold("q", "?", True), {column: share}) for share, _ in shares])
        assert scores.refused.tolist() == [refused for _, refused in shares]


def test_refused_rightly_or_not() -> None:
    scores = Scores.from_rows([
        row("1", right=1.0, refused_unanswerable=1.0, answerable=False),
        row("2", right=0.0, false_refusals=1.0),
        row("3", right=0.0, false_refusals=0.0),
        row("4", right=0.0, refused_unanswerable=0.0, answerable=False),
    ])  # fmt: skip
    assert scores.refused.tolist() == [True, True, False, False]
    assert scores.refused.dtype == np.bool_


def test_no_question_at_all(tmp_path: Path) -> None:
    empty = Scores.from_rows([])
    assert empty.refused.tolist() == []
    assert empty.answerable.dtype == np.bool_
    assert all(math.prod(column.shape) == 0 and column.dtype == np.float64 for column in empty.columns.values())


def test_a_question_with_an_error_is_not_repeatable(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", "++!", "+!!", "+!!")
    assert run.scores.columns["repeatable"].tolist() == [1, 0, 0]
