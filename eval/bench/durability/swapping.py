"""Readers that ask on while a writer switches from generation to generation."""

import multiprocessing
import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from rag.building import index_articles
from rag.embedding import HashEmbedder
from rag.errors import SuwenError
from rag.generations import current, writing
from rag.index import Index
from rag.newest import Newest
from rag.pipeline import Pipeline
from rag.records import Article, Question
from rag.settings import Settings

ARTICLES = 100
ASKED = Question("厂长是第几任？")


@dataclass(frozen=True, slots=True)
class Reader:
    """What one reader went through."""

    answers: int
    generations: int  # that it answered from
    mixed: int  # answers that were not of the one generation they named
    errors: int
    growth: float  # its memory at the end, in that at the beginning


def edition(number: int) -> list[Article]:
    """Return articles that all say which edition they are."""
    return [
        Article(f"{each}.md", f"{each}", f"/a/{each}.md", f"第{each}个茶厂。厂长是第{number:06}任。\n" * 8, "/a")
        for each in range(ARTICLES)
    ]


def publish(folder: Path, number: int) -> str:
    """Switch to the edition of that number, which is the number of its generation too."""
    built = index_articles(edition(number), HashEmbedder())
    with writing(folder):
        return built.save(folder).name


def swap(folder: Path, readers: int, swaps: int) -> list[Reader]:
    """Switch ``swaps`` times while ``readers`` processes ask; return what became of each."""
    publish(folder, 1)
    context = multiprocessing.get_context("spawn")
    pipes = [context.Pipe() for _ in range(readers)]
    processes = [context.Process(target=_read, args=(folder, there), daemon=True) for _, there in pipes]
    for process in processes:
        process.start()
    for here, _ in pipes:
        here.recv()  # each has answered once
    for number in range(2, swaps + 2):
        publish(folder, number)
    for here, _ in pipes:
        here.send(current(folder).name)
    told = [here.recv() for here, _ in pipes]
    for process in processes:
        process.join()
    return told


def _read(folder: Path, pipe: Connection) -> None:
    """Ask until told the name of the last generation, and answered from it."""
    newest = Newest(folder, Index.load(folder), lambda _: None)
    pipeline = Pipeline(Settings(llm="extractive"), HashEmbedder(), newest.index(), lambda _: None, newest)
    seen, mixed, errors, answers, last, first_mb = set[str](), 0, 0, 0, "", 0.0
    while not last or last not in seen:
        try:
            generation, whole = _ask(pipeline)
        except SuwenError:
            errors += 1
            continue
        seen.add(generation)
        mixed += not whole
        answers += 1
        if answers == 1:
            pipe.send(None)
        if len(seen) <= 2:
            first_mb = _resident_mb()
        if pipe.poll():
            last = pipe.recv()
    pipe.send(Reader(answers, len(seen), mixed, errors, _resident_mb() / first_mb))


def _ask(pipeline: Pipeline) -> tuple[str, bool]:
    """Ask once; return the generation, and whether all of the answer is of it."""
    pinned = pipeline.now()
    answer = pinned.ask(ASKED)
    edition = f"第{int(answer.generation[:6]):06}任"
    shown = [answer.text, *(each.text for each in answer.hits), *(each.quote for each in answer.citations)]
    shown += [pinned.article(each.article).text for each in answer.citations]
    places = all(pinned.article(one.article).text[one.start : one.end] == one.quote for one in answer.citations)
    return answer.generation, bool(answer.citations) and places and all(edition in each for each in shown)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
