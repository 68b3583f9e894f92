"""A process that may fork: it has one thread, and no lock that a fork could be killed with."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from tqdm import tqdm

ONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # read when the libraries are loaded


def _nothing() -> None:
    pass


@contextmanager
def single_threaded(warm_up: Callable[[], None] = _nothing) -> Iterator[ProcessPoolExecutor]:
    """Start a process in which the libraries of numbers start no threads, and which has done ``warm_up``."""
    before = {name: os.environ.get(name) for name in ONE}
    os.environ |= ONE
    try:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _start, (warm_up,)) as process:
            process.submit(_nothing).result()  # so that it is up, with these variables
            yield process
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value


def _start(warm_up: Callable[[], None]) -> None:
    tqdm.monitor_interval = 0  # which is a thread
    tqdm.set_lock(threading.RLock())  # its own is shared with forks: one killed while it holds it stops all others
    warm_up()


def threads() -> int:
    """Return how many threads this process has."""
    return len(os.listdir("/proc/self/task"))
