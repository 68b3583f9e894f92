"""The values of a run's questions as columns, and the file they are kept in."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from eval.gold import Gold
from eval.measures.metrics import COLUMNS
from eval.measures.scoring import Values


@dataclass(frozen=True)
class Scores:
    """One row per question: ``columns[name]`` has shape (n,), nan where the column does not apply."""

    ids: tuple[str, ...]
    categories: tuple[str, ...]
    answerable: NDArray[np.bool_]
    columns: Mapping[str, NDArray[np.float64]]

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[Gold, Values]]) -> Self:
        """Put the values of questions, in order, into columns."""
        heads = [(gold.id, gold.category, gold.answerable, values) for gold, values in rows]
        return cls(
            ids=tuple(head[0] for head in heads),
            categories=tuple(head[1] for head in heads),
            answerable=np.array([head[2] for head in heads], np.bool_),
            columns={name: np.array([head[3].get(name) for head in heads], np.float64) for name in COLUMNS},
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what ``write`` wrote; a column of a later version is empty."""
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
        return cls(
            ids=tuple(row["id"] for row in rows),
            categories=tuple(row["category"] for row in rows),
            answerable=np.array([row["answerable"] for row in rows], np.bool_),
            columns={name: np.array([row["scores"].get(name) for row in rows], np.float64) for name in COLUMNS},
        )

    def write(self, path: Path) -> None:
        """Write one line for each question."""
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for row, identity in enumerate(self.ids):
                body = {
                    "id": identity,
                    "category": self.categories[row],
                    "answerable": bool(self.answerable[row]),
                    "scores": self.values(row),
                }
                file.write(json.dumps(body, ensure_ascii=False) + "\n")

    def values(self, row: int) -> Values:
        """Return the values of one question."""
        return {name: None if np.isnan(value := column[row]) else float(value) for name, column in self.columns.items()}

    def take(self, rows: NDArray[np.intp]) -> "Scores":
        """Return the questions of these rows, in their order."""
        return Scores(
            tuple(self.ids[row] for row in rows),
            tuple(self.categories[row] for row in rows),
            self.answerable[rows],
            {name: column[rows] for name, column in self.columns.items()},
        )

    def beside(self, other: "Scores") -> "Scores":
        """Return these questions and then those of another run."""
        return Scores(
            self.ids + other.ids,
            self.categories + other.categories,
            np.concatenate([self.answerable, other.answerable]),
            {name: np.concatenate([column, other.columns[name]]) for name, column in self.columns.items()},
        )

    def rows_of(self, category: str) -> NDArray[np.intp]:
        """Return the rows of a category's questions."""
        return np.flatnonzero([each == category for each in self.categories])

    @property
    def refused(self) -> NDArray[np.bool_]:
        """Which questions were refused in at least half of the repeats, whether rightly or not; shape (n,)."""
        return np.nan_to_num(np.fmax(self.columns["refused_unanswerable"], self.columns["false_refusals"])) >= 0.5
