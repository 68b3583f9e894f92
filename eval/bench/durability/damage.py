"""Damage done to the files of an index on purpose, each time undone, and whether opening the index finds it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from rag.disk import contents
from rag.errors import IndexDamaged, SuwenError
from rag.generations import check, current, open_manifest

LENGTHS = 200  # to which a file is cut, beside the least and the most


@dataclass(slots=True)
class Found:
    """How many times something was damaged, and the damages that were not found, or not told in one line."""

    damages: int = 0
    missed: list[str] = field(default_factory=list)

    def note(self, folder: Path, where: Path, what: str) -> None:
        """Open the index, whose file ``where`` has been damaged."""
        self.damages += 1
        try:
            open_manifest(current(folder))  # as Index.load does, before it reads anything else
        except IndexDamaged as error:
            if str(where) not in str(error) or "\n" in str(error):
                self.missed.append(f"{what} of {where}: {error}")
        except SuwenError as error:
            self.missed.append(f"{what} of {where}: {error}")
        else:
            self.missed.append(f"{what} of {where}")


def flip_all(folder: Path) -> Found:
    """Flip every bit of ``CURRENT`` and of the manifest, one at a time."""
    found = Found()
    for path in (folder / "CURRENT", current(folder) / "manifest.json"):
        for bit in range(8 * path.stat().st_size):
            with flipped(path, bit):
                found.note(folder, path, f"bit {bit}")
    return found


def flip_some(folder: Path, flips: int) -> Found:
    """Flip bits of the other files at random, one at a time; a file is as likely as it is long."""
    found, chance = Found(), random.Random(0)
    paths = data_files(current(folder))
    sizes = [path.stat().st_size for path in paths]
    for path in chance.choices(paths, sizes, k=flips):
        bit = chance.randrange(8 * path.stat().st_size)
        with flipped(path, bit):
            found.note(folder, path, f"bit {bit}")
    return found


def disturb(folder: Path, other: Path, lengths: int = LENGTHS) -> Found:
    """Cut, empty, swap, replace, remove and add files; ``other`` is a generation of another index."""
    found, chance = Found(), random.Random(0)
    generation = current(folder)
    paths = data_files(generation)
    for path in (*paths, generation / "manifest.json"):
        foreign = other / path.relative_to(generation)
        whole = path.read_bytes()
        for what in (*_others(whole, lengths, chance), foreign.read_bytes(), foreign, None):
            if what != whole:
                with replaced(path, what):
                    found.note(folder, path, "link out" if isinstance(what, Path) else f"{what!r:.20}")
    for one, two in pairwise(paths):
        first, second = one.read_bytes(), two.read_bytes()
        with replaced(one, second), replaced(two, first):
            found.note(folder, one, "swap")
            if list(check(generation)) != [each.relative_to(generation).as_posix() for each in (one, two)]:
                found.missed.append(f"swap of {one} and {two}: both are to be named")
    with replaced(generation / "extra", b""):
        found.note(folder, generation / "extra", "presence")
    right = generation.name
    for name in ("", "\n", f"{right}\n", f"../{folder.name}/{right}", other.name, "000009-" + "0" * 16):
        with replaced(folder / "CURRENT", name.encode()):
            found.note(folder, folder / "CURRENT", repr(name))
    return found


def _others(whole: bytes, lengths: int, chance: random.Random) -> Iterator[bytes]:
    """Yield what a file may hold instead: cut, lengthened, its end zero."""
    for length in sorted({0, 1, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(lengths))}):
        yield whole[:length]
    yield whole + b"\0"
    yield whole[: len(whole) // 2].ljust(len(whole), b"\0")


def data_files(generation: Path) -> list[Path]:
    """Return the files of a generation that hold something, its manifest left out."""
    return [path for path in contents(generation) if path.name != "manifest.json" and path.stat().st_size > 1]


@contextmanager
def flipped(path: Path, bit: int) -> Iterator[None]:
    """Hold one bit of a file flipped."""
    with path.open("rb+", buffering=0) as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]

        def put(value: int) -> None:
            file.seek(bit // 8)
            file.write(bytes([value]))

        put(byte ^ 1 << bit % 8)
        try:
            yield
        finally:
            put(byte)


@contextmanager
def replaced(path: Path, what: bytes | Path | None) -> Iterator[None]:
    """Hold a file replaced by another content, by a link, or by nothing."""
    whole = path.read_bytes() if path.exists() else None
    path.unlink(missing_ok=True)
    try:
        if isinstance(what, Path):
            path.symlink_to(what)
        elif what is not None:
            path.write_bytes(what)
        yield
    finally:
        path.unlink(missing_ok=True)
        if whole is not None:
            path.write_bytes(whole)
