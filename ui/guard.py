"""What every response carries and which requests are turned away, whatever is mounted behind it."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio starts itself with inline scripts and compiles its templates in the browser: both 'unsafe' words are
# its own. What counts is that nothing can be loaded from, sent to or shown in another origin.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; form-action 'self'; "
    "base-uri 'self'; frame-ancestors 'self'"
)
READER_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine alone."""
    return host in _LOOPBACK


class Guard:
    """Middleware: security headers on every response; writes only from the page's own origin.

    With ``local``, requests must also name a loopback host. A page elsewhere could otherwise read the
    articles by pointing its own name at 127.0.0.1.
    """

    def __init__(self, app: ASGIApp, local: bool) -> None:
        self.app, self.local = app, local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", PAGE_POLICY)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "SAMEORIGIN"
                headers["Referrer-Policy"] = "same-origin"
            await send(message)

        headers = Headers(scope=scope)
        reason = refusal(scope["method"], headers.get("host", ""), headers.get("origin"), self.local)
        app = PlainTextResponse(reason, status_code=403) if reason else self.app
        await app(scope, receive, send_guarded)


def refusal(method: str, host: str, origin: str | None, local: bool) -> str:
    """Return why a request is turned away, or nothing."""
    if local and not is_loopback(urlsplit(f"//{host}").hostname or ""):
        return f"{host!r} is not this machine; open the page as http://localhost\n"
    if method not in _SAFE and origin is not None and urlsplit(origin).netloc != host:
        return f"requests from {origin!r} are not accepted\n"
    return ""
