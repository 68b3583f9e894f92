"""The most memory that this process has held."""

import resource
import sys
from pathlib import Path


def peak_mb() -> float:
    """Return the peak of the process's resident memory in MB.

    Linux hands what ``getrusage`` counts on to a new program, so that a small one that a large one started looks
    as large; its own peak is in ``/proc``.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
