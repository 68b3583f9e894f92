import pytest

from rag.milvus.collections import create_meta, drop_others
from tests.conftest import make_article
from tests.lite import Server, write


def test_a_writer_that_is_killed_before_the_first_index_leaves_what_the_next_can_use(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    milvus = server.milvus()

    def killed(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(milvus.client, "create_index", killed)
        with pytest.raises(KeyboardInterrupt):
            create_meta(milvus)
    assert write(milvus, [make_article("茶。")]).articles["tea.md"].text == "茶。"
    assert milvus.client.list_indexes(milvus.meta) == ["none"]  # without it a server would not load it


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
