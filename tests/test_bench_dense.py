"""The dense leg's benchmark: what it makes, and that it measures what it says; no model is needed."""

import re
from pathlib import Path

import numpy as np
import pytest

from eval.bench import dense as bench
from eval.bench.apart import apart
from rag.embedding import HashEmbedder
from rag.errors import SuwenError
from rag.settings import Settings


def test_every_kind_is_measured_in_every_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "open_embedder", lambda settings: HashEmbedder())
    table = bench.rows(Settings(), sizes=(600,))
    times = [f"search among 600 {kind} vectors, p50 / p95 ms" for kind in ("clustered", "duplicates", "grown")]
    assert [row.what for row in table[::2]] == times
    for row in table[::2]:
        assert all(re.fullmatch(r"\d+\.\d\d / \d+\.\d\d", each) for each in (row.ours, row.other))
    for row in table[1::2]:
        assert row.what.endswith(": recall@10, build, disk, memory (exact)")
        assert re.fullmatch(r"1\.0000, \d+\.\d s, 0 MB, \d+ MB", row.ours)


@pytest.mark.parametrize(("kind", "least", "most"), [("clustered", 0.6, 0.8), ("duplicates", 0.998, 1.0)])
def test_rows_lie_around_centres_as_near_as_is_said(tmp_path: Path, kind: str, least: float, most: float) -> None:
    np.save(tmp_path / "passages.npy", np.eye(384, dtype=np.float32))
    bench.build(tmp_path, kind, 1000)
    made = np.load(tmp_path / "vectors.npy").astype(np.float32)
    tenth = np.sort(made @ made.T, axis=1)[:, -20]
    assert least < np.median(tenth) < most
    assert np.load(tmp_path / "queries.npy").shape == (bench.QUERIES, 384)


def test_what_is_built_smaller_has_nothing_of_the_larger_before(tmp_path: Path) -> None:
    np.save(tmp_path / "passages.npy", np.eye(384, dtype=np.float32))
    (tmp_path / "ann.faiss").write_bytes(b"larger")
    assert bench.build(tmp_path, "clustered", 200)["kind"] == "exact"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["passages.npy", "queries.npy", "vectors.npy"]


def test_a_process_that_fails_says_why() -> None:
    said = r"build nowhere grown 5 failed \(.*passages.npy.*\); run: python -m eval.bench.dense build nowhere grown 5"
    with pytest.raises(SuwenError, match=said):
        apart("dense", "build", "nowhere", "grown", 5)
