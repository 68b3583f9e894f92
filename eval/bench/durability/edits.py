"""A history of updates that anyone can tell the state of: an article is added, another changed, the first deleted."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from rag.building import index_articles, merge
from rag.embedding import HashEmbedder
from rag.errors import IndexMissing
from rag.generations import current, writing
from rag.index import Index
from rag.records import Article

PLACE = Path("/articles")
STAYING = 3  # articles that are never deleted


def texts(number: int) -> dict[str, str]:
    """Return the text of every article after that many updates, by id."""
    changed = number - (number - 2) % 3 if number > 1 else 0
    held = {f"{each}.md": f"# 第{each}篇\n\n云雾茶厂第{each}年产茶{each}00吨。\n" for each in range(STAYING)}
    held["0.md"] += f"\n改过{changed}次。厂长是第{changed}任。\n"
    added = number - (number - 1) % 3
    if number % 3:
        held[f"new{added}.md"] = f"# 新的\n\n第{added}次添加的文章，厂里新来了{added}个人。\n"
    return held


def articles(number: int) -> list[Article]:
    """Return the articles after that many updates."""
    return [Article(name, name, f"{PLACE}/{name}", text, str(PLACE), True) for name, text in texts(number).items()]


def update(folder: Path, number: int, around: Callable[[], AbstractContextManager[object]] = nullcontext) -> Path:
    """Bring an index from the state before to that of the number; ``around`` surrounds the writing of it."""
    try:
        old = Index.load(folder)
    except IndexMissing:
        old = None
    merged, _ = merge(old, articles(number), [PLACE])
    built = index_articles(merged, HashEmbedder(), old)
    with around(), writing(folder):
        return built.save(folder)


def state(folder: Path, among: tuple[int, ...]) -> int | None:
    """Open an index and return after how many updates, ``among`` these, it is as it is; None if after none.

    Raises:
        SuwenError: it cannot be opened.

    """
    held = {article.id: article.text for article in Index.load(folder).articles.values()}
    return next((number for number in among if texts(number) == held), None)


def leftovers(folder: Path) -> list[str]:
    """Return what lies in an index folder beside its generation in use and its two files."""
    expected = {"CURRENT", "LOCK", current(folder).name}
    return sorted(path.name for path in folder.iterdir() if path.name not in expected)
