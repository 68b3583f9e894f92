"""The compared systems as processes: started, asked one question at a time, and told goodbye."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from eval.peers.protocol import Setup
from rag.errors import SuwenError
from rag.records import Json
from rag.settings import ROOT

STARTING_S = 900.0  # a first start reads hundreds of megabytes of libraries from disk
ANSWERING_S = 600.0

OTHERS = ROOT / ".venv-peers" / "bin" / "python"  # the environment of all but Suwen
SYSTEMS: Mapping[str, Sequence[str]] = {
    "suwen": (sys.executable, "-m", "eval.peers.suwen"),
    "langchain": (str(OTHERS), "-m", "eval.peers.langchain"),
    "llamaindex": (str(OTHERS), "-m", "eval.peers.llamaindex"),
    "haystack": (str(OTHERS), "-m", "eval.peers.haystack"),
    "txtai": (str(OTHERS), "-m", "eval.peers.txtai"),
}

# Nothing but the model server is asked for anything: no hubs, no price lists, no reports of use.
ALONE = {
    "HF_HUB_OFFLINE": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LANGSMITH_TRACING": "false",
}


class SystemFailed(SuwenError):
    """A system did not start, died, or took too long; the message is one line."""


@dataclass(frozen=True)
class Started:
    """What a system said when it was ready."""

    index_s: float
    versions: Mapping[str, str]


class System:
    """One running system."""

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        """Start the process; what it writes to standard error is added to ``log``.

        Raises:
            SystemFailed: there is no such program.

        """
        self.name = name
        self._log = log
        try:
            with log.open("ab") as errors:
                self._process = subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env={**os.environ, **ALONE},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                )
        except OSError as error:
            raise SystemFailed(f"{name}: {command[0]} cannot be started ({error.strerror}); run: make peers") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to: IO[bytes] = self._process.stdin
        self._from: IO[bytes] = self._process.stdout
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._reader = threading.Thread(target=_read, args=(self._from, self._lines), daemon=True)
        self._reader.start()

    def start(self, setup: Setup) -> Started:
        """Have the system index the articles.

        Raises:
            SystemFailed: it could not.

        """
        ready = self._exchange(setup.to_json(), STARTING_S)
        return Started(ready["index_s"], ready["versions"])

    def ask(self, question: str, history: Sequence[tuple[str, str]]) -> Json:
        """Return the system's reply, see ``eval.peers.protocol``.

        Raises:
            SystemFailed: it gave none; it has to be started anew.

        """
        return self._exchange({"question": question, "history": list(history)}, ANSWERING_S)

    def stop(self) -> float | None:
        """Say goodbye and return the peak memory of the process in MB; None if it is gone already."""
        try:
            return float(self._exchange({"bye": True}, 30)["peak_mb"])
        except SystemFailed:
            return None
        finally:
            self.kill()

    def kill(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._from.close()
        with suppress(BrokenPipeError):  # what it never read
            self._to.close()

    def _exchange(self, body: Json, seconds: float) -> dict[str, Any]:
        try:
            self._to.write(json.dumps(body, ensure_ascii=False).encode() + b"\n")
            self._to.flush()
            line = self._lines.get(timeout=seconds)
            reply: dict[str, Any] = json.loads(line)
        except queue.Empty:
            self.kill()
            raise SystemFailed(f"{self.name}: no reply in {seconds:.0f} seconds; see {self._log}") from None
        except (OSError, ValueError) as error:
            self.kill()
            raise SystemFailed(f"{self.name}: {self._last_words()}; see {self._log}") from error
        return reply

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1].strip()[:200] if lines else f"ended with status {self._process.returncode}"


def _read(source: IO[bytes], lines: queue.Queue[bytes]) -> None:
    """Hand on every line; an empty one, which is no JSON, says that the process closed its output."""
    for line in source:
        lines.put(line)
    lines.put(b"")
