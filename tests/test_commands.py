import json
import os
import re
from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.generations import current, writing
from rag.index import Index
from rag.llm import Scripted
from tests.commandline import ANSWER_KEYS, HIT_KEYS, line, says, written
from tests.conftest import BRIDGE, TEA
from tests.small_disk import small_disk
from ui.cli import main

pytestmark = pytest.mark.usefixtures("here")

# index


def test_index_says_what_it_did(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "docs"]) == 0
    added, other, counts, generation = capsys.readouterr().out.splitlines()
    assert (added, other) == ("added    bridge.md", "added    tea.md")
    assert re.fullmatch(r"index sample: 2 added, 0 changed, 0 removed, 0 unchanged; \d chunks in \d+\.\d s", counts)
    assert Path(generation) == current(here / "indexes" / "sample")

    (here / "docs" / "tea.md").write_text(TEA.replace("85", "86"), encoding="utf-8")
    (here / "docs" / "bridge.md").unlink()
    assert main(["index", "docs"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "changed  tea.md\nremoved  bridge.md\nindex sample: 0 added, 1 changed, 1 removed, 0 unchanged"
    )

    assert main(["index", "docs"]) == 0
    expected = "index sample: 0 added, 0 changed, 0 removed, 1 unchanged; it is up to date\n"
    assert capsys.readouterr().out == expected


def test_a_dry_run_writes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = "added    bridge.md\nadded    tea.md\n"
    expected += "index sample: 2 added, 0 changed, 0 removed, 0 unchanged; nothing was written\n"
    assert main(["index", "docs", "--dry-run"]) == 0
    assert capsys.readouterr().out == expected
    assert sorted(path.name for path in here.iterdir()) == ["docs"]

    assert main(["index", "docs"]) == 0
    before = written(here / "indexes")
    (here / "docs" / "tea.md").unlink()
    assert main(["index", "docs", "--dry-run"]) == 0
    assert written(here / "indexes") == before
    assert len(before) > 10


def test_an_index_by_its_path(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "docs", "--index", "sub/tea"]) == 0
    assert current(here / "sub" / "tea").is_dir()
    capsys.readouterr()
    assert main(["verify", "--index", str(here / "sub" / "tea")]) == 0
    assert capsys.readouterr().out == f"ok       {current(here / 'sub' / 'tea')}\n"


BAD_FILES = {
    "missing": (None, "no such file or folder; check the path"),
    "empty": (b"", "holds no text; remove it or fill it"),
    "binary": (b"PK\x03\x04\0\0", "a binary file, not text; articles are text, web pages or office documents"),
    "cut off": ("茶厂".encode()[:-1], "not UTF-8, nor all of it GB18030, Big5 or Windows-1252; save it as UTF-8"),
}


@pytest.mark.parametrize(("content", "said"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file(here: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, said: str) -> None:
    if content is not None:
        (here / "bad.md").write_bytes(content)
    assert main(["index", "bad.md"]) == 1
    line(capsys, f"bad.md: {said}")
    assert not (here / "indexes").exists()

    assert main(["index", "bad.md", "docs"]) == 1  # the rest is indexed all the same
    out, err = capsys.readouterr()
    assert err == f"suwen: bad.md: {said}\n"
    assert "index sample: 2 added" in out


def test_a_folder_without_articles(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "empty").mkdir()
    assert main(["index", "empty"]) == 1
    line(capsys, "empty: no articles in this folder; articles end in .txt, .+, .jsonl")


def test_a_folder_that_is_not_there_removes_nothing(indexed: Path, here: Path) -> None:
    (here / "more").mkdir()
    (here / "more" / "new.md").write_text("新茶。", encoding="utf-8")
    (here / "docs").rename(here / "away")
    before = current(indexed)
    assert main(["index", "docs", "more"]) == 1
    assert current(indexed) != before
    assert list(Index.load(indexed).articles) == ["bridge.md", "new.md", "tea.md"]


def test_an_article_of_the_same_name_elsewhere(indexed: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "other").mkdir()
    (here / "other" / "tea.md").write_text("别的茶。", encoding="utf-8")
    before = current(indexed)
    assert main(["index", "other"]) == 1
    line(capsys, ".*other/tea.md: .*docs/tea.md has the same name 'tea.md'; rename one or index the folder of both")
    assert current(indexed) == before


def test_a_full_disk_while_indexing(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(256 << 10) as place:
        monkeypatch.setenv("SUWEN_INDEXES", str(place))
        (place / "ballast").write_bytes(b"\0" * (248 << 10))
        assert main(["index", "docs"]) == 1
        said = f"suwen: {place}/sample: cannot be written (No space left on device); "
        assert capsys.readouterr().err == said + "the index is as it was, free space and run again\n"
        assert [path.name for path in (place / "sample").iterdir()] == ["LOCK"]
        (place / "ballast").unlink()
        assert main(["index", "docs"]) == 0
        assert main(["verify"]) == 0


def test_an_index_that_cannot_be_written(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "file").touch()
    assert main(["index", "docs", "--index", "file/tea"]) == 1
    line(capsys, r"file/tea: cannot be written \(.*\); check permissions and space, or choose another --index")


def test_an_index_that_is_being_written(indexed: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "docs" / "new.md").write_text("新茶。", encoding="utf-8")
    with writing(indexed):
        assert main(["index", "docs"]) == 1
        line(capsys, f".*sample: process {os.getpid()} is writing this index; run again when it is done")
        assert main(["index", "docs", "--dry-run"]) == 0
        assert main(["search", "茶"]) == 0  # readers do not wait
    assert main(["index", "docs"]) == 0


# ask and search


def test_ask_json_has_the_keys_of_the_contract(indexed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "茶厂2023年产茶多少？", "--json"]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert err == ""
    answer = json.loads(out)
    assert list(answer) == ANSWER_KEYS
    assert list(answer["citations"][0]) == ["marker", "article", "title", "source", "start", "end", "quote"]
    assert list(answer["hits"][0]) == HIT_KEYS
    assert answer["index"] == {"name": "sample", "generation": current(indexed).name}
    assert list(answer["usage"]) == ["prompt_tokens", "cached_tokens", "completion_tokens"]
    assert list(answer["timings"]) == ["retrieve_s", "first_token_s", "total_s"]
    assert (answer["model"], answer["refused"]) == ("extractive", False)
    for citation in answer["citations"]:
        text = {"tea.md": TEA, "bridge.md": BRIDGE}[citation["article"]]
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_ask_streams_events_as_json(
    indexed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says(Scripted("云雾茶厂2023年产茶320吨[1]。"), monkeypatch)
    assert main(["ask", "产茶多少？", "--json", "--stream"]) == 0
    events = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert [event.get("event") for event in (events[0], events[1], events[-1])] == ["passages", "text", None]
    assert "".join(event["text"] for event in events[1:-1]) == events[-1]["answer"]
    assert list(events[-1]) == ANSWER_KEYS


def test_ask_for_a_reader(indexed: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "谁是厂长？"]) == 0
    answer, _, source, quote = capsys.readouterr().out.splitlines()[:4]
    assert answer == "厂长是李梅，她1998年进厂。[1]"
    start = TEA.index("厂长是")
    assert source == f"[1] 云雾茶厂  {here}/docs/tea.md:{start}-{start + 15}"
    assert quote == "    厂长是李梅，她1998年进厂。"


def test_a_model_that_fails_is_answered_for_and_told(
    indexed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says(Scripted(ModelError("scripted: is down")), monkeypatch)
    assert main(["ask", "谁是厂长？"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("厂长是李梅，她1998年进厂。[1]\n")
    assert err == "suwen: scripted: is down (未用模型，直接引用原文)\n"


def test_search(indexed: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "Ada Moore", "-k", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["question", "hits"]
    assert [list(hit) for hit in found["hits"]] == [HIT_KEYS] * 2
    assert found["hits"][0]["article"] == "bridge.md"
    assert found["hits"][0]["source"] == str(here / "docs" / "bridge.md")
    assert main(["search", "Ada Moore", "-k", "1"]) == 0
    assert re.fullmatch(r"\d\.\d{3}  bridge.md:\d+-\d+  .*Ada Moore.*\n", capsys.readouterr().out)


@pytest.mark.parametrize(("command", "keys"), [("ask", ANSWER_KEYS), ("search", ["question", "hits"])])
def test_a_batch(indexed: Path, here: Path, capsys: pytest.CaptureFixture[str], command: str, keys: list[str]) -> None:
    (here / "in.jsonl").write_text('{"id": 1, "question": "厂长？"}\nx\n{"question": "Ada?"}\n', encoding="utf-8")
    assert main([command, "--batch", "in.jsonl", "--out", "out.jsonl"]) == 1
    line(capsys, '1 of 3 lines are errors; see "error" in out.jsonl')
    one, wrong, two = (json.loads(row) for row in (here / "out.jsonl").read_text(encoding="utf-8").splitlines())
    assert (list(one), list(wrong), list(two)) == (["id", *keys], ["error"], keys)
    assert (one["id"], one["question"], two["question"]) == (1, "厂长？", "Ada?")
    assert wrong["error"].startswith("in.jsonl:2: Expecting value")


def test_a_batch_with_its_own_passages_needs_no_index(here: Path) -> None:
    row = {"question": "谁是厂长？", "passages": ["厂长是李梅。", "", "茶厂有员工85人。"]}
    empty = {"question": "谁是厂长？", "passages": []}
    blank = {"question": "谁是厂长？", "passages": [" "]}
    rows = (json.dumps(each, ensure_ascii=False) for each in (row, empty, blank))
    (here / "in.jsonl").write_text("\n".join(rows), encoding="utf-8")
    assert main(["ask", "--batch", "in.jsonl", "--out", "out.jsonl"]) == 0
    first, *others = (json.loads(row) for row in (here / "out.jsonl").read_text(encoding="utf-8").splitlines())
    assert (first["answer"], first["citations"][0]["article"]) == ("厂长是李梅。[1]", "passage-1")
    assert [each["refused"] for each in others] == [True, True]


# verify and models


def test_verify_names_what_is_damaged(indexed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generation = current(indexed)
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == f"ok       {generation}\n"
    for name in ("chunks/spans.npy", "lexical/texts.npy"):
        content = bytearray((generation / name).read_bytes())
        content[5] ^= 1
        (generation / name).write_bytes(content)
    assert main(["verify"]) == 1
    out, err = capsys.readouterr()
    assert out == f"damaged  {generation}/chunks/spans.npy\ndamaged  {generation}/lexical/texts.npy\n"
    assert err == "suwen: 2 files are not what was written; run: suwen index PATH --rebuild\n"
    for command in (["ask", "x"], ["search", "x"], ["index", "docs"]):
        assert main(command) == 1
        line(capsys, f"{generation}/chunks/spans.npy: damaged or missing; run: suwen index PATH --rebuild")
    assert main(["index", "docs", "--rebuild"]) == 0
    assert main(["verify"]) == 0


def test_a_damaged_current_is_mended_by_a_rebuild(indexed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (indexed / "CURRENT").write_text("x")
    assert main(["verify"]) == 1
    line(capsys, ".*sample/CURRENT: names no generation of this index; run: suwen index PATH --rebuild")
    assert main(["index", "docs", "--rebuild"]) == 0
    assert main(["verify"]) == 0


def test_a_model_with_a_wrong_hash(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = here / "models" / "qwen2.5-coder-0.5b"
    folder.mkdir(parents=True)
    name = "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
    (folder / name).write_bytes(b"GGUF")
    (folder / "receipt.json").write_text(json.dumps({"files": [{"name": name, "size": 4, "sha256": "0" * 64}]}))
    assert main(["models", "verify"]) == 1
    assert capsys.readouterr().out == f"damaged  qwen2.5-coder-0.5b  {name}\n"


def test_models_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["NAME", "KIND", "SIZE", "LICENCE", "ON", "DISK", "MEASURED", "HERE"]
    assert any(row.startswith("multilingual-e5-small ") for row in rows)
