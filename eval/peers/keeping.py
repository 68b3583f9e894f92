"""What a contest's folder says of itself: ``setup.json``, with what all were asked; ``systems.json``, what each is."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.aside import write_json
from eval.gold import Gold
from eval.peers.protocol import Setup
from eval.runs.cache import key_of
from eval.runs.manifest import differences
from rag.errors import UsageError
from rag.models import fingerprint, model_fingerprint
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
    write_json(path, given)


@dataclass(frozen=True, slots=True)
class Systems:
    """The file of what is known of each system: ``index_s``, ``versions``, ``peak_mb``, why it was given up.

    It is written as soon as something is known: a contest may be stopped at any time, and a system that has nothing
    left to answer is not started again.
    """

    path: Path

    def read(self) -> dict[str, dict[str, Any]]:
        """Return what is known by the name of the system."""
        return json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}

    def started(self, name: str, index_s: float, versions: Mapping[str, str]) -> None:
        """Note how a system started, whatever became of it before."""
        self._change(name, index_s=index_s, versions=dict(versions), error=None)

    def given_up(self, name: str, error: str) -> None:
        """Note why a system is not asked any more."""
        self._change(name, error=error)

    def ended(self, name: str, peak_mb: float) -> None:
        """Note the memory of one of a system's processes; the greatest of them counts."""
        self._change(name, peak_mb=max(peak_mb, self.read().get(name, {}).get("peak_mb", peak_mb)))

    def _change(self, name: str, **found: object) -> None:
        known = self.read()
        about = {**known.get(name, {}), **found}
        write_json(self.path, {**known, name: {key: value for key, value in about.items() if value is not None}})
