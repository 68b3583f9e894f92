"""Files as a disk keeps them: forced onto it, digested, listed and removed."""

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path


def seal(path: Path) -> str:
    """Force a file to disk and return its SHA-256."""
    sync(path)
    return digest_of(path)


def digest_of(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Force a file, or a folder's list of names, onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def contents(folder: Path) -> list[Path]:
    """Return all below a folder that is no folder, in order; a link to a folder is none."""
    return sorted(path for path in folder.rglob("*") if not is_folder(path))


def is_file(path: Path) -> bool:
    """Tell whether the path itself, not what a link leads to, is a plain file."""
    return _kind(path) == stat.S_IFREG


def is_folder(path: Path) -> bool:
    """Tell whether the path itself, not what a link leads to, is a folder."""
    return _kind(path) == stat.S_IFDIR


def _kind(path: Path) -> int:
    try:
        return stat.S_IFMT(path.lstat().st_mode)
    except OSError:
        return 0


def remove(path: Path) -> None:
    """Remove a file or folder as far as that goes, with one open file at a time: a process may have no more."""
    with suppress(OSError):
        for each in sorted(path.rglob("*"), reverse=True) if is_folder(path) else ():
            (each.rmdir if is_folder(each) else each.unlink)()
        (path.rmdir if is_folder(path) else path.unlink)()
