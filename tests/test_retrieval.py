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
from rag.retrieval import AROUND, CANDIDATES, KEYWORDS, NEARNESS, NEIGHBOURS, Found, retrieve, to_hit
from rag.terms import words_of
from rag.tokens import Tokens
from tests.conftest import make_article, without_tokens

HALF = 2e-3  # vectors are stored in half precision


class Pointing(HashEmbedder):
    """Every query is the one unit vector it was made with."""

    def __init__(self, *query: float) -> None:
        self.query = np.array(query, np.float32)
        self.dimension = len(query)

    def embed_query(self, text: str) -> np.ndarray:
        return self.query


def made(vectors: list[list[float]], texts: list[str], of: int = 1) -> Index:
    """An index of chunks with the given vectors, so many ``of`` each article."""
    parts = [
        (make_article("".join(texts[start : start + of]), f"{start:03}"), texts[start : start + of])
        for start in range(0, len(texts), of)
    ]
    corpus = gather(
        (
            each,
            [],
            [
                Chunk(each.id, sum(map(len, some[:at])), sum(map(len, some[: at + 1])), 0, 1, "")
                for at in range(len(some))
            ],
        )
        for each, some in parts
    )
    rows = np.array(vectors, np.float32).reshape(len(texts), -1)
    tokens = without_tokens(len(texts), rows.shape[1])
    return Index(corpus, Dense.from_rows(rows), tokens, Lexical.from_texts(texts), embedder="", fingerprint="")


def order(found: list[Found]) -> list[int]:
    return [int(each.chunk.article) for each in found]


def test_fused_scores_by_arithmetic() -> None:
    """An article of one chunk has nothing around it, so that its keywords count twice."""
    index = made([[1, 0], [0.6, 0.8], [0, 1]], ["water", "tea", "tea and milk"])
    share = index.lexical.shares("tea", np.arange(3))
    found = retrieve("tea", index, Pointing(1, 0), 3)
    # cosines 1, .6, 0 are already spread over 0..1
    fused = NEARNESS * np.array([1, 0.6, 0]) + (KEYWORDS + AROUND) * share
    expected = sorted(range(3), key=lambda place: -fused[place])
    assert order(found) == expected
    assert [each.score for each in found] == pytest.approx([fused[place] for place in expected], abs=HALF)
    assert [each.keywords for each in found] == pytest.approx([share[place] for place in expected])
    assert [each.nearness for each in found] == pytest.approx([[1, 0.6, 0][place] for place in expected], abs=HALF)


def test_what_stands_around_a_chunk_counts() -> None:
    """Of two chunks that say the same, the one whose article has the rest of the question comes first."""
    texts = ["a bridge of stone. ", "it cost 12 pounds. ", "a house of stone. ", "it cost 12 pounds. "]
    index = made([[1, 0]] * 4, texts, of=2)
    query = "what did the bridge cost"
    found = retrieve(query, index, Pointing(1, 0), 4)
    own = index.lexical.shares(query, np.arange(4))
    (pairs,) = index.lexical.shares_of_runs([words_of(query)], np.array([0, 0, 2, 2]), np.array([2, 2, 4, 4]))
    fused = NEARNESS + KEYWORDS * own + AROUND * pairs
    assert [each.score for each in found] == pytest.approx(sorted(fused, reverse=True))
    starts = [(each.chunk.article, each.chunk.start) for each in found]
    assert starts.index(("000", 19)) < starts.index(("002", 18))


def test_neighbours_are_those_of_the_article_within_reach() -> None:
    texts = [f"{chr(97 + place)} " for place in range(3 * NEIGHBOURS)]
    index = made([[1, 0]] * len(texts), texts, of=2 * NEIGHBOURS)
    found = retrieve("a", index, Pointing(1, 0), len(texts))
    near = [each for each in found if each.score > NEARNESS + 1e-6]
    assert sorted(each.chunk.start for each in near) == [2 * place for place in range(NEIGHBOURS + 1)]
    assert {each.chunk.article for each in near} == {"000"}


def test_the_other_language_is_searched_by_translations() -> None:
    index = made([[1, 0]] * 3, ["核电站建于1998年。", "山上产茶。", "The tea was sold."])
    found = retrieve("When was the nuclear power plant built?", index, Pointing(1, 0), 3)
    assert order(found)[0] == 0
    assert {int(each.chunk.article): each.keywords > 0 for each in found} == {
        0: True,
        1: False,
        2: True,
    }  # "was", "the"
    both = made([[1, 0]] * 2, ["核电站建于1998年。", "The 核电站 of the north is on the coast."])
    found = retrieve("nuclear power plant", both, Pointing(1, 0), 2)
    assert [(int(each.chunk.article), each.keywords > 0) for each in found] == [(0, True), (1, False)]
    found = retrieve("茶卖了多少？", index, Pointing(1, 0), 3)
    keywords = {int(each.chunk.article): each.keywords for each in found}
    assert keywords[0] == 0 < min(keywords[1], keywords[2])


def test_only_what_may_be_found_is(index: Index) -> None:
    within = np.array([False, True, False, True])
    found = retrieve("茶厂的厂长是谁？", index, HashEmbedder(), 9, within)
    assert {index.chunks.index(each.chunk) for each in found} == {1, 3}
    assert retrieve("茶厂的厂长是谁？", index, HashEmbedder(), 9, np.zeros(4, np.bool_)) == []


def test_hash_scores_by_arithmetic() -> None:
    texts = ["绿茶三吨", "红茶三吨", "水"]
    embedder = HashEmbedder()
    index = made(embedder.embed_passages(texts).tolist(), texts)
    cosine = np.array([3 / 3, 2 / 3, 0])  # shared pairs of the three in each text; one character has none
    fused = NEARNESS * cosine + (KEYWORDS + AROUND) * index.lexical.shares(texts[0], np.arange(3))
    found = retrieve(texts[0], index, embedder, 3)
    assert order(found) == [0, 1, 2]
    assert [each.score for each in found] == pytest.approx(fused.tolist(), abs=HALF)


def test_cosines_are_spread_over_the_candidates() -> None:
    index = made([[0.8, 0.6], [0.6, 0.8], [0.7, 0.714]], ["a", "b", "c"])
    found = retrieve("none of them", index, Pointing(1, 0), 3)
    assert order(found) == [0, 2, 1]
    assert [each.score for each in found] == pytest.approx([NEARNESS, NEARNESS * 0.5, 0], abs=HALF)


def test_tokens_are_compared_one_by_one() -> None:
    """Both texts have the vector of the query; one has the token that sets the query apart."""
    apart = Tokens(np.array([[0b10000000], [0b00010000]], np.uint8), np.array([0, 1, 2]))
    vector = np.full((2, 8), 8**-0.5, np.float32)
    index = replace(made(vector.tolist(), ["a", "b"]), tokens=apart)

    class Asking(Pointing):
        def embed_question(self, text: str) -> tuple[np.ndarray, np.ndarray]:
            tokens = np.eye(8, dtype=np.float32)[[0, 0, 0, 3]]
            return self.query, tokens

    found = retrieve("none of them", index, Asking(*vector[0]), 2)
    assert order(found) == [1, 0]
    expected = apart.similarities(np.eye(8, dtype=np.float32)[[0, 0, 0, 3]], vector, np.array([1, 0]))
    assert [each.nearness for each in found] == pytest.approx(expected.tolist(), abs=HALF)


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
    (last,) = [each for each in found if int(each.chunk.article) == CANDIDATES + 1]
    assert [last.score, last.nearness] == pytest.approx([(KEYWORDS + AROUND) * last.keywords, 0])
    assert last.keywords > 0.3


def test_a_chunk_that_only_its_meaning_finds() -> None:
    index = made([[0.0, 1.0]] * CANDIDATES + [[1.0, 0.0]], [*["tea"] * CANDIDATES, "milk"])
    found = retrieve("tea", index, Pointing(1, 0), CANDIDATES + 1)
    (last,) = [each for each in found if int(each.chunk.article) == CANDIDATES]
    assert [last.score, last.keywords] == pytest.approx([NEARNESS, 0])


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
