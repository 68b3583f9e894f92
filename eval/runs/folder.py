"""A run's folder: its files written in one step each."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.records import Json


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Give a path to write to that takes the place of ``path`` afterwards: a kill leaves the old file or the new."""
    new = path.with_name(f"{path.name}.new")
    yield new
    new.replace(path)


def write_json(path: Path, body: Json) -> None:
    """Write an object as a file of its own, in one step."""
    with aside(path) as new:
        new.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
