"""One server for the page and the article reader."""

import errno
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rag.errors import SuwenError, UsageError
from rag.feedback import Verdict
from ui.answerer import Answerer
from ui.guard import READER_POLICY, Guard, is_loopback
from ui.reader import article_page, articles_page, missing_page
from ui.render import LONGEST_CORRECTION
from ui.text import Language, say
from ui.verdicts import Verdicts

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

ASSETS = Path(__file__).parent / "assets"
GRACE = 3  # seconds an answer in progress has to end after Ctrl-C


def serve(answerer: Answerer, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; ``ready`` is called with the page's address once it answers.

    Port 0 takes any free port.

    Raises:
        UsageError: the port is in use or the host is not one of this machine's.

    """
    with listen(host, port) as listener, suppress(KeyboardInterrupt):
        server(answerer, host, listener, ready).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to that address. Raises UsageError as ``serve`` does."""
    if not 0 <= port <= 65535:
        raise UsageError(f"port {port} is not between 0 and 65535; set --port")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"port {port} is in use; choose another with --port {port + 1}") from error
        raise UsageError(f"cannot listen on {host} port {port}: {error.strerror}; set --host") from error


def server(answerer: Answerer, host: str, listener: socket.socket, ready: Callable[[str], None]) -> "uvicorn.Server":
    """Return the server for a bound socket, not yet running."""
    import uvicorn

    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}"

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready(address)

    config = uvicorn.Config(
        application(answerer, local=is_loopback(host)),
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    return Announcing(config)


def application(answerer: Answerer, local: bool) -> "FastAPI":
    """Return the application: health, reader, verdicts, assets and, behind all other routes, the chat page."""
    import gradio as gr
    from fastapi import Body, FastAPI
    from fastapi.responses import HTMLResponse, PlainTextResponse
    from starlette.middleware.cors import CORSMiddleware
    from starlette.staticfiles import StaticFiles

    from ui.page import build_page
    from ui.theme import HEAD, theme

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    # With a policy on the parent Gradio adds none of its own, which would echo any origin with credentials.
    app.add_middleware(CORSMiddleware, allow_origins=[])
    app.add_middleware(Guard, local=local)
    app.mount("/suwen", StaticFiles(directory=ASSETS))

    def page(html: str, status: int = 200) -> HTMLResponse:
        return HTMLResponse(html, status, {"Content-Security-Policy": READER_POLICY})

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/articles")
    def articles(q: str = "", lang: Language = "zh") -> HTMLResponse:
        return page(articles_page(answerer.now().articles(), q, lang))

    @app.get("/article")
    def article(id: str, start: int = 0, end: int = 0, of: str = "", lang: Language = "zh") -> HTMLResponse:  # noqa: A002
        try:
            return page(article_page(answerer.now().article(id), start, end, lang, of))
        except SuwenError:
            return page(missing_page(id, lang), 404)

    verdicts = Verdicts(Path(answerer.settings.feedback))

    @app.post("/feedback/{key}")
    def feedback(
        key: str,
        verdict: Annotated[Verdict, Body()],
        correction: Annotated[str, Body(max_length=LONGEST_CORRECTION)] = "",
        unanswerable: Annotated[bool, Body()] = False,
        lang: Annotated[Language, Body()] = "zh",
    ) -> PlainTextResponse:
        try:
            held = verdicts.judge(key, verdict, correction, unanswerable)
        except SuwenError as error:
            return PlainTextResponse(say("not_kept", lang, error=error), 507)
        return PlainTextResponse(say("kept" if held else "gone", lang), 200 if held else 404)

    gr.mount_gradio_app(
        app,
        build_page(answerer, verdicts),
        path="/",
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        favicon_path=str(ASSETS / "icon.svg"),
        footer_links=[],
        run_history=False,
        root_path="",
        allowed_paths=[],
        show_error=False,
        max_file_size=1024,  # bytes: nothing is uploaded here
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=theme(),
        head=HEAD,
    )
    return app
