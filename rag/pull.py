"""A model of the catalogue onto the disk, whole or not at all."""

import errno
import json
import logging
import os
import shutil
from pathlib import Path

from filelock import FileLock

from rag.catalogue import File, Model, find
from rag.disk import sync
from rag.download import Progress, length
from rag.errors import DownloadError, ModelDamaged, ModelMissing
from rag.models import home, locate, verify_model, write_receipt
from rag.settings import Settings
from rag.sources import fetch, source_names
from rag.unpacking import unpack

log = logging.getLogger(__name__)


def pull(name: str, settings: Settings, progress: Progress) -> Path:
    """Fetch the model unless every byte of it is there; return its GGUF file or its folder.

    Two pulls at once are safe: the second waits for the first and finds the files. An interrupted pull
    goes on where it stopped.

    Raises:
        UsageError: the catalogue has no such model.
        ModelMissing: no source delivers it, or the disk is full or not writable.

    """
    model, folder = find(name), home(name, settings)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{name}.lock")):
            checks = verify_model(name, settings)
            if not checks or any(check.state != "ok" for check in checks):
                _pull(model, folder, settings, progress)
    except OSError as error:
        raise ModelMissing(
            f"{name} cannot be stored in {folder.parent}: {error.strerror or error}; "
            f"what arrived is kept: put that right, or set SUWEN_MODELS to another folder, and pull again"
        ) from error
    return locate(name, settings)


def _pull(model: Model, folder: Path, settings: Settings, progress: Progress) -> None:
    staging = folder.with_name(f".{model.name}.partial")
    staging.mkdir(exist_ok=True)
    _check_space(model, staging)
    came_from, before = {}, 0
    for file in model.files:
        arrived = _after(before, model, progress)
        came_from[file.name] = _fetch(model, file, staging / file.name, settings, arrived)
        before += file.size
    for file in model.files:
        if file.packing:
            unpack(staging / file.name, staging)
            (staging / file.name).unlink()
    for left in list(staging.rglob("*.partial")):  # of a source that broke off before another delivered
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    if model.prompts:  # where sentence-transformers looks for them; the official folder of e5 has none
        config = json.dumps({"prompts": dict(model.prompts)}, indent=2)
        (staging / "config_sentence_transformers.json").write_text(config + "\n", encoding="utf-8")
    write_receipt(staging, came_from)
    if folder.exists():
        shutil.rmtree(folder)  # damaged, or without a receipt
    os.rename(staging, folder)
    sync(folder.parent)


def _check_space(model: Model, staging: Path) -> None:
    missing = model.size - sum(length(path) for path in staging.rglob("*") if path.is_file())
    free = shutil.disk_usage(staging).free
    if missing > free:
        raise OSError(errno.ENOSPC, f"{missing:,} bytes are to come and {free:,} are free")


def _after(before: int, model: Model, progress: Progress) -> Progress:
    """Progress of one file as progress of the model, of which ``before`` bytes are there already."""
    return lambda done, _: progress(before + done, model.size)


def _fetch(model: Model, file: File, target: Path, settings: Settings, progress: Progress) -> str:
    target.parent.mkdir(exist_ok=True)
    failures = []
    for source in source_names(settings):
        try:
            fetch(source, model, file, target, settings, progress)
        except (DownloadError, ModelDamaged) as error:
            log.info("%s", error)
            failures.append(f"{source}: {error}")
        else:
            return source
    raise ModelMissing(
        f"{file.name} of {model.name} could not be fetched ({'; '.join(failures)}); "
        f"put the file in a folder and run: SUWEN_MODEL_SOURCES=./FOLDER suwen models pull {model.name}"
    )
