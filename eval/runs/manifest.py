"""What can change a run's answers, written down: settings, code, prompts, models, index, questions."""

import hashlib
import json
import os
import platform
import re
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from eval.gold import Gold
from eval.runs import recording
from rag.pipeline import Pipeline
from rag.records import Json
from rag.settings import PROMPTS, ROOT

VERSION = 1
TASKS = ("system", "material", "answer", "doubt")  # prompts of the answer path
PACKAGES = (  # those of other people whose release can change what is found or said
    "faiss-cpu",
    "langchain",
    "langchain-openai",
    "numpy",
    "openai",
    "opencc",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "transformers",
    "xllamacpp",
)
# What must be the same for an answer to be the same; a run is only taken up by one that agrees in all of it.
IDENTITY = (
    "version",
    "code_sha256",
    "recording_sha256",
    "prompts_sha256",
    "packages",
    "model",
    "embedder",
    "reranker",
    "index",
    "timeout",
    "threads",
)
RESUMED = (*IDENTITY, "data_sha256", "repeat")
_GROUPS = ("settings", "packages")  # told one by one


def describe(pipeline: Pipeline, model_fingerprint: str, gold: Sequence[Gold], paths: Sequence[Path]) -> dict[str, Any]:
    """Return what a run's ``run.json`` says of everything but its course."""
    settings, commit = pipeline.settings, _git("rev-parse", "HEAD")
    reranker = pipeline.reranker
    threads = settings.threads or os.cpu_count()
    with_index = any(each.passages is None for each in gold)
    return {
        "version": VERSION,
        "settings": asdict(settings),
        "gold": [{"path": str(path), "sha256": digest([path])} for path in paths],
        "data_sha256": questions_digest(gold),
        "commit": commit,
        "dirty": bool(commit and _git("status", "--porcelain")),
        "code_sha256": digest(sorted([*(ROOT / "rag").rglob("*.py"), *(ROOT / "rag").glob("*.toml")])),
        "recording_sha256": digest([Path(recording.__file__)]),
        "prompts_sha256": digest(sorted(path for task in TASKS for path in PROMPTS.glob(f"{task}.*.txt"))),
        "packages": {name: version(name) for name in PACKAGES},
        "model": {"spec": settings.llm, "fingerprint": model_fingerprint},
        "embedder": {"name": pipeline.embedder.name, "fingerprint": pipeline.embedder.fingerprint},
        "reranker": {"name": reranker.name, "fingerprint": reranker.fingerprint} if reranker else None,
        "index": {"name": pipeline.index.name, "generation": pipeline.index.generation} if with_index else None,
        "timeout": settings.timeout,
        "threads": threads,  # sums that are shared out otherwise are rounded otherwise
        "machine": {
            "python": platform.python_version(),
            "platform": platform.platform(),
            "cores": threads,
        },
    }


def differences(one: Json, other: Json, keys: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return in which keys two manifests disagree and what each says; settings and packages are told one by one."""
    before, after = (dict(_values(manifest, keys)) for manifest in (one, other))
    return {
        key: (_shown(before.get(key)), _shown(after.get(key)))
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    }


def in_one_line(differing: Mapping[str, tuple[str, str]]) -> str:
    """Return differences between what is there and what is asked for now, hashes shortened."""

    def short(value: str) -> str:
        return re.sub(r"\b([0-9a-f]{10})[0-9a-f]{6,}\b", r"\1…", value.replace(", ", " "))

    return "; ".join(f"{key}: {short(there)} there, {short(now)} now" for key, (there, now) in differing.items())


def _values(manifest: Json, keys: Collection[str]) -> Iterator[tuple[str, object]]:
    for key in keys:
        value = manifest.get(key)
        if key in _GROUPS:
            yield from ((f"{key}.{name}", each) for name, each in (value or {}).items())
        else:
            yield key, value


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{each}" for each in value.values())
    return str(value)


def digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 of files, their names included."""
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def questions_digest(gold: Iterable[Gold]) -> str:
    """Return the SHA-256 of what is asked and what is right."""
    lines = (json.dumps(each.to_json(), ensure_ascii=False, sort_keys=True) for each in gold)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _git(*arguments: str) -> str:
    """Return what git says of the code; empty where it is no checkout or there is no git."""
    try:
        run = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return run.stdout.strip()
