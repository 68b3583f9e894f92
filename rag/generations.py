"""A folder whose content changes in one step: generations written aside, named by what they hold, then switched to.

    indexes/NAME/
        CURRENT                      the name of the generation in use, nothing else
        000003-5f0c9a3be1d24a77/     its number, and the start of the SHA-256 of its manifest.json
            manifest.json            what it is, and the SHA-256 of every other file
            ...

A reader that opened a generation keeps it while a writer prepares the next. Because a name commits to the
manifest, and the manifest to every file, a flipped bit anywhere is found when the generation is opened.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rag.errors import IndexBusy, IndexDamaged, IndexMissing, SuwenError

KEPT = 2  # generations left on disk: the one in use and the one readers may still be opening
_STAGING = ".new"
_NAME = re.compile(r"(\d{6})-([0-9a-f]{16})")


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the folder's one writing place; it is freed by the system when the holder dies.

    Raises:
        IndexBusy: another process holds it.
        SuwenError: the folder cannot be made or written.

    """
    lock = FileLock(folder / "LOCK")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise IndexBusy(f"{folder}: another process is writing this index; run again when it is done") from error
    except OSError as error:
        raise SuwenError(
            f"{folder}: cannot be written ({error.strerror}); check permissions and space, or choose another --index"
        ) from error
    try:
        yield
    finally:
        lock.release()


def commit(folder: Path, manifest: dict[str, Any], write: Callable[[Path], None]) -> Path:
    """Let ``write`` fill a new generation, make it durable, and switch to it; the caller holds ``writing``.

    On any failure the old generation stays in use and nothing of the new one is left.

    Raises:
        SuwenError: the disk is full or cannot be written.

    """
    staging = unfinished = folder / _STAGING
    try:
        _remove(staging)  # of a killed writer
        staging.mkdir()
        write(staging)
        digests = {path.relative_to(staging).as_posix(): _seal(path) for path in _contents(staging)}
        body = json.dumps({**manifest, "files": digests}, ensure_ascii=False, indent=1, sort_keys=True)
        (staging / "manifest.json").write_text(body, encoding="utf-8")
        digest = _seal(staging / "manifest.json")
        generation = folder / f"{_last_number(folder) + 1:06}-{digest[:16]}"
        for path in {path.parent for path in _contents(staging)}:
            _sync_folder(path)
        unfinished = staging.rename(generation)
        _switch(folder, generation.name)
    except OSError as error:
        raise SuwenError(
            f"{folder}: cannot be written ({error.strerror}); the index is as it was, free space and run again"
        ) from error
    finally:
        if _in_use(folder) != unfinished.name:  # not even when stopped right after the switch
            _remove(unfinished)
    _collect(folder)
    return generation


def current(folder: Path) -> Path:
    """Return the generation in use.

    Raises:
        IndexMissing: there is no index in this folder.
        IndexDamaged: ``CURRENT`` names no generation of it.

    """
    try:
        name = (folder / "CURRENT").read_text(encoding="ascii")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissing(
            f"no index {folder.name!r} in {folder.parent}; run: suwen index PATH --index {folder.name}"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{folder / 'CURRENT'}: cannot be read; run: suwen index PATH --rebuild") from error
    if not _NAME.fullmatch(name) or not (folder / name).is_dir():
        raise IndexDamaged(f"{folder / 'CURRENT'}: names no generation of this index; run: suwen index PATH --rebuild")
    return folder / name


def open_manifest(generation: Path) -> dict[str, Any]:
    """Return the manifest after checking it and every file it names.

    Raises:
        IndexDamaged: names the first file that is not what was written.

    """
    damaged = next(check(generation), None)
    if damaged:
        raise IndexDamaged(f"{generation / damaged}: damaged or missing; run: suwen index PATH --rebuild")
    manifest: dict[str, Any] = json.loads((generation / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def check(generation: Path) -> Iterator[str]:
    """Yield the name of each file of a generation that is damaged, missing, or should not be there."""
    try:
        body = (generation / "manifest.json").read_bytes()
    except OSError:
        yield "manifest.json"
        return
    if not generation.name.endswith(f"-{hashlib.sha256(body).hexdigest()[:16]}"):
        yield "manifest.json"
        return
    digests = json.loads(body)["files"]
    present = {path.relative_to(generation).as_posix(): path for path in _contents(generation)}
    for name in sorted(digests.keys() | present.keys() - {"manifest.json"}):
        if name not in present or name not in digests or not _is_intact(present[name], digests[name]):
            yield name


def _contents(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _is_intact(path: Path, digest: str) -> bool:
    try:
        return _digest(path) == digest
    except OSError:  # a bad sector, or no permission
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _seal(path: Path) -> str:
    """Force a file to disk and return its SHA-256."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return _digest(path)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _switch(folder: Path, name: str) -> None:
    staged = folder / ".CURRENT"
    try:
        staged.write_text(name, encoding="ascii")
        _seal(staged)
        staged.replace(folder / "CURRENT")
    finally:
        staged.unlink(missing_ok=True)
    _sync_folder(folder)


def _in_use(folder: Path) -> str:
    try:
        return current(folder).name
    except (IndexMissing, IndexDamaged):
        return ""


def _numbered(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))


def _last_number(folder: Path) -> int:
    return max((int(path.name[:6]) for path in _numbered(folder)), default=0)


def _collect(folder: Path) -> None:
    """Remove generations that are too old for a reader to be opening them."""
    for path in _numbered(folder)[:-KEPT]:
        _remove(path)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
