"""A run's report, opened from disk in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from eval.runs.comparing import compare
from tests.browser import NEEDS_CHROMIUM
from tests.pages import (
    GOLD,
    HOSTILE,
    LETTERS,
    REFUSAL,
    Visits,
    fits,
    hostile,
    make_run,
    opened,
    page_of,
    question,
    report_of,
    unfold,
)

pytestmark = NEEDS_CHROMIUM


def shown(page: Page) -> list[str | None]:
    return [each.get_attribute("data-id") for each in page.locator(".item").all()]


def test_figures_are_those_of_the_run(visits: Visits, report: Path) -> None:
    page = visits.open(report)
    expect(page).to_have_title("a run")
    expect(page.get_by_role("heading", level=1)).to_have_text("a run")
    card = page.locator(".card").first
    expect(card.locator("h3 .zh")).to_have_text("答对")
    expect(card.locator(".value")).to_have_text("42.9%")  # 3 of 7
    expect(card.locator(".of").first).to_have_text("n = 7 / 7")
    categories = page.locator(".bars tr")
    expect(categories.locator("th")).to_have_text(["single-fact", "why", "unanswerable", "全部All"])
    expect(categories.locator("td:nth-child(3)")).to_have_text(["50.0%", "33.3%", "50.0%", "42.9%"])
    errors = page.locator(".metrics tr", has=page.locator("code", has_text="errors"))
    expect(errors.locator("td")).to_have_text(["14.3%", "2.6–51.3", "7 / 7"])  # Wilson: 1 of 7
    expect(page.locator(".metrics tr", has=page.locator("code", has_text="judge"))).to_have_count(0)  # not asked for


def test_language_follows_the_browser_and_the_switch(visits: Visits, report: Path) -> None:
    page = visits.open(report, locale="en-GB")
    expect(page.get_by_role("heading", name="Questions")).to_be_visible()
    expect(page.get_by_role("heading", name="逐题")).to_be_hidden()
    expect(page.get_by_role("searchbox", name="Find")).to_have_attribute("placeholder", "Find text")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("heading", name="逐题")).to_be_visible()
    expect(page.get_by_role("heading", name="Questions")).to_be_hidden()
    expect(page.get_by_role("searchbox", name="查找")).to_have_attribute("placeholder", "查找文字")
    expect(page.locator("#category option").first).to_have_text("所有类别")
    page.reload()
    expect(page.get_by_role("heading", name="逐题")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("全部 7", ["q1", "q2", "q3", "q4", "q5", "q6", "q7"]), ("对 3", ["q1", "q4", "q6"]),
        ("错 3", ["q2", "q3", "q7"]), ("拒答 2", ["q3", "q6"]), ("报错 1", ["q5"]),
    ],
)  # fmt: skip
def test_filters_by_outcome(visits: Visits, report: Path, name: str, ids: list[str]) -> None:
    page = visits.open(report)
    button = page.get_by_role("group", name="按结果筛选").get_by_role("button", name=name, exact=True)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("group").get_by_role("button", pressed=True)).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text(f"{len(ids)} / 7 题{len(ids)} of 7 questions")
    assert shown(page) == ids


def test_category_words_and_order(visits: Visits, report: Path) -> None:
    page = visits.open(report)
    page.get_by_role("combobox", name="类别").select_option("why")
    assert shown(page) == ["q3", "q4", "q5"]
    page.get_by_role("button", name="错 3", exact=True).click()
    assert shown(page) == ["q3"]
    page.get_by_role("button", name="全部 7").click()
    page.get_by_role("combobox", name="排序").select_option("slowest")
    assert shown(page) == ["q4", "q3", "q5"]  # an error took no time
    page.get_by_role("combobox", name="类别").select_option("")
    page.get_by_role("searchbox", name="查找").fill("亏损")
    assert shown(page) == ["q7", "q6"]
    page.get_by_role("searchbox", name="查找").press("Enter")
    assert shown(page) == ["q7", "q6"]
    page.get_by_role("searchbox", name="查找").fill("nothing has this")
    expect(page.get_by_role("status")).to_contain_text("0 / 7 题")


def test_a_link_leads_to_its_question(visits: Visits, report: Path) -> None:
    page = visits.open(report, "#q4")
    expect(page.locator(".item[open]")).to_have_attribute("data-id", "q4")
    link = page.get_by_role("link", name="q4")
    expect(link).to_have_attribute("href", "#q4")
    page.get_by_role("button", name="拒答 2", exact=True).click()
    page.get_by_role("combobox", name="类别").select_option("why")
    page.get_by_role("combobox", name="排序").select_option("slowest")
    page.get_by_role("searchbox", name="查找").fill("nothing has this")
    page.evaluate("location.hash = '#nowhere'")
    expect(page.locator(".item")).to_have_count(0)
    page.evaluate("location.hash = '#q1'")  # which the filters hide
    expect(page.locator(".item[open]")).to_have_attribute("data-id", "q1")
    expect(page.get_by_role("searchbox", name="查找")).to_have_value("")
    expect(page.get_by_role("combobox", name="类别")).to_have_value("")
    expect(page.get_by_role("button", name="全部 7")).to_have_attribute("aria-pressed", "true")
    assert shown(page) == ["q7", "q6", "q4", "q3", "q2", "q1", "q5"]  # the order stays
    assert shown(visits.open(report, "#%E0%A4%A")) == [each.id for each in GOLD]  # no id, and no error


def test_a_keyboard_reaches_and_opens_everything(visits: Visits, report: Path) -> None:
    page = visits.open(report)
    page.get_by_role("combobox", name="排序").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".item > summary").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".item .body")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="[1]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".sources summary")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="显示全文")).to_be_focused()


def test_many_questions_are_drawn_as_one_scrolls_and_all_on_paper(visits: Visits, tmp_path: Path) -> None:
    gold = [question(n) for n in range(1, 121)]
    path = report_of(make_run(tmp_path / "run", gold, "+" * 120))
    page = visits.open(path)
    expect(page.locator(".item")).to_have_count(50)
    page.get_by_role("button", name="再显示 50 题").scroll_into_view_if_needed()
    expect(page.locator(".item")).to_have_count(100)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".item")).to_have_count(120)
    expect(page.locator(".more")).to_be_hidden()
    assert len(shown(visits.open(path, "#q110"))) >= 110


def test_hostile_texts_stay_texts(visits: Visits, tmp_path: Path) -> None:
    run = make_run(
        tmp_path / "<b>run", [hostile(1)], "h",
        model={"spec": HOSTILE, "fingerprint": HOSTILE}, settings={HOSTILE: HOSTILE}, errors=[HOSTILE],
        gold=[{"path": HOSTILE}], index={"name": HOSTILE, "generation": HOSTILE}, machine={"platform": HOSTILE},
    )  # fmt: skip
    page = visits.open(report_of(run))
    item = opened(page, "q1")
    for name in ("passages", "prompts", "values"):
        unfold(item, name)
    item.locator(".passages li summary").first.click()
    item.get_by_role("button", name="显示全文").click()
    for place in (".ask", ".given .text", ".gold .text", ".sources cite", ".passages .context", ".prompt pre"):
        expect(item.locator(place, has_text=HOSTILE).first).to_be_visible()
    expect(page.locator(".title .facts").first).to_contain_text(HOSTILE)
    expect(page.locator("#unread li")).to_have_text(HOSTILE)
    assert page.evaluate("window.stolen") is None
    assert page.locator("img, h1 b").count() == 0
    assert page.locator("script:not([type])").count() == 4


def test_the_policy_lets_no_request_out(browser: Visits, report: Path) -> None:
    page = browser.open(report)
    broken = page.evaluate(
        """() => new Promise(done => {
            addEventListener("securitypolicyviolation", event => done(event.effectiveDirective));
            new Image().src = "https://example.com/x";
        })"""
    )
    assert broken == "img-src"
    browser.troubles.clear()


def test_what_the_run_knows_of_itself(visits: Visits, tmp_path: Path) -> None:
    run = make_run(
        tmp_path / "run", GOLD, LETTERS, commit="0123456789abcdef", dirty=True, settings={"threads": 2},
        errors=["gold.jsonl:4: no question"], judge={"spec": "openai:qwen-plus", "agreement": None},
    )  # fmt: skip
    page = visits.open(report_of(run), locale="en-GB")
    head = page.locator(".title > .facts")
    expect(head).to_contain_text("7, 2 of them unanswerable")
    expect(head).to_contain_text("0123456789, with changes not committed", use_inner_text=True)
    expect(page.locator("#unread .zh")).to_have_text("题集中有 1 题有误，未计入：")
    expect(page.locator("#unread")).to_contain_text("Questions of the gold sets with errors, left out (1):")
    expect(page.locator("#judge")).to_contain_text("Judge model openai:qwen-plus")
    settings = page.locator(".title details")
    expect(settings.get_by_text("threads")).to_be_hidden()
    settings.get_by_text("All settings and fingerprints").click()
    expect(settings.get_by_text("threads")).to_be_visible()


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_has_no_sideways_scrolling(visits: Visits, report: Path, scheme: str, locale: str) -> None:
    page = visits.open(report, viewport={"width": 390, "height": 844}, color_scheme=scheme, locale=locale)
    assert fits(page)
    page.locator(".title details summary").click()
    for gold in GOLD:
        item = opened(page, gold.id)
        for fold in item.locator(".fold > summary").all():
            fold.click()
    for part in page.locator(".passages li summary").all():
        part.click()
    page.get_by_role("button", name="显示全文" if locale == "zh-CN" else "Show the whole article").first.click()
    assert fits(page)


def test_of_repeats_the_report_says_what_the_comparison_says(visits: Visits, tmp_path: Path) -> None:
    gold = [question(1), question(2, "unanswerable"), question(3), question(4)]
    one = make_run(tmp_path / "one", gold, "-00+", "-00+", "+-++")
    other = make_run(tmp_path / "other", gold, "++++", "----", "+-+!")
    page = visits.open(report_of(one))
    expect(page.locator(".verdict .en")).to_have_text(["Wrong", "Rightly refused", "Wrongly refused", "Right"])
    expect(page.locator(".gist")).to_have_text(["产茶199吨[1]。", REFUSAL, REFUSAL, "产茶400吨[1]。"])
    page.get_by_role("button", name="拒答 2", exact=True).click()
    assert shown(page) == ["q2", "q3"]
    flips = visits.open(page_of(compare([one, other]))).locator(".flip")
    expect(flips.locator(".verdict .en").nth(0)).to_have_text("Rightly refused")
    page = visits.open(report_of(other))
    page.get_by_role("button", name="报错 1", exact=True).click()
    expect(page.locator(".verdict .en")).to_have_text("Wrong")
