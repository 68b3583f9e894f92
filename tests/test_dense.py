import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import dense as module
from rag.dense import Dense
from rag.embedding import Vectors
from rag.errors import IndexDamaged
from tests.small_disk import small_disk

ROOT = Path(__file__).parent.parent
DIMENSION = 32
FILES = ("ann.faiss", "ann.json", "vectors.npy")


def unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def clustered(count: int, spread: float = 0.7, seed: int = 0) -> Vectors:
    """Rows around a centre for every fifty of them."""
    noise = np.random.default_rng(seed)
    centres = unit(noise.standard_normal((max(1, count // 50), DIMENSION), np.float32))
    off = spread / DIMENSION**0.5 * noise.standard_normal((count, DIMENSION), np.float32)
    return unit(centres[noise.integers(len(centres), size=count)] + off)


def between(rows: Vectors, count: int, seed: int = 9) -> Vectors:
    """Vectors as unlike the rows as questions are."""
    one, other = np.random.default_rng(seed).integers(len(rows), size=(2, count))
    return unit(rows[one] + 0.5 * rows[other])


def truth(dense: Dense, vector: Vectors, k: int, within: np.ndarray | None = None) -> list[int]:
    """Return the places of the best rows by comparing every one; of equals the earlier is first."""
    cosines = dense.cosines(vector, np.arange(len(dense)))
    order = sorted(range(len(dense)), key=lambda place: (-cosines[place], place))
    return [place for place in order if within is None or within[place]][:k]


def recall(dense: Dense, queries: Vectors, within: np.ndarray | None = None, k: int = 10) -> float:
    shares = []
    for query in queries:
        expected = truth(dense, query, k, within)
        shares.append(len({*expected} & {*dense.best(query, k, within)[0].tolist()}) / len(expected))
    return float(np.mean(shares))


@pytest.fixture(scope="module")
def lists() -> Dense:
    """Five thousand rows in inverted lists."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "EXACT_UP_TO", 500)
        return Dense.from_rows(clustered(5000))


@pytest.fixture
def folder(lists: Dense, tmp_path: Path) -> Path:
    lists.save(tmp_path)
    return tmp_path


@pytest.fixture
def lower(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have lists from 500 rows on."""
    monkeypatch.setattr(module, "EXACT_UP_TO", 500)


def contents(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in FILES]


def test_a_few_rows_by_hand() -> None:
    dense = Dense.from_rows(np.array([[1, 0], [0, 1], [0.6, 0.8], [-1, 0]], np.float32))
    places, cosines = dense.best(np.array([0, 1], np.float32), 3)
    assert (dense.kind, dense.recall, len(dense), dense.dimension) == ("exact", 1.0, 4, 2)
    assert places.tolist() == [1, 2, 0]
    assert [places.dtype, cosines.dtype] == [np.int64, np.float32]
    assert cosines == pytest.approx([1, 0.8, 0], abs=1e-3)


SIGNS = st.lists(st.sampled_from([-1, 0, 1]), min_size=4, max_size=4).filter(any)


@given(st.lists(SIGNS, min_size=1, max_size=40), SIGNS, st.integers(0, 50), st.data())
def test_exact_is_every_row_compared(rows: list[list[int]], vector: list[int], k: int, data: st.DataObject) -> None:
    dense, query = Dense.from_rows(unit(np.array(rows, np.float32))), unit(np.array(vector, np.float32))
    mask = data.draw(st.none() | st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    within = None if mask is None else np.array(mask)
    places, cosines = dense.best(query, k, within)
    assert places.tolist() == truth(dense, query, k, within)
    assert np.array_equal(cosines, dense.cosines(query, places))


@pytest.mark.parametrize("filtered", [False, True])
def test_exact_is_every_row_compared_where_a_filter_allows_many(
    filtered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DIRECT", 10)
    rows = np.repeat(clustered(300), 3, axis=0)
    dense, within = Dense.from_rows(rows), np.arange(900) % 3 > 0 if filtered else None
    for query in between(rows, 20):
        assert dense.best(query, 25, within)[0].tolist() == truth(dense, query, 25, within)


def test_equal_rows_are_equally_near_wherever_they_stand() -> None:
    row = clustered(1)
    dense = Dense.from_rows(np.repeat(row, 1003, axis=0))
    places, cosines = dense.best(between(clustered(50), 1)[0], 1003)
    assert places.tolist() == list(range(1003))
    assert len({*cosines.tolist()}) == 1


def test_rounding_to_half_precision_hardly_turns_a_row() -> None:
    rows = unit(np.random.default_rng(0).standard_normal((2000, 384), np.float32))
    stored = Dense.from_rows(rows).rows(slice(None)).astype(np.float64)
    cosines = (stored * rows).sum(axis=1) / np.linalg.norm(stored, axis=1)
    assert cosines.min() >= 0.99999


def test_without_rows_nothing_is_found(tmp_path: Path) -> None:
    Dense.from_rows(np.empty((0, 3), np.float32)).save(tmp_path)
    dense = Dense.load(tmp_path)
    assert (len(dense), dense.dimension, dense.kind) == (0, 3, "exact")
    places, cosines = dense.best(np.array([1, 0, 0], np.float32), 5, np.empty(0, np.bool_))
    assert (places.shape, cosines.shape) == ((0,), (0,))


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 0.5])
def test_a_row_that_is_no_unit_vector_is_refused(value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 16)
    rows = clustered(60)
    rows[41] = value
    with pytest.raises(ValueError, match="row 41 is not a finite vector of length one"):
        Dense.from_rows(rows)


def test_what_does_not_fit_is_refused(lists: Dense) -> None:
    with pytest.raises(ValueError, match=r"rows of shape \(3,\), not"):
        Dense.from_rows(np.ones(3, np.float32))
    with pytest.raises(ValueError, match=r"a vector of shape \(31,\) for rows of 32"):
        lists.best(np.ones(31, np.float32), 1)
    with pytest.raises(ValueError, match=r"a filter of shape \(3,\) for 5000 rows"):
        lists.best(lists.rows(slice(0, 1))[0], 1, np.ones(3, np.bool_))


def test_lists_find_what_comparing_all_would(lists: Dense) -> None:
    assert lists.kind == "ivf"
    assert lists.recall >= module.GOAL
    assert recall(lists, between(lists.rows(slice(None)), 50)) >= 0.98
    assert lists.ann.nprobe < lists.ann.nlist


def test_lists_of_rows_without_any_order_are_scanned_until_enough_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EXACT_UP_TO", 20)
    rows = unit(np.random.default_rng(2).standard_normal((3000, DIMENSION), np.float32))
    dense = Dense.from_rows(rows)
    assert dense.ann.nprobe > 1  # which twenty of 3,000 rows would be
    assert dense.recall >= module.GOAL
    assert recall(dense, between(rows, 50)) >= 0.98


def test_a_vector_of_nothing_but_zeros_is_as_near_to_all(lists: Dense) -> None:
    places, cosines = lists.best(np.zeros(DIMENSION, np.float32), 3)
    assert (len(places), cosines.tolist()) == (3, [0, 0, 0])


def test_near_duplicates_are_told_apart(lower: None) -> None:
    rows = np.concatenate([clustered(4000), unit(clustered(1) + clustered(400, 1.0, seed=4) * 0.003)])
    dense = Dense.from_rows(rows)
    assert recall(dense, rows[-30:]) >= 0.98


def test_a_goal_out_of_reach_means_scanning_all_lists(lower: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GOAL", 2.0)
    dense = Dense.from_rows(clustered(2000))
    assert dense.ann.nprobe == dense.ann.nlist == 179  # four times the root of 2,000


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01, 0.0005])
@pytest.mark.parametrize("direct", [0, 100])
def test_a_filter_lists(lists: Dense, share: float, direct: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DIRECT", direct)
    within = np.zeros(len(lists), np.bool_)
    within[np.random.default_rng(3).choice(len(lists), round(len(lists) * share), replace=False)] = True
    assert recall(lists, between(lists.rows(slice(None)), 30), within) >= 0.98


def test_a_filter_that_forbids_the_neighbourhood(lists: Dense, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DIRECT", 0)
    shares = []
    for query in between(lists.rows(slice(None)), 20):
        cosines = lists.cosines(query, np.arange(len(lists)))
        shares.append(recall(lists, query[None, :], cosines < np.sort(cosines)[-100]))
    assert np.mean(shares) >= 0.95


@given(st.integers(0, 5100), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.001, 0.2, 0.9, 1.0]))
def test_whatever_is_asked_what_comes_is_allowed_and_in_order(lists: Dense, k: int, seed: int, share: float) -> None:
    noise = np.random.default_rng(seed)
    within = noise.random(len(lists)) < share
    query = unit(noise.standard_normal(DIMENSION, np.float32))
    places, cosines = lists.best(query, k, within)
    assert len(places) == len({*places.tolist()}) == min(k, np.count_nonzero(within))
    assert within[places].all()
    assert np.array_equal(cosines, lists.cosines(query, places))
    assert [*zip(-cosines, places, strict=True)] == sorted(zip(-cosines, places, strict=True))


def test_rows_kept_from_an_earlier_index_give_the_same_bytes(lists: Dense, folder: Path, lower: None) -> None:
    kept = Dense.from_rows(Dense.load(folder).stored)
    (folder / "kept").mkdir()
    kept.save(folder / "kept")
    assert isinstance(kept.stored, np.memmap)  # not copied
    assert contents(folder / "kept") == contents(folder)


@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_bytes_are_the_same_with_any_number_of_threads(threads: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / threads).mkdir()
    code = (
        "import pathlib, sys; from rag import dense; from tests.test_dense import clustered; dense.EXACT_UP_TO = 500; "
        "dense.Dense.from_rows(clustered(5000)).save(pathlib.Path(sys.argv[1]))"
    )
    environ = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / threads)], cwd=ROOT, env=environ, check=True)
    assert contents(tmp_path / threads) == contents(folder)


def test_progress_is_told_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    Dense.from_rows(clustered(1000), lambda *each: told.append(each))
    assert told == []
    monkeypatch.setattr(module, "EXACT_UP_TO", 500)
    monkeypatch.setattr(module, "BLOCK", 400)
    Dense.from_rows(clustered(1000), lambda *each: told.append(each))
    assert told == [(400, 1000), (800, 1000), (1000, 1000)]


def test_what_is_loaded_finds_what_was_saved(lists: Dense, folder: Path, tmp_path: Path) -> None:
    loaded = Dense.load(folder)
    assert (loaded.kind, loaded.recall, loaded.scale) == ("ivf", lists.recall, lists.scale)
    assert isinstance(loaded.stored, np.memmap)
    within = np.arange(len(lists)) % 2 == 0
    for query in between(lists.rows(slice(None)), 10):
        for mask in (None, within):
            one, other = loaded.best(query, 10, mask), lists.best(query, 10, mask)
            assert np.array_equal(one[0], other[0])
            assert np.array_equal(one[1], other[1])
    (tmp_path / "again").mkdir()
    loaded.save(tmp_path / "again")
    assert contents(tmp_path / "again") == contents(folder)


def test_a_few_rows_are_saved_without_lists(tmp_path: Path) -> None:
    rows = clustered(100).astype(np.float16, "F")  # in whatever order they lie in memory
    Dense.from_rows(rows).save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.npy"]
    assert np.array_equal(Dense.load(tmp_path).rows(slice(None)), rows.astype(np.float32))


@pytest.mark.parametrize("name", FILES)
def test_a_cut_file_is_damage(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    for length in (0, 1, 40, len(whole) // 2, len(whole) - 1):
        (folder / name).write_bytes(whole[:length])
        with pytest.raises(IndexDamaged, match=f"{name}: cannot be read; run: suwen index PATH --rebuild"):
            Dense.load(folder)


def test_lists_of_which_nothing_can_be_made_are_damage(folder: Path) -> None:
    whole = (folder / "ann.faiss").read_bytes()
    for begun in (b"", b"IxFI", whole[:200]):  # nothing, another kind of index, and lists that end at once
        (folder / "ann.faiss").write_bytes(begun.ljust(len(whole), b"\xff"))
        with pytest.raises(IndexDamaged, match=r"ann.faiss: cannot be read"):
            Dense.load(folder)


def test_files_that_do_not_go_together_are_damage(folder: Path, lists: Dense) -> None:
    for rows in (lists.stored[1:], lists.stored[:, 1:], lists.stored.astype(np.float32), lists.stored[0]):
        np.save(folder / "vectors.npy", rows)
        with pytest.raises(IndexDamaged):
            Dense.load(folder)
    lists.save(folder)
    (folder / "ann.json").write_text(json.dumps({"recall": 1.0}), encoding="ascii")
    with pytest.raises(IndexDamaged):
        Dense.load(folder)


@pytest.mark.parametrize("kilobytes", [64, 400])  # the rows take 313, the lists 210
def test_a_full_disk_is_said(lists: Dense, kilobytes: int) -> None:
    with small_disk(kilobytes << 10) as place, pytest.raises(OSError, match="No space left"):
        lists.save(place)
