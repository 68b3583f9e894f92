import threading
import time
from collections.abc import Iterator

import pytest

from rag import hub as hubs
from rag.catalogue import Hub
from rag.errors import DownloadError
from tests.fake_hub import FakeHub, Handler, running


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def forgotten() -> None:
    hubs.unreachable.cache_clear()


def test_address() -> None:
    hub = Hub("one", "https://one/{repository}/resolve/main/{file}")
    assert hubs.address(hub, "us/m", "1_Pooling/f") == "https://one/us/m/resolve/main/1_Pooling/f"


def test_hubs_are_asked_once(server: FakeHub) -> None:
    with running() as gone:
        pass
    both = (Hub("here", f"{server.url}/{{file}}"), Hub("gone", f"{gone.url}/{{repository}}/{{file}}"))
    for _ in range(2):
        hubs.check_reachable(both[0], both)
        with pytest.raises(DownloadError, match="^cannot be reached: ConnectError"):
            hubs.check_reachable(both[1], both)
    assert server.asked == [("HEAD", "/", "")]


def test_dead_hubs_cost_one_probe_together(server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()

    def silent(handler: Handler) -> None:
        held.wait()

    monkeypatch.setattr(hubs, "PROBE", 0.3)
    server.answers["/"] = [silent]
    with running() as other:
        other.answers["/"] = [silent]
        both = tuple(Hub(name, f"{at.url}/{{file}}") for name, at in (("one", server), ("two", other)))
        begun = time.monotonic()
        for hub in both:
            with pytest.raises(DownloadError, match="^cannot be reached: (no answer|ReadTimeout)"):
                hubs.check_reachable(hub, both)
        assert time.monotonic() - begun < 0.55  # one after the other would be 0.6 at the least
        held.set()
