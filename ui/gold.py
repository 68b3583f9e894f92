"""What ``suwen eval`` does with gold sets: checks them, starts new ones, brings public ones."""

import argparse
from pathlib import Path

from rag.errors import UsageError
from rag.settings import Settings
from ui import console

Options = argparse.Namespace


def check(settings: Settings, options: Options) -> int:
    """Check gold sets, and that their evidence is in the index's articles."""
    from eval.gold import check_articles, read_gold
    from rag.index import Index
    from rag.pipeline import index_folder

    read = read_gold(options.gold)
    needs_index = any(each.article for each in read.items)
    misplaced = check_articles(read.items, Index.load(index_folder(settings)).articles) if needs_index else {}
    errors = [*read.errors, *misplaced.values()]
    for error in errors:
        console.warn(str(error))
    console.say(f"{len(read.items) - len(misplaced)} questions, {len(errors)} lines to correct")
    return 1 if errors else 0


def new(settings: Settings, options: Options) -> int:
    """Write a starter gold set from an index, or one of the readers' corrections."""
    from eval.corrections import corrections
    from eval.gold import write_gold
    from eval.starter import start_gold
    from rag.feedback import read as read_feedback
    from rag.index import Index
    from rag.llm import open_model
    from rag.models import locate
    from rag.pipeline import index_folder

    _not_there(options.out)
    index = Index.load(index_folder(settings))
    if options.feedback:
        items = corrections(read_feedback(Path(settings.feedback)), index.articles.values())
        if not items:
            raise UsageError(
                f"{settings.feedback}: holds no correction; readers leave them under an answer of the page"
            )
        said = f"{len(items)} questions"
    else:
        model = open_model(settings, settings.llm, lambda name: locate(name, settings))
        with console.progress_bar("drafting", "question") as progress:
            started = start_gold(index, options.count, model, progress)
        items = list(started.items)
        drafts = sum(each.draft or not each.question for each in items)
        said = f"{len(items)} questions, {drafts} of them drafts to finish, {started.dropped} dropped as unsound"
    write_gold(options.out, items)
    console.say(f"{options.out}: {said}; then run: suwen eval check {options.out}")
    return 0


def bring(settings: Settings, options: Options) -> int:
    """Turn a public question set into a gold set."""
    from eval.importing import import_gold

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
