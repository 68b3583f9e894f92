import gc
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from rag import newest as module
from rag.building import index_articles
from rag.embedding import HashEmbedder
from rag.errors import IndexMissing
from rag.generations import current, writing
from rag.index import Index
from rag.newest import Newest
from rag.pipeline import Pipeline
from rag.records import Answer, Passages, Question
from rag.settings import Settings
from tests.conftest import TEA, make_article

MAYORS = {
    "李梅": TEA,
    "王芳": TEA.replace("李梅", "王芳"),
    "赵云": "# 前言\n\n新的一章。\n\n" + TEA.replace("李梅", "赵云"),
}
ASKED = Question("厂长是谁？")


def save(folder: Path, who: str, **changes: str) -> str:
    """Switch to the articles in which that one is the head; return the generation's name."""
    index = index_articles([make_article(MAYORS[who])], HashEmbedder())
    with writing(folder):
        return replace(index, **changes).save(folder).name  # type: ignore[arg-type]


@pytest.fixture
def folder(settings: Settings) -> Path:
    folder = Path(settings.indexes) / settings.index
    save(folder, "李梅")
    return folder


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def newest(folder: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Newest:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    return Newest(folder, Index.load(folder), said.append)


@pytest.fixture
def pipeline(settings: Settings, newest: Newest) -> Pipeline:
    return Pipeline(settings, HashEmbedder(), newest.index(), lambda spec: None, newest)


def test_nothing_is_loaded_twice(newest: Newest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = newest.index()
    second = save(folder, "王芳")
    taken = newest.index()
    assert (taken.generation, first.generation != second) == (second, True)
    monkeypatch.setattr(Index, "load", lambda folder: pytest.fail("it is open"))
    assert newest.index() is taken


def test_the_one_before_answers_while_the_next_is_loaded(
    newest: Newest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, gate, load = newest.index(), save(folder, "王芳"), threading.Event(), Index.load
    loaded: list[str] = []

    def slow(folder: Path) -> Index:
        assert gate.wait(60)
        index = load(folder)
        loaded.append(index.generation)
        return index

    monkeypatch.setattr(Index, "load", slow)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    assert [newest.index() for _ in range(3)] == [first] * 3
    third = save(folder, "赵云")  # on which the loading comes out, whatever it was begun for
    gate.set()
    newest._loading.join()
    assert newest.index().generation == third
    newest._loading.join()
    assert loaded == [third]
    assert second != third


def test_a_loading_that_ends_while_another_thread_begins_the_next(newest: Newest) -> None:
    looks = iter([True, False])

    class Ending(threading.Thread):
        def is_alive(self) -> bool:
            if not next(looks):
                newest._loading = threading.Thread()  # which another thread is about to start
            return True

        def join(self, timeout: float | None = None) -> None:
            pass

    first = newest.index()
    newest._loading = Ending()
    assert newest.index() is first


def test_a_damaged_generation_is_not_taken_up_and_said_once(newest: Newest, folder: Path, said: list[str]) -> None:
    first = newest.index()
    damaged = folder / save(folder, "王芳")
    name = next(path for path in sorted(damaged.rglob("*")) if path.is_file() and path.name != "manifest.json")
    name.write_bytes(b"")
    assert [newest.index() for _ in range(3)] == [first] * 3
    goes_on = f"; meanwhile {first.generation} goes on answering"
    assert said == [f"{name}: damaged or missing; run: suwen index PATH --rebuild{goes_on}"]
    assert newest.index().generation == first.generation
    mended = save(folder, "赵云")
    assert newest.index().generation == mended
    assert len(said) == 1


def test_what_could_not_be_taken_up_is_tried_again(
    newest: Newest, folder: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = newest.index(), save(folder, "王芳")
    manifest = folder / second / "manifest.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(b"")
    with monkeypatch.context() as patch:
        patch.setattr(module, "RETRY", 0.0)
        assert [newest.index() for _ in range(3)] == [first] * 3
        assert len(said) == 1
    assert newest.index() is first  # from now on it is tried again in a minute
    manifest.write_bytes(whole)
    assert newest.index() is first
    newest._retry = 0.0
    assert newest.index().generation == second
    assert len(said) == 1


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        pytest.param(lambda path: path.unlink(), "no index 'sample' in ", id="gone"),
        pytest.param(lambda path: path.write_text("000002-0000000000000000"), "names no generation", id="nothing"),
    ],
)
def test_a_current_that_names_nothing_is_said_once(
    newest: Newest, folder: Path, said: list[str], damage: Callable[[Path], None], line: str
) -> None:
    first, name = newest.index(), current(folder).name
    damage(folder / "CURRENT")
    assert [newest.index() for _ in range(3)] == [first] * 3
    assert len(said) == 1
    assert line in said[0]
    assert said[0].endswith(f"; meanwhile {first.generation} goes on answering")
    (folder / "CURRENT").write_text(name)
    assert newest.index().generation == name


def test_other_weights_are_not_taken_up(newest: Newest, folder: Path, said: list[str]) -> None:
    first = newest.index()
    other = save(folder, "王芳", embedder="e5", fingerprint="1234")
    assert [newest.index() for _ in range(2)] == [first] * 2
    assert said == [
        f"{folder}: {other} was built with e5 and other weights; start again with its embedder; "
        f"meanwhile {first.generation} goes on answering"
    ]


def test_another_format_is_not_taken_up(
    newest: Newest, folder: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = newest.index()
    with monkeypatch.context() as patch:
        patch.setattr("rag.index.SCHEMA", 999)
        save(folder, "王芳")
    assert [newest.index() for _ in range(2)] == [first] * 2
    (line,) = said
    assert "has schema 999, this program has" in line


def test_a_question_in_flight_ends_on_the_generation_it_began_on(pipeline: Pipeline, folder: Path) -> None:
    pinned = pipeline.now()
    first = pinned.index.generation
    events = pinned.stream(ASKED, "extractive")
    assert isinstance(next(events), Passages)
    second = save(folder, "赵云")
    save(folder, "王芳")
    *_, before = events
    after = pipeline.now().ask(ASKED, "extractive")
    assert isinstance(before, Answer)
    assert (before.generation, before.citations[0].quote) == (first, "厂长是李梅，她1998年进厂。")
    assert (after.generation == current(folder).name != second, "王芳" in after.text) == (True, True)
    assert "李梅" in pinned.article("tea.md").text
    assert "王芳" in pipeline.now().article("tea.md").text


def test_what_was_opened_without_following_keeps_its_generation(settings: Settings, folder: Path) -> None:
    pipeline = Pipeline(settings, HashEmbedder(), Index.load(folder), lambda spec: None)
    save(folder, "王芳")
    assert "李梅" in pipeline.now().ask(ASKED, "extractive").text
    with pytest.raises(IndexMissing):
        _ = Pipeline(settings, HashEmbedder(), None, lambda spec: None).now().index


def test_models_are_shared_by_all_generations(settings: Settings, newest: Newest, folder: Path) -> None:
    opened: list[str] = []
    pipeline = Pipeline(settings, HashEmbedder(), newest.index(), opened.append, newest)
    pipeline.start_model()
    save(folder, "王芳")
    pipeline.now().start_model()
    pipeline.now().now().start_model()
    assert opened == ["scripted"]


def test_an_index_that_gave_way_is_freed(pipeline: Pipeline, folder: Path) -> None:
    first = weakref.ref(pipeline.index)
    save(folder, "王芳")
    pipeline.now()
    gc.collect()
    assert first() is None


def test_no_answer_mixes_generations(pipeline: Pipeline, folder: Path) -> None:
    """Readers ask while a writer switches: an answer has one generation's name, text and places."""
    heads = {current(folder).name: "李梅"}
    writing_on = threading.Event()

    def ask(_: int) -> list[tuple[str, str]]:
        told: list[tuple[str, str]] = []
        while not writing_on.is_set() or len(told) < 5:
            pinned = pipeline.now()
            answer = pinned.ask(ASKED, "extractive")
            text = pinned.article("tea.md").text
            assert all(text[each.start : each.end] == each.quote for each in answer.citations)
            assert all(text[each.start : each.end] == each.text for each in answer.hits)
            told.append((answer.generation, answer.text))
        return told

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask, number) for number in range(4)]
        for number in range(20):
            who = list(MAYORS)[number % 3]
            heads[save(folder, who)] = who
        writing_on.set()
        told = [each for future in asked for each in future.result()]
    for generation, text in told:
        assert [who for who in MAYORS if who in text] == [heads[generation]]
    assert current(folder).name in {generation for generation, _ in told}
