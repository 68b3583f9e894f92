"""Columns: arrays and texts in files that are mapped into memory, so that opening reads none and one is read alone."""

import mmap
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray


def write(path: Path, column: NDArray[Any]) -> None:
    """Write an array as a ``.npy`` file.

    Not by ``numpy.save``: on a full disk it can lose a file's end without an error.
    """
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(column))
        file.write(column.data)


def mapped(path: Path) -> NDArray[Any]:
    """Map what ``write`` wrote; it stays readable when the file is removed."""
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def scattered(column: NDArray[Any]) -> None:
    """Have the system read of a mapped array only the pages that are asked for, and not what stands behind them."""
    if isinstance(column.base, np.memmap) and hasattr(mmap, "MADV_RANDOM"):  # not on Windows
        column.base._mmap.madvise(mmap.MADV_RANDOM)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Growing:
    """An array that grows in a temporary file and is then mapped, so that the system may drop it from memory."""

    dtype: type[np.generic]
    file: IO[bytes] = field(default_factory=TemporaryFile)

    def add(self, piece: NDArray[Any]) -> None:
        """Put some numbers behind the others."""
        self.file.write(np.ascontiguousarray(piece, self.dtype).data)

    def mapped(self) -> NDArray[Any]:
        """Return all of them in one row; nothing can be put behind them any more."""
        with self.file:
            self.file.flush()
            return np.asarray(np.memmap(self.file, self.dtype, "r")) if self.file.tell() else np.empty(0, self.dtype)


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts behind one another in UTF-8: text ``i`` is the bytes ``starts[i]:starts[i + 1]``, counted from 0."""

    letters: NDArray[np.uint8]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, number: int) -> str:
        return self.letters[self.starts[number] : self.starts[number + 1]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self)))

    def save(self, folder: Path, name: str) -> None:
        """Write two files into an existing folder."""
        write(folder / f"{name}.npy", self.letters)
        write(folder / f"{name}_starts.npy", self.starts)

    @classmethod
    def load(cls, folder: Path, name: str) -> Self:
        """Map what ``save`` wrote."""
        return cls(mapped(folder / f"{name}.npy"), mapped(folder / f"{name}_starts.npy"))


@dataclass(frozen=True)
class TextsSoFar:
    """Texts that more are put behind."""

    letters: bytearray = field(default_factory=bytearray)
    starts: "array[int]" = field(default_factory=lambda: array("q", [0]))

    def add(self, text: str) -> None:
        """Put one behind."""
        self.letters.extend(text.encode())
        self.starts.append(len(self.letters))

    def take(self, texts: Texts, numbers: range) -> None:
        """Put neighbouring texts behind as they stand."""
        starts = texts.starts[numbers.start : numbers.stop + 1]
        extend(self.starts, starts[1:] - starts[0] + len(self.letters))
        self.letters.extend(texts.letters[starts[0] : starts[-1]].data)

    def done(self) -> Texts:
        """Return all."""
        return Texts(np.frombuffer(self.letters, np.uint8), as_column(self.starts))


class Numbered:
    """Different texts, numbered as they first come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, text: str) -> int:
        """Return the number of a text."""
        return self._numbers.setdefault(text, len(self._numbers))

    def renumbered(self, texts: Texts, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the numbers here, in the same shape, of what has those ``numbers`` among ``texts``."""
        distinct, firsts, places = np.unique(numbers, return_index=True, return_inverse=True)
        here = np.empty(len(distinct), np.int32)
        for place in np.argsort(firsts).tolist():
            here[place] = self.of(texts[distinct[place]])
        return here[places].reshape(numbers.shape)

    def done(self) -> Texts:
        """Return all, by number."""
        texts = TextsSoFar()
        for text in self._numbers:
            texts.add(text)
        return texts.done()


def as_column(numbers: "array[int]", width: int = 0) -> NDArray[Any]:
    """Return growing numbers as an array, of rows of a ``width`` if it is given; it must not grow any more."""
    column = np.frombuffer(numbers, numbers.typecode)
    return column.reshape(-1, width) if width else column


def extend(numbers: "array[int]", column: NDArray[Any]) -> None:
    """Put the numbers of an array behind growing ones."""
    numbers.frombytes(np.ascontiguousarray(column, numbers.typecode).tobytes())
