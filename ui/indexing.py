"""The command ``suwen index``: articles to an index in a folder, or to one on a server."""

import argparse
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import IndexMismatch, IndexMissing
from rag.settings import Settings
from ui import console

if TYPE_CHECKING:
    from rag.articles import Reading
    from rag.building import Difference
    from rag.milvus.server import Milvus
    from rag.records import Article

_LABELS = ("added", "changed", "removed", "unchanged")


def index(settings: Settings, options: argparse.Namespace) -> int:
    """Create an index or bring it up to date."""
    from rag.articles import Manner, read_articles
    from rag.fetching import Permission
    from rag.pipeline import index_place

    started = time.perf_counter()
    place = index_place(settings)
    manner = Manner(
        tuple(options.exclude), options.time_limit, Permission(options.allow_private, options.follow_redirects)
    )
    reading = read_articles(options.paths, manner)
    for note in reading.notes:
        console.warn(note)
    for error in reading.errors:
        console.warn(str(error))
    if not reading.articles:
        return 1
    if isinstance(place, Path):
        _into_folder(place, reading, settings, options, started)
    else:
        _into_milvus(place, reading, settings, options, started)
    return 1 if reading.errors else 0


def _into_folder(
    folder: Path, reading: "Reading", settings: Settings, options: argparse.Namespace, started: float
) -> None:
    from rag.building import index_articles, merge
    from rag.embedding import open_embedder
    from rag.generations import writing
    from rag.index import Index

    with nullcontext() if options.dry_run else writing(folder):
        try:
            old = None if options.rebuild else Index.load(folder)
        except IndexMissing:
            old = None
        articles, difference = merge(old, reading.articles, reading.roots)
        counts = _tell(difference)
        if _is_done(folder.name, counts, options, old is not None and difference.empty):
            return
        embedder = open_embedder(settings)
        with console.progress_bar("embedding", "chunk") as progress:
            built = index_articles(articles, embedder, old, progress)
        generation = built.save(folder)
        _report(folder.name, counts, built.count, started, str(generation))


def _into_milvus(
    milvus: "Milvus", reading: "Reading", settings: Settings, options: argparse.Namespace, started: float
) -> None:
    from rag.building import merge
    from rag.embedding import open_embedder
    from rag.milvus.articles import outline, outlines
    from rag.milvus.collections import create_meta
    from rag.milvus.lease import leasing
    from rag.milvus.server import generation_name
    from rag.milvus.writing import update

    name = milvus.address.name
    if not options.dry_run:
        create_meta(milvus)
    with nullcontext() if options.dry_run else leasing(milvus) as lease:
        try:
            old = None if options.rebuild else milvus.state()
        except IndexMissing:
            old = None
        before = _Outlines(outlines(milvus, old)) if old else None
        _, difference = merge(before, [outline(each) for each in reading.articles], reading.roots)
        counts = _tell(difference)
        if _is_done(name, counts, options, old is not None and difference.empty) or not lease:
            return
        embedder = open_embedder(settings)
        if old and old.fingerprint != embedder.fingerprint:
            raise IndexMismatch(
                f"{milvus}: was built with {old.embedder}, the embedder is {embedder.name}; "
                f"set SUWEN_EMBEDDER or run: suwen index PATH --to {milvus} --rebuild"
            )
        new = {*difference.added, *difference.changed}
        articles = sorted((each for each in reading.articles if each.id in new), key=lambda each: each.id)
        with console.progress_bar("embedding", "article") as progress:
            state = update(lease, old, articles, (*difference.changed, *difference.removed), embedder, progress)
    _report(name, counts, state.chunks, started, f"{milvus} {generation_name(state)}")


@dataclass(frozen=True)
class _Outlines:
    articles: "dict[str, Article]"


def _tell(difference: "Difference") -> str:
    """Print what an update does to which articles, and return how many they are."""
    for label in _LABELS[:3]:
        for identity in getattr(difference, label):
            console.say(f"{label:8} {identity}")
    return ", ".join(f"{len(getattr(difference, label))} {label}" for label in _LABELS)


def _is_done(name: str, counts: str, options: argparse.Namespace, current: bool) -> bool:
    """Tell whether nothing is to be written, and if so print why."""
    if options.dry_run:
        console.say(f"index {name}: {counts}; nothing was written")
    elif current:
        console.say(f"index {name}: {counts}; it is up to date")
    return bool(options.dry_run or current)


def _report(name: str, counts: str, chunks: int, started: float, generation: str) -> None:
    console.say(f"index {name}: {counts}; {chunks} chunks in {time.perf_counter() - started:.1f} s")
    console.say(generation)
