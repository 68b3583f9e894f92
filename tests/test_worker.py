import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.errors import ArticleError
from rag.records import Content
from rag.worker import Worker
from tests import office

WORD = office.docx(office.paragraph("茶。"), "茶")


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(seconds=30) as worker:
        yield worker


def test_one_child_converts_many_files(worker: Worker) -> None:
    tea = Content("茶。\n", "茶", markdown=True, date="2024-03-01")
    assert worker.convert(WORD, ".docx", "a.docx") == (tea, "")
    child = worker._child
    html = "<meta charset=gb2312><title>云雾</title><p>云雾茶厂建于一九五八年。".encode("gbk")
    page = Content("云雾茶厂建于一九五八年。", "云雾", markdown=True)
    assert worker.convert(html, ".html", "a.html") == (page, "GB2312")
    with pytest.raises(ArticleError, match="^a.pdf: not a PDF file"):
        worker.convert(b"hello", ".pdf", "a.pdf")
    assert worker.convert(WORD, ".docx", "a.docx") == (tea, "")
    assert worker._child is child


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gbk", "GB18030"), ("utf-16", "UTF-16")]
)
def test_csv_in_any_encoding(worker: Worker, encoding: str, said: str) -> None:
    content, read_as = worker.convert("年,吨\r\n2024,320\r\n".encode(encoding), ".csv", "a.csv")
    assert (content.text, read_as) == ("| 年 | 吨 |\n| --- | --- |\n| 2024 | 320 |\n", said)


def test_a_child_that_falls_over_is_replaced(worker: Worker) -> None:
    broken = office.docx("", more={"word/document.xml": "<w:document"})
    for _ in range(2):
        with pytest.raises(
            ArticleError, match=r"^a.docx: it cannot be read \(ValueError: Could not find the body .*\), it may be "
        ):
            worker.convert(broken, ".docx", "a.docx")
        assert worker.convert(WORD, ".docx", "b.docx")[0].text == "茶。\n"


def test_a_child_that_was_killed_is_replaced(worker: Worker) -> None:
    worker.convert(WORD, ".docx", "a.docx")
    assert worker._child
    os.kill(worker._child.pid, signal.SIGKILL)
    worker._child.wait()
    assert worker.convert(WORD, ".docx", "a.docx")[0].title == "茶"


def test_a_file_that_has_the_child_killed(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    worker.convert(WORD, ".docx", "a.docx")
    ask = worker._ask

    def kill_midway(child: Any, message: Any, seconds: float) -> dict[str, Any]:
        if isinstance(message, bytes):
            os.kill(child.pid, signal.SIGKILL)
        return ask(child, message, seconds)

    with monkeypatch.context() as patch:
        patch.setattr(worker, "_ask", kill_midway)
        with pytest.raises(ArticleError, match=r"^a.docx: it cannot be read \((it was killed|.*Broken pipe)\), it may"):
            worker.convert(WORD, ".docx", "a.docx")
    assert worker.convert(WORD, ".docx", "a.docx")[0].title == "茶"


def test_what_lies_in_the_working_directory_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("rag", "markitdown", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with Worker(seconds=30) as worker:
        assert worker.convert(WORD, ".docx", "a.docx")[0].title == "茶"


def test_a_file_that_takes_too_long() -> None:
    rows = b"a,b\n" * 400_000
    with Worker(seconds=0.2) as worker:
        with pytest.raises(ArticleError, match=r"^a.csv: reading it took longer than 0.2 s; split it or raise --time"):
            worker.convert(rows, ".csv", "a.csv")
        assert worker.convert(b"a,b\n", ".csv", "b.csv")[0].text == "| a | b |\n| --- | --- |\n"


def test_a_file_that_takes_too_much_memory(worker: Worker) -> None:
    with pytest.raises(ArticleError, match=r"^a.csv: reading it takes too much memory; split it"):
        worker.convert(b"," * 40_000_000, ".csv", "a.csv")
