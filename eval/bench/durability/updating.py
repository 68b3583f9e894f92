"""One article of a thousand edited: what the update costs beside embedding, and what a search costs meanwhile."""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rag.building import index_articles, merge
from rag.embedding import HashEmbedder, Vectors
from rag.errors import SuwenError
from rag.generations import writing
from rag.index import Index
from rag.newest import Newest
from rag.pipeline import Pipeline
from rag.records import Article
from rag.settings import Settings

PLACE = Path("/articles")
QUERY = "第500家茶厂的产量是多少？"


class Timed(HashEmbedder):
    """Knows how long it embedded passages."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return an array of shape (len(texts), dimension)."""
        began = time.perf_counter()
        rows = super().embed_passages(texts)
        self.seconds += time.perf_counter() - began
        return rows


@dataclass(slots=True)
class Updated:
    """Seconds of one update by its parts, those of embedding left out of all."""

    parts: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """The whole update."""
        return sum(self.parts.values())

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time a part."""
        began = time.perf_counter()
        yield
        self.parts[name] = time.perf_counter() - began


def articles(count: int, edited: int) -> list[Article]:
    """Return articles, the middle one of which has been edited that many times."""
    texts = [
        f"# 第{each}家茶厂\n\n第{each}家茶厂在第{each}座山上。2023年产茶{each}00吨，比上一年多{each}吨。\n\n"
        f"## 人员\n\n茶厂有员工{each}人，厂长姓李。\n"
        for each in range(count)
    ]
    texts[count // 2] += f"\n改过{edited}次。\n"
    return [
        Article(f"{each:05}.md", f"{each}", f"{PLACE}/{each:05}.md", text, str(PLACE), True)
        for each, text in enumerate(texts)
    ]


def build(folder: Path, count: int) -> None:
    """Index that many articles."""
    with writing(folder):
        index_articles(articles(count, 0), HashEmbedder()).save(folder)


def edit(folder: Path, count: int, edited: int) -> Updated:
    """Bring the index up to date with an edited article, timing the parts of it."""
    updated, embedder = Updated(), Timed()
    read = articles(count, edited)
    with writing(folder):
        with updated.part("load"):
            old = Index.load(folder)
        with updated.part("build"):
            merged, _ = merge(old, read, [PLACE])
            built = index_articles(merged, embedder, old)
        updated.parts["build"] -= embedder.seconds
        with updated.part("save"):
            built.save(folder)
    return updated


def searched_meanwhile(folder: Path, count: int, edits: range) -> tuple[list[Updated], list[float]]:
    """Edit again and again in another process, and search in this one; return the updates and the searches' seconds."""
    newest = Newest(folder, Index.load(folder), lambda _: None)
    pipeline = Pipeline(Settings(), HashEmbedder(), newest.index(), lambda _: None, newest)
    took: list[float] = []
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as writer:
        updates = [writer.submit(edit, folder, count, each) for each in edits]
        while not all(each.done() for each in updates):
            began = time.perf_counter()
            if not pipeline.now().search(QUERY):
                raise SuwenError(f"{folder}: nothing was found while it was updated; run: suwen verify")
            took.append(time.perf_counter() - began)
        return [each.result() for each in updates], took
