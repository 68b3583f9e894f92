"""``suwen doctor``: what is installed and whether it works; and the proof that nothing leaves this machine."""

import os
import platform
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from ipaddress import ip_address
from itertools import islice
from pathlib import Path

from rag.errors import SuwenError
from rag.records import Question
from rag.settings import Settings
from ui import console

_PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "xllamacpp", "langchain", "gradio")
_NAMED = 20  # articles
_STORY = "云雾茶厂2023年产茶320吨，比上一年多40吨。厂长是李梅，她1998年进厂。"
_QUESTION = "云雾茶厂的厂长是谁？"


def examine(settings: Settings) -> int:
    """Print one line for each thing that must work, with the next step where it does not; 1 if any does not."""
    console.say(f"python     {platform.python_version()} on {platform.platform()}, {os.cpu_count()} cores")
    console.say("packages   " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES))
    checks: dict[str, Callable[[Settings], str]] = {
        "embedder": _embedder,
        "reranker": _reranker,
        "index": _index,
        "model": _model,
    }
    return max(_report(name, check, settings) for name, check in checks.items())


def _report(name: str, check: Callable[[Settings], str], settings: Settings) -> int:
    try:
        console.say(f"{name:10} {check(settings)}")
    except SuwenError as error:
        console.say(f"{name:10} FAILED: {error}")
        return 1
    return 0


def _embedder(settings: Settings) -> str:
    from rag.embedding import open_embedder

    embedder = open_embedder(settings)
    started = time.perf_counter()
    embedder.embed_passages([_STORY] * 32)
    return f"{embedder.name}, {32 / (time.perf_counter() - started):.0f} short passages a second"


def _reranker(settings: Settings) -> str:
    from rag.reranking import RERANKED, open_reranker

    reranker = open_reranker(settings)
    if reranker is None:
        return "none is set"
    started = time.perf_counter()
    reranker.values(_QUESTION, [_STORY] * RERANKED)
    return f"{reranker.name}, {RERANKED / (time.perf_counter() - started):.0f} short passages a second"


def _index(settings: Settings) -> str:
    from rag.newest import load
    from rag.pipeline import index_place

    index = load(index_place(settings))
    named = ", ".join(islice(index.articles, _NAMED)) + ", ..." * (len(index.articles) > _NAMED)
    return f"{index.name} {index.generation}: {index.count} chunks of {len(index.articles)} articles: {named}"


def _model(settings: Settings) -> str:
    from rag.pipeline import Pipeline

    pipeline = Pipeline.open(settings, with_index=False)
    pipeline.start_model()
    answer = pipeline.ask(Question(_QUESTION, passages=(_STORY,)), strict=True)
    where = answer.timings
    return (
        f"{answer.model}, first words after {where.first_token_s:.1f} s, all after {where.total_s:.1f} s: {answer.text}"
    )


def offline_proof(settings: Settings) -> int:
    """Index, ask and chat while every connection beyond this machine is refused and counted; 1 if there was any.

    Python's own sockets are seen by an audit hook, those of native code in the kernel's table (on Linux).
    """
    with _guarded() as attempts, tempfile.TemporaryDirectory() as folder:
        inside = replace(settings, index="proof", indexes=folder)
        for name, step in (("index", _prove_index), ("ask", _prove_ask), ("chat", _prove_chat)):
            step(inside)
            attempts += [each for each in _native_peers() if each not in attempts]
            console.say(f"{name:6} done, connections that leave this machine: {len(attempts)}")
    for attempt in attempts:
        console.say(f"       {attempt}")
    return 1 if attempts else 0


@contextmanager
def _guarded() -> Iterator[list[str]]:
    attempts: list[str] = []
    active = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if not active or event not in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
            return
        target = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        host = target[0] if isinstance(target, tuple) else target
        if isinstance(target, str | bytes) and event != "socket.getaddrinfo":
            return  # a socket of the file system
        if host and not _is_here(str(host)):
            attempts.append(f"{event} {target}")
            raise ConnectionRefusedError(f"{event} to {target} is refused during the offline proof")

    sys.addaudithook(watch)  # cannot be taken off again, so it is told when to stop
    try:
        yield attempts
    finally:
        active = False


def _is_here(host: str) -> bool:
    try:
        return ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return host in ("localhost", platform.node())


def _native_peers() -> list[str]:
    """Return the remote ends, beyond this machine, of this process's TCP sockets."""
    links = [Path(f"/proc/self/fd/{each}") for each in (os.listdir("/proc/self/fd") if Path("/proc").is_dir() else ())]
    ours = {str(link.readlink()) for link in links if link.is_symlink()}
    peers = []
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        for row in Path(table).read_text().splitlines()[1:] if Path(table).exists() else []:
            fields = row.split()
            remote, inode = fields[2].partition(":")[0], fields[9]
            # addresses are little-endian hexadecimal words: 127.x.y.z ends in 7F, unconnected is all zero
            loopback = remote.endswith("7F") if len(remote) == 8 else remote.endswith(("01000000", "7F"))
            if f"socket:[{inode}]" in ours and int(remote, 16) and not loopback:
                peers.append(f"native socket to {fields[2]}")
    return peers


def _prove_index(settings: Settings) -> None:
    from rag.building import index_articles
    from rag.embedding import open_embedder
    from rag.generations import writing
    from rag.pipeline import index_folder
    from rag.records import Article

    article = Article("tea.md", "云雾茶厂", "tea.md", _STORY, root="")
    with writing(folder := index_folder(settings)):
        index_articles([article], open_embedder(settings)).save(folder)


def _prove_ask(settings: Settings) -> None:
    from rag.pipeline import Pipeline

    console.say(f"       {Pipeline.open(settings).ask(Question(_QUESTION)).text}")


def _prove_chat(settings: Settings) -> None:
    import httpx

    from rag.pipeline import Pipeline
    from ui.chat import respond
    from ui.server import listen, server

    pipeline, addresses = Pipeline.open(settings), []
    started = threading.Event()

    def ready(url: str) -> None:
        addresses.append(url)
        started.set()

    with listen("127.0.0.1", 0) as listener:
        page = server(pipeline, "127.0.0.1", listener, ready)
        thread = threading.Thread(target=page.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            started.wait()
            for path in ("/", "/articles", "/article?id=tea.md"):
                httpx.get(addresses[0] + path, trust_env=False).raise_for_status()
            *_, exchange = respond(pipeline, _QUESTION, (), settings.llm, "zh")
            console.say(f"       {exchange.answer.text if exchange.answer else exchange.error}")
        finally:
            page.should_exit = True
            thread.join()
