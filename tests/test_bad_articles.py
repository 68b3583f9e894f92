"""Whatever a file holds: an article or a line that names it, in bounded time and memory, and never a traceback."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.articles import Manner, Reader, read_articles
from rag.errors import ArticleError
from tests.bad_articles import HEAVY, LIGHT, Make, make

ROOT = Path(__file__).resolve().parent.parent
SECONDS, MEGABYTES = 10, 512

# Reads the path given, and prints what came of it with what it took, itself and its children.
MEASURED = """
import json, re, resource, sys, time
from pathlib import Path
from rag.articles import read_articles
started = time.perf_counter()
reading = read_articles([Path(sys.argv[1])])
spent = time.perf_counter() - started
own = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])  # ru_maxrss would be the tests'
memory = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
errors = [str(each) for each in reading.errors]
print(json.dumps({"errors": errors, "articles": len(reading.articles), "seconds": spent, "kilobytes": memory}))
"""


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(Manner()) as reader:
        yield reader


def test_the_corpus_is_large() -> None:
    assert len(LIGHT | HEAVY) == len(LIGHT) + len(HEAVY) >= 120


@pytest.mark.parametrize(
    ("name", "content", "reason"), [(name, *each) for name, each in LIGHT.items()], ids=map(ascii, LIGHT)
)
def test_an_article_or_one_line(tmp_path: Path, reader: Reader, name: str, content: Make, reason: str) -> None:
    path = make(tmp_path, name, content)
    try:
        found = list(reader.read(path))
    except ArticleError as none:
        found = [none]
    errors = [str(each) for each in found if isinstance(each, ArticleError)]
    articles = [each for each in found if not isinstance(each, ArticleError)]
    if not reason:
        assert (len(articles), errors) == (1, [])
        assert any(map(str.isalnum, articles[0].text))
        assert "root:" not in articles[0].text  # of /etc/passwd
        articles[0].text.encode()
    else:
        (error,) = errors
        assert error.startswith(str(path) if path.name.isprintable() else ascii(str(path)))
        assert reason in error
        assert "\n" not in error


@pytest.mark.parametrize(("name", "content", "reason"), [(name, *each) for name, each in HEAVY.items()], ids=HEAVY)
def test_in_bounded_time_and_memory(tmp_path: Path, name: str, content: Make, reason: str) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc of Linux, where the memory of another process can be read")
    path = make(tmp_path, name, content)
    command = [sys.executable, "-c", MEASURED, str(path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=120)
    assert (run.returncode, run.stderr) == (0, "")
    took = json.loads(run.stdout)
    assert took["kilobytes"] < (MEGABYTES << 10)
    assert took["seconds"] < SECONDS + 5  # the limit is on the file alone; starting the child comes before it
    assert took["articles"] == (0 if reason else 1)
    assert len(took["errors"]) == (1 if reason else 0)
    assert all(re.search(reason, each) and each.startswith(str(path)) for each in took["errors"])


def test_all_of_them_in_one_folder(tmp_path: Path) -> None:
    for name, (content, _) in LIGHT.items():
        make(tmp_path, name, content)
    reading = read_articles([tmp_path])
    named = {article.id for article in reading.articles}
    assert {name for name, (_, reason) in LIGHT.items() if not reason and not name.endswith(".jsonl")} <= named | {
        "..md"
    }
    assert all("\n" not in str(error) for error in reading.errors)


def test_a_file_that_vanishes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("茶。", encoding="utf-8")
    resolve = Path.resolve

    def vanish(self: Path, strict: bool = False) -> Path:
        if self.name == "a.md" and self.exists():
            os.unlink(self)
        return resolve(self, strict)

    monkeypatch.setattr(Path, "resolve", vanish)
    reading = read_articles([tmp_path])
    assert [each.id for each in reading.articles] == ["b.md"]
    assert [str(each).partition(";")[0] for each in reading.errors] == [
        f"{tmp_path}/a.md: no ordinary file but a pipe, a socket, a device or a broken link"
    ]
