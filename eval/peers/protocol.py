"""What a compared system's process speaks: one JSON object a line, on standard input and output.

    {"articles": [{"id", "title", "text"}], "base_url", "api_key", "model", "context", "embedder"}
        -> {"ready": true, "index_s", "versions": {package: version}}
    {"question", "history": [[question, answer], ...]}
        -> {"answer", "passages": [text, ...], "first_token_s", "total_s", "usage"?, "refused"?}
    {"bye": true}
        -> {"peak_mb"}

Imports nothing outside the standard library: it runs in every system's environment.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, TypeAlias

from eval.memory import peak_mb

MAX_TOKENS = 400  # of an answer
WARM_UP = "你好"  # asked once before the clock counts: many clients load on their first request


@dataclass(frozen=True)
class Text:
    """An article, its front matter taken off."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Setup:
    """What a system works with: ``context`` tokens fit the model, ``embedder`` is a sentence-transformers folder."""

    articles: tuple[Text, ...]
    base_url: str
    api_key: str
    model: str
    context: int
    embedder: str

    def to_json(self) -> dict[str, Any]:
        """Return the first line that a system is sent."""
        return asdict(self)


@dataclass(frozen=True)
class Reply:
    """A system's answer and the passages it showed the model; ``refused`` where a system says so itself."""

    answer: str
    passages: tuple[str, ...]
    usage: dict[str, int] | None = None
    refused: bool | None = None


Said: TypeAlias = Callable[[str], None]  # told every piece of the answer as it comes
History: TypeAlias = Sequence[tuple[str, str]]
Ask: TypeAlias = Callable[[str, History, Said], Reply]


class _Stopwatch:
    """Remembers when the first word came."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._first: float | None = None

    def said(self, piece: str) -> None:
        if piece and self._first is None:
            self._first = time.perf_counter()

    def stop(self) -> dict[str, float]:
        ended = time.perf_counter()
        first = self._first or ended
        return {"first_token_s": round(first - self._started, 4), "total_s": round(ended - self._started, 4)}


def serve(build: Callable[[Setup], Ask], packages: Sequence[str]) -> None:
    """Speak the protocol until the driver says goodbye; ``build`` indexes the articles.

    The time of ``build`` is that from articles to ready for questions: it imports its packages and loads its
    embedder, as a user who starts the system waits for both.
    """
    out = os.dup(1)
    os.dup2(2, 1)  # what a library prints must not get between the lines
    lines = _lines()
    setup = next(lines)
    articles = tuple(Text(**article) for article in setup.pop("articles"))
    started = time.perf_counter()
    ask = build(Setup(articles, **setup))
    built = time.perf_counter() - started
    _send(out, {"ready": True, "index_s": round(built, 2), "versions": {name: version(name) for name in packages}})
    for line in lines:
        if "bye" in line:
            _send(out, {"peak_mb": round(peak_mb())})
            return
        watch = _Stopwatch()
        reply = ask(line["question"], [(asked, answered) for asked, answered in line["history"]], watch.said)
        times = watch.stop()
        body = {key: value for key, value in asdict(reply).items() if value is not None}
        _send(out, {**body, **times})


def _lines() -> Iterator[dict[str, Any]]:
    for line in sys.stdin.buffer:
        yield json.loads(line)


def _send(out: int, body: dict[str, Any]) -> None:
    line = memoryview(json.dumps(body, ensure_ascii=False).encode() + b"\n")
    while line:
        line = line[os.write(out, line) :]
