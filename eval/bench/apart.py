"""A step of a benchmark in a process of its own, whose memory and threads are those of nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from rag.errors import SuwenError
from rag.settings import ROOT

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def apart(module: str, *arguments: object, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run a module of this package and return the JSON it prints.

    Raises:
        SuwenError: it failed; the last line it wrote says why.

    """
    command = [sys.executable, "-m", f"eval.bench.{module}", *map(str, arguments)]
    around = {**os.environ, **(environment or {})}
    ended = subprocess.run(command, cwd=ROOT, env=around, capture_output=True, text=True, check=False)
    if ended.returncode:
        reason = (ended.stderr.splitlines() or [f"status {ended.returncode}"])[-1]
        raise SuwenError(
            f"{' '.join(map(str, arguments))} failed ({reason}); run: {' '.join(['python', *command[1:]])}"
        )
    told: dict[str, Any] = json.loads(ended.stdout)
    return told
