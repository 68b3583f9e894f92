"""The newest generation of an index, loaded aside while the one before goes on answering."""

import math
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from rag.errors import IndexMismatch, SuwenError
from rag.generations import current
from rag.index import Index
from rag.milvus.index import MilvusIndex
from rag.milvus.server import Milvus, generation_name
from rag.searchable import Searchable

Place: TypeAlias = Path | Milvus

RETRY = 60.0  # seconds until a generation that could not be taken up is tried again
PATIENCE = 2.0  # seconds that questions wait for a generation being loaded, before the one before answers them


def load(place: Place) -> Searchable:
    """Open the current generation of the index in a folder or on a server.

    Raises:
        IndexMissing, IndexDamaged, IndexMismatch: as ``Index.load`` and ``MilvusIndex.load`` do.

    """
    return Index.load(place) if isinstance(place, Path) else MilvusIndex.load(place)


def _current(place: Place) -> str:
    return current(place).name if isinstance(place, Path) else generation_name(place.state())


class Newest:
    """An open index that gives way to what writers switch to.

    Looking is one small read. A generation that is damaged, or of other weights or another format, is not taken
    up: ``warn`` is told why, once, and the open one goes on; after ``RETRY`` it is tried again, as a disk or a limit of
    open files may have been to blame.
    """

    def __init__(self, place: Place, index: Searchable, warn: Callable[[str], None]) -> None:
        self._place, self._index, self._warn = place, index, warn
        self._seen = index.generation  # taken up or refused
        self._lock = threading.Lock()
        self._loading = threading.Thread()
        self._deadline = 0.0
        self._retry = math.inf  # the moment
        self._said = ""

    def index(self) -> Searchable:
        """Return the newest whole generation, or the one before if the newest is not loaded in ``PATIENCE``.

        Whoever asks more than one thing about an answer keeps what this returned.
        """
        with self._lock:
            if not self._loading.is_alive():
                self._look()
            loading, left = self._loading, self._deadline - time.monotonic()  # another thread may begin the next
        if loading.is_alive():
            loading.join(max(0.0, left))
        return self._index

    def _look(self) -> None:
        try:
            found = _current(self._place)
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
            index = load(self._place)
            self._seen = index.generation  # writers may have gone on since
            if index.fingerprint != self._index.fingerprint:
                raise IndexMismatch(
                    f"{self._place}: {index.generation} was built with {index.embedder} and other weights; "
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
