"""``suwen index --to``, and what then works on the same address."""

import json
import re
from pathlib import Path

import pytest

from tests.lite import Server
from ui.cli import main


@pytest.fixture
def address(here: Path, server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    address = server.address()
    assert main(["index", "docs", "--to", address]) == 0
    out, err = capsys.readouterr()
    name = address.rpartition("/")[2]
    counts = "2 added, 0 changed, 0 removed, 0 unchanged; 4 chunks in "
    lines = ["added    bridge.md", "added    tea.md", f"index {name}: {counts}[0-9.]+ s", f"{address} 000001"]
    assert re.fullmatch("\n".join(lines) + "\n", out)
    assert err == ""
    monkeypatch.setenv("SUWEN_INDEX", address)
    return address


def said(capsys: pytest.CaptureFixture[str], *command: str, status: int = 0) -> str:
    assert main(list(command)) == status
    out, err = capsys.readouterr()
    return err if status else out


def test_answers_and_passages_are_those_of_a_folder(
    address: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", "docs", "--index", "folder"]) == 0
    capsys.readouterr()
    for query in ("厂长是谁？", "When was the bridge built?"):
        one, other = (said(capsys, "search", query, "--index", each, "--json") for each in (address, "folder"))
        assert one == other
        answers = [json.loads(said(capsys, "ask", query, "--index", each, "--json")) for each in (address, "folder")]
        assert [each.pop("index")["generation"][:6] for each in answers] == ["000001", "000001"]
        assert all(each.pop("timings") for each in answers)
        assert answers[0] == answers[1]
    assert not (here / "indexes" / "sample").exists()


def test_an_update_tells_what_it_does(address: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "docs" / "tea.md").write_text("新的茶。", encoding="utf-8")
    (here / "docs" / "bridge.md").unlink()
    tell = "changed  tea.md\nremoved  bridge.md\nindex .*: 0 added, 1 changed, 1 removed, 0 unchanged; "
    assert re.match(tell + "nothing was written\n", said(capsys, "index", "docs", "--dry-run"))
    assert re.match(tell + f"1 chunks in .* s\n{address} 000002", said(capsys, "index", "docs"))
    assert "0 removed, 1 unchanged; it is up to date" in said(capsys, "index", "docs")
    assert "新的茶" in said(capsys, "search", "桥")
    assert said(capsys, "index", "docs", "--rebuild").endswith(f"{address} 000003\n")


def test_it_is_verified_and_shown(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    whole = "all articles and chunks are there, and the texts are what was written"
    assert said(capsys, "verify") == f"ok       {address}: {whole}\n"
    main(["doctor"])
    assert "000001: 4 chunks of 2 articles: bridge.md, tea.md\n" in capsys.readouterr().out


def test_another_embedder_is_refused(
    address: str, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.embedding.HashEmbedder.fingerprint", "other")
    (here / "docs" / "tea.md").write_text("新的茶。", encoding="utf-8")
    line = f"suwen: {address}: was built with hash, the embedder is hash; "
    step = f"set SUWEN_EMBEDDER or run: suwen index PATH --to {address} --rebuild\n"
    assert said(capsys, "index", "docs", status=1) == line + step
    assert "was built with hash, the embedder is hash" in said(capsys, "ask", "谁？", status=1)
    assert "000002" in said(capsys, "index", "docs", "--rebuild")


def test_what_is_not_there_or_needs_a_folder(address: str, capsys: pytest.CaptureFixture[str], server: Server) -> None:
    none = server.address()
    assert said(capsys, "ask", "谁？", "--index", none, status=1).endswith(f"run: suwen index PATH --to {none}\n")
    assert "nothing was written" in said(capsys, "index", "docs", "--to", none, "--dry-run")
    assert said(capsys, "ask", "谁？", "--index", none, status=1).startswith("suwen: no index ")
    error = said(capsys, "eval", "new", "--out", "gold.jsonl", status=2)
    assert error == f"suwen: {address}: this needs an index in a folder; set --index to a name or a path\n"
