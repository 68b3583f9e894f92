from rag.milvus.collections import create_meta, drop_others
from tests.conftest import make_article
from tests.lite import Server, write


def test_only_collections_of_this_index_are_dropped(server: Server) -> None:
    one, other = server.holding([make_article("茶。")]), server.holding([make_article("水。")])
    before = set(one.milvus.client.list_collections())
    drop_others(one.milvus, 9)
    gone = before - set(one.milvus.client.list_collections())
    assert gone == {f"{one.name}_1_{kind}" for kind in ("chunks", "articles", "terms")}
    assert other.articles["tea.md"].text == "水。"


def test_an_index_made_anew_leaves_one_set_of_collections(server: Server) -> None:
    first = server.holding([make_article("茶。")])
    create_meta(first.milvus)
    second = write(first.milvus, [make_article("水。")])
    names = [each for each in second.milvus.client.list_collections() if each.startswith(f"{second.name}_")]
    assert sorted(names) == [f"{second.name}_{each}" for each in ("2_articles", "2_chunks", "2_terms", "meta")]
    assert (second.generation, second.articles["tea.md"].text) == ("000002", "水。")
