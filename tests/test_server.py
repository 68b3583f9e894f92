import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import httpx
import pytest

from rag.errors import UsageError
from tests.scripted import FORK, WEIR, Scripted, cite
from ui.reader import trace
from ui.server import listen, server


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    listener = listen("127.0.0.1", 0)
    ready: list[str] = []
    started = threading.Event()

    def announce(address: str) -> None:
        ready.append(address)
        started.set()

    running = server(Scripted(), "127.0.0.1", listener, announce)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    assert started.wait(30)
    yield ready[0]
    running.should_exit = True
    thread.join(10)
    assert not thread.is_alive()
    listener.close()


def test_health(url: str) -> None:
    answer = httpx.get(f"{url}/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/", "/healthz", "/article?id=tea.md", "/suwen/page.js", "/nowhere"])
def test_every_response_carries_the_security_headers(url: str, path: str) -> None:
    headers = httpx.get(url + path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["referrer-policy"] == "same-origin"
    assert "default-src" in headers["content-security-policy"]
    assert "server" not in headers


def test_reader_has_the_strict_policy(url: str) -> None:
    policy = httpx.get(f"{url}/article?id=tea.md").headers["content-security-policy"]
    assert policy == (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    )


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://wiki.corp.evil.com"])
def test_other_origins_get_no_permission(url: str, origin: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    for answer in (
        httpx.get(url, headers={"Origin": origin}),
        httpx.get(f"{url}/config", headers={"Origin": origin}),
        httpx.get(f"{url}/article?id=tea.md", headers={"Origin": origin}),
        httpx.options(f"{url}/gradio_api/queue/join", headers=asked),
    ):
        assert "access-control-allow-origin" not in answer.headers
    refused = httpx.post(f"{url}/gradio_api/queue/join", headers={"Origin": origin}, json={})
    assert (refused.status_code, refused.text) == (403, f"requests from {origin!r} are not accepted\n")


def test_other_host_names_are_refused(url: str) -> None:
    assert httpx.get(url, headers={"Host": "evil.example"}).status_code == 403


def test_article_is_marked_at_the_cited_sentence(url: str) -> None:
    fork = cite(1, WEIR, FORK)
    answer = httpx.get(f"{url}/article", params={"id": WEIR.id, "start": fork.start, "end": fork.end})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<mark id="s">{FORK}</mark>' in answer.text


def test_an_article_that_changed_since_the_answer_is_shown_as_it_is_now(url: str) -> None:
    fork = cite(1, WEIR, FORK)
    span: dict[str, str | int] = {"id": WEIR.id, "start": fork.start, "end": fork.end, "lang": "en"}
    assert f'<mark id="s">{FORK}</mark>' in httpx.get(f"{url}/article", params={**span, "of": trace(FORK)}).text
    other = httpx.get(f"{url}/article", params={**span, "of": trace("x")}).text
    assert "This article has changed since the answer." in other
    assert "<mark" not in other


def test_missing_article_is_404_and_nonsense_is_refused(url: str) -> None:
    assert httpx.get(f"{url}/article?id=../../etc/passwd").status_code == 404
    assert httpx.get(f"{url}/article?id=tea.md&start=x").status_code == 422
    assert httpx.get(f"{url}/article?id=tea.md&lang=fr").status_code == 422


def test_articles_are_listed(url: str) -> None:
    assert "共 3 篇，显示 1 篇" in httpx.get(f"{url}/articles?q=tea").text


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=pyproject.toml",
        "/suwen/../server.py",
        "/suwen/%2e%2e/server.py",
        "/openapi.json",
        "/docs",
        "/gradio_api/mcp/sse",
        "/monitoring",
    ],
)
def test_nothing_else_is_served(url: str, path: str) -> None:
    assert httpx.get(url + path).status_code in (401, 403, 404)


def test_no_event_is_open_to_programs(url: str) -> None:
    assert httpx.get(f"{url}/gradio_api/info").json()["named_endpoints"] == {}
    config = httpx.get(f"{url}/config").json()
    assert {one["api_visibility"] for one in config["dependencies"]} == {"private"}
    assert (config["show_error"], config["footer_links"], config["analytics_enabled"]) == (False, [], False)


def test_uploads_are_too_large(url: str) -> None:
    answer = httpx.post(f"{url}/gradio_api/upload", files={"files": ("a.txt", b"x" * 2000)})
    assert answer.status_code == 413


def test_port_in_use_names_it_and_the_next_step() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"^port {port} is in use; choose another with --port {port + 1}$"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("no-such-host.invalid", 0), ("127.0.0.1", 70000)])
def test_addresses_that_cannot_be_had(host: str, port: int) -> None:
    with pytest.raises(UsageError, match=r"set --(host|port)$"):
        listen(host, port)


def test_interrupt_ends_it_quietly() -> None:
    script = (
        "from tests.scripted import Scripted\n"
        "from ui.server import serve\n"
        "serve(Scripted(), '127.0.0.1', 0, lambda url: print(url, flush=True))\n"
        "print('ended')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": "."},
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1])), timeout=5):
            pass
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "ended\n", "")
