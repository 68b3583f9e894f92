"""A folder whose content changes in one step: generations written aside, named by what they hold, then switched to.

    indexes/NAME/
        CURRENT                      the name of the generation in use, nothing else
        000003-5f0c9a3be1d24a77/     its number, and the start of the SHA-256 of its manifest.json
            manifest.json            what it is, and the SHA-256 of every other file
            ...

A reader that has opened a generation keeps it while a writer prepares the next. Because a name commits to the
manifest, and the manifest to every file, a flipped bit anywhere is found when the generation is opened.

A generation that is not in use goes as soon as no reader is opening it, so that what was taken out of an index
is not left beside it; for the same reason no reader falls back to an older one.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from rag.disk import contents, digest_of, is_file, is_folder, remove, seal, sync
from rag.errors import IndexBusy, IndexDamaged, IndexMissing, SuwenError

_STAGING, _STAGED = ".new", ".CURRENT"
_TOO_MANY = frozenset({errno.EMFILE, errno.ENFILE})  # files are open: that tells nothing of the one to be opened
_NAME = re.compile(r"(\d{6,})-([0-9a-f]{16})")


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the folder's one writing place, and clear away what killed writers and older generations left.

    The system frees it when the holder dies.

    Raises:
        IndexBusy: another process holds it.
        SuwenError: the folder cannot be made or written.

    """
    lock = FileLock(folder / "LOCK")
    try:
        absent = [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for each in absent:
            sync(each.parent)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise IndexBusy(f"{folder}: {_holder(folder)} is writing this index; run again when it is done") from error
    except OSError as error:
        raise SuwenError(
            f"{folder}: cannot be written ({error.strerror}); check permissions and space, or choose another --index"
        ) from error
    try:
        _sign(lock, f"{os.getpid()}\n")
        _clear(folder)
        yield
    finally:
        _sign(lock, "")
        lock.release()


@contextmanager
def opening(folder: Path) -> Iterator[Path]:
    """Yield the generation in use; no writer removes it before the block ends, whatever comes into use meanwhile.

    Raises:
        IndexMissing, IndexDamaged: as ``current`` does, or a file cannot be read.

    """
    generation, manifest = _held(folder)
    with manifest:
        try:
            yield generation
        except OSError as error:
            raise IndexDamaged(_unreadable(Path(error.filename or generation), error)) from error


def commit(folder: Path, manifest: dict[str, Any], write: Callable[[Path], None]) -> Path:
    """Let ``write`` fill a new generation, make it durable, and switch to it; the caller holds ``writing``.

    On any failure the old generation stays in use and nothing of the new one is left. Only where the disk
    fails to confirm the switch itself is the new one in use, and the error says so.

    Raises:
        SuwenError: the disk is full or cannot be written.

    """
    staging = generation = folder / _STAGING
    switched = False
    try:
        remove(staging)
        staging.mkdir()
        write(staging)
        digests = {path.relative_to(staging).as_posix(): seal(path) for path in contents(staging)}
        body = json.dumps({**manifest, "files": digests}, ensure_ascii=False, indent=1, sort_keys=True)
        (staging / "manifest.json").write_text(body, encoding="utf-8")
        digest = seal(staging / "manifest.json")
        for path in {path.parent for path in contents(staging)}:
            sync(path)
        generation = staging.rename(folder / f"{_last_number(folder) + 1:06}-{digest[:16]}")
        sync(folder)  # or CURRENT could outlast a power failure that this name does not
        _switch(folder, generation.name)
        switched = True
        sync(folder)
    except OSError as error:
        state = (
            "the new generation is in use, but may not outlast a power failure: check the disk and run again"
            if switched
            else "the index is as it was, free space and run again"
        )
        raise SuwenError(f"{folder}: cannot be written ({error.strerror or error}); {state}") from error
    finally:
        if not switched and (generation == staging or _in_use(folder) not in (generation.name, None)):
            remove(generation)
    _clear(folder)
    return generation


def current(folder: Path) -> Path:
    """Return the generation in use.

    Raises:
        IndexMissing: there is no index in this folder.
        IndexDamaged: ``CURRENT`` names no generation of it.

    """
    path = folder / "CURRENT"
    try:
        with path.open("rb") as file:
            name = file.read(100).decode("ascii", "replace")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissing(
            f"no index {folder.name!r} in {folder.parent}; run: suwen index PATH --index {folder.name}"
        ) from error
    except OSError as error:
        raise IndexDamaged(_unreadable(path, error)) from error
    if not _NAME.fullmatch(name) or not is_folder(folder / name):
        raise IndexDamaged(f"{path}: names no generation of this index; run: suwen index PATH --rebuild")
    return folder / name


def open_manifest(generation: Path) -> dict[str, Any]:
    """Return the manifest after checking it and every file it names.

    Raises:
        IndexDamaged: names the first file that is not what was written.

    """
    damaged = next(check(generation), None)
    if damaged:
        raise IndexDamaged(_damaged(generation / damaged))
    manifest: dict[str, Any] = json.loads((generation / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def check(generation: Path) -> Iterator[str]:
    """Yield the name of each file of a generation that is damaged, missing, a link, or should not be there."""
    manifest = generation / "manifest.json"
    try:
        body = manifest.read_bytes() if is_file(manifest) else b""
    except OSError as error:
        if error.errno in _TOO_MANY:
            raise
        body = b""
    if not generation.name.endswith(f"-{hashlib.sha256(body).hexdigest()[:16]}"):
        yield "manifest.json"
        return
    digests = json.loads(body)["files"]
    present = {path.relative_to(generation).as_posix(): path for path in contents(generation)}
    for name in sorted(digests.keys() | present.keys() - {"manifest.json"}):
        if name not in present or name not in digests or not _is_intact(present[name], digests[name]):
            yield name


def _damaged(path: Path) -> str:
    return f"{path}: damaged or missing; run: suwen index PATH --rebuild"


def _unreadable(path: Path, error: OSError) -> str:
    return f"{path}: cannot be read ({error.strerror or error}); mend that, or run: suwen index PATH --rebuild"


def _is_intact(path: Path, digest: str) -> bool:
    try:
        return is_file(path) and digest_of(path) == digest
    except OSError as error:  # a bad sector, or no permission
        if error.errno in _TOO_MANY:
            raise
        return False


def _held(folder: Path) -> tuple[Path, BinaryIO]:
    """Return the generation in use and its manifest, open and locked against removal."""
    while True:
        generation = current(folder)
        path = generation / "manifest.json"
        try:
            manifest = path.open("rb")
        except FileNotFoundError as error:
            if current(folder) == generation:
                raise IndexDamaged(_damaged(path)) from error
            continue  # a writer has just removed it
        except OSError as error:
            raise IndexDamaged(_unreadable(path, error)) from error
        with suppress(OSError):  # a file system without locks: then removal is only noticed
            fcntl.flock(manifest, fcntl.LOCK_SH)
        if os.fstat(manifest.fileno()).st_nlink:
            return generation, manifest
        manifest.close()


def _switch(folder: Path, name: str) -> None:
    staged = folder / _STAGED
    try:
        staged.write_text(name, encoding="ascii")
        sync(staged)
        staged.replace(folder / "CURRENT")
    except OSError:
        staged.unlink(missing_ok=True)
        raise


def _in_use(folder: Path) -> str | None:
    """Return what ``CURRENT`` says; None where that cannot be known now."""
    try:
        return (folder / "CURRENT").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError:
        return None


def _numbered(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in folder.iterdir() if _NAME.fullmatch(path.name)}


def _last_number(folder: Path) -> int:
    return max((int(name.partition("-")[0]) for name in _numbered(folder)), default=0)


def _clear(folder: Path) -> None:
    """Remove what killed writers left, and the generations that are neither in use nor being opened."""
    for name in (_STAGING, _STAGED):
        remove(folder / name)
    with suppress(OSError):
        generations = _numbered(folder)
        if generations.pop(_in_use(folder) or "", None) and generations:  # else nothing is known to be old
            for path in generations.values():
                _retire(path)
            sync(folder)


def _retire(generation: Path) -> None:
    try:
        with (generation / "manifest.json").open("rb+") as manifest:
            fcntl.flock(manifest, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(generation)
    except BlockingIOError:
        pass  # a reader is opening it: the next writer removes it
    except OSError:  # without a manifest, or on a file system without locks
        remove(generation)


def _sign(lock: FileLock, text: str) -> None:
    """Write who holds the lock into it, for whoever is turned away."""
    if type(lock) is FileLock:  # where a file system has no locks, it turns into one that writes its own
        with suppress(OSError):
            Path(lock.lock_file).write_text(text, encoding="ascii")


def _holder(folder: Path) -> str:
    try:
        first = (folder / "LOCK").read_text(encoding="ascii", errors="replace").partition("\n")[0]
    except OSError:
        first = ""
    return f"process {first}" if first.isdecimal() else "another process"
