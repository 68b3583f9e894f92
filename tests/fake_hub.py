"""A hub on the loopback that answers as it is told: it stalls, breaks off, lies, or delivers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

Answer: TypeAlias = Callable[["Handler"], None]


@dataclass
class FakeHub:
    """``answers[path]`` are given one after the other, the last for ever; ``asked`` is what was asked."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, Range
    released: threading.Event = field(default_factory=threading.Event)  # ends every stall

    def gets(self, path: str) -> list[str]:
        """Return the Range header of each GET of a path."""
        return [span for method, asked, span in self.asked if (method, asked) == ("GET", path)]


class Handler(BaseHTTPRequestHandler):
    hub: FakeHub

    def do_GET(self) -> None:
        self.hub.asked.append((self.command, self.path, self.headers.get("Range", "")))
        answers = self.hub.answers.get(self.path, [status(404)])
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def start(self) -> int:
        span = self.headers.get("Range", "")
        return int(span.removeprefix("bytes=").removesuffix("-")) if span else 0

    def send(self, code: int, body: bytes, length: int, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)
            self.wfile.flush()


def status(code: int, **headers: str) -> Answer:
    return lambda handler: handler.send(code, b"", 0, **headers)


def whole(data: bytes, **headers: str) -> Answer:
    """Deliver all of it, or the range asked for."""

    def answer(handler: Handler) -> None:
        start = handler.start()
        if start >= len(data):
            handler.send(416, b"", 0)
        elif start:
            span = f"bytes {start}-{len(data) - 1}/{len(data)}"
            handler.send(206, data[start:], len(data) - start, Content_Range=span, **headers)
        else:
            handler.send(200, data, len(data), **headers)

    return answer


def without_ranges(data: bytes) -> Answer:
    return lambda handler: handler.send(200, data, len(data))


def another_range(data: bytes) -> Answer:
    return lambda handler: handler.send(206, data, len(data), Content_Range=f"bytes 0-{len(data) - 1}/{len(data)}")


def broken_after(count: int, data: bytes) -> Answer:
    """Promise all of the rest, send ``count`` bytes of it, and hang up."""

    def answer(handler: Handler) -> None:
        start = handler.start()
        span = f"bytes {start}-{len(data) - 1}/{len(data)}"
        handler.send(206 if start else 200, data[start : start + count], len(data) - start, Content_Range=span)

    return answer


def stalled_after(count: int, data: bytes) -> Answer:
    """Send ``count`` bytes and nothing more until the hub is released; then the rest."""

    def answer(handler: Handler) -> None:
        start = handler.start()
        span = f"bytes {start}-{len(data) - 1}/{len(data)}"
        handler.send(206 if start else 200, data[start : start + count], len(data) - start, Content_Range=span)
        handler.hub.released.wait()
        try:
            handler.wfile.write(data[start + count :])
        except OSError:
            handler.close_connection = True  # the client has gone

    return answer


@contextmanager
def running() -> Iterator[FakeHub]:
    hub = FakeHub()
    handler = type("Bound", (Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        hub.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
