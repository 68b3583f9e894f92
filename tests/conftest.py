"""What many tests share: a tiny corpus, a pipeline without models, and where the outside data may be."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import numpy as np
import pytest

from rag.building import index_articles
from rag.embedding import HashEmbedder
from rag.errors import SuwenError
from rag.index import Index
from rag.llm import ChatModel, Scripted
from rag.models import locate
from rag.pipeline import Pipeline
from rag.records import Article
from rag.settings import Settings
from rag.tokens import Tokens
from ui.cli import main

if TYPE_CHECKING:
    from eval.runs.comparing import Comparison
    from tests.lite import Server
    from tests.pages import Visits

# How long an example takes tells of the machine's load, and the first one loads libraries.
hypothesis.settings.register_profile("suwen", deadline=None)
hypothesis.settings.load_profile("suwen")

TEA = """# 云雾茶厂

## 产量

云雾茶厂2023年产茶320吨，比上一年多40吨。其中绿茶占六成。

## 人员

厂长是李梅，她1998年进厂。茶厂有员工85人。
"""
BRIDGE = """# The Stone Bridge

## Building

The bridge was built in 1890 by Ada Moore. It cost 12,000 pounds.

## Use

About 300 people cross it every day. Cars were banned in 1975.
"""


def make_article(text: str, identity: str = "tea.md", *, markdown: bool = True) -> Article:
    return Article(identity, identity, f"/articles/{identity}", text, "/articles", markdown)


def on_disk(model: str) -> Path:
    """Return the folder or file of a real model; the test is skipped where it has not been fetched."""
    try:
        return locate(model, Settings())
    except SuwenError as error:
        pytest.skip(f"needs a model: {error}")


def without_tokens(texts: int, dimension: int = HashEmbedder.dimension) -> Tokens:
    """What the stand-in for a model gives, whose texts have no tokens."""
    return Tokens(np.empty((0, -(dimension // -8)), np.uint8), np.zeros(texts + 1, np.int64))


@pytest.fixture
def articles() -> list[Article]:
    return [make_article(BRIDGE, "bridge.md"), make_article(TEA, "tea.md")]


@pytest.fixture
def index(articles: list[Article]) -> Index:
    return index_articles(articles, HashEmbedder())


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Server]":
    """A Milvus in this process, for all indexes of all tests."""
    from tests.lite import Server

    server = Server(tmp_path_factory.mktemp("milvus") / "lite.db")
    yield server
    server.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(indexes=str(tmp_path / "indexes"), models=str(tmp_path / "models"), llm="scripted")


@pytest.fixture
def pipeline(settings: Settings, index: Index) -> Callable[..., Pipeline]:
    """Return a function that makes a pipeline whose model says the given replies."""

    def make(*replies: str | Exception, model: ChatModel | None = None) -> Pipeline:
        scripted = model or Scripted(*replies)  # type: ignore[arg-type]
        return Pipeline(settings, HashEmbedder(), index, lambda spec: None if spec == "extractive" else scripted)

    return make


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of outside texts that may be measured with but not shipped."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent: put the seed article and the public question sets there")
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with two articles, its own indexes and models, and fakes for the models."""
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith("SUWEN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SUWEN_INDEXES", str(tmp_path / "indexes"))
    monkeypatch.setenv("SUWEN_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("SUWEN_LLM", "extractive")
    monkeypatch.setattr("rag.embedding.open_embedder", lambda settings: HashEmbedder())
    monkeypatch.setattr("rag.pipeline.open_embedder", lambda settings: HashEmbedder())
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "tea.md").write_text(TEA, encoding="utf-8")
    (tmp_path / "docs" / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def indexed(here: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder of an index of the two articles, named ``sample``."""
    assert main(["index", "docs"]) == 0
    capsys.readouterr()
    return here / "indexes" / "sample"


@pytest.fixture(scope="module")
def browser() -> "Iterator[Visits]":
    """A browser for pages on disk."""
    from tests.pages import visiting

    with visiting() as visits:
        yield visits


@pytest.fixture
def visits(browser: "Visits") -> "Iterator[Visits]":
    """Give a test the browser; afterwards no page said an error or asked for anything."""
    yield browser
    browser.settle()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run whose questions came out in every way."""
    from tests.pages import GOLD, LETTERS, make_run, report_of

    return report_of(make_run(tmp_path_factory.mktemp("runs") / "a run", GOLD, LETTERS))


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> "Comparison":
    """Two runs, the second of which is better, with other prompts and another model."""
    from eval.runs.comparing import compare
    from tests.pages import AFTER, BEFORE, HASHES, PAIRED, make_run

    folder = tmp_path_factory.mktemp("runs")
    one = make_run(folder / "one", PAIRED, BEFORE, prompts_sha256=HASHES[0], settings={"llm": "small", "threads": 2})
    other = make_run(folder / "other", PAIRED, AFTER, prompts_sha256=HASHES[1], settings={"llm": "large", "threads": 2})
    return compare([one, other])


@pytest.fixture(scope="module")
def compared(comparison: "Comparison") -> Path:
    """The page of their comparison."""
    from tests.pages import page_of

    return page_of(comparison, ("worse(right)", "right[why] < .9", "unmarked_figures > 0", "judge < .5"))
