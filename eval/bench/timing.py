"""Two ways of doing the same, timed in turn: the machine's mood changes both, and their ratio hardly."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """Some measurements: their median, least and greatest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Return the spread of at least one value."""
        return cls(median(values), min(values), max(values))

    def text(self, unit: str = "", scale: float = 1.0) -> str:
        """Return the spread for a table: ``12.3 (11.9 to 13.0) ms``."""
        middle, low, high = (_short(value * scale) for value in (self.median, self.low, self.high))
        return f"{middle}{unit} ({low} to {high})"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a benchmark's table: what was timed, ours, the other way, and ours over the other's."""

    what: str
    ours: str
    other: str = ""
    ratio: str = ""


def alternate(ours: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[list[float], list[float]]:
    """Return the seconds of both, measured in turn after one round that does not count; who is first alternates."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        order = (0, 1) if number % 2 else (1, 0)
        for which in order:
            started = time.perf_counter()
            (ours, other)[which]()
            if number:
                times[which].append(time.perf_counter() - started)
    return times


def ratios(ours: Sequence[float], other: Sequence[float]) -> Spread:
    """Return how many times the other's time ours takes, pair by pair."""
    return Spread.of([one / two for one, two in zip(ours, other, strict=True)])


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
