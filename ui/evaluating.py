"""What ``suwen eval`` and its actions do. The one place where the command line meets ``eval``."""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import UsageError
from rag.records import Json
from rag.settings import ROOT, Settings
from ui import console, gold

if TYPE_CHECKING:
    from eval.gold import Gold
    from eval.judges.judging import Judge
    from eval.runs.cache import Cache
    from eval.runs.comparing import Comparison
    from eval.runs.gates import GateResult
    from eval.runs.run import Run
    from rag.pipeline import Pipeline

Options = argparse.Namespace
RUNS = ROOT / "runs"
CACHE = RUNS / "cache.sqlite"
JUDGES = RUNS / "judges"


def evaluate(settings: Settings, options: Options) -> int:
    """Do the action that was named; returns the exit status."""
    return _ACTIONS[options.action](settings, options)


def run(settings: Settings, options: Options) -> int:
    """Ask the questions of gold sets and measure the answers."""
    from eval.gold import check_articles, read_gold
    from eval.pages.report import write_report
    from eval.runs.cache import Cache
    from eval.runs.folder import holding
    from eval.runs.gates import check_gates, check_run, parse_gate
    from eval.runs.manifest import describe
    from eval.runs.recording import Heard, Recorded
    from eval.runs.run import finish, start
    from rag.llm import address
    from rag.models import model_fingerprint
    from rag.pipeline import Pipeline

    gates = [parse_gate(text) for text in options.fail_if]
    if options.workers > 1 and not address(settings, settings.llm):
        raise UsageError(f"--workers {options.workers} is for an API; {settings.llm} answers one question at a time")
    read = read_gold(options.gold)
    chosen = _chosen(read.items, options)
    heard = Heard()
    with_index = any(each.passages is None for each in chosen)
    pipeline = Pipeline.open(settings, with_index=with_index, around=lambda model: Recorded(model, heard))
    misplaced = check_articles(chosen, pipeline.index.articles) if with_index else {}
    asked = [each for each in chosen if each.id not in misplaced]
    errors = [*map(str, read.errors), *map(str, misplaced.values())]
    for error in errors:
        console.warn(error)
    if not asked:
        raise UsageError("no question is left to ask; correct the lines above, or name the index with --index")
    check_gates(gates, dict.fromkeys(each.category for each in asked))
    manifest = describe(pipeline, model_fingerprint(settings.llm, settings), asked, options.gold)

    def ask(question: "Gold") -> Json:
        heard.take()
        return {**pipeline.ask(question.ask(), strict=True).to_json(), "prompts": heard.take()}

    with closing(Cache(None if options.no_cache else CACHE)) as cache:
        judge, about = _judge(settings, options.judge, cache) if options.judge else (None, None)
        course = {"errors": errors, "repeat": options.repeat, "workers": options.workers}
        folder = options.out or _new_folder()
        with holding(folder):
            start(folder, {**manifest, **course}, asked)
            with _taken_up(folder):
                pipeline.start_model()
                _ask(folder, asked, ask, cache, settings, options)
                done = finish(folder, lambda identity: _article(pipeline, identity), judge, about)
            write_report(done, folder / "report.html")
    _show_run(done)
    results = check_run(gates, done.summary)
    _show_gates(results)
    if errors:
        console.say(f"{len(errors)} lines of the gold sets were left out; what is wrong with them is said above")
    return 1 if errors or any(each.failed for each in results) else 0


def _chosen(items: Sequence["Gold"], options: Options) -> list["Gold"]:
    from eval.gold import stratified

    known = sorted({each.category for each in items})
    for category in options.category:
        if category not in known:
            raise UsageError(f"no question of category {category!r}; categories are {', '.join(known)}")
    wanted = [each for each in items if not options.category or each.category in options.category]
    return stratified(wanted, options.limit)


def _new_folder() -> Path:
    """Make a folder that no other run has, not even one that begins in the same second."""
    name = time.strftime("%Y%m%d-%H%M%S")
    for folder in (RUNS / name, *(RUNS / f"{name}-{number}" for number in range(2, 100))):
        with suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder
    raise UsageError(f"{RUNS / name}: and 98 more runs of this second are there already; name a folder with --out")


@contextmanager
def _taken_up(folder: Path) -> Iterator[None]:
    """Say how a run that is stopped goes on."""
    try:
        yield
    except BaseException:
        console.warn(f"what was answered is kept; the same command goes on with --out {folder}")
        raise


def _ask(
    folder: Path,
    gold: Sequence["Gold"],
    ask: Callable[["Gold"], Json],
    cache: "Cache",
    settings: Settings,
    options: Options,
) -> None:
    """Ask all; of an API first a few, to say what the rest will cost."""
    from eval.runs.answers import read_rows
    from eval.runs.estimate import PROBE, estimate
    from eval.runs.run import ask_gold
    from rag.llm import address

    with console.progress_bar("asking", "question") as progress:
        if address(settings, settings.llm):
            left = ask_gold(folder, gold, ask, cache, progress, most=PROBE)
            if left:
                rest = estimate(read_rows(folder / "answers.jsonl"), left, options.workers, options.price)
                console.warn(str(rest))
                if not (options.yes or console.agreed("go on?")):
                    raise KeyboardInterrupt
        ask_gold(folder, gold, ask, cache, progress, options.workers)


def _article(pipeline: "Pipeline", identity: str) -> Json:
    found = pipeline.article(identity)
    return {"id": found.id, "title": found.title, "source": found.source, "text": found.text}


def _show_run(done: "Run") -> None:
    from eval.pages import tables

    console.show_table(tables.figures(done.summary))
    by_category = tables.categories(done.summary)
    if len(by_category) > 1:
        console.say()
        console.show_table(by_category)
    console.say(f"\n{done.folder / 'report.html'}")


def _show_comparison(comparison: "Comparison") -> None:
    from eval.pages import tables

    before = comparison.baseline.folder.name
    for pairing in comparison.pairings:
        after = pairing.run.folder.name
        if pairing.differs:
            console.say(f"changed from {before} to {after}: {', '.join(pairing.differs)}")
        header = ("METRIC", before, after, "DIFFERENCE (95 %)", "P", "")
        console.show_table([header, *tables.changes(pairing)])
        for remark in filter(None, tables.remarks(pairing)):
            console.say(remark)
        for flip in sorted(pairing.flips, key=lambda each: each.gained):
            console.say(f"  {'+ now right' if flip.gained else '- now wrong'}  {' '.join(flip.gold.question.split())}")
        console.say()


def _show_gates(results: Sequence["GateResult"]) -> None:
    for each in results:
        console.say(each.line)


def compare(settings: Settings, options: Options) -> int:
    """Compare runs with the first of them."""
    from eval.pages.comparison import write_comparison
    from eval.pages.markdown import comparison_markdown
    from eval.runs.comparing import compare as compare_runs
    from eval.runs.gates import check_comparison, parse_gate
    from eval.runs.run import read_run

    del settings
    if len(options.runs) < 2:
        raise UsageError("a comparison needs the folders of two runs, the baseline first")
    gates = [parse_gate(text) for text in options.fail_if]
    comparison = compare_runs([read_run(folder) for folder in options.runs])
    results = check_comparison(gates, comparison)
    page = options.html or options.runs[-1] / f"compared-with-{options.runs[0].name}.html"
    write_comparison(comparison, results, page)
    if options.markdown:
        options.markdown.write_text(comparison_markdown(comparison, results), encoding="utf-8")
    _show_comparison(comparison)
    _show_gates(results)
    console.say(str(page))
    return 1 if any(each.failed for each in results) else 0


def report(settings: Settings, options: Options) -> int:
    """Score the answers of runs anew and write their reports again."""
    from eval.pages.report import write_report
    from eval.runs.folder import holding
    from eval.runs.run import finish, read_articles

    del settings
    for folder in options.runs:
        articles = read_articles(folder)  # before anything is put into what may be no run's folder
        with holding(folder):
            done = finish(folder, articles)
            write_report(done, folder / "report.html")
        _show_run(done)
    return 0


def judge(settings: Settings, options: Options) -> int:
    """Measure how far a judge model agrees with people."""
    from eval.judges.agreement import measure, remark, write_agreement
    from eval.judges.judging import open_judge
    from eval.runs.cache import Cache

    with closing(Cache(CACHE)) as cache, console.progress_bar("judging", "pair") as progress:
        asked = open_judge(settings, options.judge, cache)
        agreement, errors = measure(asked, options.labels, options.limit, progress)
    for error in errors:
        console.warn(str(error))
    console.say(remark(agreement, options.judge, "en"))
    path, kept = write_agreement(JUDGES, agreement)
    if kept is not agreement:
        console.warn(f"the earlier measurement is kept, as it is of more pairs ({kept.pairs}, not {agreement.pairs})")
    console.say(str(path))
    return 1 if errors else 0


def _judge(settings: Settings, spec: str, cache: "Cache") -> tuple["Judge", Json]:
    """Open the judge, and say at once how far it can be relied on."""
    from eval.judges.agreement import read_agreement, remark
    from eval.judges.judging import open_judge

    opened = open_judge(settings, spec, cache)
    agreement = read_agreement(JUDGES, opened.fingerprint)
    console.warn(remark(agreement, spec, "en"))
    measured = agreement.to_json() if agreement else None
    return opened, {"spec": spec, "fingerprint": opened.fingerprint, "agreement": measured}


_ACTIONS: Mapping[str, Callable[[Settings, Options], int]] = {
    "run": run,
    "compare": compare,
    "report": report,
    "judge": judge,
    "check": gold.check,
    "new": gold.new,
    "import": gold.bring,
}
