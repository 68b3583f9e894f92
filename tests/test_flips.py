"""Flipped questions on the page of a comparison, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from eval.runs.comparing import compare
from tests.browser import NEEDS_CHROMIUM
from tests.pages import PAIRED, REFUSAL, TITLE, Visits, fits, make_run, page_of, question, quote

pytestmark = NEEDS_CHROMIUM


def flips(page: Page) -> Locator:
    return page.locator(".flip:visible")


@pytest.mark.parametrize(
    ("button", "category", "count"),
    [
        ("全部 23", "", 23), ("变错 3", "", 3), ("变对 20", "", 20), ("全部 23", "why", 7), ("变错 3", "why", 2),
        ("变对 20", "single-fact", 15), ("变对 20", "unanswerable", 0),
    ],
)  # fmt: skip
def test_filters(visits: Visits, compared: Path, button: str, category: str, count: int) -> None:
    page = visits.open(compared)
    expect(flips(page)).to_have_count(23)
    chip = page.get_by_role("group", name="按结果筛选").get_by_role("button", name=button, exact=True)
    chip.press("Enter")
    expect(chip).to_have_attribute("aria-pressed", "true")
    page.get_by_role("combobox", name="类别").select_option(category)
    expect(flips(page)).to_have_count(count)
    expect(page.get_by_role("status")).to_contain_text(f"{count} / 23 题")


def test_a_flipped_question_shows_both_answers_and_what_they_cite(visits: Visits, compared: Path) -> None:
    page = visits.open(compared, locale="en-GB")
    lost, refused, answered, gained, *_ = page.locator(".flip").all()
    expect(lost.get_by_role("heading")).to_have_text(PAIRED[20].question)
    expect(lost.locator(".about")).to_have_text("Now wrong why · q21", use_inner_text=True)
    expect(lost.locator(".standard")).to_have_text("Gold 产茶2100吨。", use_inner_text=True)
    expect(lost.locator(".text")).to_have_text(["产茶2100吨1。", "产茶2199吨1。"])
    expect(lost.locator(".verdict .en")).to_have_text(["Right", "Wrong"])
    expect(lost.locator("q")).to_have_text([quote(21)] * 2)
    expect(lost.locator("q").first).to_be_visible()
    expect(lost.locator("cite")).to_have_text([TITLE] * 2)
    expect(lost.locator(".caution p .zh")).to_have_text("原文中没有依据：")
    expect(lost.locator(".caution li")).to_have_text("产茶2199吨[1]。")
    expect(lost.locator(".no > span")).to_have_text("2100吨")
    expect(refused.locator(".verdict .en")).to_have_text(["Right", "Wrongly refused"])
    expect(refused.locator(".text").last).to_have_text(REFUSAL)
    expect(refused.locator(".no > span")).to_have_text("2200吨")
    expect(answered.locator(".verdict .en")).to_have_text(["Rightly refused", "Wrong"])
    expect(answered.locator(".standard")).to_contain_text("The articles hold no answer: to be refused.")
    expect(gained.locator(".about")).to_have_text("Now right single-fact · q1", use_inner_text=True)
    expect(gained.locator(".verdict .en")).to_have_text(["Wrong", "Right"])


def test_an_error_is_shown_where_the_answer_would_be(visits: Visits, tmp_path: Path) -> None:
    runs = [make_run(tmp_path / letter, [question(1)], letter) for letter in "+!"]
    flip = visits.open(page_of(compare(runs))).locator(".flip")
    expect(flip.locator(".verdict .zh")).to_have_text(["答对", "报错"])
    expect(flip.locator(".error").last).to_have_text("the model is gone; start it")


def test_of_repeats_one_is_shown_that_came_out_as_most_did(visits: Visits, tmp_path: Path) -> None:
    one = make_run(tmp_path / "one", [question(1)], "+", "-", "-")
    other = make_run(tmp_path / "other", [question(1)], "0", "+", "+")
    page = visits.open(page_of(compare([one, other])), locale="en-GB")
    expect(page.locator(".flip .verdict .en")).to_have_text(["Wrong", "Right"])
    expect(page.locator(".flip .text")).to_have_text(["产茶199吨1。", "产茶100吨1。"])
    expect(page.locator("#flips-1 > .note")).to_contain_text("Asked several times")


@pytest.mark.parametrize("repeats", [("++", "-"), ("+", "--")], ids=["before", "after"])
def test_repeats_are_noted_whichever_run_had_them(visits: Visits, tmp_path: Path, repeats: tuple[str, str]) -> None:
    runs = [make_run(tmp_path / name, [question(1)], *given) for name, given in zip("ab", repeats, strict=True)]
    page = visits.open(page_of(compare(runs)), locale="en-GB")
    expect(page.locator("#flips-1 > .note")).to_contain_text("Asked several times")


def test_without_scripts_everything_is_there(visits: Visits, compared: Path) -> None:
    page = visits.open(compared, java_script_enabled=False)
    expect(flips(page)).to_have_count(23)
    expect(page.get_by_role("heading", name="翻转的题")).to_be_visible()


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_answers_stand_one_above_the_other(visits: Visits, compared: Path, scheme: str, locale: str) -> None:
    page = visits.open(compared, viewport={"width": 390, "height": 844}, color_scheme=scheme, locale=locale)
    assert fits(page)
    before, after = (each.bounding_box() for each in page.locator(".flip").first.locator(".given").all())
    assert before
    assert after
    assert after["y"] >= before["y"] + before["height"]
    assert before["width"] == after["width"] == 358  # the page without its margins
    row = page.locator("#metrics-1 tr.better").first
    for cell in row.locator("td").all():
        box = cell.bounding_box()
        assert box
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390


def test_on_paper_there_are_no_controls(visits: Visits, compared: Path) -> None:
    page = visits.open(compared)
    page.emulate_media(media="print")
    expect(page.locator(".controls")).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(flips(page)).to_have_count(23)
