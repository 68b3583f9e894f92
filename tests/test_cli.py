import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag.embedding import HashEmbedder
from rag.errors import ModelError
from rag.generations import current, writing
from rag.llm import ChatModel, Scripted
from tests.conftest import BRIDGE, TEA
from tests.small_disk import small_disk
from ui.cli import main

ROOT = Path(__file__).parent.parent
HIT_KEYS = ["article", "source", "start", "end", "score", "text"]
ANSWER_KEYS = [
    "question",
    "answer",
    "refused",
    "citations",
    "hits",
    "unsupported",
    "model",
    "index",
    "usage",
    "timings",
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with two articles, its own indexes and models, and fakes for the models."""
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith("SUWEN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SUWEN_INDEXES", str(tmp_path / "indexes"))
    monkeypatch.setenv("SUWEN_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("SUWEN_LLM", "extractive")
    monkeypatch.setattr("rag.embedding.open_embedder", lambda settings: HashEmbedder())
    monkeypatch.setattr("rag.pipeline.open_embedder", lambda settings: HashEmbedder())
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "tea.md").write_text(TEA, encoding="utf-8")
    (tmp_path / "docs" / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def indexed(here: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder of an index of the two articles, named ``sample``."""
    assert main(["index", "docs"]) == 0
    capsys.readouterr()
    return here / "indexes" / "sample"


def says(model: ChatModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "rag.pipeline.open_model", lambda settings, spec, locate: None if spec == "extractive" else model
    )
    monkeypatch.setenv("SUWEN_LLM", "scripted")


def suwen(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def written(folder: Path) -> dict[Path, tuple[int, int]]:
    """Return when everything below a folder was last written, and what file it is."""
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in folder.rglob("*")}


def line(capsys: pytest.CaptureFixture[str], pattern: str) -> None:
    """Check that nothing but one line that matches is on standard error, and nothing on standard output."""
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(f"suwen: {pattern}\n", err), err


# what is shown without work


def test_help_is_quick() -> None:
    seconds = []
    for _ in range(10):
        started = time.perf_counter()
        assert suwen("--help").returncode == 0
        seconds.append(time.perf_counter() - started)
    assert statistics.median(seconds) < 0.5, seconds


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    for command in ("index", "ask", "search", "chat", "eval", "models", "verify", "doctor"):
        assert f"\n    {command} " in out


@pytest.mark.parametrize(
    "arguments",
    [[], ["fly"], ["index"], ["search", "x", "-k", "0"], ["search", "x", "-k", "a"], ["models"], ["ask", "x", "--fly"]],
    ids=" ".join,
)
def test_wrong_words_are_wrong_use(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("suwen")


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
    "binary": (b"PK\x03\x04\0\0", "a binary file, not text; articles are plain text or Markdown"),
    "GBK": ("茶厂".encode("gbk"), "not UTF-8 at byte 0; save it as UTF-8"),
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
    line(capsys, "empty: no articles in this folder; articles end in .txt, .text, .md, .markdown")


def test_a_folder_that_is_not_there_removes_nothing(indexed: Path, here: Path) -> None:
    (here / "more").mkdir()
    (here / "more" / "new.md").write_text("新茶。", encoding="utf-8")
    (here / "docs").rename(here / "away")
    before = current(indexed)
    assert main(["index", "docs", "more"]) == 1
    assert current(indexed) != before
    rows = (current(indexed) / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["id"] for row in rows] == ["bridge.md", "new.md", "tea.md"]


def test_an_article_of_the_same_name_elsewhere(indexed: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "other").mkdir()
    (here / "other" / "tea.md").write_text("别的茶。", encoding="utf-8")
    before = current(indexed)
    assert main(["index", "other"]) == 1
    line(capsys, ".*other/tea.md: .*docs/tea.md has the same name 'tea.md'; index the folder that holds both")
    assert current(indexed) == before


def test_a_full_disk_while_indexing(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(64 << 10) as place:
        monkeypatch.setenv("SUWEN_INDEXES", str(place))
        (place / "ballast").write_bytes(b"\0" * 57344)
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
        line(capsys, ".*sample: another process is writing this index; run again when it is done")
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
    assert (one["id"], one["question"], two["question"]) == ("1", "厂长？", "Ada?")
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


# one line for what is wrong


WRONG = {
    "no question": (["ask"], 2, "suwen ask needs a question, or --batch IN.jsonl --out OUT.jsonl"),
    "an empty question": (["search", ""], 2, "suwen search needs a question, .*"),
    "a blank question": (["ask", " "], 2, "the question is empty; write one"),
    "a long question": (["ask", "茶" * 2001], 2, "the question has 2001 characters; 2000 are the most"),
    "no UTF-8": (["ask", "\udcff"], 2, r"the question '\\udcff' is not UTF-8; check the terminal's encoding"),
    "question and batch": (
        ["ask", "x", "--batch", "in.jsonl", "--out", "o"],
        2,
        "give a question or --batch, not both",
    ),
    "batch without out": (["search", "--batch", "in.jsonl"], 2, "--batch needs --out OUT.jsonl for the results"),
    "out without batch": (["ask", "x", "--out", "o"], 2, "--out goes with --batch; .*"),
    "out on itself": (["ask", "--batch", "in.jsonl", "--out", "in.jsonl"], 2, "in.jsonl: holds the questions; .*"),
    "no batch file": (["ask", "--batch", "no", "--out", "o"], 2, r"no: cannot be read \(No such .*\); check the path"),
    "no index": (["ask", "x", "--index", "tee"], 1, "no index 'tee' in .*; run: suwen index PATH --index tee"),
    "no index to verify": (["verify", "--index", "tee"], 1, "no index 'tee' in .*"),
    "an empty name": (["ask", "x", "--index", ""], 2, "the command line sets index to '', which is no text"),
    "unknown provider": (["ask", "x", "--llm", "acme:m"], 2, "no language model 'acme:m'; use .*openai:MODEL, .*"),
    "unknown model": (["ask", "x", "--llm", "acme"], 2, "no model is called 'acme'; the catalogue has .*"),
    "absent model": (
        ["ask", "x", "--llm", "qwen2.5-coder-0.5b"],
        1,
        "qwen2.5-coder-0.5b is not in .*; run: suwen models pull qwen2.5-coder-0.5b",
    ),
    "absent file": (["ask", "x", "--llm", "no/model.gguf"], 1, "no/model.gguf is no .gguf file .*; correct the path"),
    "no key file": (
        ["ask", "x", "--llm", "openai:m", "--api-key-file", "no"],
        2,
        "the API key file no cannot be read; check its path",
    ),
    "pull of nothing": (["models", "pull", "acme"], 2, "no model is called 'acme'; the catalogue has .*"),
}


@pytest.mark.parametrize(("arguments", "status", "said"), WRONG.values(), ids=WRONG)
def test_one_line_says_what_is_wrong(
    indexed: Path, here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, said: str
) -> None:
    questions = '{"question": "x"}\n'
    (here / "in.jsonl").write_text(questions, encoding="utf-8")
    assert main(arguments) == status
    line(capsys, said)
    assert (here / "in.jsonl").read_text(encoding="utf-8") == questions
    assert not (here / "o").exists()


def test_a_wrong_setting_is_wrong_use(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUWEN_THREADS", "many")
    assert main(["verify"]) == 2
    line(capsys, "the environment sets threads to 'many', which is no whole number from 0 up")


def test_an_absent_embedder_is_one_line(indexed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = suwen("search", "茶")  # a process of its own has no fakes
    expected = "suwen: multilingual-e5-small is not in .*/models; run: suwen models pull multilingual-e5-small\n"
    assert (run.returncode, run.stdout) == (1, "")
    assert re.fullmatch(expected, run.stderr), run.stderr


def test_debug_shows_where_an_error_came_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "x", "--index", "tee", "--debug"]) == 1
    err = capsys.readouterr().err
    assert "Traceback (most recent call last):" in err
    assert "FileNotFoundError" in err
    assert err.splitlines()[-1].startswith("suwen: no index 'tee' in ")


def test_an_error_of_the_system_is_one_line(
    indexed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(settings: object) -> None:
        raise PermissionError(13, "Permission denied", "/models/x")

    monkeypatch.setattr("rag.pipeline.open_embedder", refuse)
    assert main(["search", "x"]) == 1
    line(capsys, "/models/x: Permission denied; check the path, its permissions and the space")


def test_ctrl_c(indexed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rag.pipeline.open_embedder", interrupted)
    assert main(["search", "x"]) == 130
    line(capsys, "stopped")


# verify and models


def test_verify_names_what_is_damaged(indexed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generation = current(indexed)
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == f"ok       {generation}\n"
    for name in ("chunks.jsonl", "lexical/terms.json"):
        content = bytearray((generation / name).read_bytes())
        content[5] ^= 1
        (generation / name).write_bytes(content)
    assert main(["verify"]) == 1
    out, err = capsys.readouterr()
    assert out == f"damaged  {generation}/chunks.jsonl\ndamaged  {generation}/lexical/terms.json\n"
    assert err == "suwen: 2 files are not what was written; run: suwen index PATH --rebuild\n"
    for command in (["ask", "x"], ["search", "x"], ["index", "docs"]):
        assert main(command) == 1
        line(capsys, f"{generation}/chunks.jsonl: damaged or missing; run: suwen index PATH --rebuild")
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


# as a process


def test_the_exit_status_of_a_process() -> None:
    missing = suwen("verify", "--index", "tee")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert re.fullmatch(r"suwen: no index 'tee' in .*\n", missing.stderr)
    assert suwen("ask").returncode == 2
    assert suwen("models", "list").returncode == 0


def test_a_terminal_that_knows_no_chinese() -> None:
    run = suwen("--help", PYTHONIOENCODING="ascii")
    assert run.returncode == 0
    assert r"Suwen \u6eaf\u95ee answers" in run.stdout


def test_a_reader_that_goes_away() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run(
        [sys.executable, "-m", "ui.cli", "models", "list"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (run.returncode, run.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full to write to")
def test_output_to_a_full_disk() -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "ui.cli", "models", "list"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    expected = "suwen: No space left on device; check the path, its permissions and the space\n"
    assert (run.returncode, run.stderr) == (1, expected)


def test_an_index_can_be_moved(indexed: Path, here: Path) -> None:
    shutil.move(indexed, here / "elsewhere")
    assert main(["verify", "--index", str(here / "elsewhere")]) == 0
    assert main(["search", "茶", "--index", str(here / "elsewhere")]) == 0
