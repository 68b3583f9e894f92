"""The newest generation of an index, loaded aside while the one before goes on answering."""

import math
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rag.errors import IndexMismatch, SuwenError
from rag.generations import current
from rag.index import Index

RETRY = 60.0  # seconds until a generation that could not be taken up is tried again
PATIENCE = 2.0  # seconds that questions wait for a generation being loaded, before the one before answers them


class Newest:
    """An open index that gives way to what writers switch to.

    Looking is one small read. A generation that is damaged, or of other weights or another format, is not taken
    up: ``warn`` is told why, once, and the open one goes on; after ``RETRY`` it is tried again, as a disk or a limit of
    open files may have been to blame.
    """

    def __init__(self, folder: Path, index: Index, warn: Callable[[str], None]) -> None:
        self._folder, self._index, self._warn = folder, index, warn
        self._seen = index.generation  # taken up or refused
        self._lock = threading.Lock()
        self._loading = threading.Thread()
        self._deadline = 0.0
        self._retry = math.inf  # the moment
        self._said = ""

    def index(self) -> Index:
        """Return the newest whole generation, or the one before if the newest is not loaded in ``PATIENCE``.

        Whoever asks more than one thing about an answer keeps what this returned.
        """
        with self._lock:
            if not self._loading.is_alive():
                self._look()
        if self._loading.is_alive():
            self._loading.join(max(0.0, self._deadline - time.monotonic()))
        return self._index

    def _look(self) -> None:
        try:
            found = current(self._folder).name
        except SuwenError as error:
            self._seen = ""
            self._tell(error)
            return
        if found != self._seen or time.monotonic() >= self._retry:
            self._seen, self._retry = found, math.inf
            self._deadline = time.monotonic() + PATIENCE
            self._loading = threading.Thread(target=self._load, daemon=True)
            self._loading.start()

    def _load(self) -> None:
        try:
            index = Index.load(self._folder)
            self._seen = index.generation  # writers may have gone on since
            if index.fingerprint != self._index.fingerprint:
                raise IndexMismatch(
                    f"{self._folder}: {index.generation} was built with {index.embedder} and other weights; "
                    "start again with its embedder"
                )
        except SuwenError as error:
            self._retry = time.monotonic() + RETRY
            self._tell(error)
        else:
            self._index, self._said = index, ""

    def _tell(self, error: SuwenError) -> None:
        line = f"{error}; meanwhile {self._index.generation} goes on answering"
        if line != self._said:
            self._said = line
            self._warn(line)
