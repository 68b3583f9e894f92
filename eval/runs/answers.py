"""A file of answers, one JSON object a line: added to as they come, taken up after a kill, read one by one."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from eval.aside import aside
from rag.errors import SuwenError, UsageError
from rag.records import Json

Place: TypeAlias = tuple[object, ...]


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file that was written whole.

    Raises:
        UsageError: a line is no JSON object.

    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            row = _read(line)
            if not isinstance(row, dict):
                raise UsageError(
                    f"{path}:{number}: damaged, no JSON object; remove the file and ask again with --out {path.parent}"
                )
            yield row


@dataclass(frozen=True, slots=True)
class Answers:
    """The file at ``path``; the values of ``keys`` are a line's place, which no other line has."""

    path: Path
    keys: tuple[str, ...]

    def resume(self, places: AbstractSet[Place]) -> set[Place]:
        """Return which of the places have their line already, after cutting off one that a kill left half-written.

        Raises:
            UsageError: a line has another place or that of an earlier line; the file is left as it is.

        """
        done: set[Place] = set()
        whole = 0
        if not self.path.exists():
            return done
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    break
                place = self._place(line)
                if not _is_among(place, places) or place in done:
                    raise UsageError(f"{self.path}:{number}: is no answer to what is asked; choose another --out")
                done.add(place)
                whole += len(line)
        os.truncate(self.path, whole)
        return done

    def add(self, rows: Iterable[Json]) -> Iterator[Json]:
        """Write rows behind those that are there, and yield each when it is in the file.

        Raises:
            SuwenError: the disk failed; the rows before are kept.

        """
        with self._on_disk():
            file = self.path.open("ab", buffering=0)
        with file:
            for row in rows:
                line = memoryview(json.dumps(row, ensure_ascii=False).encode() + b"\n")
                with self._on_disk():
                    while line:
                        line = line[file.write(line) :]
                yield row

    def put_in_order(self, places: Sequence[Place]) -> None:
        """Rewrite the file in the order of the places, which all have their line, in one step.

        Raises:
            SuwenError: the disk failed; the file is as it was.

        """
        starts: dict[Place, tuple[int, int]] = {}
        with aside(self.path) as new, self.path.open("rb") as file, new.open("wb") as out:
            start = 0
            for line in file:
                starts[self._place(line)] = (start, len(line))
                start += len(line)
            for place in places:
                start, length = starts[place]
                file.seek(start)
                out.write(file.read(length))

    def _place(self, line: bytes) -> Place:
        """Return the place of a line; that of something else is empty."""
        row = _read(line)
        return tuple(row[key] for key in self.keys) if isinstance(row, dict) and row.keys() >= set(self.keys) else ()

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SuwenError(
                f"{self.path}: cannot be written ({error.strerror}); mend that and run again to go on"
            ) from error


def _read(line: bytes) -> object:
    """Return what a line holds; None where it is no JSON."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def _is_among(place: Place, places: AbstractSet[Place]) -> bool:
    try:
        return place in places
    except TypeError:  # a list, say, where an id should be
        return False
