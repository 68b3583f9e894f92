"""What each command does, on the settings and the options of its command line; returns the exit status."""

import argparse
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rag.batch import Item, read_batch, run_batch
from rag.errors import SuwenError, UsageError
from rag.records import Json, Question
from rag.settings import Settings
from ui import console
from ui.evaluating import evaluate
from ui.indexing import index

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

Options = argparse.Namespace


def ask(settings: Settings, options: Options) -> int:
    """Answer one question or a file of them."""
    from rag.pipeline import Pipeline

    if options.batch:
        items, out = read_batch(options.batch), _out(options)
        needs_index = any(item.question and item.question.passages is None for item in items)
        pipeline = Pipeline.open(settings, with_index=needs_index)
        pipeline.start_model()
        return _run(items, out, "answer", lambda question: pipeline.ask(question, strict=True).to_json())
    question = Question(_given(options))
    pipeline = Pipeline.open(settings)
    if options.stream:
        show = console.stream_json if options.json else console.show_stream
        answer = show(pipeline.stream(question))
    else:
        answer = pipeline.ask(question)
        if options.json:
            console.say_json(answer.to_json())
        else:
            console.show_answer(answer)
    return 1 if answer.note else 0


def search(settings: Settings, options: Options) -> int:
    """Find passages for one query or a file of them."""
    from rag.pipeline import Pipeline

    items = read_batch(options.batch) if options.batch else []
    out = _out(options) if options.batch else Path()
    query = "" if options.batch else _given(options)
    pipeline = Pipeline.open(settings)

    def find(question: Question) -> Json:
        hits = [hit.to_json() for hit in pipeline.search(question.text, options.k)]
        return {"question": question.text, "hits": hits}

    if options.batch:
        return _run(items, out, "hits", find)
    if options.json:
        console.say_json(find(Question(query)))
    else:
        console.show_hits(pipeline.search(query, options.k))
    return 0


def chat(settings: Settings, options: Options) -> int:
    """Serve the chat page until Ctrl-C."""
    from rag.pipeline import Pipeline
    from ui.server import serve

    pipeline = Pipeline.open(settings, follow=console.warn)
    # the page can be looked at while the model loads
    threading.Thread(target=_start_model, args=[pipeline], daemon=True).start()

    def ready(url: str) -> None:
        console.say(f"Suwen 溯问: {url}  (Ctrl-C ends it)")
        if options.host not in ("127.0.0.1", "localhost", "::1"):
            console.warn(f"{options.host} can be reached by others, and the page asks nobody who they are")

    serve(pipeline, options.host, options.port, ready)
    return 0


def models(settings: Settings, options: Options) -> int:
    """List, fetch or check models."""
    from rag.models import table, verify
    from rag.pull import pull

    if options.action == "list":
        header = ("NAME", "KIND", "SIZE", "LICENCE", "ON DISK", "MEASURED HERE")
        rows = [
            (
                each.name,
                each.kind,
                _megabytes(each.size),
                each.licence,
                _yes(each.on_disk),
                _yes(each.measured),
            )
            for each in table(settings)
        ]
        console.show_table([header, *rows])
        return 0
    if options.action == "pull":
        for name in options.names:
            with console.progress_bar(name, "B") as progress:
                path = pull(name, settings, progress)
            console.say(str(path))
        return 0
    checks = verify(settings)
    console.show_table([(each.state, each.model, each.file) for each in checks] or [("no models on disk",)])
    return 1 if any(each.state != "ok" for each in checks) else 0


def verify(settings: Settings, options: Options) -> int:
    """Check every file of an index against its digest, or what a server holds against what was written."""
    from rag.generations import check, opening
    from rag.milvus.checking import check as check_entities
    from rag.pipeline import index_place

    del options
    place = index_place(settings)
    if isinstance(place, Path):
        with opening(place) as generation:
            damaged = [str(generation / name) for name in check(generation)]
        whole, parts, anew = str(generation), "files", "--rebuild"
    else:
        damaged = list(check_entities(place, place.state()))
        whole, parts = f"{place}: all articles and chunks are there, and the texts are what was written", "parts"
        anew = f"--to {place} --rebuild"
    for name in damaged:
        console.say(f"damaged  {name}")
    if damaged:
        console.warn(f"{len(damaged)} {parts} are not what was written; run: suwen index PATH {anew}")
        return 1
    console.say(f"ok       {whole}")
    return 0


def doctor(settings: Settings, options: Options) -> int:
    """Show what is installed and whether it works."""
    from ui import doctor

    return doctor.offline_proof(settings) if options.offline_proof else doctor.examine(settings)


def _start_model(pipeline: "Pipeline") -> None:
    try:
        pipeline.start_model()
    except SuwenError as error:  # the page works with another model, and says the same to whoever asks
        console.warn(str(error))


def _given(options: Options) -> str:
    if not options.question:
        raise UsageError(f"suwen {options.command} needs a question, or --batch IN.jsonl --out OUT.jsonl")
    if options.out:
        raise UsageError("--out goes with --batch; use > to write one answer to a file")
    try:
        options.question.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"the question {options.question!a} is not UTF-8; check the terminal's encoding") from error
    return str(options.question)


def _out(options: Options) -> Path:
    if options.question:
        raise UsageError("give a question or --batch, not both")
    if not options.out:
        raise UsageError("--batch needs --out OUT.jsonl for the results")
    if options.out.resolve() == options.batch.resolve():
        raise UsageError(f"{options.out}: holds the questions; choose another --out for the results")
    return Path(options.out)


def _run(items: list[Item], out: Path, field: str, answer: Callable[[Question], Json]) -> int:
    with console.progress_bar(out.name, "question") as progress:
        failed = run_batch(items, out, answer, lambda done: progress(done, len(items)), field=field)
    if failed:
        console.warn(f'{failed} of {len(items)} lines are errors; see "error" in {out}')
    return 1 if failed else 0


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB" if size else "not known"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


COMMANDS: Mapping[str, Callable[[Settings, Options], int]] = {
    "index": index,
    "ask": ask,
    "search": search,
    "chat": chat,
    "eval": evaluate,
    "models": models,
    "verify": verify,
    "doctor": doctor,
}
