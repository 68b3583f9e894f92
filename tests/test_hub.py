import hashlib
import json
import threading
import time
from collections.abc import Iterator

import pytest

from rag import hub as hubs
from rag.catalogue import Hub
from rag.errors import DownloadError
from tests.fake_hub import FakeHub, Handler, running, status, whole

SHA = hashlib.sha256(b"model").hexdigest()
GIT = "ce013625030ba8dba906f756967f9e9ca394464a"


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def forgotten() -> None:
    hubs.unreachable.cache_clear()


def headed(server: FakeHub) -> Hub:
    return Hub("headed", f"{server.url}/{{repository}}/resolve/main/{{file}}")


def listed(server: FakeHub) -> Hub:
    return Hub("listed", f"{server.url}/{{repository}}/{{file}}", f"{server.url}/list/{{repository}}")


def test_hash_of_a_large_file_is_in_the_redirect(server: FakeHub) -> None:
    tags = {"X-Linked-ETag": f'"{SHA}"', "X-Linked-Size": "5", "Location": "/store"}
    server.answers["/us/m/resolve/main/f"] = [status(302, **tags)]
    server.answers["/store"] = [status(403)]  # as a store that signs for GET alone
    assert hubs.declared(headed(server), "us/m", "f") == (SHA, 5)


def test_git_hash_of_a_small_file(server: FakeHub) -> None:
    server.answers["/us/m/resolve/main/f"] = [status(200, ETag=f'W/"{GIT}"')]
    assert hubs.declared(headed(server), "us/m", "f") == (GIT, 0)


@pytest.mark.parametrize(
    ("code", "tag", "message"),
    [(200, '"5d41402abc4b2a76b9719d911017c592"', "and the catalogue has none"), (404, "", "answers 404")],
    ids=["no hash of ours", "absent"],
)
def test_no_hash_in_the_headers(server: FakeHub, code: int, tag: str, message: str) -> None:
    server.answers["/us/m/resolve/main/f"] = [status(code, ETag=tag)]
    with pytest.raises(DownloadError, match=f"^declares no hash for f.*{message}"):
        hubs.declared(headed(server), "us/m", "f")


def test_hash_in_a_listing(server: FakeHub) -> None:
    files = [{"Path": "d", "Sha256": None}, {"Path": "f", "Sha256": SHA, "Size": 5}]
    server.answers["/list/us/m"] = [whole(json.dumps({"Data": {"Files": files}}).encode())]
    assert hubs.declared(listed(server), "us/m", "f") == (SHA, 5)
    for name in ("d", "absent"):
        with pytest.raises(DownloadError, match=f"declares no hash for {name}"):
            hubs.declared(listed(server), "us/m", name)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"Data": null}'], ids=["a page", "a list", "no data"])
def test_listing_of_another_form(server: FakeHub, body: bytes) -> None:
    server.answers["/list/us/m"] = [whole(body)]
    with pytest.raises(DownloadError, match="^lists the files of us/m in an unknown form"):
        hubs.declared(listed(server), "us/m", "f")


def test_hubs_are_asked_once(server: FakeHub) -> None:
    with running() as gone:
        pass
    both = (headed(server), Hub("gone", f"{gone.url}/{{repository}}/{{file}}"))
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
