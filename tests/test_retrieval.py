from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.building import index_articles
from rag.dense import Dense
from rag.embedding import HashEmbedder
from rag.gathering import gather
from rag.index import Index
from rag.lexical import Lexical
from rag.records import Article, Chunk, Hit
from rag.retrieval import CANDIDATES, DENSE_WEIGHT, Found, retrieve, to_hit
from tests.conftest import make_article

HALF = 2e-3  # vectors are stored in half precision


class Pointing(HashEmbedder):
    """Every query is the one unit vector it was made with."""

    def __init__(self, *query: float) -> None:
        self.query = np.array(query, np.float32)
        self.dimension = len(query)

    def embed_query(self, text: str) -> np.ndarray:
        return self.query


def made(vectors: list[list[float]], texts: list[str]) -> Index:
    """An index of one-sentence chunks with the given vectors."""
    articles = [make_article(text, f"{place:03}") for place, text in enumerate(texts)]
    corpus = gather((each, [], [Chunk(each.id, 0, len(each.text), 0, 1, "")]) for each in articles)
    rows = np.array(vectors, np.float32).reshape(len(texts), -1)
    return Index(corpus, Dense.from_rows(rows), Lexical.from_texts(texts), embedder="", fingerprint="")


def order(found: list[Found]) -> list[int]:
    return [int(each.chunk.article) for each in found]


def test_fused_scores_by_arithmetic() -> None:
    index = made([[1, 0], [0.6, 0.8], [0, 1]], ["water", "tea", "tea and milk"])
    share = index.lexical.shares("tea", np.arange(3))
    found = retrieve("tea", index, Pointing(1, 0), 3)
    # cosines 1, .6, 0 are already spread over 0..1
    fused = [
        DENSE_WEIGHT * 1,
        DENSE_WEIGHT * 0.6 + (1 - DENSE_WEIGHT) * share[1],
        (1 - DENSE_WEIGHT) * share[2],
    ]
    expected = sorted(range(3), key=lambda place: -fused[place])
    assert order(found) == expected
    assert [each.score for each in found] == pytest.approx([fused[place] for place in expected], abs=HALF)
    assert [each.keywords for each in found] == [share[place] for place in expected]
    assert [each.cosine for each in found] == pytest.approx([[1, 0.6, 0][place] for place in expected], abs=HALF)


def test_hash_scores_by_arithmetic() -> None:
    texts = ["绿茶三吨", "红茶三吨", "水"]
    embedder = HashEmbedder()
    index = made(embedder.embed_passages(texts).tolist(), texts)
    cosine = np.array([3 / 3, 2 / 3, 0])  # shared pairs of the three in each text; one character has none
    fused = DENSE_WEIGHT * cosine + (1 - DENSE_WEIGHT) * index.lexical.shares(texts[0], np.arange(3))
    found = retrieve(texts[0], index, embedder, 3)
    assert order(found) == [0, 1, 2]
    assert [each.score for each in found] == pytest.approx(fused.tolist(), abs=HALF)


def test_cosines_are_spread_over_the_candidates() -> None:
    index = made([[0.8, 0.6], [0.6, 0.8], [0.7, 0.714]], ["a", "b", "c"])
    found = retrieve("none of them", index, Pointing(1, 0), 3)
    assert order(found) == [0, 2, 1]
    assert [each.score for each in found] == pytest.approx([DENSE_WEIGHT, DENSE_WEIGHT * 0.5, 0], abs=HALF)


def test_ties_go_to_the_one_that_stands_earlier() -> None:
    index = made([[1, 0]] * 5, ["tea"] * 5)
    found = retrieve("tea", index, Pointing(1, 0), 3)
    assert order(found) == [0, 1, 2]
    assert [each.score for each in found] == pytest.approx([found[0].score] * 3)


def test_an_empty_index_finds_nothing() -> None:
    assert retrieve("tea", index_articles([], HashEmbedder()), HashEmbedder(), 5) == []


def test_fewer_chunks_than_asked_for() -> None:
    assert order(retrieve("tea", made([[1, 0]], ["tea"]), Pointing(1, 0), 50)) == [0]


def test_a_query_that_shares_nothing_goes_by_cosine_alone() -> None:
    index = made([[0, 1], [1, 0]], ["tea", "milk"])
    found = retrieve("water", index, Pointing(1, 0), 2)
    assert [(int(each.chunk.article), each.keywords) for each in found] == [(1, 0.0), (0, 0.0)]


def test_a_chunk_that_only_its_words_find() -> None:
    """It is too far away to be among the nearest, and gets its true cosine all the same."""
    near = [[1.0, 0.0]] * CANDIDATES
    index = made([*near, [0.6, 0.8], [0, 1]], [*["milk"] * CANDIDATES, "milk", "tea"])
    found = retrieve("tea", index, Pointing(1, 0), CANDIDATES + 5)
    assert len(found) == CANDIDATES + 1
    assert order(found)[-1] == CANDIDATES + 1
    assert [found[-1].score, found[-1].cosine] == pytest.approx([(1 - DENSE_WEIGHT) * found[-1].keywords, 0])
    assert found[-1].keywords > 0.3


def test_a_chunk_that_only_its_meaning_finds() -> None:
    index = made([[0.0, 1.0]] * CANDIDATES + [[1.0, 0.0]], [*["tea"] * CANDIDATES, "milk"])
    found = retrieve("tea", index, Pointing(1, 0), 1)
    assert order(found) == [CANDIDATES]
    assert [found[0].score, found[0].keywords] == pytest.approx([DENSE_WEIGHT, 0])


@given(st.integers(0, 2**32 - 1), st.integers(1, 80), st.integers(1, 60))
def test_the_nearest_are_those_of_arithmetic(seed: int, count: int, k: int) -> None:
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    query = vectors[0] if seed % 2 else -vectors[0]
    nearest = made(vectors.tolist(), ["tea"] * count).nearest(query, k)
    exact = vectors @ query
    assert len(set(nearest.tolist())) == len(nearest) == min(k, count)
    assert exact[nearest] == pytest.approx(np.sort(exact)[::-1][:k], abs=HALF)


def test_a_hit_is_the_chunk_as_it_stands(index: Index, articles: list[Article]) -> None:
    chunk = index.chunks[-1]
    hit = to_hit(Found(chunk, 0.5, 0.1, 0.2), index)
    text = articles[1].text[chunk.start : chunk.end]
    assert hit == Hit("tea.md", "/articles/tea.md", chunk.start, chunk.end, 0.5, text)
    assert text.endswith("茶厂有员工85人。")
    assert replace(hit, score=1 / 3).to_json()["score"] == 0.333333
