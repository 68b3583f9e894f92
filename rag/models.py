"""The models folder: one folder for each model, with a receipt of what its files must be."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from rag.catalogue import Kind, find, load_catalogue
from rag.disk import digest_of, sync
from rag.download import length
from rag.errors import ModelDamaged, ModelMissing, UsageError
from rag.llm import EXTRACTIVE, address
from rag.settings import Settings

RECEIPT = "receipt.json"
SHAPING = {".safetensors", ".bin", ".json", ".model", ".txt"}  # what decides a folder's embeddings

State = Literal["ok", "damaged", "absent"]


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of a model as it was when it was stored; ``name`` is relative to the model's folder."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Check:
    """What became of one stored file."""

    model: str
    file: str
    state: State


@dataclass(frozen=True, slots=True)
class Row:
    """One model of the catalogue, as a table shows it; ``size`` in bytes to fetch."""

    name: str
    kind: Kind
    licence: str
    size: int
    on_disk: bool
    measured: bool


def home(name: str, settings: Settings) -> Path:
    """Return the folder of a catalogue model, whether or not it is there."""
    return Path(settings.models).expanduser() / name


def locate(spec: str, settings: Settings) -> Path:
    """Return the GGUF file or sentence-transformers folder of a catalogue name or of a path.

    The files of a catalogue model are checked for their size; :func:`verify` checks every byte.

    Raises:
        UsageError: neither a catalogue name nor anything like a path.
        ModelMissing: nothing is there.
        ModelDamaged: a file of the model is gone or has another size.

    """
    path = Path(spec).expanduser()
    if spec not in load_catalogue() and (path.exists() or {"/", os.sep} & set(spec) or path.suffix == ".gguf"):
        return _own(path)
    model, folder = find(spec), home(spec, settings)
    files = stored(folder)
    if not files:
        raise ModelMissing(f"{spec} is not in {folder.parent}; run: suwen models pull {spec}")
    for file in files:
        if length(folder / file.name) != file.size:
            raise ModelDamaged(f"{folder / file.name} is not whole; run: suwen models pull {spec}")
    return folder / model.files[0].name if model.kind == "gguf" else folder


def verify(settings: Settings) -> tuple[Check, ...]:
    """Hash every file of every model on disk, against the catalogue or, unpacked ones, the receipt."""
    return tuple(check for name in load_catalogue() for check in verify_model(name, settings))


def verify_model(name: str, settings: Settings) -> tuple[Check, ...]:
    """Hash every file of one model; empty where it is not on disk."""
    folder = home(name, settings)
    if folder.is_dir() and not stored(folder):
        return (Check(name, RECEIPT, "damaged" if (folder / RECEIPT).exists() else "absent"),)
    released = {file.name: file.sha256 for file in find(name).files}
    return tuple(
        Check(name, file.name, _state(folder / file.name, released.get(file.name, file.sha256)))
        for file in stored(folder)
    )


def table(settings: Settings) -> tuple[Row, ...]:
    """Return every model of the catalogue, in its order."""
    return tuple(
        Row(name, model.kind, model.licence, model.size, bool(stored(home(name, settings))), model.measured)
        for name, model in load_catalogue().items()
    )


def fingerprint(folder: Path) -> str:
    """Return a SHA-256 that changes with any weight, tokenizer or configuration file of an embedder.

    Read from the receipt; a folder without one, a user's own, is hashed.
    """
    files = stored(folder) or stored_files(folder)
    lines = sorted(f"{file.sha256}  {file.name}\n" for file in files if Path(file.name).suffix in SHAPING)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def model_fingerprint(spec: str, settings: Settings) -> str:
    """Return what tells a language model from every other: a hash of its weights, or its name and address.

    The hash of a catalogue model is read from its receipt, a user's own file is hashed. No key or password is in it.

    Raises:
        UsageError: ``spec`` names no language model.
        ModelMissing: a local model is not on disk.
        ModelDamaged: a local model is not whole.

    """
    if spec == EXTRACTIVE:
        return EXTRACTIVE
    if base_url := address(settings, spec):
        parts = urlsplit(base_url)
        return f"{spec}@{parts._replace(netloc=parts.netloc.rpartition('@')[2], query='', fragment='').geturl()}"
    path = locate(spec, settings)
    if path.suffix != ".gguf":
        raise UsageError(f"{spec} is no language model; use a catalogue name or a GGUF path")
    known = {file.name: file.sha256 for file in stored(path.parent)} if spec in load_catalogue() else {}
    return known.get(path.name) or digest_of(path)


def stored(folder: Path) -> tuple[Stored, ...]:
    """Return what the folder's receipt lists; empty without a receipt that can be read."""
    try:
        files = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))["files"]
        return tuple(Stored(**file) for file in files)
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return ()


def stored_files(folder: Path) -> tuple[Stored, ...]:
    """Hash the files of a folder, leaving out hidden ones and the receipt."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [(path, path.relative_to(folder)) for path in paths]
    return tuple(
        Stored(name.as_posix(), length(path), digest_of(path))
        for path, name in names
        if name.as_posix() != RECEIPT and not any(part.startswith(".") for part in name.parts)
    )


def write_receipt(folder: Path, sources: Mapping[str, str]) -> None:
    """Force the folder's files onto the disk and write down what they are and where they came from."""
    files = stored_files(folder)
    for file in files:
        sync(folder / file.name)
    receipt = {"sources": dict(sources), "files": [asdict(file) for file in files]}
    (folder / RECEIPT).write_text(json.dumps(receipt, indent=2) + "\n", encoding="utf-8")
    sync(folder / RECEIPT)
    sync(folder)


def _own(path: Path) -> Path:
    if path.suffix == ".gguf" and path.is_file():
        return path
    if any((path / name).is_file() for name in ("modules.json", "config.json")):
        return path
    raise ModelMissing(f"{path} is no .gguf file and no sentence-transformers folder; correct the path")


def _state(path: Path, sha256: str) -> State:
    if not path.is_file():
        return "absent"
    return "ok" if digest_of(path) == sha256 else "damaged"
