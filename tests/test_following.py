"""A page that stays open while its articles are edited and indexed again."""

import re
from pathlib import Path

from playwright.sync_api import expect

from rag.generations import current
from rag.pipeline import Pipeline
from rag.settings import Settings
from tests.browser import NEEDS_CHROMIUM, Site, ask, serving_page
from tests.conftest import TEA
from tests.scripted import Scripted
from ui.cli import main

pytestmark = NEEDS_CHROMIUM


def test_an_edited_article_is_answered_from_without_a_restart(indexed: Path, here: Path) -> None:
    warned: list[str] = []
    with serving_page(Pipeline.open(Settings.load({}), follow=warned.append)) as (url, browser):
        site = Site(Scripted(), url, browser)
        page = site.visit()
        ask(page, "厂长是谁？")
        expect(page.locator("#latest .reply .text").first).to_have_text(re.compile("厂长是李梅"))

        (here / "docs" / "tea.md").write_text(TEA.replace("李梅", "王芳"), encoding="utf-8")
        assert main(["index", "docs"]) == 0
        ask(page, "现在厂长是谁？")
        expect(page.locator(".exchange")).to_have_count(2)
        expect(page.locator("#latest .reply .text").first).to_have_text(re.compile("厂长是王芳"))
        expect(page.locator("#earlier .reply .text").first).to_have_text(re.compile("厂长是李梅"))

        # what the earlier answer cited is not marked in the article as it is now, and the reader is told
        page.locator("#t1-s1 summary").click()
        page.locator("#t1-s1 .open").click()
        frame = page.frame_locator("#suwen-reader iframe")
        expect(frame.locator(".changed")).to_have_text(re.compile("改过"))
        expect(frame.locator("article")).to_contain_text("王芳")
        expect(frame.locator("mark")).to_have_count(0)
        page.keyboard.press("Escape")
        page.locator("#t2-s1 summary").click()
        page.locator("#t2-s1 .open").click()
        expect(frame.locator("#s")).to_contain_text("厂长是王芳")
        expect(frame.locator(".changed")).to_have_count(0)
        page.keyboard.press("Escape")

        # a damaged generation is not taken up
        (here / "docs" / "tea.md").write_text(TEA.replace("李梅", "赵云"), encoding="utf-8")
        before = current(indexed).name
        assert main(["index", "docs"]) == 0
        (current(indexed) / "manifest.json").write_bytes(b"{}")
        ask(page, "厂长究竟是谁？")
        expect(page.locator(".exchange")).to_have_count(3)
        expect(page.locator("#latest .reply .text").first).to_have_text(re.compile("厂长是王芳"))
        (line,) = warned
        assert line.endswith(f"; meanwhile {before} goes on answering")
        assert [each for each in site.troubles if "/article?" not in each] == []
