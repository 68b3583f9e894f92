"""The page, served, and a real browser beside it."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

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
