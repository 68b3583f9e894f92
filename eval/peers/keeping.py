"""What a contest's folder says of itself: ``setup.json``, with what all systems were asked."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from eval.gold import Gold
from eval.peers.protocol import Setup
from eval.runs.cache import key_of
from eval.runs.manifest import differences
from rag.errors import UsageError
from rag.models import fingerprint, model_fingerprint
from rag.records import Json
from rag.settings import Settings


def fingerprints(settings: Settings, setup: Setup, gold: Iterable[Gold]) -> dict[str, str]:
    """Return what must be the same for two answers to stand in one table.

    What is right is not in it: a table is judged anew each time, and a fact may be corrected.
    """
    return {
        "model": model_fingerprint(settings.llm, settings),
        "embedder": fingerprint(Path(setup.embedder)),
        "articles": key_of([asdict(each) for each in setup.articles]),
        "questions": key_of([[each.id, asdict(each.ask())] for each in gold]),
    }


def start(folder: Path, given: Mapping[str, str]) -> None:
    """Make a contest's folder, or take up the one that was stopped.

    Raises:
        UsageError: the folder holds another contest; says in what it differs.

    """
    path = folder / "setup.json"
    if path.exists():
        if changed := differences(json.loads(path.read_text(encoding="utf-8")), given, given):
            raise UsageError(f"{folder}: was not run with the same {', '.join(changed)}; choose another --out")
        return
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder}: holds something else than a comparison; choose another --out")
    folder.mkdir(parents=True, exist_ok=True)
    _write(path, given)


def _write(path: Path, body: Json) -> None:
    """Write a file in one step, so that a kill leaves the old one or the new one."""
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)
