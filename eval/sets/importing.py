"""Question sets on disk to gold sets: public ones, of which nothing ships with Suwen, and the hostile articles."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from eval.gold import Gold, problem, write_gold
from eval.sets.hostile import hostile_golds, read_hostile
from eval.sets.paragraphs import Asked, Paragraph, QuestionSet, read_corpus, read_squad
from eval.sets.quoting import quotes_of
from eval.sets.rgb import read_rgb
from eval.strict import shown
from rag.errors import UsageError

Names: TypeAlias = Mapping[str, str]  # a paragraph's id: its article's

RGB = "rgb"
HOSTILE = "hostile"
READERS: Mapping[str, Callable[[Path], QuestionSet]] = {
    "cmrc2018": read_squad,
    "drcd": read_squad,
    "xquad": read_squad,
    "squad": read_squad,
    "corpus": read_corpus,
}
FORMATS = (*READERS, RGB, HOSTILE)


@dataclass(frozen=True)
class Imported:
    """What an import wrote, and one error for each question of the source that makes no gold question."""

    questions: int
    unanswerable: int
    articles: int
    errors: tuple[UsageError, ...]


def import_gold(
    form: str,
    source: Path,
    out: Path,
    *,
    articles: Path | None = None,
    holdout: bool = False,
    limit: int | None = None,
    noise: float | None = None,
    negatives_only: bool = False,
    seed: int | None = None,
) -> Imported:
    """Write a gold set of the questions of ``source``, which is in one of ``FORMATS``.

    Every question brings its paragraphs as ``passages``. With a folder as ``articles`` each paragraph becomes a
    text file there, to be indexed, and the questions name it. With ``holdout`` the paragraphs that the source
    lists for that are left out, and the questions about them become unanswerable. ``noise``, ``negatives_only``
    and ``seed`` are for RGB, where noise and seed are 0 unless given.

    Raises:
        UsageError: the source is malformed, an option does not fit it, or the folder holds something else.

    """
    if form == RGB:
        if articles or holdout:
            raise UsageError("rgb brings passages for every question; leave --articles and --holdout out")
        if noise is not None and negatives_only:
            raise UsageError("--negatives-only leaves no passage with the answer; leave --noise out")
        items: Iterable[Gold] = read_rgb(source, noise or 0.0, seed or 0, negatives_only=negatives_only)
        names: Names = {}
    else:
        if noise is not None or negatives_only or seed is not None:
            raise UsageError(f"{form} has no passages to choose; --noise, --negatives-only and --seed are for rgb")
        paragraphs, golds = _read(form, source)
        if holdout and not (articles and any(each.held_out for each in paragraphs)):
            raise UsageError(f"{source}: --holdout needs --articles, and a holdout.json that lists ids of corpus.jsonl")
        names = _write_articles(articles, paragraphs, holdout) if articles else {}
        items = golds(names if articles else None)
    kept, errors = _sound(islice(items, limit), source)
    write_gold(out, kept)
    return Imported(len(kept), sum(not gold.answerable for gold in kept), len(names), errors)


def _read(form: str, source: Path) -> tuple[Sequence[Paragraph], Callable[[Names | None], Iterator[Gold]]]:
    """Return the paragraphs of a source, and what makes its gold questions."""
    if form == HOSTILE:
        rows = read_hostile(source)
        return [each.paragraph for each in rows], partial(hostile_golds, rows)
    read = READERS[form](source)
    return read.paragraphs, partial(_golds, read.asked, source.stem)


def _golds(asked: Iterable[Asked], stem: str, names: Names | None) -> Iterator[Gold]:
    """Yield gold questions: about articles by their ``names``, about passages without."""
    for each in asked:
        there = [paragraph for paragraph in each.paragraphs if names is None or paragraph.id in names]
        answers = tuple(dict.fromkeys(each.answers)) if there else ()
        quotes = quotes_of(answers, (paragraph.text for paragraph in there))
        yield Gold(
            id=f"{stem}-{each.id}",
            question=each.question.strip(),
            answerable=bool(answers),
            category=stem if answers else f"{stem}-unanswerable",
            answers=answers,
            evidence=(quotes,) if quotes else (),
            article=names[there[0].id] if names and len(there) == 1 else "",
            passages=tuple(paragraph.text for paragraph in there) if names is None else None,
        )


def _sound(items: Iterable[Gold], source: Path) -> tuple[list[Gold], tuple[UsageError, ...]]:
    """Divide what is a gold question from what is none, with the reason."""
    kept: dict[str, Gold] = {}
    errors = []
    for gold in items:
        wrong = f"has the id {shown(gold.id)} again; keep one" if gold.id in kept else problem(gold)
        if wrong:
            errors.append(UsageError(f"{source}: question {shown(gold.id)} is left out: {wrong}"))
        else:
            kept[gold.id] = gold
    if not kept:
        raise UsageError(f"{source}: holds no question" + (f"; the first error: {errors[0]}" if errors else ""))
    return list(kept.values()), tuple(errors)


def _write_articles(folder: Path, paragraphs: Iterable[Paragraph], holdout: bool) -> dict[str, str]:
    """Write a text file for each paragraph and return the files' names, which are the articles' ids, by its id."""
    written = [each for each in paragraphs if not (holdout and each.held_out)]
    names: dict[str, str] = {}
    taken: set[str] = set()  # without case, as some disks see it
    for paragraph in written:
        stem = re.sub(r"[^\w.-]+", "_", paragraph.id).strip("._")[:60] or "paragraph"
        end = ".md" if paragraph.markdown else ".txt"
        name, number = f"{stem}{end}", 1
        while name.lower() in taken:
            number += 1
            name = f"{stem}_{number}{end}"
        taken.add(name.lower())
        names[paragraph.id] = name
    if folder.exists() and (foreign := {path.name for path in folder.iterdir()} - set(names.values())):
        raise UsageError(f"{folder}: holds {shown(min(foreign))}, which is not of this set; choose another --articles")
    folder.mkdir(parents=True, exist_ok=True)
    for paragraph in written:
        title = " ".join(paragraph.title.replace("_", " ").split())
        heading = f"# {title}" if paragraph.markdown else title
        text = f"{heading}\n\n{paragraph.text}\n" if title else f"{paragraph.text}\n"
        (folder / names[paragraph.id]).write_text(text, encoding="utf-8", newline="\n")
    return names
