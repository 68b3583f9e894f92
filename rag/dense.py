"""The dense leg: unit rows in, the nearest to a unit vector out, among a few or a million.

The rows are kept as float16 and are the truth: every cosine handed out is computed from them. Up to ``EXACT_UP_TO``
rows all are compared. Above, spherical k-means puts them into inverted lists (Sivic and Zisserman, "Video Google",
2003) as 8-bit codes; the lists nearest to the vector are scanned and the best candidates compared exactly. How many
lists, is measured while building. On disk:

    vectors.npy   the float16 rows, mapped into memory        ann.json    the recall measured, the scale of the codes,
    ann.faiss     the lists, mapped too                                   and the length of ann.faiss

The two of the lists are there only above ``EXACT_UP_TO`` rows.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.columns import write
from rag.embedding import Vectors
from rag.errors import IndexDamaged

Positions: TypeAlias = NDArray[np.int64]
Rows: TypeAlias = NDArray[np.float16] | NDArray[np.float32]

EXACT_UP_TO = 50_000  # rows; comparing all of them takes 3 ms on one core
GOAL = 0.995  # recall@10 that the number of scanned lists is chosen for
LISTS = 4  # times the square root of the rows
SAMPLE = 32  # rows per list that k-means looks at
DIRECT = 2_000  # allowed rows up to which a filtered search compares them all
CANDIDATES = 1_000  # rows of the lists of which those that may be among the best are compared exactly
WIDER = 2  # a filtered search scans that many times the allowed rows: those allowed lie further away
BLOCK = 65_536  # rows that are worked on at a time
_UNIT = 1e-3  # how far from 1 a row may be long
_CLOSE = 1e-5  # cosines nearer than this are compared again, exactly
_LARGEST = 127  # of an 8-bit code


@dataclass(frozen=True, eq=False)
class Dense:
    """Rows to be compared with a vector; ``recall`` is recall@10 against comparing with all of them.

    ``stored`` has shape (rows, dimension). ``ann`` is a FAISS index of the same rows, ``scale`` what a step of its
    codes is worth; it is absent where all rows are compared.
    """

    stored: NDArray[np.float16]
    ann: Any = None
    scale: float = 1.0
    recall: float = 1.0

    @classmethod
    def from_rows(cls, rows: Rows, progress: Callable[[int, int], object] = lambda done, total: None) -> Self:
        """Take unit rows of shape (n, dimension), float32 or float16, perhaps mapped; the same rows, the same bytes.

        ``progress`` is told how many rows of how many are in the lists, where there are any.

        Raises:
            ValueError: the rows are no table, or one of them is not finite or not of length one.

        """
        if rows.ndim != 2:
            raise ValueError(f"rows of shape {rows.shape}, not (rows, dimension)")
        largest = 0.0
        for start, block in _blocks(rows):
            wrong = np.flatnonzero(~(np.abs(np.linalg.norm(block, axis=1) - 1) <= _UNIT))  # NaN is not <= either
            if len(wrong):
                raise ValueError(f"row {start + wrong[0]} is not a finite vector of length one")
            largest = max(largest, float(np.abs(block).max()))
        stored = rows.astype(np.float16, order="C", copy=False)
        if len(stored) <= EXACT_UP_TO:
            return cls(stored)
        scale = float(np.float16(largest)) / _LARGEST
        built = cls(stored, _lists(stored, scale, progress), scale)
        return cls(stored, built.ann, scale, built._widen())

    @property
    def kind(self) -> str:
        """Return ``exact`` where all rows are compared, ``ivf`` where inverted lists come first."""
        return "exact" if self.ann is None else "ivf"

    @property
    def dimension(self) -> int:
        """Return the length of a row."""
        return int(self.stored.shape[1])

    def __len__(self) -> int:
        return len(self.stored)

    def rows(self, at: Positions | slice) -> Vectors:
        """Return the stored rows at those places."""
        return self.stored[at].astype(np.float32)

    def cosines(self, vector: Vectors, positions: Positions) -> Vectors:
        """Return the cosine of a unit vector and each of the rows; equal rows have equal cosines."""
        # a matrix product sums the last few rows in another order than the others
        return np.asarray(np.multiply(self.rows(positions), vector).sum(axis=1, dtype=np.float32))

    def best(self, vector: Vectors, k: int, within: NDArray[np.bool_] | None = None) -> tuple[Positions, Vectors]:
        """Return the places of the ``k`` nearest rows, or of all there are, and their cosines, the best first.

        Of equal cosines the earlier row is first. ``within`` of shape (rows,) says which rows may be found.

        Raises:
            ValueError: ``vector`` or ``within`` is not of the rows' shape.

        """
        if vector.shape != (self.dimension,):
            raise ValueError(f"a vector of shape {vector.shape} for rows of {self.dimension}")
        if within is not None and within.shape != (len(self),):
            raise ValueError(f"a filter of shape {within.shape} for {len(self)} rows")
        allowed = len(self) if within is None else int(np.count_nonzero(within))
        k = max(0, min(k, allowed))
        if not k:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if within is not None and allowed <= DIRECT:
            near = np.flatnonzero(within)
        elif self.ann is None:
            near = self._closest(vector, k, within)
        else:
            near = self._listed(vector, k, within, allowed)
        cosines = self.cosines(vector, near)
        order = np.lexsort((near, -cosines))[:k]
        return near[order], cosines[order]

    def _closest(self, vector: Vectors, k: int, within: NDArray[np.bool_] | None) -> Positions:
        """Return the ``k`` nearest rows and all that are as near but for rounding."""
        cosines = self._matrix @ vector
        if within is not None:
            cosines[~within] = -np.inf
        last = np.partition(cosines, len(cosines) - k)[len(cosines) - k]
        return np.flatnonzero(cosines >= last - _CLOSE)

    @cached_property
    def _matrix(self) -> Vectors:
        return self.rows(slice(None))

    def _listed(self, vector: Vectors, k: int, within: NDArray[np.bool_] | None, allowed: int) -> Positions:
        """Return candidates for the ``k`` nearest rows from the lists nearest to the vector."""
        import faiss

        chosen, scanned = None, self.ann.nprobe
        if within is not None:
            bits = np.packbits(within, bitorder="little")  # which FAISS reads and does not keep
            chosen = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
            scanned = min(self.ann.nlist, math.ceil(WIDER * scanned * len(within) / allowed))
        step = float(np.abs(vector).max()) / _LARGEST or 1.0
        code = np.rint(vector / step)[None, :]  # rows and vector are compared as whole numbers
        wanted = min(max(2 * k, CANDIDATES), allowed)
        for count in (scanned, self.ann.nlist):
            options = faiss.SearchParametersIVF(sel=chosen, nprobe=count)  # type: ignore[call-arg]
            products, found = (each[0] for each in self.ann.search(code, wanted, params=options))
            if found[k - 1] >= 0:
                break
        # four standard deviations of how far two such products are wrong by rounding, in units of a product
        off = 4 * math.sqrt((step**2 + self.scale**2) / 6) / (step * self.scale)
        return np.asarray(found[(found >= 0) & (products >= products[k - 1] - off)], np.int64)

    def _widen(self) -> float:
        """Set how many lists are scanned, the fewest of a doubling number that reach ``GOAL``; return the recall.

        The queries are means of two rows. Rows moved a little, the usual choice, lie in the middle of their list and
        promise far more than questions get (measured: eval/LOG.md).
        """
        queries = self._made_up(200)
        k = min(10, len(self))
        scores = np.full((len(queries), k), -np.inf, np.float32)
        for _, block in _blocks(self.stored):
            joined = np.hstack([scores, queries @ block.T])
            scores = np.partition(joined, joined.shape[1] - k)[:, -k:]
        tenth = scores.min(axis=1) - _CLOSE
        self.ann.nprobe = min(self.ann.nlist, math.ceil(self.ann.nlist * EXACT_UP_TO / len(self)))
        while True:
            found = [self.best(query, k)[1] >= least for query, least in zip(queries, tenth, strict=True)]
            recall = float(np.mean(found))
            if recall >= GOAL or self.ann.nprobe == self.ann.nlist:
                return recall
            self.ann.nprobe = min(2 * self.ann.nprobe, self.ann.nlist)

    def _made_up(self, count: int) -> Vectors:
        picked = np.random.default_rng(1).integers(len(self), size=(2, count))
        middle = self.rows(picked[0]) + self.rows(picked[1])
        lengths = np.linalg.norm(middle, axis=1, keepdims=True)
        return np.asarray(middle[lengths[:, 0] > 0] / lengths[lengths > 0][:, None], np.float32)

    def save(self, folder: Path) -> None:
        """Write the files into an existing folder.

        Raises:
            OSError: the disk is full or cannot be written.

        """
        write(folder / "vectors.npy", self.stored)
        if self.ann is None:
            return
        import faiss

        # faiss.write_index to a path can lose data on a full disk without an error
        with (folder / "ann.faiss").open("wb") as file:
            faiss.write_index(self.ann, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]
            about = {"bytes": file.tell(), "recall": self.recall, "scale": self.scale}
        (folder / "ann.json").write_text(json.dumps(about), encoding="ascii")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what ``save`` wrote; whether it is what was written is for the caller to check before.

        Raises:
            IndexDamaged: a file cannot be read, or does not go with the others.

        """
        try:
            stored = np.load(folder / "vectors.npy", mmap_mode="r")
        except (OSError, ValueError, EOFError) as error:
            raise _damaged(folder / "vectors.npy") from error
        if stored.ndim != 2 or stored.dtype != np.float16:
            raise _damaged(folder / "vectors.npy")
        if not (folder / "ann.faiss").exists():
            return cls(stored)
        import faiss

        try:
            about = json.loads((folder / "ann.json").read_bytes())
            length, scale, recall = int(about["bytes"]), float(about["scale"]), float(about["recall"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _damaged(folder / "ann.json") from error
        path = folder / "ann.faiss"
        if path.stat().st_size != length:  # FAISS maps a file that lacks its last bytes, and reading them kills
            raise _damaged(path)
        try:
            ann = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise _damaged(path) from error
        if not isinstance(ann, faiss.IndexIVF) or (ann.ntotal, ann.d) != stored.shape:
            raise _damaged(path)
        return cls(stored, ann, scale, recall)


def _lists(stored: NDArray[np.float16], scale: float, progress: Callable[[int, int], object]) -> Any:
    """Return a FAISS index of inverted lists, as many as the square root of the rows."""
    import faiss

    rows, dimension = stored.shape
    count = round(LISTS * math.sqrt(rows))
    clustering = faiss.Clustering(dimension, count)
    clustering.spherical, clustering.niter, clustering.seed = True, 8, 7
    clustering.min_points_per_centroid = 1
    sample = np.random.default_rng(0).choice(rows, min(rows, SAMPLE * count), replace=False)
    centres = faiss.IndexFlatIP(dimension)
    clustering.train(stored[np.sort(sample)].astype(np.float32), centres)
    code = faiss.ScalarQuantizer.QT_8bit_direct_signed
    lists = faiss.IndexIVFScalarQuantizer(centres, dimension, count, code, faiss.METRIC_INNER_PRODUCT, False)
    lists.is_trained = True  # the centres are, and these codes need no training
    for start, block in _blocks(stored):
        lists.add(np.rint(block / scale))
        progress(start + len(block), rows)
    return lists


def _blocks(rows: Rows) -> Iterator[tuple[int, Vectors]]:
    for start in range(0, len(rows), BLOCK):
        yield start, np.asarray(rows[start : start + BLOCK], np.float32)


def _damaged(path: Path) -> IndexDamaged:
    return IndexDamaged(f"{path}: cannot be read; run: suwen index PATH --rebuild")
