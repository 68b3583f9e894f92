"""The most memory that this process has held."""

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_mb() -> float:
    """Return the peak of the process's resident memory in MB.

    Linux hands what ``getrusage`` counts on to a new program, so that a small one that a large one started looks
    as large; its own peak is in ``/proc``.
    """
    if _STATUS.exists():
        return _told("VmHWM")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def private_mb() -> float:
    """Return how much resident memory in MB maps no file, so that the system cannot just drop it; NaN but on Linux."""
    return _told("RssAnon") if _STATUS.exists() else float("nan")


def _told(key: str) -> float:
    line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith(f"{key}:"))
    return int(line.split()[1]) * 1024 / 1e6
