import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.runs.answers import Answers, read_rows
from rag.errors import SuwenError, UsageError
from rag.records import Json
from tests.small_disk import small_disk

PLACES = [(f"问{number}", system) for number in range(3) for system in ("a", "b")]
ROWS: list[Json] = [{"id": identity, "system": system, "answer": "茶" * 9} for identity, system in PLACES]


def at(path: Path) -> Answers:
    return Answers(path, ("id", "system"))


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    return at(tmp_path / "answers.jsonl")


def test_nothing_is_answered_where_there_is_no_file(answers: Answers) -> None:
    assert answers.resume(set(PLACES)) == set()
    assert not answers.path.exists()


def test_each_row_is_in_the_file_before_the_next_is_asked_for(answers: Answers) -> None:
    def rows() -> Iterator[Json]:
        for number, row in enumerate(ROWS):
            assert list(read_rows(answers.path)) == ROWS[:number]
            yield row

    assert list(answers.add(rows())) == ROWS
    assert answers.resume(set(PLACES)) == set(PLACES)


def test_rows_are_added_behind_those_that_are_there(answers: Answers) -> None:
    for half in (ROWS[:2], ROWS[2:], []):
        assert list(answers.add(half)) == half
    assert list(read_rows(answers.path)) == ROWS
    assert answers.path.read_text(encoding="utf-8").startswith('{"id": "问0", "system": "a", "answer": "茶')


def test_a_row_that_cannot_be_made_leaves_those_before_it(answers: Answers) -> None:
    def rows() -> Iterator[Json]:
        yield from ROWS[:2]
        raise OSError("the network, not the file")

    with pytest.raises(OSError, match="the network, not the file"):
        list(answers.add(rows()))
    assert list(read_rows(answers.path)) == ROWS[:2]


@given(st.data())
def test_wherever_a_kill_cut_the_file_it_is_as_unbroken_afterwards(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    answers = at(tmp_path_factory.getbasetemp() / "cut.jsonl")
    lines = [json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in ROWS]
    whole = b"".join(lines)
    cut = data.draw(st.integers(0, len(whole)))
    answers.path.write_bytes(whole[:cut])
    done = answers.resume(set(PLACES))
    assert len(done) == whole[:cut].count(b"\n")
    assert answers.path.read_bytes() == b"".join(lines[: len(done)])
    list(answers.add(row for row, place in zip(ROWS, PLACES, strict=True) if place not in done))
    assert answers.path.read_bytes() == whole


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": "\xe9\x97\xae0", "system": "c"}',
        b'{"id": "\xe9\x97\xae9", "system": "a"}',
        b'{"id": "\xe9\x97\xae0", "system": "a"}',
        b'{"id": ["\xe9\x97\xae1"], "system": "a"}',
        b'{"id": "\xe9\x97\xae1"}',
        b'"\xe9\x97\xae1"',
        b"[]",
        b"{",
        b"",
        b"\xff",
    ],
    ids=["system", "id", "twice", "a list as id", "no system", "text", "list", "no JSON", "empty", "no UTF-8"],
)
def test_a_file_of_something_else_is_left_as_it_is(answers: Answers, line: bytes) -> None:
    content = json.dumps(ROWS[0]).encode() + b"\n" + line + b'\n{"half'
    answers.path.write_bytes(content)
    with pytest.raises(UsageError) as raised:
        answers.resume(set(PLACES))
    assert str(raised.value) == f"{answers.path}:2: is no answer to what is asked; choose another --out"
    assert answers.path.read_bytes() == content


@given(order=st.permutations(range(len(ROWS))))
def test_lines_are_put_in_order_without_a_change(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    answers = at(tmp_path_factory.getbasetemp() / "order.jsonl")
    answers.path.unlink(missing_ok=True)
    list(answers.add(ROWS[number] for number in order))
    answers.put_in_order(PLACES)
    assert list(read_rows(answers.path)) == ROWS
    assert not answers.path.with_suffix(".ordered").exists()


def test_a_full_disk_is_said_and_what_was_written_stays() -> None:
    with small_disk(4 << 10) as disk:
        (disk / "filler").write_bytes(bytes(3 << 10))  # pages are whole: nothing is left
        answers = at(disk / "answers.jsonl")
        with pytest.raises(SuwenError, match=r"answers\.jsonl: cannot be written \(No space.*\); mend that and run"):
            list(answers.add(ROWS))
        (disk / "filler").unlink()
        done = answers.resume(set(PLACES))
        list(islice(answers.add(ROWS[len(done) :]), 3))
        assert list(read_rows(answers.path)) == ROWS[: len(done) + 3]


def test_a_folder_in_the_way_is_said(answers: Answers) -> None:
    answers.path.mkdir()
    with pytest.raises(SuwenError, match=r"answers\.jsonl: cannot be written \(Is a directory\)"):
        next(answers.add(ROWS))


@pytest.mark.parametrize("line", [b"{", b"[]", b"\xff", b"", b"3"])
def test_a_damaged_line_is_named(answers: Answers, line: bytes) -> None:
    answers.path.write_bytes(json.dumps(ROWS[0]).encode() + b"\n" + line + b"\n")
    with pytest.raises(UsageError) as raised:
        list(read_rows(answers.path))
    assert str(raised.value) == (
        f"{answers.path}:2: damaged, no JSON object; remove the file and ask again with --out {answers.path.parent}"
    )
