import subprocess
import sys
from pathlib import Path

from eval.memory import peak_mb

ROOT = Path(__file__).parent.parent


def test_what_was_held_for_a_moment_counts() -> None:
    before = peak_mb()
    held = bytearray(b"x") * (300 * 10**6)
    del held
    assert peak_mb() > max(before, 300)


def test_a_program_does_not_count_the_memory_of_the_one_that_started_it() -> None:
    held = bytearray(b"x") * (300 * 10**6)
    command = [sys.executable, "-c", "from eval.memory import peak_mb; print(peak_mb())"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert len(held) == 300 * 10**6
    assert 1 < float(told) < 100
