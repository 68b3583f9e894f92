import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BYTES = 300 * 10**6


def told_by(program: str, what: str = "peak_mb") -> float:
    """Return what a new Python tells of its memory after running a line."""
    command = [sys.executable, "-c", f"from eval.memory import {what}; {program}; print({what}())"]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def test_what_was_held_for_a_moment_counts() -> None:
    assert told_by(f"bytearray(b'x') * {BYTES}") > BYTES / 1e6


def test_a_program_does_not_count_the_memory_of_the_one_that_started_it() -> None:
    held = bytearray(b"x") * BYTES
    assert 1 < told_by("pass") < 100
    assert len(held) == BYTES


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which memory maps no file")
def test_mapped_files_are_not_private(tmp_path: Path) -> None:
    path = tmp_path / "mapped"
    path.write_bytes(bytes(BYTES))
    opened = f"import mmap; file = open({str(path)!r}); held = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)"
    read = f"{opened}; sum(held[::4096])"
    assert told_by(read) > BYTES / 1e6
    assert told_by(read, "private_mb") < 100
    assert told_by(f"held = bytearray(b'x') * {BYTES}", "private_mb") > BYTES / 1e6
