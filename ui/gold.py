"""What ``suwen eval`` does with gold sets: checks them, starts new ones, brings public ones."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import UsageError
from rag.settings import Settings
from ui import console

if TYPE_CHECKING:
    from eval.sets.starter import Starter
    from rag.index import Index

Options = argparse.Namespace


def check(settings: Settings, options: Options) -> int:
    """Check gold sets, and that their evidence is in the index's articles."""
    from eval.gold import check_articles, read_gold
    from rag.newest import load
    from rag.pipeline import index_place

    read = read_gold(options.gold)
    needs_index = any(each.article for each in read.items)
    misplaced = check_articles(read.items, load(index_place(settings)).articles) if needs_index else {}
    errors = [*read.errors, *misplaced.values()]
    for error in errors:
        console.warn(str(error))
    console.say(f"{len(read.items) - len(misplaced)} questions, {len(errors)} lines to correct")
    return 1 if errors else 0


def new(settings: Settings, options: Options) -> int:
    """Write a starter gold set from an index, or one of the readers' corrections."""
    from rag.index import Index
    from rag.pipeline import index_folder

    _not_there(options.out)
    index = Index.load(index_folder(settings))
    said = _corrected(settings, options.out, index) if options.feedback else _drafted(settings, options, index)
    console.say(f"{options.out}: {said}; then run: suwen eval check {options.out}")
    return 0


def _corrected(settings: Settings, out: Path, index: "Index") -> str:
    """Write the questions of readers' corrections, and return how many they are."""
    from eval.gold import write_gold
    from eval.sets.corrections import corrections
    from rag.feedback import read

    items = corrections(read(Path(settings.feedback)), index.articles.values())
    if not items:
        raise UsageError(f"{settings.feedback}: holds no correction; readers leave them under an answer of the page")
    write_gold(out, items)
    return f"{len(items)} questions"


def _drafted(settings: Settings, options: Options, index: "Index") -> str:
    """Write starter questions, each as it comes, and return what they are."""
    from eval.gold import write_gold
    from eval.sets.starter import Starter
    from rag.llm import open_model
    from rag.models import locate

    starter = Starter(index, open_model(settings, settings.llm, lambda name: locate(name, settings)))
    with _kept(options.out, starter), console.progress_bar("drafting", "question") as progress:
        write_gold(options.out, starter.questions(options.count, progress))
    if not starter.made:
        raise UsageError(f"{settings.llm}: none of its {starter.dropped} drafts was sound; choose another --llm")
    return f"{starter.made} questions, {starter.drafts} of them drafts to finish, {starter.dropped} dropped as unsound"


@contextmanager
def _kept(path: Path, starter: "Starter") -> Iterator[None]:
    """Leave no file without a question, and say so where one is kept though the rest could not be drafted."""
    try:
        yield
    except BaseException:
        if starter.made:
            console.warn(f"{path}: keeps what was drafted so far; another --out starts anew")
        raise
    finally:
        if not starter.made:
            path.unlink(missing_ok=True)


def bring(settings: Settings, options: Options) -> int:
    """Turn a public question set into a gold set."""
    from eval.sets.importing import import_gold

    del settings
    _not_there(options.out)
    brought = import_gold(
        options.format,
        options.source,
        options.out,
        articles=options.articles,
        holdout=options.holdout,
        limit=options.limit,
        noise=options.noise,
        negatives_only=options.negatives_only,
        seed=options.seed,
    )
    for error in brought.errors:
        console.warn(str(error))
    console.say(f"{options.out}: {brought.questions} questions, {brought.unanswerable} of them unanswerable")
    if options.articles:
        console.say(f"{options.articles}: {brought.articles} articles; now run: suwen index {options.articles}")
    return 1 if brought.errors else 0


def _not_there(path: Path) -> None:
    """Refuse to write over a file that someone may have worked on."""
    if path.exists():
        raise UsageError(f"{path}: is there already; choose another --out, or remove it")
