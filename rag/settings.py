"""One frozen settings object of names and numbers: ``suwen.toml``, then ``SUWEN_*``, then the command line."""

import math
import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from platformdirs import user_cache_path, user_data_path

from rag.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent
PROMPTS = ROOT / "prompts" if (ROOT / "prompts").is_dir() else Path(__file__).parent / "_prompts"


@dataclass(frozen=True)
class Settings:
    """What a user may set. Each field is a key of ``suwen.toml`` and, upper-cased, a ``SUWEN_`` variable."""

    index: str = "sample"  # a name below `indexes`, or a path
    llm: str = "qwen2.5-coder-1.5b"  # catalogue name, GGUF path, provider:model, or "extractive"
    base_url: str = ""  # of an OpenAI-compatible server
    api_key_file: str = ""  # instead of SUWEN_API_KEY, which is read where it is used and never kept
    embedder: str = "multilingual-e5-small"  # catalogue name or sentence-transformers folder
    reranker: str = ""  # catalogue name or folder of a cross-encoder; empty: none
    indexes: str = str(ROOT / "indexes")
    models: str = str(user_cache_path("suwen") / "models")
    model_sources: str = ""  # comma list in order: hubs, pypi, folders, mirror URLs; empty: the catalogue's
    timeout: float = 120.0  # seconds without a byte from the language model
    threads: int = 0  # of the local model; 0 means every core
    feedback: str = str(user_data_path("suwen") / "feedback.sqlite")  # what readers thought of answers

    @classmethod
    def load(cls, overrides: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Self:
        """Combine defaults, ``suwen.toml`` of the working directory, ``environ`` and ``overrides``.

        Overrides of ``None`` count as absent.

        Raises:
            UsageError: an unknown key, or a value that is not of the field's type.

        """
        settings = cls()
        for origin, values in (
            ("suwen.toml", _from_file(Path("suwen.toml"))),
            ("the environment", _from_environ(environ)),
            ("the command line", {key: value for key, value in overrides.items() if value is not None}),
        ):
            settings = replace(settings, **_cast_all(values, origin))
        return settings


def _from_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}; correct it or remove it") from error


def _from_environ(environ: Mapping[str, str]) -> dict[str, Any]:
    values = {key: environ.get(f"SUWEN_{key.upper()}") for key in _TYPES}
    return {key: value for key, value in values.items() if value}


def _cast_all(values: Mapping[str, object], origin: str) -> dict[str, Any]:
    return {key: _cast(key, value, origin) for key, value in values.items()}


def _cast(key: str, value: object, origin: str) -> object:
    if key not in _TYPES:
        raise UsageError(f"{origin} sets {key!r}, which is not a setting; settings are {', '.join(_TYPES)}")
    wanted = _TYPES[key]
    if wanted is str and isinstance(value, str) and (value or not _DEFAULTS[key]):
        return value
    if wanted is not str and isinstance(value, str | int | float) and not isinstance(value, bool):
        with suppress(ValueError):
            number = float(value)
            if math.isfinite(number) and number >= 0 and (wanted is float or number.is_integer()):
                return wanted(number)
    raise UsageError(f"{origin} sets {key} to {value!r}, which is no {_NAMES[wanted]}")


_TYPES: dict[str, type] = {entry.name: type(entry.default) for entry in fields(Settings)}
_DEFAULTS: dict[str, Any] = {entry.name: entry.default for entry in fields(Settings)}
_NAMES: Mapping[type, str] = {str: "text", int: "whole number from 0 up", float: "number from 0 up"}
