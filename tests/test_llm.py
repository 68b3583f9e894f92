import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rag.errors import ModelError, UsageError
from rag.llm import Message, OpenAICompatible, Scripted, open_model
from rag.records import Usage
from rag.settings import Settings

ASKED = [Message("system", "只看材料。"), Message("user", "谁是厂长？")]
Handle = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(handle: Handle) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            handle(self)

        def log_message(self, *_: object) -> None:
            """Keep the test output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def say(handler: BaseHTTPRequestHandler, status: int, body: str, kind: str = "application/json") -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.end_headers()
    handler.wfile.write(body.encode())


def event(**choice: object) -> str:
    body = {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, **choice}],
    }
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"


def good(handler: BaseHTTPRequestHandler) -> None:
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 2,
        "total_tokens": 11,
        "prompt_tokens_details": {"cached_tokens": 4},
    }
    counted = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], "usage": usage}
    pieces = event(delta={"role": "assistant", "content": "李"}) + event(delta={"content": "梅"}, finish_reason="stop")
    say(handler, 200, f"{pieces}data: {json.dumps(counted)}\n\ndata: [DONE]\n\n", "text/event-stream")


def breaking_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    piece = event(delta={"role": "assistant", "content": "李"}).encode()
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def silent(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.recv(1)  # until the client gives up


def model(base_url: str, timeout: float = 5.0) -> OpenAICompatible:
    return OpenAICompatible("openai:m", "m", base_url, "secret-key", timeout)


def reply(chat: OpenAICompatible | Scripted) -> tuple[list[str], Usage]:
    stream, pieces = chat.stream(ASKED, max_tokens=50), []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as done:
            return pieces, done.value


def test_pieces_and_counts() -> None:
    with serving(good) as url:
        assert reply(model(url)) == (["李", "梅"], Usage(9, 4, 2))


@pytest.mark.parametrize(
    ("handle", "said"),
    [
        pytest.param(lambda each: say(each, 401, '{"error": {"message": "bad"}}'), "refused the API key", id="401"),
        pytest.param(lambda each: say(each, 403, '{"error": {"message": "bad"}}'), "refused the API key", id="403"),
        pytest.param(lambda each: say(each, 404, '{"error": {"message": "bad"}}'), "no such model", id="404"),
        pytest.param(lambda each: say(each, 429, '{"error": {"message": "bad"}}'), "too many requests", id="429"),
        pytest.param(lambda each: say(each, 500, "oh dear"), "HTTP 500", id="500"),
        pytest.param(lambda each: say(each, 400, '{"error": {"message": "too long"}}'), "HTTP 400", id="400"),
        pytest.param(lambda each: say(each, 200, "<html>hello</html>", "text/html"), "nonsense", id="a web page"),
        pytest.param(lambda each: say(each, 200, "data: {oops\n\n", "text/event-stream"), "nonsense", id="broken JSON"),
        pytest.param(lambda each: say(each, 200, 'data: {"a": 1}\n\n', "text/event-stream"), "", id="other JSON"),
        pytest.param(lambda each: say(each, 200, "data: [DONE]\n\n", "text/event-stream"), "", id="nothing"),
        pytest.param(lambda each: say(each, 200, event(delta={}), "text/event-stream"), "answered nothing", id="empty"),
        pytest.param(breaking_off, "broke off", id="breaks off"),
    ],
)
def test_a_failing_server_is_one_line_that_names_it_and_hides_the_key(handle: Handle, said: str) -> None:
    with serving(handle) as url, pytest.raises(ModelError) as caught:
        reply(model(url))
    line = str(caught.value)
    assert said in line
    assert url in line
    assert "\n" not in line
    assert "secret-key" not in line


def test_silence_is_a_timeout() -> None:
    with serving(silent) as url, pytest.raises(ModelError, match="no reply in time; raise SUWEN_TIMEOUT"):
        reply(model(url, timeout=0.2))


def test_a_server_that_is_down() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        with pytest.raises(ModelError, match="cannot be reached"):
            reply(model(url))


def test_closing_the_stream_closes_the_connection() -> None:
    gone = threading.Event()

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(event(delta={"content": "茶"}).encode())
        except OSError:
            gone.set()

    with serving(endless) as url:
        stream = model(url).stream(ASKED, max_tokens=50)
        assert next(stream) == "茶"
        stream.close()
        assert gone.wait(timeout=5)


def open_spec(spec: str, **changes: str) -> object:
    return open_model(Settings(**changes), spec, lambda name: Path(name))  # type: ignore[arg-type]


def test_extractive_is_no_model() -> None:
    assert open_spec("extractive") is None


@pytest.mark.parametrize("spec", ["nobody:model", "openai:", ":model"])
def test_an_unknown_provider_is_wrong_use(spec: str) -> None:
    with pytest.raises(UsageError, match="openai:MODEL"):
        open_spec(spec)


def test_a_key_file_that_cannot_be_read_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no-key"):
        open_spec("openai:m", base_url="http://127.0.0.1:1/v1", api_key_file=str(tmp_path / "no-key"))


def test_the_key_comes_from_the_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def note(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Authorization"])
        good(handler)

    key_file = tmp_path / "key"
    key_file.write_text("from-file\n")
    monkeypatch.setenv("SUWEN_API_KEY", "from-environment")
    with serving(note) as url:
        for changes in ({"api_key_file": str(key_file)}, {}):
            chat = open_spec("openai:m", base_url=url, **changes)
            assert isinstance(chat, OpenAICompatible)
            reply(chat)
    assert seen == ["Bearer from-file", "Bearer from-environment"]


def test_scripted_says_what_it_was_told_and_remembers_what_it_was_asked() -> None:
    chat = Scripted("李梅。", ModelError("down"))
    assert reply(chat) == (["李梅", "。"], Usage(sum(len(each.text) for each in ASKED), 0, 3))
    assert chat.asked == [ASKED]
    with pytest.raises(ModelError, match="down"):
        reply(chat)
