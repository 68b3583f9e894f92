"""A gold set asked on the answer path of the chat, everything kept in one folder, and what the answers are worth.

A run's folder:

    run.json        what could change the answers, and the run's course      scores.jsonl   values by question
    gold.jsonl      the questions, in order                                  metrics.json   figures, never read
    answers.jsonl   one line for each question and repeat                    report.html    all of it, to look at
    articles.jsonl  the articles that answers found or cited                 LOCK           held by who is at it
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.aside import aside, write_json
from eval.gold import Gold, write_gold
from eval.measures.scores import Scores
from eval.measures.scoring import Values, mean, score
from eval.measures.summary import Summary, summarise
from eval.runs.answers import read_rows
from eval.runs.asking import Ask, Asking, ask_all
from eval.runs.cache import Cache, key_of
from eval.runs.folder import check_free, read_answers, read_manifest, read_questions, write_rows
from eval.runs.manifest import IDENTITY, RESUMED, differences, in_one_line
from rag.building import Progress
from rag.errors import UsageError
from rag.records import Json

Judge = Callable[[Gold, Json], float | None]
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError)  # what reading scores of another shape may raise


@dataclass(frozen=True)
class Run:
    """A finished run, read from its folder; its answers are read one by one."""

    folder: Path
    manifest: Json
    gold: tuple[Gold, ...]
    scores: Scores

    @cached_property
    def summary(self) -> Summary:
        """The figures of the scores, with every metric there is today."""
        return summarise(self.scores)

    def answers(self) -> Iterator[Json]:
        """Yield the answers in the order of the questions, all repeats of a question together."""
        return read_rows(self.folder / "answers.jsonl")


def read_run(folder: Path) -> Run:
    """Read the folder of a finished run.

    Raises:
        UsageError: there is none, or it was not finished.

    """
    manifest, path = read_manifest(folder), folder / "scores.jsonl"
    try:
        scores = Scores.read(path)
    except FileNotFoundError as error:
        raise _unfinished(folder) from error
    except _DAMAGE as error:
        raise UsageError(f"{path}: cannot be read ({error}); run: suwen eval report {folder}") from error
    gold = read_questions(folder)
    if scores.ids != tuple(each.id for each in gold):
        raise UsageError(f"{path}: is not of the questions in gold.jsonl; run: suwen eval report {folder}")
    return Run(folder, manifest, gold, scores)


def read_articles(folder: Path) -> Callable[[str], Json]:
    """Return what gives, by its id, an article that a run's answers found or cited.

    Raises:
        UsageError: the run was not finished, or there is none; also of an article that is not there.

    """
    read_manifest(folder)
    path = folder / "articles.jsonl"
    try:
        articles = {row.get("id"): row for row in read_rows(path)}
    except FileNotFoundError as error:
        raise _unfinished(folder) from error

    def article(identity: str) -> Json:
        if identity not in articles:
            raise UsageError(f"{path}: lacks the article {identity!r}; ask again with --out {folder}")
        return articles[identity]

    return article


def _unfinished(folder: Path) -> UsageError:
    return UsageError(f"{folder}: this run has not come to its end; the same command goes on with --out {folder}")


def start(folder: Path, manifest: Json, gold: Sequence[Gold]) -> None:
    """Make a run's folder, or take up the one that was stopped.

    Raises:
        UsageError: the folder holds another run, and says in what it differs, or something else.

    """
    check_free(folder)
    path = folder / "run.json"
    found: Json = {"name": folder.name, "started": _now(), "ended": None}
    if path.exists():
        found = read_manifest(folder)
        if changed := differences(found, manifest, RESUMED):
            raise UsageError(f"{folder}: was run otherwise ({in_one_line(changed)}); choose another --out")
    folder.mkdir(parents=True, exist_ok=True)
    write_json(path, {**found, **manifest})  # what need not be the same is as it is now
    with aside(folder / "gold.jsonl") as new:  # also of a run that was stopped before it had them
        write_gold(new, gold)


def ask_gold(
    folder: Path,
    gold: Sequence[Gold],
    ask: Ask,
    cache: Cache,
    progress: Progress,
    workers: int = 1,
    most: int | None = None,
) -> int:
    """Ask what has not been answered yet and return how much is left; ``most`` is as in ``asking.ask_all``."""
    manifest = read_manifest(folder)
    identity = [manifest.get(key) for key in IDENTITY]
    askings = [
        Asking(each, repeat, key_of(identity, each.question, _context(each), repeat))
        for each in gold
        for repeat in range(1, manifest["repeat"] + 1)
    ]
    return ask_all(askings, folder / "answers.jsonl", ask, cache, progress, workers, most)


def finish(
    folder: Path, article: Callable[[str], Json], judge: Judge | None = None, about_judge: Json | None = None
) -> Run:
    """Score the answers of a run and write what they are worth; can be done again at any time.

    ``article`` returns an article of the index as JSON; passages that came with a question are not looked up.
    Without a judge the verdicts of an earlier one are kept. ``about_judge`` is what ``run.json`` says of the judge.

    Raises:
        UsageError: the answers are not those of the questions, or a file is damaged.

    """
    manifest = read_manifest(folder)
    gold = read_questions(folder)
    articles: dict[str, Json] = {}
    rows: list[tuple[Gold, Values]] = []
    for each, given in read_answers(folder, gold):
        rows.append((each, _values(each, given, judge)))
        if each.passages is None:
            for identity in _named(given) - articles.keys():
                articles[identity] = article(identity)
    write_rows(folder / "articles.jsonl", articles.values())
    scores = Scores.from_rows(rows)
    if judge is None and (verdicts := _verdicts(folder, scores)) is not None:
        scores = replace(scores, columns={**scores.columns, "judge": verdicts})
    with aside(folder / "scores.jsonl") as new:
        scores.write(new)
    course = {"judge": about_judge if judge else manifest.get("judge"), "ended": manifest["ended"] or _now()}
    done = Run(folder, {**manifest, **course}, gold, scores)
    write_json(folder / "metrics.json", done.summary.to_json())
    write_json(folder / "run.json", done.manifest)
    return done


def _values(gold: Gold, repeats: Sequence[Json], judge: Judge | None) -> Values:
    values = dict(mean([score(gold, answer) for answer in repeats]))
    if len(repeats) > 1:
        said = {answer.get("answer") for answer in repeats}  # None for an error
        values["repeatable"] = float(len(said) == 1 and None not in said)
    if judge:
        verdicts = [verdict for answer in repeats if (verdict := judge(gold, answer)) is not None]
        values["judge"] = sum(verdicts) / len(verdicts) if verdicts else None
    return values


def _verdicts(folder: Path, scores: Scores) -> NDArray[np.float64] | None:
    """Return what was judged of the same questions before; None where that cannot be read."""
    try:
        before = Scores.read(folder / "scores.jsonl")
    except _DAMAGE:
        return None
    return before.columns["judge"] if before.ids == scores.ids else None


def _named(answers: Iterable[Json]) -> set[str]:
    return {each["article"] for answer in answers for each in [*answer.get("hits", ()), *answer.get("citations", ())]}


def _context(gold: Gold) -> list[Any]:
    return [[[turn.question, turn.answer] for turn in gold.history], gold.passages]


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
