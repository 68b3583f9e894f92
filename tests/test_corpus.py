import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import corpus as corpus_module
from rag.chunks import embedded_text
from rag.corpus import Corpus
from rag.embedding import HashEmbedder
from rag.gathering import Part, gather
from rag.generations import current, writing
from rag.index import Index
from rag.records import Article, Chunk, Sentence
from tests.conftest import make_article, without_tokens

WORDS = st.text("茶水a\U0001f375 \n", max_size=6)
GROUPS = st.lists(st.sampled_from(["hr", "it", "财务"]), max_size=3, unique=True).map(tuple)


@st.composite
def parts(draw: st.DrawFn) -> list[Part]:
    """Articles in any order, with sentences and chunks of any kind."""
    ids = draw(st.lists(st.text(min_size=1, max_size=3), max_size=5, unique=True))
    drawn: list[Part] = []
    for identity in ids:
        text, title, root = draw(WORDS), draw(WORDS), draw(WORDS)
        questions = tuple(draw(st.lists(WORDS, max_size=2)))
        article = Article(identity, title, "/x", text, root, draw(st.booleans()), questions, draw(WORDS), draw(GROUPS))
        place = st.integers(0, len(text))
        sentences = draw(st.lists(st.builds(Sentence, place, place, st.integers(0, 6)), max_size=4))
        chunk = st.builds(Chunk, st.just(identity), place, place, place, place, WORDS, WORDS, WORDS)
        drawn.append((article, sentences, draw(st.lists(chunk, max_size=4))))
    return drawn


@given(parts())
def test_what_is_saved_is_what_is_loaded(tmp_path_factory: pytest.TempPathFactory, drawn: list[Part]) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    gathered = gather(drawn)
    gathered.save(folder)
    for corpus in (gathered, Corpus.load(folder)):
        assert dict(corpus.articles) == {article.id: article for article, _, _ in drawn}
        assert list(corpus.articles) == [article.id for article, _, _ in drawn]
        assert list(corpus.articles.values()) == [article for article, _, _ in drawn]
        assert dict(corpus.sentences) == {article.id: tuple(sentences) for article, sentences, _ in drawn}
        assert list(corpus.chunks) == [chunk for _, _, chunks in drawn for chunk in chunks]
        texts = [embedded_text(article, chunk) for article, _, chunks in drawn for chunk in chunks]
        assert list(corpus.all_embedded()) == texts


@given(parts(), st.text(max_size=3))
def test_articles_are_found_by_their_ids_alone(drawn: list[Part], other: str) -> None:
    corpus = gather(drawn)
    ids = [article.id for article, _, _ in drawn]
    assert [corpus.articles.number(each) for each in ids] == list(range(len(ids)))
    assert (other in corpus.articles) == (other in corpus.sentences) == (other in ids)
    for mapping in (corpus.articles, corpus.sentences):
        with pytest.raises(KeyError, match="^'no such id'$"):
            mapping["no such id"]
    assert 7 not in corpus.articles  # type: ignore[comparison-overlap]


@given(parts(), st.frozensets(st.sampled_from(["hr", "it", "财务", "x"])))
def test_readers_are_allowed_what_is_for_all_or_for_them(drawn: list[Part], groups: frozenset[str]) -> None:
    corpus = gather(drawn)
    expected = [not article.groups or bool(groups & {*article.groups}) for article, _, chunks in drawn for _ in chunks]
    allowed = corpus.allowed(groups)
    assert (np.ones(len(expected), np.bool_) if allowed is None else allowed).tolist() == expected
    assert corpus.allowed(None) is None


def holding(*groups: tuple[str, ...]) -> Corpus:
    articles = [replace(make_article("茶。", f"{place}"), groups=each) for place, each in enumerate(groups)]
    return gather((each, [], [Chunk(each.id, 0, 2, 0, 1, "")] * 2) for each in articles)


def test_what_is_allowed_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = holding(("hr",), (), ("it", "hr"))
    first = corpus.allowed(frozenset({"it"}))
    assert first is not None
    assert first.tolist() == [False, False, True, True, True, True]
    monkeypatch.setattr(corpus_module.Articles, "readable", lambda *_: pytest.fail("again"))
    assert corpus.allowed(frozenset({"it"})) is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = True


def test_where_nothing_is_kept_from_a_reader_there_is_no_mask() -> None:
    assert holding((), ()).allowed(frozenset()) is None
    assert holding(("hr",), ()).allowed(frozenset({"hr"})) is None


def test_around_a_chunk_is_its_article() -> None:
    articles = [make_article("茶。", f"{place}") for place in range(4)]
    chunks = [[Chunk(each.id, 0, 2, 0, 1, "")] * count for each, count in zip(articles, (0, 3, 0, 2), strict=True)]
    corpus = gather((article, [], own) for article, own in zip(articles, chunks, strict=True))
    firsts, lasts = corpus.chunks.around(np.arange(5), 1)
    assert firsts.tolist() == [0, 0, 1, 3, 3]
    assert lasts.tolist() == [2, 3, 3, 5, 5]
    assert tuple(map(int, corpus.chunks.around(1, 0))) == (1, 2)
    assert tuple(map(int, corpus.chunks.around(4, 9))) == (3, 5)


def test_chunks_are_a_sequence() -> None:
    chunks = gather([(make_article("茶水酒"), [], [Chunk("tea.md", at, at + 1, 0, 1, "") for at in range(3)])]).chunks
    assert [chunk.start for chunk in chunks[::-2]] == [2, 0]
    assert chunks[-1] == chunks[2] == chunks[np.int64(2)]  # type: ignore[call-overload]
    for beyond in (3, -4):
        with pytest.raises(IndexError):
            chunks[beyond]


def test_headings_come_once_and_in_order() -> None:
    named = [Chunk("tea.md", 0, 1, 0, 1, heading, above="z") for heading in ("b", "", "z", "b", "a")]
    chunks = gather([(make_article("茶"), [], named)]).chunks
    assert [chunks.headings(most) for most in (9, 2)] == [["b", "z", "a"], ["b", "z"]]


def test_two_articles_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="two articles have the same id"):
        gather([(make_article(text), [], []) for text in "ab"])


def test_opening_makes_no_object_for_each_chunk(tmp_path: Path) -> None:
    count = 20_000
    articles = [make_article(f"第{place}篇。" * 4, f"{place:05}") for place in range(count // 4)]
    corpus = gather(
        (each, [Sentence(0, 4)], [Chunk(each.id, 4 * at, 4 * at + 4, 0, 1, f"{each.id}") for at in range(4)])
        for each in articles
    )
    rows = np.zeros((count, HashEmbedder.dimension), np.float32)
    rows[np.arange(count), np.arange(count) % rows.shape[1]] = 1
    with writing(tmp_path / "tea"):
        Index.from_parts(corpus, rows, without_tokens(count), HashEmbedder()).save(tmp_path / "tea")
    Index.load(tmp_path / "tea")  # what is imported when used has been
    tracemalloc.start()
    try:
        index = Index.load(tmp_path / "tea")
        chunk = index.chunks[count // 2]
        assert index.text(chunk) == index.articles["02500"].text[:4]
        grown, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert chunk.article == "02500"
    assert grown < 4 * count  # bytes
    assert peak < 40 * count  # of which most is what a file is digested through
    assert sum(path.stat().st_size for path in current(tmp_path / "tea").rglob("*.npy")) > 500 * count
