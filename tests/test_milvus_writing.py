from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.building import index_articles
from rag.embedding import HashEmbedder
from rag.errors import IndexBusy
from rag.index import Index
from rag.milvus import writing as module
from rag.milvus.checking import check
from rag.milvus.collections import drop_others
from rag.milvus.index import MilvusIndex
from rag.milvus.lease import leasing
from rag.milvus.server import Milvus
from rag.newest import Newest
from rag.pipeline import Pipeline
from rag.records import Article, Question
from rag.retrieval import retrieve
from rag.settings import Settings
from tests.conftest import BRIDGE, TEA, make_article
from tests.lite import Server, write
from tests.test_searchable import QUERIES, asked

TEXTS = st.sampled_from(["茶。", "水。绿茶。", "# 茶\n红茶三吨。", "……", "The bridge was built in 1998.", TEA])
HELD = st.dictionaries(st.sampled_from("uvwxyz"), TEXTS, max_size=5)


def changed(before: dict[str, str], after: dict[str, str]) -> tuple[list[Article], list[str]]:
    """What is to be written and what taken out."""
    new = [make_article(text, name) for name, text in sorted(after.items()) if before.get(name) != text]
    return new, [name for name in before if before[name] != after.get(name)]


def same(remote: MilvusIndex, texts: dict[str, str]) -> None:
    """Make sure that an index answers as one in a folder, made anew, does."""
    local = index_articles([make_article(text, name) for name, text in sorted(texts.items())], HashEmbedder())
    assert dict(remote.articles) == dict(local.articles)
    assert (remote.count, remote.state.terms) == (local.count, int(local.lexical.postings.lengths.sum()))
    assert list(check(remote.milvus, remote.state)) == []
    for query in QUERIES:
        assert asked(query, remote, HashEmbedder()) == asked(query, local, HashEmbedder())


@hypothesis_settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HELD, st.lists(HELD, min_size=1, max_size=3))
def test_an_update_equals_a_new_index(server: Server, first: dict[str, str], then: list[dict[str, str]]) -> None:
    index, before = server.holding(changed({}, first)[0]), first
    for after in then:
        index = write(index.milvus, *changed(before, after), old=index)
        before = after
        same(index, after)
    assert index.generation == f"{len(then) + 1:06}"


def test_only_what_changed_is_embedded_and_in_batches(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 100)
    embedded: list[list[str]] = []

    def noting(articles: Sequence[Article], embedder: HashEmbedder) -> Index:
        embedded.append([each.id for each in articles])
        return index_articles(articles, embedder)

    monkeypatch.setattr(module, "index_articles", noting)
    told: list[tuple[int, int]] = []
    articles = [make_article(BRIDGE, "a"), make_article("茶。", "b"), make_article("水。", "c")]
    index = server.holding(articles)
    assert embedded == [["a"], ["b", "c"]]
    with leasing(index.milvus) as lease:
        after = replace(articles[1], text="新茶。")
        module.update(lease, index.state, [after], ["b"], HashEmbedder(), lambda *progress: told.append(progress))
    assert (embedded[2:], told) == ([["b"]], [(1, 1)])
    same(MilvusIndex.load(index.milvus), {"a": BRIDGE, "b": "新茶。", "c": "水。"})


STEPS = ("index_articles", "_add", "_remove", "_count", "_clear", *(["insert"] * 3), *(["mark"] * 4), "drop_others")


@pytest.mark.parametrize(("step", "nth"), [(step, STEPS[:place].count(step) + 1) for place, step in enumerate(STEPS)])
def test_a_writer_that_is_killed_leaves_the_old_one(
    server: Server, monkeypatch: pytest.MonkeyPatch, step: str, nth: int
) -> None:
    """Killed behind each of its steps before the switch; the next writer ends as if that one had never begun."""
    before, killed = {"a": TEA, "b": BRIDGE, "c": "水。"}, {"a": "红茶。", "d": "桥。"}
    index = server.holding(changed({}, before)[0])
    original, calls = getattr(module, step), []

    def dying(*arguments: Any) -> Any:
        done = original(*arguments)
        calls.append(step)
        if len(calls) == nth:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(module, step, dying)
    with pytest.raises(KeyboardInterrupt):
        write(index.milvus, *changed(before, killed), old=index)
    monkeypatch.undo()
    now = MilvusIndex.load(index.milvus)
    assert now.generation == index.generation
    same(now, before)
    after = before | {"b": "新桥。"}
    same(write(now.milvus, *changed(before, after), old=now), after)


@pytest.mark.parametrize("step", ["delete", "drop_others"])
def test_a_writer_that_is_killed_behind_the_switch_leaves_the_new_one(
    server: Server, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before, after = {"a": TEA, "b": BRIDGE}, {"a": "红茶。", "d": "桥。"}
    index = server.holding(changed({}, before)[0])
    original = drop_others

    def dying(milvus: Milvus, *arguments: Any) -> None:
        if milvus.state().generation == 2:
            raise KeyboardInterrupt
        if step == "drop_others":
            original(milvus, *arguments)

    monkeypatch.setattr(module, step, dying)
    with pytest.raises(KeyboardInterrupt):
        write(index.milvus, *changed(before, after), old=index)
    monkeypatch.undo()
    now = MilvusIndex.load(index.milvus)
    assert now.generation == "000002"
    same(now, after)
    same(write(index.milvus, [make_article("水。", "e")], old=now), after | {"e": "水。"})


def test_who_lost_the_lease_does_not_switch(server: Server) -> None:
    index = server.holding([make_article("茶。")])
    with leasing(index.milvus) as lease:
        index.milvus.write_meta("lease", {"owner": "other", "host": "wiki", "process": 1, "until": 0})
        with pytest.raises(IndexBusy, match="took over writing; the index is as it was"):
            module.update(lease, index.state, [make_article("水。", "w")], (), HashEmbedder())
    assert list(MilvusIndex.load(index.milvus).articles) == ["tea.md"]


@pytest.mark.parametrize("step", ["index_articles", "_add", "_remove"])
def test_who_lost_the_lease_on_the_way_writes_nothing_more(
    server: Server, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """What another writer has begun by then would be mixed with it."""
    index = server.holding([make_article("茶。"), make_article("桥。", "b")])
    original = getattr(module, step)

    def losing(*arguments: Any) -> Any:
        done = original(*arguments)
        index.milvus.write_meta("lease", {"owner": "other", "host": "wiki", "process": 1, "until": 0})
        for each in ("insert", "mark"):
            monkeypatch.setattr(module, each, lambda *_: pytest.fail("it writes"))
        return done

    monkeypatch.setattr(module, step, losing)
    with pytest.raises(IndexBusy, match="took over writing"):
        write(index.milvus, [make_article("水。")], ["tea.md", "b"], old=index)


def test_a_reader_sees_no_half_of_an_update(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was opened before answers as before until the switch, and then says that it gave way."""
    index = server.holding([make_article(TEA), make_article(BRIDGE, "bridge.md")])
    first = asked(QUERIES[0], index, HashEmbedder())
    seen: list[bool] = []

    def looking(original: Callable[..., Any]) -> Callable[..., Any]:
        def look(*arguments: Any) -> Any:
            done = original(*arguments)
            seen.append(asked(QUERIES[0], MilvusIndex.load(index.milvus), HashEmbedder()) == first)
            return done

        return look

    for step in ("insert", "mark"):
        monkeypatch.setattr(module, step, looking(getattr(module, step)))
    write(index.milvus, [make_article(TEA.replace("李梅", "王芳"))], ["tea.md"], old=index)
    assert seen == [True] * len(seen)
    assert len(seen) >= 5
    with pytest.raises(IndexBusy, match="gave way to 000002"):
        retrieve(QUERIES[0], index, HashEmbedder(), 5)


def test_a_running_pipeline_takes_up_a_new_generation(settings: Settings, server: Server) -> None:
    index = server.holding([make_article(TEA)])
    newest = Newest(index.milvus, index, pytest.fail)
    pipeline = Pipeline(settings, HashEmbedder(), newest.index(), lambda spec: None, newest)
    asking = Question("厂长是谁？")
    pinned = pipeline.now()
    assert "李梅" in pinned.ask(asking, "extractive").text
    write(index.milvus, [make_article(TEA.replace("李梅", "王芳"))], ["tea.md"], old=index)
    answer = pipeline.now().ask(asking, "extractive")
    assert ("王芳" in answer.text, answer.generation) == (True, "000002")
    with pytest.raises(IndexBusy, match="ask again"):
        pinned.ask(asking, "extractive")
