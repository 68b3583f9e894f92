"""Files that are written aside and then take their place: a kill or a full disk leaves the old one whole."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rag.errors import SuwenError
from rag.records import Json


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Give a path to write to; what was written there takes the place of ``path`` afterwards.

    Raises:
        SuwenError: it cannot be written.

    """
    new = path.with_name(f"{path.name}.new")
    try:
        yield new
        new.replace(path)
    except OSError as error:
        raise SuwenError(f"{path}: cannot be written ({error.strerror}); mend that and run again") from error
    finally:
        with suppress(OSError):
            new.unlink()


def write_json(path: Path, body: Json) -> None:
    """Write an object as a file of its own.

    Raises:
        SuwenError: it cannot be written.

    """
    with aside(path) as new:
        new.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
