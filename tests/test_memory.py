import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BYTES = 300 * 10**6


def told_by(program: str) -> float:
    """Return the peak that a new Python tells after running a line."""
    command = [sys.executable, "-c", f"from eval.memory import peak_mb; {program}; print(peak_mb())"]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def test_what_was_held_for_a_moment_counts() -> None:
    assert told_by(f"bytearray(b'x') * {BYTES}") > BYTES / 1e6


def test_a_program_does_not_count_the_memory_of_the_one_that_started_it() -> None:
    held = bytearray(b"x") * BYTES
    assert 1 < told_by("pass") < 100
    assert len(held) == BYTES
