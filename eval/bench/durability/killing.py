"""A process that updates an index, killed at random moments."""

import multiprocessing
import os
import random
import signal
import tempfile
import time
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from eval.bench.durability.edits import leftovers, state, update
from eval.bench.durability.forking import single_threaded
from rag.errors import IndexBusy, SuwenError
from rag.generations import writing

SPAN = 1.2  # updates within which a kill falls, after one that was acknowledged


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of an index whose writers were killed."""

    kills: int
    updates: int  # that the index had gone through in the end
    unreadable: int  # times that it could not be opened
    wrong: int  # times that its state was neither the one last acknowledged nor the one in flight
    left: int  # times that something of the killed writer was there after the next one had begun
    lock_s: float  # the longest that the next writer waited


def turned_away(folder: Path) -> float:
    """Return the seconds after which a second writer is told who writes.

    Raises:
        SuwenError: it was not told so.

    """
    with writing(folder):
        began = time.perf_counter()
        try:
            with writing(folder):
                raise SuwenError(f"{folder}: two processes write it; do not use this file system for an index")
        except IndexBusy as error:
            if f"process {os.getpid()} " not in str(error):
                raise
            return time.perf_counter() - began


def kill(folder: Path, kills: int) -> Killed:
    """Kill ``kills`` writers of the index in ``folder``, each at a random moment after its first update."""
    moments = random.Random(0)
    done, unreadable, wrong, left, longest = 1, 0, 0, 0, 0.0
    update(folder, done)
    with single_threaded(_warm_up) as parents:
        for _ in range(kills):
            told = parents.submit(_killed, folder, done, moments.uniform(0, SPAN)).result()
            try:
                found = state(folder, (told, told + 1))
            except SuwenError:
                found, unreadable = None, unreadable + 1
            wrong += found is None
            began = time.perf_counter()
            with writing(folder):
                longest = max(longest, time.perf_counter() - began)
                left += bool(leftovers(folder))
            done = told if found is None else found
    return Killed(kills, done, unreadable, wrong, left, longest)


def _warm_up() -> None:
    """Import what is imported when it is used, so that no writer need do it."""
    with tempfile.TemporaryDirectory() as folder:
        for number in (1, 2):
            update(Path(folder), number)


def _killed(folder: Path, done: int, moment: float) -> int:
    """Kill a writer that goes on from ``done``, so many updates after its first; return what it last acknowledged."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    writer = os.fork()
    if not writer:
        try:
            _write_on(folder, done + 1, sender)
        finally:  # whatever went wrong, it must not go on as its parent
            os._exit(1)
    sender.close()
    began = time.perf_counter()
    done = receiver.recv()
    time.sleep(moment * (time.perf_counter() - began))
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    with receiver:
        try:
            while True:
                done = receiver.recv()
        except (EOFError, OSError):  # the last word may be cut
            return done


def _write_on(folder: Path, first: int, sender: Connection) -> None:
    for number in count(first):
        update(folder, number)
        sender.send(number)
