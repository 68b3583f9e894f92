import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.errors import IndexMismatch, IndexMissing, SuwenError
from rag.milvus.address import parse
from rag.milvus.index import MilvusIndex
from rag.milvus.server import PIECE, Milvus, generation_name, pieces, quoted, readable
from tests.conftest import make_article
from tests.lite import Server


def test_pieces_are_the_text_and_fit() -> None:
    text = "😀茶" * PIECE
    assert "".join(pieces(text)) == text
    assert [len(each.encode()) <= 65_535 for each in pieces(text)] == [True] * 2
    assert pieces("") == [""]


def test_filter_expressions() -> None:
    assert quoted(['a"b', "茶\\"]) == '["a\\"b", "茶\\\\"]'
    assert readable(frozenset()) == "everybody == true"
    assert readable(frozenset("ba")) == '(everybody == true or array_contains_any(groups, ["a", "b"]))'


def test_no_index_of_that_name(server: Server) -> None:
    milvus = server.milvus()
    with pytest.raises(IndexMissing) as error:
        milvus.state()
    name = milvus.address.name
    assert str(error.value) == f"no index {name!r} at {milvus}; run: suwen index PATH --to {milvus}"


def test_another_version_is_refused(server: Server) -> None:
    index = server.holding([make_article("茶。")])
    index.milvus.switch(replace(index.state, chunker=99))
    with pytest.raises(
        IndexMismatch, match="has chunker 99, this program has .*; run: suwen index PATH --to .*--rebuild"
    ):
        MilvusIndex.load(index.milvus)


def test_what_is_read_is_at_least_of_the_switch(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    before = time.time_ns() // 1_000_000
    index = server.holding([make_article("茶。")])
    assert before <= index.state.moment <= time.time_ns() // 1_000_000
    assert generation_name(index.state) == "000001"
    asked: list[dict[str, Any]] = []

    def query(*arguments: Any, **options: Any) -> list[Any]:
        asked.append(options)
        return []

    monkeypatch.setattr(index.milvus.client, "query", query)
    index.milvus.query(index.state, "chunks", "id in [0]", ("id",))
    assert asked[0]["consistency_level"] == "Customized"
    assert asked[0]["guarantee_timestamp"] >> 18 == index.state.moment


def test_a_server_that_cannot_be_reached_is_one_line() -> None:
    with pytest.raises(SuwenError) as error:
        Milvus(parse("milvus://127.0.0.1:1/tea")).state()
    said = "milvus://127.0.0.1:1/tea: the server cannot be reached; start it or correct the address"
    assert str(error.value) == said


def test_a_file_that_another_process_has_open(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from milvus_lite import MilvusLite

    path = tmp_path / "lite.db"
    with MilvusLite(str(path)), pytest.raises(SuwenError) as error:
        Milvus(parse(f"milvus://{path}/tea")).state()
    said = "cannot be opened; run: pip install milvus-lite; no other process may have the file open"
    assert str(error.value) == f"milvus://{path}/tea: {said}"
    assert capfd.readouterr().err == ""


def test_without_the_package_its_installation_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(SuwenError, match=r"needs pymilvus; run: pip install 'pymilvus>=3,<4'$"):
        Milvus(parse("milvus://wiki/tea")).state()


def test_credentials_go_to_the_client_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    from pymilvus.exceptions import MilvusException

    given: dict[str, Any] = {}

    def refuse(**options: Any) -> None:
        given.update(options)
        raise MilvusException(code=1800, message="auth check failure, please check username and password are correct")

    monkeypatch.setattr("pymilvus.MilvusClient", refuse)
    monkeypatch.setenv("SUWEN_MILVUS_TOKEN", "me:secret")
    with pytest.raises(SuwenError) as error:
        Milvus(parse("milvus+tls://wiki/staff/tea")).state()
    said = "the server refuses the credentials; set SUWEN_MILVUS_TOKEN=USER:PASSWORD, or to an API key"
    assert str(error.value) == f"milvus+tls://wiki/staff/tea: {said}"
    assert (given["uri"], given["token"], given["db_name"]) == ("https://wiki:19530", "me:secret", "staff")


def test_any_other_refusal_is_the_servers_own_words(server: Server) -> None:
    index = server.holding([make_article("茶。")])
    with pytest.raises(SuwenError, match=r"^milvus:///\S+: .+; see the server\x27s log$") as error:
        index.milvus.query(index.state, "chunks", "nonsense ===", ("id",))
    assert "\n" not in str(error.value)
