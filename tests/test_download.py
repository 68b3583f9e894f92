import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import download as downloads
from rag.download import download
from rag.errors import DownloadError, ModelDamaged
from tests.fake_hub import (
    FakeHub,
    another_range,
    broken_after,
    running,
    stalled_after,
    status,
    whole,
    without_ranges,
)

DATA = bytes(range(256)) * 2000  # 512,000 bytes
WRONG = DATA[:1000] + b"!" + DATA[1001:]
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    monkeypatch.setattr(downloads, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(downloads, "TIMEOUT", httpx.Timeout(5.0, read=0.3))
    with running() as server:
        yield server


class Seen:
    """Progress as it was reported."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.calls.append((done, total))


def get(hub: FakeHub, folder: Path) -> Seen:
    seen = Seen()
    download(f"{hub.url}/file", folder / "file", size=len(DATA), digest=DIGEST, progress=seen)
    assert (folder / "file").read_bytes() == DATA
    assert [path.name for path in folder.iterdir()] == ["file"]
    return seen


def partial(folder: Path, content: bytes) -> None:
    (folder / f"file.{DIGEST[:8]}.partial").write_bytes(content)


def test_whole_file_and_progress(hub: FakeHub, tmp_path: Path) -> None:
    hub.answers["/file"] = [whole(DATA)]
    calls = get(hub, tmp_path).calls
    assert calls[-1] == (len(DATA), len(DATA))
    assert calls == sorted(calls)


@pytest.mark.parametrize("first", [broken_after, stalled_after], ids=["breaks off", "stalls"])
def test_goes_on_where_it_stopped(hub: FakeHub, tmp_path: Path, first: object) -> None:
    assert callable(first)
    hub.answers["/file"] = [first(200_000, DATA), first(100_000, DATA), whole(DATA)]
    get(hub, tmp_path)
    assert hub.gets("/file") == ["", "bytes=200000-", "bytes=300000-"]


def test_partial_file_of_an_earlier_run(hub: FakeHub, tmp_path: Path) -> None:
    hub.answers["/file"] = [whole(DATA)]
    partial(tmp_path, DATA[:4096])
    get(hub, tmp_path)
    assert hub.gets("/file") == ["bytes=4096-"]


def test_partial_file_already_whole(hub: FakeHub, tmp_path: Path) -> None:
    partial(tmp_path, DATA)
    get(hub, tmp_path)
    assert hub.asked == []


@pytest.mark.parametrize("old", [b"?" * 4096, DATA + b"?"], ids=["wrong", "too long"])
def test_bad_partial_file_is_fetched_anew(hub: FakeHub, tmp_path: Path, old: bytes) -> None:
    hub.answers["/file"] = [whole(DATA)]
    partial(tmp_path, old)
    get(hub, tmp_path)
    assert hub.gets("/file")[-1] == ""


def test_file_already_there_asks_nobody(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(DATA)
    get(hub, tmp_path)
    assert hub.asked == []


def test_server_without_ranges_starts_over(hub: FakeHub, tmp_path: Path) -> None:
    hub.answers["/file"] = [broken_after(200_000, DATA), without_ranges(DATA)]
    get(hub, tmp_path)


def test_another_range_than_asked_for(hub: FakeHub, tmp_path: Path) -> None:
    hub.answers["/file"] = [another_range(DATA)]
    partial(tmp_path, DATA[:4096])
    with pytest.raises(DownloadError, match="another range"):
        get(hub, tmp_path)


def test_redirect(hub: FakeHub, tmp_path: Path) -> None:
    hub.answers["/file"] = [status(302, Location="/elsewhere")]
    hub.answers["/elsewhere"] = [broken_after(200_000, DATA), whole(DATA)]
    get(hub, tmp_path)
    assert hub.gets("/elsewhere") == ["", "bytes=200000-"]


def test_wrong_byte_leaves_nothing(hub: FakeHub, tmp_path: Path) -> None:
    hub.answers["/file"] = [whole(WRONG)]
    with pytest.raises(ModelDamaged, match="file arrived with another hash"):
        get(hub, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_longer_than_said(hub: FakeHub, tmp_path: Path) -> None:
    hub.answers["/file"] = [whole(DATA + b"?")]
    with pytest.raises(DownloadError, match="longer than the 512,000 bytes"):
        get(hub, tmp_path)


@pytest.mark.parametrize(
    ("code", "tries"), [(404, 1), (403, 1), (503, 4), (429, 4)], ids=["absent", "forbidden", "down", "busy"]
)
def test_refusals(hub: FakeHub, tmp_path: Path, code: int, tries: int) -> None:
    hub.answers["/file"] = [status(code)]
    with pytest.raises(DownloadError, match=f"/file: answers {code}"):
        get(hub, tmp_path)
    assert len(hub.asked) == tries


def test_gives_up_when_nothing_moves(hub: FakeHub, tmp_path: Path) -> None:
    hub.answers["/file"] = [broken_after(1000, DATA), broken_after(0, DATA)]
    with pytest.raises(DownloadError, match="/file: "):
        get(hub, tmp_path)
    assert hub.gets("/file") == ["", *["bytes=1000-"] * 3]


def test_nobody_there_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "PAUSES", (3600.0,))
    with running() as gone:
        pass
    with pytest.raises(DownloadError, match="ConnectError"):
        get(gone, tmp_path)


def test_full_disk_is_an_os_error(hub: FakeHub, tmp_path: Path) -> None:
    hub.answers["/file"] = [whole(DATA)]
    (tmp_path / f"file.{DIGEST[:8]}.partial").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        get(hub, tmp_path)


def test_killed_then_resumed(hub: FakeHub, tmp_path: Path) -> None:
    hub.answers["/file"] = [stalled_after(300_000, DATA), whole(DATA)]
    code = (
        "import sys; from pathlib import Path; from rag.download import download\n"
        "def progress(done, total):\n"
        "    if done > 200_000: print(done, flush=True)\n"
        "download(sys.argv[1], Path(sys.argv[2]), size=512000, digest=sys.argv[3], progress=progress)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, f"{hub.url}/file", str(tmp_path / "file"), DIGEST],
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout
        assert int(child.stdout.readline()) > 200_000
        os.kill(child.pid, signal.SIGKILL)
    (left,) = tmp_path.iterdir()
    kept = left.stat().st_size
    assert left.name.endswith(".partial")
    assert kept > 100_000
    get(hub, tmp_path)
    assert hub.gets("/file") == ["", f"bytes={kept}-"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(breaks=st.lists(st.integers(1, 200_000), max_size=4))
def test_any_breaks_give_the_same_bytes(hub: FakeHub, tmp_path: Path, breaks: list[int]) -> None:
    (tmp_path / "file").unlink(missing_ok=True)
    hub.answers["/file"] = [*(broken_after(count, DATA) for count in breaks), whole(DATA)]
    get(hub, tmp_path)
