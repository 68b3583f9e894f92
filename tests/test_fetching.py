import gzip
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

from rag import fetching
from rag.errors import ArticleError
from rag.fetching import Fetched, Permission, fetch, is_public

PRIVATE = Permission(private=True)
PAGE = "<p>一年产茶三百二十吨。</p>".encode("gbk")
seen: list[tuple[str, str]] = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        seen.append((self.headers["Host"], self.path))
        host = self.headers["Host"]
        if self.path.startswith("/to/"):
            self.answer(302, Location=f"http://{host}/{self.path.removeprefix('/to/')}")
        elif self.path == "/inside":
            self.answer(302, Location="http://inside.example/")
        elif self.path == "/file":
            self.answer(302, Location="file:///etc/passwd")
        elif self.path == "/round":
            self.answer(302, Location="/round")
        elif self.path == "/large":
            self.answer(200, gzip.compress(bytes(fetching.LARGEST + 1)), Content_Encoding="gzip")
        elif self.path == "/packed":
            self.answer(200, PAGE, Content_Encoding="br")
        elif self.path == "/page":
            self.answer(200, PAGE, Content_Type="text/html; charset=GBK")
        else:
            self.answer(404)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *arguments: None  # type: ignore[method-assign]
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as port:
        yield port


@pytest.fixture(autouse=True)
def nothing_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    seen.clear()
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # it would refuse every page
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")


class Names:
    """A resolver that knows what it is told, and remembers what it was asked."""

    def __init__(self, **addresses: str) -> None:
        self.addresses = {f"{name}.example": [address] for name, address in addresses.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.addresses:
            raise OSError(f"{host} is not known")
        return self.addresses[host]


def refused(url: str, permission: Permission = PRIVATE, resolve: fetching.Resolve = fetching.resolve) -> str:
    with pytest.raises(ArticleError) as caught:
        fetch(url, permission, resolve)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_page_comes_from_the_address_that_was_checked(port: int) -> None:
    names = Names(wiki="127.0.0.1")
    assert fetch(f"http://wiki.example:{port}/page", PRIVATE, names) == Fetched(PAGE, "text/html", "gbk")
    assert seen == [(f"wiki.example:{port}", "/page")]
    assert names.asked == ["wiki.example"]  # once: a second answer could be another one


def test_a_secure_page_is_checked_for_its_name_not_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("openssl"):
        pytest.skip("needs the program openssl, which makes a certificate; run: apt-get install openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=wiki.example", "-addext", "subjectAltName=DNS:wiki.example"]
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", *subject]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    asked: list[str | None] = []
    context.sni_callback = lambda socket, name, context: asked.append(name)
    names = Names(wiki="127.0.0.1", other="127.0.0.1")
    with serving(context) as port:
        assert fetch(f"https://wiki.example:{port}/page", PRIVATE, names).raw == PAGE
        assert asked == ["wiki.example"]
        assert "certificate" in refused(f"https://other.example:{port}/page", PRIVATE, names)


def test_what_is_inside_stays_inside(port: int) -> None:
    names = Names(wiki="127.0.0.1")
    assert refused(f"http://wiki.example:{port}/page", Permission(), names) == (
        f"http://wiki.example:{port}/page: 127.0.0.1 is no address of the public internet; "
        "if meant, add --allow-private"
    )
    names.addresses["both.example"] = ["93.184.216.34", "10.0.0.1"]
    assert "10.0.0.1 is no address" in refused("http://both.example/", Permission(), names)
    assert seen == []


def test_redirects_are_named_and_followed_only_if_wanted(port: int) -> None:
    url, follow = f"http://127.0.0.1:{port}/to/page", Permission(private=True, redirects=True)
    assert refused(url) == (
        f"{url}: leads to http://127.0.0.1:{port}/page; index that address, or add --follow-redirects"
    )
    assert fetch(url, follow).raw == PAGE
    assert fetch(url.replace("/to/", "/to/" * 5), follow).raw == PAGE
    assert "leads on more than 5 times" in refused(url.replace("/to/", "/to/" * 6), follow)
    assert "leads on more than 5 times" in refused(f"http://127.0.0.1:{port}/round", follow)
    assert "file:/etc/passwd: not an address of the web" in refused(f"http://127.0.0.1:{port}/file", follow)


def test_each_redirect_is_checked(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
    names = Names(wiki="127.0.0.1", inside="10.0.0.1")
    said = refused(f"http://wiki.example:{port}/inside", Permission(redirects=True), names)
    assert said.startswith("http://inside.example/: 10.0.0.1 is no address of the public internet")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("absent", "the server says 404; check the address"),
        ("large", "larger than 20 MB; save it as a file and split it"),
        ("packed", "packed in a way that was not asked for"),
    ],
)
def test_answers_that_are_no_page(port: int, path: str, reason: str) -> None:
    url = f"http://127.0.0.1:{port}/{path}"
    assert refused(url).startswith(f"{url}: {reason}")


@pytest.mark.parametrize(
    ("path", "moments"),
    [("to/page", [0.0, 31.0]), ("page", [0.0, 0.0, 31.0])],
    ids=["before it is asked for", "while it comes"],
)
def test_a_page_that_takes_too_long(
    port: int, monkeypatch: pytest.MonkeyPatch, path: str, moments: list[float]
) -> None:
    monkeypatch.setattr(fetching, "time", SimpleNamespace(monotonic=iter(moments).__next__))
    assert "takes longer than 30 s" in refused(f"http://127.0.0.1:{port}/{path}")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "not an address of the web"),
        ("ftp://a.example/", "not an address of the web"),
        ("http:///a", "not an address of the web"),
        ("http:/a", "not an address of the web"),
        ("http://", "not an address of the web"),
        ("http://[::1/", "not an address"),
        ("http://a\nb.example/", "not an address"),
        ("http://user:secret@a.example/", "an address with a name and password"),
        ("http://nowhere.example/", "nowhere.example has no address"),
        (f"http://{'a' * 70}.example/", "has no address"),
    ],
)
def test_addresses_that_are_none(url: str, reason: str) -> None:
    said = refused(url, PRIVATE, Names())
    assert reason in said
    assert "secret" not in said


def test_nobody_answers() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        port = server.server_address[1]
    said = refused(f"http://127.0.0.1:{port}/")
    assert said.startswith(f"http://127.0.0.1:{port}/: cannot be reached (")
    assert said.endswith("check the address, no proxy is used")


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 224.0.0.1 240.0.0.1 255.255.255.255 "
    "192.0.2.1 198.18.0.1 ::1 :: fe80::1 fe80::1%eth0 fc00::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 "
    "64:ff9b::a9fe:a9fe 2002:7f00:1:: 2001:0:4136:e378:8000:63bf:f5ff:fffe 2001:db8::1 nonsense".split(),
)
def test_addresses_inside(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_addresses_outside(address: str) -> None:
    assert is_public(address)
