import sys
from array import array
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.columns import Numbered, Texts, TextsSoFar, as_column, extend, mapped, scattered, write

TEXTS = st.lists(st.text(max_size=8), max_size=12)


def texts_of(texts: list[str]) -> Texts:
    so_far = TextsSoFar()
    for text in texts:
        so_far.add(text)
    return so_far.done()


@given(TEXTS)
def test_texts_are_read_as_they_were_put(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("texts")
    texts_of(texts).save(folder, "a")
    loaded = Texts.load(folder, "a")
    assert (list(loaded), len(loaded)) == (texts, len(texts))
    assert [loaded[place] for place in range(len(texts))] == texts


def test_texts_on_disk_are_utf_8_and_where_each_starts(tmp_path: Path) -> None:
    texts_of(["茶", "", "ab"]).save(tmp_path, "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npy", "a_starts.npy"]
    assert (tmp_path / "a.npy").read_bytes().endswith("茶ab".encode())
    assert np.load(tmp_path / "a_starts.npy").tolist() == [0, 3, 3, 5]


@given(TEXTS, TEXTS, st.data())
def test_neighbouring_texts_are_taken_over(before: list[str], other: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(other)))
    last = data.draw(st.integers(first, len(other)))
    so_far = TextsSoFar()
    for text in before:
        so_far.add(text)
    so_far.take(texts_of(other), range(first, last))
    so_far.add("x")
    assert list(so_far.done()) == [*before, *other[first:last], "x"]


def test_different_texts_are_numbered_as_they_come() -> None:
    numbered = Numbered()
    assert [numbered.of(text) for text in ("b", "a", "b", "")] == [0, 1, 0, 2]
    assert list(numbered.done()) == ["b", "a", ""]


@given(st.lists(st.sampled_from("abc")), st.lists(st.tuples(*[st.integers(0, 3)] * 3)))
def test_renumbered_is_numbered_one_by_one(before: list[str], rows: list[tuple[int, ...]]) -> None:
    texts = ["c", "d", "a", "e"]
    numbered, expected = Numbered(), Numbered()
    for text in before:
        numbered.of(text)
        expected.of(text)
    here = numbered.renumbered(texts_of(texts), np.array(rows, np.int32).reshape(-1, 3))
    assert here.tolist() == [[expected.of(texts[number]) for number in row] for row in rows]
    assert list(numbered.done()) == list(expected.done())


def test_growing_numbers() -> None:
    numbers = array("i", [1, 2])
    extend(numbers, np.array([[3, 4], [5, 6]], np.int64)[:, ::-1])
    assert as_column(numbers, 3).tolist() == [[1, 2, 4], [3, 6, 5]]
    assert as_column(array("q"), 3).shape == (0, 3)
    assert as_column(array("Q")).dtype == np.uint64


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 3)])
def test_arrays_are_mapped_and_stay_when_their_file_goes(tmp_path: Path, shape: tuple[int, ...]) -> None:
    column = np.arange(np.prod(shape), dtype=np.int32).reshape(shape)
    write(tmp_path / "a.npy", column)
    read = mapped(tmp_path / "a.npy")
    (tmp_path / "a.npy").unlink()
    assert type(read) is np.ndarray
    assert (read.dtype, read.shape) == (np.dtype(np.int32), shape)
    assert not read.flags.owndata
    assert np.array_equal(read, column)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how a file is mapped")
def test_only_the_pages_asked_for_are_read_of_a_scattered_array(tmp_path: Path) -> None:
    for name in ("plain", "scattered"):
        write(tmp_path / name, np.arange(10_000))
    arrays = [mapped(tmp_path / name) for name in ("plain", "scattered")]
    scattered(arrays[1])
    scattered(np.arange(3))  # not mapped: nothing to do
    lines = Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines()
    flags = {}
    for name in ("plain", "scattered"):
        place = next(number for number, line in enumerate(lines) if line.endswith(f"{tmp_path}/{name}"))
        flags[name] = next(line for line in lines[place:] if line.startswith("VmFlags:")).split()
    assert ["rr" in flags[name] for name in ("plain", "scattered")] == [False, True]
    assert arrays[1].sum() == arrays[0].sum()
