"""What retrieval asks of an index: one in a folder and one in Milvus answer alike."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.building import index_articles
from rag.embedding import HashEmbedder
from rag.evidence import select_evidence
from rag.examples import example_questions
from rag.index import Index
from rag.records import Article
from rag.retrieval import CANDIDATES, NEIGHBOURS, retrieve, to_hit
from rag.searchable import Searchable
from tests.conftest import BRIDGE, TEA, make_article
from tests.lite import Server, Tokened

QUERIES = (
    "厂长是谁？",
    "Who built the bridge?",
    "茶厂 1998年",
    "When was the tea factory built?",
    "桥花了多少钱？",
    "zzz",
)
WORDS = (
    "茶厂",
    "绿茶",
    "1998年",
    "bridge",
    "was built",
    "of stone",
    "水。",
    "。",
    "\n\n",
    "# 茶\n\n",
    "gb/t 7714",
    "😀",
)
GROUPS = (None, frozenset[str](), frozenset({"staff"}), frozenset({'a "b"\\'}))


def asked(query: str, index: Searchable, embedder: HashEmbedder, groups: frozenset[str] | None = None) -> list[object]:
    """What all that is shown of a search says, scores to six digits."""
    found = retrieve(query, index, embedder, 40, index.allowed(groups))
    evidence = select_evidence(found, index, embedder.count_tokens)
    hits = [to_hit(each, index).to_json() for each in found]
    own = [(each.chunk, round(each.nearness, 5), round(each.keywords, 5)) for each in found]
    return [hits, own, evidence]


def many() -> list[Article]:
    """More chunks than a leg nominates, in articles of different lengths, for different readers."""
    random = np.random.default_rng(5)
    groups: tuple[tuple[str, ...], ...] = ((), ("staff",), ('a "b"\\', "board"))
    return [
        replace(
            make_article(
                "".join(
                    f"{''.join(random.choice(WORDS[:8], 30))}，第{number}篇第{part}段共{random.integers(9999)}吨。\n\n"
                    for part in range(number % 9 + 1)
                ),
                f'{number:02} “x".md',
            ),
            groups=groups[number % 3],
        )
        for number in range(30)
    ]


@pytest.mark.parametrize("embedder", [HashEmbedder(), Tokened()], ids=["no tokens", "tokens"])
def test_the_same_hits_with_the_same_scores(server: Server, embedder: HashEmbedder) -> None:
    articles = many()
    local = index_articles(articles, embedder)
    remote = server.holding(articles, embedder)
    assert remote.count == local.count > 2 * CANDIDATES
    for query in (*QUERIES, "第7篇第3段", "stone 吨"):
        for groups in GROUPS:
            assert asked(query, remote, embedder, groups) == asked(query, local, embedder, groups)


@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map("".join), max_size=6),
    st.sampled_from(QUERIES),
)
def test_any_articles_are_found_alike(server: Server, texts: list[str], query: str) -> None:
    articles = [make_article(text, f"{number}.md") for number, text in enumerate(texts)]
    local, remote = index_articles(articles, Tokened()), server.holding(articles, Tokened())
    assert asked(query, remote, Tokened()) == asked(query, local, Tokened())


@pytest.fixture(params=["folder", "milvus"])
def index(request: pytest.FixtureRequest, articles: list[Article], server: Server) -> Searchable:
    return index_articles(articles, HashEmbedder()) if request.param == "folder" else server.holding(articles)


def test_what_an_index_says_of_itself(index: Searchable, articles: list[Article]) -> None:
    assert (index.embedder, index.fingerprint, index.count) == ("hash", HashEmbedder.fingerprint, 4)
    assert dict(index.articles) == {each.id: each for each in articles}
    assert list(index.open_to(None)) == articles
    assert [(each.start, each.heading) for each in index.sentences["tea.md"]][:2] == [(2, 1), (11, 2)]
    assert example_questions(index) == [
        "What about Building?",
        "What about Use?",
        "关于“产量”，文章说了什么？",
        "关于“人员”，文章说了什么？",
    ]


def test_a_pool_has_the_neighbours_of_its_candidates(index: Searchable) -> None:
    vector = HashEmbedder().embed_query("厂长是谁")
    pool, candidates = index.nominate("厂长是谁", vector, 1, NEIGHBOURS, None)
    chunks = pool.take(candidates)
    assert [(each.article, each.heading) for each in chunks] == [("tea.md", "人员")]
    firsts, lasts = pool.around(candidates, NEIGHBOURS)
    assert [each.heading for each in pool.take(np.arange(firsts[0], lasts[0]))] == ["产量", "人员"]
    assert pool.languages(candidates).tolist() == [0]
    assert index.text(chunks[0]) == TEA[53:81]


def test_an_article_that_is_not_there(index: Searchable) -> None:
    assert "other.md" not in index.articles
    assert index.articles.get("other.md") is None
    with pytest.raises(KeyError):
        index.sentences["other.md"]


def test_a_search_that_may_see_nothing(server: Server) -> None:
    articles = [replace(make_article(BRIDGE, "bridge.md"), groups=("staff",))]
    for index in (index_articles(articles, HashEmbedder()), server.holding(articles)):
        assert retrieve("bridge", index, HashEmbedder(), 5, index.allowed(frozenset())) == []
        assert len(retrieve("bridge", index, HashEmbedder(), 5, index.allowed(frozenset({"staff"})))) == 2
        assert list(index.open_to(frozenset())) == []


def test_an_empty_index(server: Server) -> None:
    for index in (index_articles([], HashEmbedder()), server.holding([])):
        assert isinstance(index, Index) or index.generation == "000001"
        assert retrieve("bridge", index, HashEmbedder(), 5) == []
        assert example_questions(index) == []
