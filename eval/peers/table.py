"""What the answers of a comparison are worth, by the same functions for every system."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from eval.gold import Gold
from eval.measures.facts import told
from eval.measures.intervals import wilson
from eval.measures.refusing import says_nothing
from rag.records import Json

HEADINGS = (
    "System",
    "Right (95% interval)",
    "Right of answerable",
    "Unanswerable refused",
    "Answerable refused",
    "First word s, median",
    "Whole answer s, median",
    "Ready after s",
    "Memory MB",
    "Version",
)
NOTE = (
    "One run on one machine, each question asked of every system before the next, in rotating order, with the same "
    "articles, embedder, language model and limit of tokens. Memory is the peak of each system's own process: the "
    "language model, which all share, runs in another. Ready is from the articles to the first question, libraries "
    "loaded."
)


@dataclass(frozen=True)
class Verdict:
    """How one answer did."""

    category: str
    answerable: bool
    right: bool
    refused: bool
    failed: bool = False


@dataclass(frozen=True)
class Share:
    """A number of questions out of those it could have been, with its 95% Wilson interval."""

    count: int
    of: int
    low: float
    high: float


@dataclass(frozen=True)
class Standing:
    """One system's figures; ``error`` says why there are not more of them."""

    system: str
    right: Share
    right_answerable: Share
    refused_unanswerable: Share
    false_refusals: Share
    errors: int
    categories: Mapping[str, Share]  # right ones
    first_token_s: float | None
    total_s: float | None
    index_s: float | None
    peak_mb: float | None
    versions: Mapping[str, str]
    error: str

    def to_json(self) -> Json:
        """Return the figures as a JSON object."""
        return asdict(self)


def verdict(gold: Gold, row: Json) -> Verdict:
    """Judge one line of the answers; one with an error is wrong, and neither an answer nor a refusal."""
    if "error" in row:
        return Verdict(gold.category, gold.answerable, right=False, refused=False, failed=True)
    refused = bool(row.get("refused")) or says_nothing(row["answer"])
    right = not refused and told(row["answer"], gold.required) == 1 if gold.answerable else refused
    return Verdict(gold.category, gold.answerable, right, refused)


def standings(gold: Sequence[Gold], rows: Iterable[Json], about: Mapping[str, Mapping[str, Any]]) -> list[Standing]:
    """Return the figures of every system that ``about`` names, in its order."""
    questions = {each.id: each for each in gold}
    by_system: dict[str, list[Json]] = {name: [] for name in about}
    for row in rows:
        by_system[row["system"]].append(row)
    return [_standing(name, questions, given, about[name]) for name, given in by_system.items()]


def _standing(name: str, questions: Mapping[str, Gold], rows: Sequence[Json], about: Mapping[str, Any]) -> Standing:
    verdicts = [verdict(questions[row["id"]], row) for row in rows]
    answered = [row for row in rows if "error" not in row]
    answerable = [each for each in verdicts if each.answerable]
    categories = dict.fromkeys(each.category for each in verdicts)
    return Standing(
        system=name,
        right=_share(each.right for each in verdicts),
        right_answerable=_share(each.right for each in answerable),
        refused_unanswerable=_share(each.refused for each in verdicts if not each.answerable),
        false_refusals=_share(each.refused for each in answerable if not each.failed),
        errors=len(rows) - len(answered),
        categories={
            category: _share(each.right for each in verdicts if each.category == category) for category in categories
        },
        first_token_s=median(row["first_token_s"] for row in answered) if answered else None,
        total_s=median(row["total_s"] for row in answered) if answered else None,
        index_s=about.get("index_s"),
        peak_mb=about.get("peak_mb"),
        versions=about.get("versions", {}),
        error=about.get("error", ""),
    )


def _share(flags: Iterable[bool]) -> Share:
    given = list(flags)
    return Share(sum(given), len(given), *wilson(sum(given), len(given)))


def markdown(table: Sequence[Standing]) -> str:
    """Return the table, one of right answers by category, what was measured, and a line for each failure."""
    rows = [_cells(each) for each in table if each.right.of]
    categories = list(dict.fromkeys(category for each in table for category in each.categories))
    by_category = [
        [each.system, *(_counted(each.categories.get(category)) for category in categories)]
        for each in table
        if each.right.of
    ]
    parts = [_grid(HEADINGS, rows), _grid(["Right", *categories], by_category)]
    failed = [f"- {each.error}" for each in table if each.error]
    failed += [
        f"- {each.system}: {each.errors} of {each.right.of} questions ended in an error"
        for each in table
        if each.errors
    ]
    return "\n\n".join([*parts, NOTE, *(["\n".join(failed)] if failed else [])]) + "\n"


def _cells(standing: Standing) -> list[str]:
    right = standing.right
    return [
        standing.system,
        f"{right.count} of {right.of} ({right.low:.0%}–{right.high:.0%})",
        _counted(standing.right_answerable),
        _counted(standing.refused_unanswerable),
        _counted(standing.false_refusals),
        _figure(standing.first_token_s, 1),
        _figure(standing.total_s, 1),
        _figure(standing.index_s, 1),
        _figure(standing.peak_mb, 0),
        ", ".join(f"{name} {number}" for name, number in standing.versions.items()),
    ]


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _counted(share: Share | None) -> str:
    return f"{share.count}/{share.of}" if share and share.of else "–"


def _figure(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
