"""The page in a real browser, with the scripted answerer behind a real server."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import NEEDS_CHROMIUM, Site, ask, serving_page
from tests.scripted import BAOPING, ENGLISH, GROUNDED, QUOTED, REFUSED, SEASON, Scripted

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    answerer = Scripted()
    with serving_page(answerer) as (url, browser):
        yield Site(answerer, url, browser)


@pytest.fixture
def site(running: Site) -> Iterator[Site]:
    """Give each test the server; afterwards there were no errors and no request to another origin."""
    running.troubles.clear()
    yield running
    for context in running.browser.contexts:
        context.close()
    running.answerer.release.clear()
    running.answerer.closed.clear()
    assert running.troubles == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_answer_source_and_article(site: Site) -> None:
    page = site.visit(viewport={"width": 1280, "height": 800})
    ask(page, GROUNDED.question)
    expect(page.locator(".reply .text")).to_have_text(re.compile(r"^都江堰用鱼嘴.*宝瓶口控制\[3\]。$", re.DOTALL))
    expect(page.locator(".sources li")).to_have_count(3)
    expect(page.locator("#box textarea")).to_have_value("")

    source = page.locator("#t1-s2")
    expect(source).not_to_have_attribute("open", "")
    page.locator("a.cite").nth(1).click()
    expect(source).to_have_attribute("open", "")
    expect(source.locator("mark")).to_have_text(SEASON)
    expect(source.locator("summary")).to_be_focused()

    source.locator(".open").click()
    mark = page.frame_locator("#suwen-reader iframe").locator("#s")
    expect(mark).to_have_text(SEASON)
    expect(mark).to_be_in_viewport()
    expect(page.locator("#suwen-reader a")).to_have_attribute("href", re.compile(r"/article\?id=.*#s$"))
    page.keyboard.press("Escape")
    expect(page.locator("#suwen-reader")).to_be_hidden()
    expect(source.locator(".open")).to_be_focused()


def test_pasted_link_works_without_script(site: Site) -> None:
    page = site.visit()
    ask(page, GROUNDED.question)
    href = page.locator("#t1-s3 .open").get_attribute("href")
    plain = site.browser.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{site.url}/{href}")
    expect(plain.locator("#s")).to_have_text(BAOPING)
    expect(plain.locator("#s")).to_be_in_viewport()


def test_opened_source_stays_open_when_the_conversation_goes_on(site: Site) -> None:
    page = site.visit()
    ask(page, GROUNDED.question)
    page.locator("#t1-s1 summary").click()
    expect(page.locator("#t1-s1")).to_have_attribute("open", "")
    ask(page, REFUSED.question)
    expect(page.locator(".refusal")).to_be_visible()
    expect(page.locator("#earlier #t1-s1")).to_have_attribute("open", "")


def test_refusal_is_calm_and_shows_the_nearest_passages(site: Site) -> None:
    page = site.visit()
    ask(page, REFUSED.question)
    expect(page.locator(".refusal .label")).to_have_text("文章里没有找到依据")
    expect(page.locator(".refusal .text")).to_have_text(REFUSED.text)
    expect(page.locator(".passages li")).to_have_count(3)
    expect(page.locator(".reply .error")).to_have_count(0)


def test_stop_in_the_middle_then_retry(site: Site) -> None:
    page = site.visit()
    ask(page, "slow")
    expect(page.locator(".reply .text")).to_contain_text("先说几个字")
    expect(page.locator("#send")).to_have_count(0)
    page.locator("#stop").click()
    expect(page.locator(".reply .status")).to_have_text("已停止，以上内容未经核对。")
    expect(page.locator(".reply .text")).to_contain_text("先说几个字")
    assert site.answerer.closed.wait(10)  # the model was stopped too
    expect(page.locator("#send")).to_be_visible()

    site.answerer.release.set()
    page.locator("#retry").click()
    expect(page.locator(".refusal .text")).to_have_text(REFUSED.text)
    expect(page.locator(".exchange")).to_have_count(1)


def test_leaving_stops_the_model(site: Site) -> None:
    page = site.visit()
    ask(page, "slow")
    expect(page.locator(".reply .text")).to_contain_text("先说几个字")
    page.close()
    assert site.answerer.closed.wait(30)


def test_errors_keep_the_question(site: Site) -> None:
    page = site.visit()
    ask(page, "broken")
    expect(page.locator(".reply .error")).to_have_text("qwen2.5-coder-1.5b did not answer; try again")
    expect(page.locator("#box textarea")).to_have_value("broken")


def test_mistake_is_settled_without_its_details(site: Site) -> None:
    page = site.visit()
    ask(page, "bug")
    expect(page.locator(".reply .error")).to_have_text("回答时出了意外，请再试一次；详情在服务日志里。")
    expect(page.locator("#send")).to_be_visible()
    assert "secret detail" not in page.content()


def test_example_is_asked_on_click_and_clear_brings_it_back(site: Site) -> None:
    page = site.visit()
    page.get_by_role("button", name=QUOTED.question).click()
    expect(page.locator(".question")).to_have_text(QUOTED.question)
    expect(page.locator(".grounded .label")).to_have_text("原文摘录 · 没有使用语言模型")
    expect(page.locator("#welcome")).to_be_hidden()
    page.locator("#clear").click()
    expect(page.locator(".exchange")).to_have_count(0)
    expect(page.get_by_role("button", name=QUOTED.question)).to_be_visible()


def test_enter_sends_and_shift_enter_breaks_the_line(site: Site) -> None:
    page = site.visit()
    box = page.locator("#box textarea")
    box.fill("一")
    box.press("Shift+Enter")
    box.press_sequentially("二")
    expect(box).to_have_value("一\n二")
    expect(page.locator(".exchange")).to_have_count(0)
    box.press("Enter")
    expect(page.locator(".question")).to_have_text("一\n二")


def test_model_of_one_s_own_is_passed_on(site: Site) -> None:
    page = site.visit()
    page.locator("#llm input").fill("openai:qwen-plus")
    page.locator("#llm input").press("Enter")
    ask(page, GROUNDED.question)
    expect(page.locator(".sources")).to_be_visible()
    assert site.answerer.asked[-1][1] == "openai:qwen-plus"


def test_history_is_passed_on(site: Site) -> None:
    page = site.visit()
    ask(page, ENGLISH.question)
    expect(page.locator(".sources")).to_have_count(1)
    ask(page, GROUNDED.question)
    expect(page.locator(".sources")).to_have_count(2)
    assert [turn.question for turn in site.answerer.asked[-1][0].history] == [ENGLISH.question]


def test_language_follows_the_browser_the_address_and_the_switch(site: Site) -> None:
    page = site.visit(locale="en-GB")
    expect(page.locator("#send")).to_have_text("Send")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#suwen-reader button")).to_have_text("Close")
    ask(page, GROUNDED.question)
    expect(page.locator(".sources h3")).to_have_text("Sources")
    page.locator("#switch").click()
    expect(page.locator(".sources h3")).to_have_text("出处")
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    expect(page.locator("#suwen-reader button")).to_have_text("关闭")
    expect(page.locator("#box textarea")).to_have_attribute("placeholder", "问一个文章里的问题")
    expect(site.visit("/?lang=en").locator("#switch")).to_have_text("中文")


def test_list_of_articles_opens_one(site: Site) -> None:
    page = site.visit()
    page.locator(".masthead a").click()
    frame = page.frame_locator("#suwen-reader iframe")
    frame.locator("input[name=q]").fill("tea")
    frame.get_by_role("button").click()
    frame.get_by_role("link", name="How green tea is made").click()
    expect(frame.locator("article")).to_contain_text("The heat stops oxidation")
    page.locator("#suwen-reader button").click()
    expect(page.locator("#suwen-reader")).to_be_hidden()


def test_hostile_answer_stays_text(site: Site) -> None:
    page = site.visit()
    ask(page, "hostile")
    expect(page.locator(".sources")).to_be_visible()
    expect(page.locator(".reply .text")).to_contain_text("${alert(1)} {{value}}")
    page.locator("#t1-s1 summary").click()
    page.locator("#t1-s1 .open").click()
    expect(page.frame_locator("#suwen-reader iframe").locator("#s")).to_contain_text("<script>")
    assert page.evaluate("window.stolen") is None
    assert page.locator("#latest img, #latest script").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_has_no_sideways_scrolling(site: Site, scheme: str) -> None:
    page = site.visit(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    assert fits(page)
    for question in (GROUNDED.question, REFUSED.question, "hostile"):
        ask(page, question)
        expect(page.locator(".question").last).to_have_text(question)
        expect(page.locator("#send")).to_be_visible()
        assert fits(page)
    page.locator("#t1-s1 summary").click()
    page.locator("#t1-s1 .open").click()
    frame = page.frame_locator("#suwen-reader iframe")
    expect(frame.locator("#s")).to_be_in_viewport()
    assert frame.locator("body").evaluate("body => body.scrollWidth <= innerWidth")
    ground = page.evaluate("getComputedStyle(document.querySelector('#suwen-reader')).backgroundColor")
    assert ground == {"light": "rgb(251, 250, 247)", "dark": "rgb(21, 25, 23)"}[scheme]


def test_everything_is_reached_by_keyboard(site: Site) -> None:
    page = site.visit()
    ask(page, GROUNDED.question)
    expect(page.locator("#retry")).to_be_visible()
    page.locator("h1").click()
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("(e => e.id || e.closest('[id]')?.id + ' ' + e.className)(document.activeElement)")
        )
    for place in ("switch", "t1-s1", "retry", "clear", "send"):
        assert any(place in one for one in reached), (place, reached)
    assert any("cite" in one for one in reached)
