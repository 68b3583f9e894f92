"""The page in a real browser, with a real Qwen behind it, as ``make chat`` gives it to people."""

import pytest
from playwright.sync_api import expect

from rag.pipeline import Pipeline
from rag.settings import ROOT, Settings
from tests.browser import NEEDS_CHROMIUM, ask, serving_page
from tests.conftest import on_disk
from ui.cli import main

pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    settings = Settings(indexes=str(tmp_path_factory.mktemp("indexes")))
    on_disk(settings.embedder)
    on_disk(settings.llm)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SUWEN_INDEXES", settings.indexes)
        assert main(["index", str(ROOT / "eval" / "articles")]) == 0
    return Pipeline.open(settings)


def test_a_question_is_answered_with_the_sentence_in_its_article(sample: Pipeline) -> None:
    with serving_page(sample) as (url, browser):
        page = browser.new_page(locale="zh-CN", viewport={"width": 1280, "height": 860})
        page.goto(url)
        ask(page, "千问App改版上线后多少天月活突破3000万？")
        expect(page.locator(".reply .text")).to_contain_text("23天", timeout=120_000)
        source = page.locator(".sources li").first
        expect(source).to_contain_text("千问App改版上线仅23天", timeout=60_000)
        page.locator("a.cite").first.click()
        source.locator(".open").click()
        mark = page.frame_locator("#suwen-reader iframe").locator("#s")
        expect(mark).to_contain_text("千问App改版上线仅23天")
        expect(mark).to_be_in_viewport()
