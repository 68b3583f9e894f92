"""Power failures: what a disk may hold when all that was not forced onto it is there, in part, or not at all."""

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from eval.bench.durability.edits import leftovers, state, update
from eval.bench.durability.steps import Step, watched
from rag.errors import IndexMissing, SuwenError

SECTOR = 512  # bytes that a disk writes as a whole
_WHERE = Path("indexes") / "index"
NAMING = frozenset({"create", "mkdir", "rename", "remove", "rmdir"})


@dataclass(eq=False, slots=True)
class File:
    """A file, by whatever names; ``content`` is what was forced to disk, None when something else may be there."""

    content: bytes | None = None


@dataclass(slots=True)
class Change:
    """A step that changes names, and whether the folders of those names were forced to disk since."""

    step: Step
    file: File | None
    synced: bool = False

    def on(self, folder: Path) -> bool:
        """Tell whether it changes the names in this folder, and in no other."""
        return {self.step.path.parent, (self.step.to or self.step.path).parent} == {folder}


@dataclass(slots=True)
class Disk:
    """What a process did to the files of a folder, in order, and what of that is on the disk for certain."""

    changes: list[Change] = field(default_factory=list)
    files: dict[Path, File | None] = field(default_factory=dict)  # None is a folder

    def note(self, step: Step) -> None:
        """Note a step that is about to be made."""
        path, file = step.path, self.files.get(step.path)
        if step.kind == "fsync":
            if file:
                file.content = path.read_bytes()
            for change in self.changes:
                change.synced |= change.on(path)
        elif step.kind == "create" and file:
            file.content = None  # its name stays
        elif step.kind in NAMING:
            if step.kind == "create":
                file = self.files[path] = File()
            self.changes.append(Change(step, file))
            _apply(step, self.files, file)

    def image(self, chance: random.Random, folder: Path, to: Path) -> None:
        """Write to ``to`` one state in which a power failure may leave ``folder``.

        What was forced to disk is there. Of the rest each change of names may be there or not, whatever came after
        it, and a file's content up to any sector.
        """
        kept = chance.choice((0.0, 0.2, 0.5, 0.8, 1.0))
        names: dict[Path, File | None] = {}
        for change in self.changes:
            if change.synced or chance.random() < kept:
                _apply(change.step, names, change.file)
        here = {file: path for path, file in self.files.items() if file}
        to.mkdir()
        for path, file in sorted(names.items()):
            place = to / path.relative_to(folder)
            if not place.parent.is_dir():
                continue
            if file is None:
                place.mkdir()
            elif file.content is not None:
                place.write_bytes(file.content)
            else:
                content = here[file].read_bytes() if file in here and here[file].exists() else b""
                place.write_bytes(content[: SECTOR * chance.randrange(len(content) // SECTOR + 2)])


def _apply(step: Step, names: dict[Path, File | None], file: File | None) -> None:
    """Change names as a step does; a folder that is renamed or removed takes along what is in it."""
    below = [path for path in names if path.is_relative_to(step.path)]
    if step.kind in ("create", "mkdir"):
        names.setdefault(step.path, file)
    elif step.to:
        names |= {step.to / path.relative_to(step.path): names[path] for path in below}
    if step.kind in ("rename", "remove", "rmdir"):
        for path in below:
            del names[path]


@dataclass(frozen=True, slots=True)
class Lost:
    """How many images of power failures were opened, and how many were not as they must be."""

    images: int
    bad: int
    moments: int  # calls to the system, before each of which the power may have failed


def fail_power(folder: Path, images: int, updates: int = 6) -> Lost:
    """Update an index, and open what power failures at random moments may have left of it.

    An image is bad that cannot be opened, or holds another state than the last one acknowledged or the one in
    flight, or cannot be updated. Before the first is acknowledged there may be no index.
    """
    chance, disk, done, taken, bad, moment = random.Random(0), Disk(), 0, 0, 0, 0
    chosen = _moments(folder / "counted", updates, images, chance)
    place = folder / "disk"
    place.mkdir()

    def act(step: Step) -> None:
        nonlocal taken, bad, moment
        for _ in range(chosen[moment]):
            image = folder / f"image-{taken}"
            disk.image(chance, place, image)
            bad += not _is_good(image / _WHERE, done)
            taken += 1
        moment += 1
        disk.note(step)

    for number in range(1, updates + 1):
        with watched(place, act):
            update(place / _WHERE, number)
        done = number
    return Lost(taken, bad, moment)


def _moments(place: Path, updates: int, images: int, chance: random.Random) -> Counter[int]:
    """Return how many images to take before each step, by its number."""
    steps: list[Step] = []
    place.mkdir(parents=True)
    for number in range(1, updates + 1):
        with watched(place, steps.append):
            update(place / _WHERE, number)
    return Counter(chance.randrange(len(steps)) for _ in range(images))


def _is_good(index: Path, done: int) -> bool:
    try:
        found = state(index, (done, done + 1))
    except IndexMissing:
        found = 0 if done == 0 else None
    except SuwenError:
        found = None
    if found is None:
        return False
    try:
        update(index, found + 1)
    except SuwenError:
        return False
    return state(index, (found + 1,)) == found + 1 and not leftovers(index)
