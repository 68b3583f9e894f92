"""An update that fails, or dies, at each of its calls to the system."""

import errno
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from eval.bench.durability.edits import leftovers, state, update
from eval.bench.durability.forking import single_threaded
from eval.bench.durability.steps import Step, watched
from rag.errors import SuwenError

TAKING = frozenset({"create", "write", "fsync", "rename", "mkdir"})  # calls that need space
OPENING = frozenset({"create", "open", "list"})
CHANGING = TAKING | {"remove", "rmdir"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure of calls of some ``kinds``: of the N-th and, where it ``lasts``, of all after it."""

    error: int
    kinds: frozenset[str]
    lasts: bool
    cleans: bool = True  # whether what was begun can be removed while it lasts

    @property
    def name(self) -> str:
        """Return it as a person knows it: ``ENOSPC``."""
        return errno.errorcode[self.error]


FAULTS = (
    Fault(errno.ENOSPC, TAKING, lasts=True),
    Fault(errno.EDQUOT, TAKING, lasts=True),
    Fault(errno.ENOSPC, TAKING, lasts=False),
    Fault(errno.EIO, frozenset({"fsync"}), lasts=False),
    Fault(errno.EIO, CHANGING, lasts=False),
    Fault(errno.EMFILE, OPENING, lasts=False),
    Fault(errno.EMFILE, OPENING, lasts=True, cleans=False),
    Fault(errno.EACCES, CHANGING, lasts=True, cleans=False),
    Fault(errno.EROFS, CHANGING, lasts=True, cleans=False),
)


@dataclass(slots=True)
class Outcome:
    """What became of an index whose updates met with faults: how many, and how often something was wrong."""

    faults: int = 0
    refused: int = 0  # updates that ended with an error
    wrong: int = 0  # the index could not be opened, or held neither the old nor the new articles
    unclear: int = 0  # the error was not one line, or the update was said to be done and was not
    left: int = 0  # something lay about afterwards
    stuck: int = 0  # the next update failed


def fail(folder: Path, fault: Fault, every: int = 1) -> Outcome:
    """Let an update fail at each of its calls, or ``every`` so many, updating undisturbed in between."""
    outcome, done = Outcome(), 1
    update(folder, done)
    for place in count(1, every):
        act = _failing(fault, place)
        said = ""
        try:
            update(folder, done + 1, _watching(folder, act))
        except SuwenError as error:
            said = str(error)
        if not act.met:
            break
        outcome.faults += 1
        outcome.refused += bool(said)
        found = _found(folder, (done, done + 1))
        outcome.wrong += found is None
        outcome.unclear += "\n" in said or (not said and found != done + 1)
        outcome.left += fault.cleans and bool(said) and _left(folder, done, found)
        done = _next(folder, found or done, outcome)
    return outcome


def die(folder: Path, every: int = 1) -> Outcome:
    """Let updates end without a word at each of their calls, or ``every`` so many, two in a row each time."""
    outcome, done = Outcome(), 1
    update(folder, done)
    place, ended = 1, False
    while not ended:
        for _ in range(2):
            ended = _dies(folder, done + 1, place)
            outcome.faults += not ended
            found = _found(folder, (done, done + 1))
            outcome.wrong += found is None
            done = found or done
        done = _next(folder, done, outcome)
        place += every
    return outcome


def apart(work: Callable[..., Outcome], *arguments: object) -> Outcome:
    """Do it in a process of its own: ``die`` forks, which a process with threads should not."""
    with single_threaded() as process:
        return process.submit(work, *arguments).result()


class _Acting:
    """Does something at one of the calls that count, and may go on doing it."""

    def __init__(self, counts: Callable[[Step], bool], place: int, lasts: bool, does: Callable[[], None]) -> None:
        self.counts, self.left, self.lasts, self.does, self.met = counts, place, lasts, does, False

    def __call__(self, step: Step) -> None:
        if not self.counts(step):
            return
        self.left -= 1
        if self.left == 0 or (self.left < 0 and self.lasts):
            self.met = True
            self.does()


def _failing(fault: Fault, place: int) -> _Acting:
    def fails() -> None:
        raise OSError(fault.error, os.strerror(fault.error))

    return _Acting(lambda step: step.kind in fault.kinds, place, fault.lasts, fails)


def _dies(folder: Path, number: int, place: int) -> bool:
    """Update in a process that ends at its ``place``-th call; return whether it got to its end instead."""
    child = os.fork()
    if not child:
        dying = _Acting(lambda step: True, place, False, lambda: os._exit(9))
        try:
            update(folder, number, _watching(folder, dying))
        finally:
            os._exit(0 if not dying.met else 9)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _watching(folder: Path, act: Callable[[Step], None]) -> Callable[[], AbstractContextManager[None]]:
    return lambda: watched(folder, act)


def _found(folder: Path, among: tuple[int, ...]) -> int | None:
    try:
        return state(folder, among)
    except SuwenError:
        return None


def _left(folder: Path, done: int, found: int | None) -> bool:
    """Tell whether more is there than the generation in use, and the one before where the switch went through."""
    return len(leftovers(folder)) > (found == done + 1)


def _next(folder: Path, done: int, outcome: Outcome) -> int:
    try:
        update(folder, done + 1)
    except SuwenError:
        outcome.stuck += 1
        return done
    outcome.left += bool(leftovers(folder))
    return done + 1
