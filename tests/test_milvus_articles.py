from dataclasses import replace

import pytest

from rag.errors import IndexBusy
from rag.milvus import articles as module
from rag.milvus.articles import outline, outlines
from rag.milvus.server import PIECE, Milvus
from rag.records import Article
from tests.conftest import make_article
from tests.lite import Server, write

NAMES = ("a.md", 'q"u\\o\nte.md', "https://wiki/茶?a=1&b='2'", "long.md")


@pytest.fixture
def articles() -> list[Article]:
    made = [make_article(f"# {name}\n\n茶。Tea.", name) for name in NAMES[:3]]
    long = make_article("一句很长的话😀，" * 3000 + "完。\n\n" + "再说一句。" * 4000, "long.md")
    return [
        *made,
        replace(long, questions=("多长？", "How?"), date="2026-01-02", groups=("b", "a"), source="http://x/"),
    ]


def test_articles_come_back_as_they_were(server: Server, articles: list[Article]) -> None:
    assert len(articles[-1].text) > 2 * PIECE
    index = server.holding(articles)
    assert [index.articles[each.id] for each in articles] == articles
    assert list(index.articles) == list(NAMES)
    assert list(index.articles.values()) == articles
    assert (len(index.articles), len(index.sentences)) == (4, 4)
    assert sum(map(len, index.sentences.values())) == index.state.sentences
    assert list(index.sentences) == list(NAMES)


def test_outlines_tell_articles_apart(server: Server, articles: list[Article]) -> None:
    index = server.holding(articles)
    kept = outlines(index.milvus, index.state)
    assert kept == {each.id: outline(each) for each in articles}
    assert len(kept["long.md"].text) == 64
    assert outline(replace(articles[0], text="other")) != kept["a.md"]


def test_what_was_read_last_is_kept(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    index = server.holding([make_article("茶。", name) for name in "abc"])
    assert set(index.articles.read("abc")) == {"a", "b", "c"}
    monkeypatch.setattr(Milvus, "query", lambda *arguments: pytest.fail("it is here"))
    assert [index.articles[name].id for name in "bc"] == ["b", "c"]
    with pytest.raises(pytest.fail.Exception):
        index.articles["a"]


def test_an_article_that_went_with_its_generation(server: Server) -> None:
    before = server.holding([make_article("茶。", "a"), make_article("水。", "b")])
    kept = before.articles["a"]
    write(before.milvus, [make_article("新茶。", "a")], ["a"], old=before)
    assert before.articles["a"] == kept  # it was read
    before.articles._kept.clear()
    with pytest.raises(IndexBusy, match="generation 000001 gave way to 000002 while it was read; ask again$"):
        before.articles["a"]
    assert before.articles["b"].text == "水。"


def test_a_list_of_a_generation_that_gave_way_is_not_just_shorter(server: Server) -> None:
    before = server.holding([make_article("茶。", "a"), make_article("水。", "b")])
    write(before.milvus, [make_article("新茶。", "a")], ["a"], old=before)
    for articles in (before.articles, before.open_to(None), before.open_to(frozenset())):
        with pytest.raises(IndexBusy, match="generation 000001 gave way to 000002 while it was read; ask again$"):
            list(articles)
    with pytest.raises(IndexBusy):
        before.suggested(None)


def test_an_index_made_anew_gives_way_with_its_collections(server: Server) -> None:
    before = server.holding([make_article("茶。", "a")])
    write(before.milvus, [make_article("新茶。", "a")])
    for read in (lambda: before.articles["a"], lambda: list(before.articles)):
        with pytest.raises(IndexBusy, match="generation 000001 gave way to 000002 while it was read; ask again$"):
            read()


def test_questions_are_suggested_in_the_order_of_their_articles(server: Server) -> None:
    made = [replace(make_article("茶。", name), questions=(f"{name}?",)) for name in "abc"]
    index = server.holding(made)
    assert index.articles["c"] == made[2]  # it is kept
    assert index.suggested(None) == ["a?", "b?", "c?"]


def test_how_many_may_be_read_is_counted_there(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [replace(make_article("茶。", name), groups=groups) for name, groups in (("a", ()), ("b", ("staff",)))]
    index = server.holding(made)
    monkeypatch.setattr(Milvus, "each", lambda *arguments: pytest.fail("it lists them"))
    assert [len(index.open_to(each)) for each in (None, frozenset[str](), frozenset({"staff"}))] == [2, 1, 2]
