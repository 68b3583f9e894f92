import pytest

from rag.errors import IndexBusy
from rag.milvus.checking import check
from rag.milvus.collections import delete
from rag.milvus.server import PLACES
from tests.conftest import BRIDGE, TEA, make_article
from tests.lite import Server, write


def test_what_is_missing_is_named(server: Server) -> None:
    index = server.holding([make_article(BRIDGE, "bridge.md"), make_article(TEA * 400)])
    milvus, state = index.milvus, index.state
    assert list(check(milvus, state)) == []
    chunks = state.chunks
    delete(milvus, state, "chunks", "id in [0]")
    assert list(check(milvus, state)) == [f"{chunks - 1} chunks, of {chunks}"]
    delete(milvus, state, "articles", f"id in [{1 << PLACES | 1}]")  # its second piece
    assert list(check(milvus, state)) == [f"{chunks - 1} chunks, of {chunks}", "tea.md"]
    delete(milvus, state, "articles", "id in [0]")
    assert list(check(milvus, state))[0] == "1 articles, of 2"


def test_what_is_left_by_others_is_not_counted(server: Server) -> None:
    first = server.holding([make_article(BRIDGE, "bridge.md"), make_article(TEA)])
    second = write(first.milvus, [make_article("茶。")], ["tea.md"], old=first)
    assert list(check(second.milvus, second.state)) == []


@pytest.mark.parametrize("anew", [False, True])
def test_what_gave_way_meanwhile_is_not_damaged(server: Server, anew: bool) -> None:
    first = server.holding([make_article(BRIDGE, "bridge.md"), make_article(TEA)])
    write(first.milvus, [make_article("茶。")], ["tea.md"], old=None if anew else first)
    with pytest.raises(IndexBusy, match="gave way to 000002 while it was read; ask again$"):
        list(check(first.milvus, first.state))
