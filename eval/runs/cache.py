"""Answers kept between runs, under a key that covers everything that can change them."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import SuwenError
from rag.records import Json


def key_of(*parts: object) -> str:
    """Return the SHA-256 of parts that JSON can hold; equal parts give equal keys, whatever their order of keys."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Cache:
    """A table of JSON objects in one file that several runs may use at once; without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()  # around the one connection, which all threads use
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        with self._translated():
            # with a write-ahead log a commit need not wait for the disk; a power cut may lose answers, never the file
            self._rows = sqlite3.connect(path or ":memory:", timeout=30, check_same_thread=False, isolation_level=None)
            self._rows.execute("PRAGMA journal_mode = WAL")
            self._rows.execute("PRAGMA synchronous = NORMAL")
            self._rows.execute("CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID")

    def get(self, key: str) -> dict[str, Any] | None:
        """Return what was put under the key, or None."""
        with self._lock, self._translated():
            row = self._rows.execute("SELECT body FROM kept WHERE key = ?", [key]).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, key: str, body: Json) -> None:
        """Keep an object under a key.

        Raises:
            SuwenError: the file cannot be written.

        """
        if self._path:
            with self._lock, self._translated():
                text = json.dumps(body, ensure_ascii=False)
                self._rows.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", [key, text])

    def close(self) -> None:
        """Close the file; the cache cannot be used afterwards."""
        self._rows.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise SuwenError(f"{self._path}: {error}; mend that, remove the file, or use --no-cache") from error
