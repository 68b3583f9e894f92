"""Where a model file can come from: a local folder, a hub, the parts on a package index."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from rag import hub as hubs
from rag.catalogue import File, Hub, Model, load_hubs
from rag.download import Progress, complete, download
from rag.errors import DownloadError, UsageError
from rag.parts import download_parts
from rag.settings import Settings

PARTS = "pypi"


def source_names(settings: Settings) -> tuple[str, ...]:
    """Return the sources to try, in order: hub names, ``pypi``, folders, or URLs of a hub's mirror.

    Raises:
        UsageError: ``model_sources`` names something else.

    """
    known = (*load_hubs(), PARTS)
    names = tuple(name.strip() for name in settings.model_sources.split(",") if name.strip()) or known
    for name in names:
        if name not in known and not {"/", os.sep} & set(name):
            raise UsageError(
                f"model_sources names {name!r}; use {', '.join(known)}, a folder or a mirror's URL (with a /)"
            )
    return names


def fetch(source: str, model: Model, file: File, target: Path, settings: Settings, progress: Progress) -> None:
    """Fetch one file of a model from one source; its hash is right when this returns.

    Raises:
        DownloadError: the source, which the message leaves to the caller to name, does not deliver it.
        ModelDamaged: what arrived has another hash; it is deleted.
        OSError: the disk is full or not writable.

    """
    mirrors = _hubs(settings)
    if source in mirrors:
        if not model.repository:
            raise DownloadError("does not have it")
        hubs.check_reachable(mirrors[source], tuple(mirrors.values()))
        url = hubs.address(mirrors[source], model.repository, file.name)
        download(url, target, size=file.size, digest=file.sha256, progress=progress)
    elif source != PARTS:
        _copy(Path(source).expanduser(), model, file, target, progress)
    elif file.parts:
        download_parts(file.parts, target, size=file.size, digest=file.sha256, progress=progress)
    else:
        raise DownloadError("does not have it")


def _hubs(settings: Settings) -> Mapping[str, Hub]:
    mirrors = {
        name: Hub(name, f"{name.rstrip('/')}/{{repository}}/resolve/main/{{file}}")
        for name in source_names(settings)
        if name.startswith(("https://", "http://"))
    }
    return {name: hub for name, hub in load_hubs().items() if name in source_names(settings)} | mirrors


def _copy(folder: Path, model: Model, file: File, target: Path, progress: Progress) -> None:
    found = [path for path in (folder / model.name / file.name, folder / file.name) if path.is_file()]
    if not found:
        raise DownloadError(f"has no {file.name}")
    complete(lambda partial: _copy_file(found[0], partial), target, file.sha256)
    progress(file.size, file.size)


def _copy_file(source: Path, partial: Path) -> None:
    shutil.copyfile(source, partial)
