"""Judging answers in a real browser: what is sent, what is kept, and what the page shows of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from rag.feedback import Feedback, read
from rag.settings import Settings
from tests.browser import NEEDS_CHROMIUM, Site, ask, serving_page
from tests.scripted import ENGLISH, GROUNDED, REFUSED, Scripted

pytestmark = NEEDS_CHROMIUM
THANKS = "谢谢，已记下。"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    path = tmp_path_factory.mktemp("feedback") / "feedback.sqlite"
    answerer = Scripted(Settings(llm="qwen2.5-coder-1.5b", feedback=str(path)))
    with serving_page(answerer) as (url, browser):
        yield Site(answerer, url, browser)


@pytest.fixture
def path(running: Site) -> Path:
    return Path(running.answerer.settings.feedback)


@pytest.fixture
def site(running: Site, path: Path) -> Iterator[Site]:
    """Give each test the server with no feedback yet; afterwards nothing went wrong in the page."""
    running.troubles.clear()
    yield running
    for context in running.browser.contexts:
        context.close()
    running.answerer.release.clear()
    for file in path.parent.iterdir():
        file.rmdir() if file.is_dir() else file.unlink()
    assert running.troubles == []


def answered(page: Page, question: str = GROUNDED.question) -> Locator:
    """Ask, and return the form under the answer."""
    ask(page, question)
    form = page.locator("#latest form.verdict")
    expect(page.locator(".question").last).to_have_text(question)
    expect(form).to_be_visible()
    return form


def thumb(form: Locator, name: str) -> Locator:
    return form.locator(f"button[name={name}]")


def kept(path: Path) -> list[tuple[str, str, bool]]:
    return [(each.verdict, each.correction, each.unanswerable) for each in read(path)]


def only(path: Path) -> Feedback:
    (feedback,) = read(path)
    return feedback


def test_thumbs_up(site: Site, path: Path) -> None:
    page = site.visit()
    answered(page, ENGLISH.question)
    form = answered(page)
    thumb(form, "up").click()
    expect(form.get_by_role("status")).to_have_text(THANKS)
    expect(thumb(form, "up")).to_have_attribute("aria-pressed", "true")
    expect(form.locator(".right")).to_be_hidden()
    feedback = only(path)
    assert (feedback.verdict, feedback.question, feedback.answer) == ("up", GROUNDED.question, GROUNDED.to_json())
    assert [turn.question for turn in feedback.history] == [ENGLISH.question]


def test_thumbs_down_counts_at_once_and_takes_a_correction_on_enter(site: Site, path: Path) -> None:
    page = site.visit()
    form = answered(page)
    thumb(form, "down").click()
    expect(form.get_by_role("status")).to_have_text(THANKS)
    assert kept(path) == [("down", "", False)]
    box = form.get_by_label("正确答案应该是什么？")
    expect(box).to_be_focused()
    box.press_sequentially("用鱼嘴")
    box.press("Shift+Enter")
    box.press_sequentially("分水")
    box.press("Enter")
    expect(box).to_be_hidden()
    expect(thumb(form, "down")).to_be_focused()
    expect(thumb(form, "down")).to_have_attribute("aria-expanded", "false")
    assert kept(path) == [("down", "用鱼嘴\n分水", False)]
    assert page.locator(".exchange").count() == 1


def test_the_articles_do_not_say(site: Site, path: Path) -> None:
    page = site.visit(locale="en-GB")
    form = answered(page)
    form.get_by_role("button", name="Bad answer").click()
    form.get_by_role("button", name="The articles do not say").click()
    expect(form.locator(".right")).to_be_hidden()
    expect(form.get_by_role("status")).to_have_text("Thank you, noted.")
    assert kept(path) == [("down", "", True)]
    assert thumb(answered(page, REFUSED.question), "nowhere").count() == 0


def test_a_verdict_can_be_changed(site: Site, path: Path) -> None:
    page = site.visit()
    form = answered(page)
    thumb(form, "down").click()
    form.locator("textarea").fill("鱼嘴")
    form.get_by_role("button", name="发送").click()
    expect(form.locator(".right")).to_be_hidden()
    thumb(form, "down").click()
    expect(form.locator("textarea")).to_have_value("鱼嘴")
    form.locator("textarea").fill("鱼嘴和宝瓶口")
    form.locator("textarea").press("Enter")
    expect(form.locator(".right")).to_be_hidden()
    assert kept(path) == [("down", "鱼嘴和宝瓶口", False)]
    answers: list[str] = []
    page.on("response", lambda response: answers.append(response.url))
    for name in ("up", "down", "up"):
        thumb(form, name).click()
    expect(thumb(form, "down")).to_have_attribute("aria-pressed", "false")
    expect(form.locator(".right")).to_be_hidden()
    while len(answers) < 3:
        page.wait_for_timeout(20)
    assert kept(path) == [("up", "", False)]


def test_it_survives_later_questions_and_the_other_language(site: Site) -> None:
    page = site.visit()
    form = answered(page)
    thumb(form, "up").click()
    expect(form.get_by_role("status")).to_have_text(THANKS)
    ask(page, "slow")
    expect(page.locator("#latest .text")).to_contain_text("先说几个字")
    first = page.locator("#earlier form.verdict")
    expect(thumb(first, "up")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#latest form.verdict")).to_have_count(0)
    thumb(first, "down").click()
    box = first.locator("textarea")
    box.press_sequentially("鱼嘴")
    site.answerer.release.set()
    expect(page.locator("#latest form.verdict")).to_be_visible()
    expect(box).to_be_focused()
    box.press_sequentially("分水")
    expect(box).to_have_value("鱼嘴分水")
    page.locator("#switch").click()
    expect(thumb(first, "up")).to_have_attribute("aria-label", "Good answer")
    expect(thumb(first, "down")).to_have_attribute("aria-pressed", "true")
    expect(first.get_by_label("What would be right?")).to_have_value("鱼嘴分水")


def test_escape_closes_the_box_and_nothing_else(site: Site) -> None:
    page = site.visit(viewport={"width": 1280, "height": 800})
    form = answered(page)
    page.locator(".masthead a").click()
    thumb(form, "down").click()
    form.locator("textarea").press("Escape")
    expect(form.locator(".right")).to_be_hidden()
    expect(thumb(form, "down")).to_be_focused()
    expect(page.locator("#suwen-reader")).to_be_visible()


def test_a_disk_that_fails_is_said_and_can_be_tried_again(site: Site, path: Path) -> None:
    page = site.visit()
    form = answered(page)
    path.mkdir()
    thumb(form, "up").click()
    expect(form.get_by_role("status")).to_have_text(f"没能记下：{path}: is a folder; set SUWEN_FEEDBACK to a file")
    expect(thumb(form, "up")).to_have_attribute("aria-pressed", "false")
    path.rmdir()
    thumb(form, "up").click()
    expect(form.get_by_role("status")).to_have_text(THANKS)
    assert kept(path) == [("up", "", False)]
    assert [each for each in site.troubles if "507" not in each] == []
    site.troubles.clear()


def test_a_server_that_is_gone_or_has_forgotten_is_said(site: Site) -> None:
    page = site.visit()
    form = answered(page)
    thumb(form, "down").click()
    form.locator("textarea").fill("鱼嘴")
    page.context.set_offline(True)
    form.locator("textarea").press("Enter")
    expect(form.get_by_role("status")).to_have_text("没有送到服务器，请再试一次。")
    expect(form.locator("textarea")).to_have_value("鱼嘴")
    page.context.set_offline(False)
    form.evaluate("form => form.dataset.key = 'forgotten'")
    thumb(form, "up").click()
    expect(form.get_by_role("status")).to_have_text(re.compile("^这个回答已经不在服务器的记忆里"))
    site.troubles.clear()


def test_only_the_page_may_send_and_only_what_it_was_given(site: Site, path: Path) -> None:
    page = site.visit()
    key = answered(page).get_attribute("data-key")
    url, up = f"{site.url}/feedback/{key}", {"verdict": "up"}
    refused = httpx.post(url, json=up, headers={"Origin": "https://evil.example"})
    assert (refused.status_code, refused.text) == (403, "requests from 'https://evil.example' are not accepted\n")
    assert httpx.post(f"{site.url}/feedback/made-up", json=up | {"lang": "en"}).text == (
        "The server no longer holds this answer; ask the question again."
    )
    for wrong in ({"verdict": "sideways"}, {}, {"verdict": "down", "correction": "x" * 2001}):
        assert httpx.post(url, json=wrong).status_code == 422
    assert read(path) == []
    forged = {"answer": {"answer": "forged"}, "question": "forged"}
    assert httpx.post(url, json=up | forged).text == THANKS
    assert only(path).answer == GROUNDED.to_json()


def test_what_a_reader_types_stays_text(site: Site) -> None:
    page = site.visit()
    form = answered(page)
    thumb(form, "down").click()
    form.locator("textarea").fill('<img src=x onerror="window.stolen=1">')
    form.locator("textarea").press("Enter")
    expect(form.locator(".right")).to_be_hidden()
    page.locator("#switch").click()
    expect(thumb(form, "up")).to_have_attribute("aria-label", "Good answer")
    expect(form.locator("textarea")).to_have_value(re.compile("^<img"))
    assert page.evaluate("window.stolen") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_box_is_in_view_on_a_phone(site: Site, scheme: str) -> None:
    page = site.visit(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    form = answered(page)
    thumb(form, "down").click()
    form.get_by_role("button", name="文章里没有").click(timeout=5000)  # it would fail under the composer
    thumb(form, "down").click()
    form.locator("textarea").fill("很长的一行" * 60)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_is_reached_and_used_by_keyboard(site: Site, path: Path) -> None:
    page = site.visit()
    form = answered(page)
    thumb(form, "up").focus()
    page.keyboard.press("Tab")
    expect(thumb(form, "down")).to_be_focused()
    page.keyboard.press("Space")
    expect(form.locator("textarea")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(form.locator(".right")).to_be_hidden()
    expect(thumb(form, "down")).to_be_focused()
    assert kept(path) == [("down", "", True)]
