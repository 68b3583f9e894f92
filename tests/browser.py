"""The page, served, and a real browser beside it."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.scripted import Scripted
from ui.answerer import Answerer
from ui.server import listen, server

CHROMIUM = shutil.which("chromium")
NEEDS_CHROMIUM = pytest.mark.skipif(
    CHROMIUM is None, reason="no `chromium` on the PATH; install the Debian packages chromium fonts-noto-cjk"
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

SLOW = 20_000  # milliseconds that anything may take on a busy machine
expect.set_options(timeout=SLOW)


@dataclass
class Site:
    """A running server and what visits to it have shown."""

    answerer: Scripted
    url: str
    browser: Browser
    troubles: list[str] = field(default_factory=list)

    def visit(self, path: str = "/", **options: object) -> Page:
        """Open the page in a fresh context, noting errors and requests to elsewhere."""
        context: BrowserContext = self.browser.new_context(**{"locale": "zh-CN", **options})  # type: ignore[arg-type]
        context.set_default_timeout(SLOW)
        context.on("console", lambda said: self.note(said.type in ("error", "warning"), said.text))
        context.on("weberror", lambda error: self.note(True, str(error.error)))
        context.on("dialog", lambda dialog: self.note(True, dialog.message))
        context.on("request", lambda request: self.note(not request.url.startswith(self.url), request.url))
        page = context.new_page()
        page.goto(self.url + path)
        expect(page.locator(".masthead")).to_be_visible(timeout=SLOW)
        return page

    def note(self, trouble: bool, what: str) -> None:
        if trouble and not what.startswith(("data:", "blob:")):
            self.troubles.append(what)


@contextmanager
def serving_page(answerer: Answerer) -> Iterator[tuple[str, Browser]]:
    """Serve the page on a random port and start a browser beside it."""
    started = threading.Event()
    listener = listen("127.0.0.1", 0)
    serving = server(answerer, "127.0.0.1", listener, lambda _: started.set())
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]})
    thread.start()
    assert started.wait(30)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", browser
        browser.close()
    serving.should_exit = True
    thread.join(10)
    listener.close()


def ask(page: Page, question: str) -> None:
    page.locator("#box textarea").fill(question)
    page.locator("#box textarea").press("Enter")
