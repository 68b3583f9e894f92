"""A process of its own for what converts foreign files: one that hangs, crashes or eats memory harms nothing else.

Parent and child exchange lines of JSON; a file's bytes follow its line. The child answers with the content, with the
reason there is none, or with what it ends of. One child does many files; it is started anew when it has ended.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Event, Timer
from types import TracebackType
from typing import IO, Any, Self, cast

from rag.documents import OFFICE, read_document
from rag.encoding import declared_in, decode
from rag.errors import ArticleError
from rag.records import Content
from rag.webpages import read_page

MEMORY = 420 << 20  # bytes of data of the child; with the libraries it stays below 512 MB
_STARTING = 120.0  # seconds: importing takes two, but the machine may be busy
_TOLD = ("text", "title", "markdown", "date")  # what a conversion finds out
_PAGES = (".html", ".htm", ".xhtml")
CONVERTED = (*_PAGES, ".pdf", *OFFICE, ".csv")


class Worker:
    """Converts files in a child process, each within ``seconds``; to be closed after use."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child; the next conversion starts another."""
        if self._child is not None:
            self._child.kill()
            with suppress(BrokenPipeError), self._child:  # what it has not read is lost with it
                self._child = None

    def convert(self, raw: bytes, suffix: str, where: str, declared: str = "") -> tuple[Content, str]:
        """Return what a file says, and the encoding it was in where that is a question.

        Raises:
            ArticleError: it cannot be converted, or not within the limits.

        """
        child = self._running()
        try:
            self._ask(child, {"suffix": suffix, "where": where, "declared": declared, "size": len(raw)}, _STARTING)
            reply = self._ask(child, raw, self._seconds)
        except TimeoutError as error:
            raise ArticleError(
                f"{where}: reading it took longer than {self._seconds:g} s; split it or raise --time-limit"
            ) from error
        except EOFError as error:
            raise ArticleError(
                f"{where}: it cannot be read ({error}), it may be damaged; open it and save it anew"
            ) from error
        if "error" in reply:
            raise ArticleError(reply["error"])
        return Content(**reply["content"]), reply["encoding"]

    def _ask(self, child: "subprocess.Popen[bytes]", message: dict[str, Any] | bytes, seconds: float) -> dict[str, Any]:
        late = Event()

        def end() -> None:
            late.set()
            child.kill()

        timer = Timer(seconds, end)
        timer.start()
        try:
            requests, replies = cast(IO[bytes], child.stdin), cast(IO[bytes], child.stdout)
            requests.write(message if isinstance(message, bytes) else _line(message))
            requests.flush()
            line = replies.readline()
            reply: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {"end": "it was killed"}
            if "end" in reply:
                raise EOFError(reply["end"])
            return reply
        except (BrokenPipeError, EOFError) as error:
            self.close()
            raise (TimeoutError if late.is_set() else EOFError)(str(error)) from error
        finally:
            timer.cancel()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child and self._child.poll() is not None:
            self.close()  # it died with nothing to do, so no file is to blame
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "rag.worker"],  # -P: what lies in the working directory is not run
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": _path(), "OPENBLAS_NUM_THREADS": "1"},
            )
        return self._child


def serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    """Convert one file after the other, until the parent is gone. Runs in the child."""
    while line := requests.readline():
        asked = json.loads(line)
        import_module("trafilatura" if asked["suffix"] in _PAGES else "markitdown")  # before the file's time begins
        replies.write(_line({}))
        replies.flush()
        raw = requests.read(asked["size"])
        reply: dict[str, Any]
        try:
            content, encoding = _convert(raw, asked["suffix"], asked["where"], asked["declared"])
            facts = {name: getattr(content, name) for name in _TOLD}
            reply = {"content": facts, "encoding": encoding}
        except ArticleError as error:
            reply = {"error": str(error)}
        except MemoryError:
            reply = {"error": f"{asked['where']}: reading it takes too much memory; split it"}
        replies.write(_line(reply))
        replies.flush()


def _convert(raw: bytes, suffix: str, where: str, declared: str) -> tuple[Content, str]:
    if suffix in _PAGES:
        decoded = decode(raw, where, declared or declared_in(raw))
        return read_page(decoded.text, where), decoded.encoding
    if suffix == ".csv":
        decoded = decode(raw, where, declared)
        return read_document(decoded.text.encode(), suffix, where), decoded.encoding
    return read_document(raw, suffix, where), ""


def _last_word(
    replies: IO[bytes], kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Tell of an error that nothing foresaw, which ends the child."""
    replies.write(_line({"end": " ".join(f"{kind.__name__}: {error}".split())[:200]}))
    replies.flush()


def _line(message: object) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _path() -> str:
    return os.pathsep.join(filter(None, [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH")]))


if __name__ == "__main__":
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the replies
    sys.excepthook = partial(_last_word, channel)
    serve(sys.stdin.buffer, channel)
