"""One question of a run's report: everything that led to its answer."""

from pathlib import Path

from playwright.sync_api import expect

from rag.records import Turn
from tests.browser import NEEDS_CHROMIUM
from tests.pages import (
    FAR,
    GOLD,
    REFUSAL,
    SYSTEM,
    TEXT,
    TITLE,
    Visits,
    make_run,
    opened,
    question,
    quote,
    report_of,
    unfold,
)

pytestmark = NEEDS_CHROMIUM


def test_an_opened_question_shows_all_that_led_to_its_answer(visits: Visits, report: Path) -> None:
    page = visits.open(report)
    item = opened(page, "q4")
    expect(item.locator(".given .text")).to_have_text("产茶400吨[1]。")
    expect(item.locator(".gold .text")).to_have_text("产茶400吨。")
    expect(item.locator(".gold .checks .yes > span")).to_have_text(["400吨", quote(4)])
    expect(item.locator(".sources cite")).to_have_text(TITLE)
    expect(item.locator(".sources mark")).to_have_text(quote(4))
    passages = unfold(item, "passages").locator("li")
    expect(passages).to_have_count(2)
    expect(passages.locator(".tag")).to_have_count(1)
    passages.first.locator("summary").click()
    expect(passages.first.locator("mark")).to_have_text(quote(4))
    prompt = unfold(item, "prompts").locator("pre")
    assert prompt.all_text_contents() == [SYSTEM, f"[1] {quote(4)}\n[2] {quote(5)}\n{GOLD[3].question}"]
    values = unfold(item, "values")
    expect(values.locator("div", has_text="必要事实").locator("dd")).to_have_text("1")
    expect(item.locator(".meta").first).to_contain_text("全部 4.00 s")


def test_what_is_wrong_is_said(visits: Visits, report: Path) -> None:
    page = visits.open(report)
    wrong = opened(page, "q2")
    expect(wrong.locator(".verdict")).to_have_text("答错Wrong")
    expect(wrong.locator(".caution p .zh")).to_have_text("原文中没有依据：")  # as in the terminal
    expect(wrong.locator(".caution li")).to_have_text("产茶299吨[1]。")
    expect(wrong.locator(".gold h4 .zh")).to_have_text("标准答案")
    expect(wrong.locator(".gold .no > span")).to_have_text("200吨")
    missed = opened(page, "q3")
    expect(missed.locator(".verdict")).to_have_text("误拒Wrongly refused")
    expect(missed.locator(".given .text")).to_have_text(REFUSAL)
    assert "null" not in str(missed.locator(".body").text_content())
    failed = opened(page, "q5")
    expect(failed.locator(".error").last).to_have_text("the model is gone; start it")
    expect(opened(page, "q6").locator(".gold")).to_contain_text("文章没有答案，应当拒答。")


def test_a_source_is_shown_in_its_article(visits: Visits, report: Path) -> None:
    page = visits.open(report, viewport={"width": 1280, "height": 800})
    item = opened(page, "q4")
    context = str(item.locator(".context").text_content())
    assert 300 < len(context) < len(TEXT)
    assert context.strip("…") in TEXT
    item.get_by_role("button", name="显示全文").click()
    whole = item.locator(".context.article")
    expect(whole).to_be_focused()
    assert whole.evaluate("e => [...e.childNodes].slice(1).map(n => n.textContent).join('')") == TEXT
    expect(whole.locator("mark")).to_be_in_viewport()


def test_a_marker_leads_to_its_source(visits: Visits, report: Path) -> None:
    page = visits.open(report)
    item = opened(page, "q4")
    source = item.locator(".sources summary")
    source.click()
    expect(item.locator(".sources mark")).to_be_hidden()
    item.get_by_role("button", name="[1]").click()
    expect(item.locator(".sources mark")).to_be_visible()
    expect(source).to_be_focused()


def test_history_and_passages_of_a_question(visits: Visits, tmp_path: Path) -> None:
    asked = question(1, history=(Turn("第0年呢？", "没有产茶。"),), article="", passages=(FAR, TEXT))
    run = make_run(tmp_path / "run", [asked], "+")
    page = visits.open(report_of(run))
    item = opened(page, "q1")
    expect(item.locator(".history p")).to_have_text(["第0年呢？", "没有产茶。"])
    expect(item.locator(".sources cite")).to_have_text("段落 Passage 2")
    expect(item.locator(".sources mark")).to_have_text(quote(1))


def test_repeats_are_shown_one_at_a_time(visits: Visits, tmp_path: Path) -> None:
    page = visits.open(report_of(make_run(tmp_path / "run", [question(1)], "+", "-", "0")))
    expect(page.locator(".verdict")).to_have_text("答错Wrong")
    expect(page.locator(".gist")).to_have_text("产茶199吨[1]。")
    expect(page.locator(".side .zh")).to_have_text("3 次中答对 1 次")
    item = opened(page, "q1")
    expect(item.locator(".tabs .zh")).to_have_text("第几次回答")
    expect(item.locator(".given .text")).to_have_text("产茶199吨[1]。")  # the one that the list shows
    item.get_by_role("button", name="1", exact=True).click()
    expect(item.locator(".given .text")).to_have_text("产茶100吨[1]。")
    expect(item.get_by_role("button", name="1", exact=True)).to_be_focused()
    item.get_by_role("button", name="3", exact=True).press("Enter")
    expect(item.locator(".given .text")).to_have_text(REFUSAL)
