"""The tables of differences on the page of a comparison, in a real browser."""

import re
from pathlib import Path

from playwright.sync_api import expect

from eval.pages.wording import KINDS, NAMES
from eval.runs.comparing import Comparison
from tests.browser import NEEDS_CHROMIUM
from tests.pages import (
    Visits,
)

pytestmark = NEEDS_CHROMIUM


def test_every_metric_is_in_its_group_with_its_difference(
    visits: Visits, comparison: Comparison, compared: Path
) -> None:
    page = visits.open(compared, locale="en-GB")
    table = page.locator("#metrics-1 table")
    groups = table.locator(".group th .en")
    scored = [kind for kind in KINDS if kind not in {"judge", "obedience"}]  # no judge, no hostile articles
    assert groups.all_text_contents() == [KINDS[kind][1] for kind in scored]
    named = [NAMES[each.name][1] for each in comparison.pairings[0].changes if not each.category]
    assert [each.inner_text().removesuffix(" ↓") for each in table.locator("th[scope=row]").all()] == named
    right = comparison.pairings[0].change("right")
    assert right
    row = table.get_by_role("row", name=re.compile("^Right "))
    assert row.locator("td:not(.picture)").all_inner_texts() == [
        "35.5%", "90.3%", "+54.8", f"+{100 * right.low:.1f} … +{100 * right.high:.1f}", "< 0.001", "31", "better",
    ]  # fmt: skip
    expect(row.locator(".said")).to_have_css("color", "rgb(13, 107, 88)")
    expect(table.locator(".scale").first).to_have_text("±100 points", use_inner_text=True)
    assert row.locator("svg .dot").get_attribute("d") == f"M{50 + 48 * right.difference:.2f} 10h0"
    same = table.get_by_role("row", name=re.compile("^Hit@1 "))
    assert same.locator("td:not(.picture)").all_inner_texts() == ["100.0%", "100.0%", "0.0", "", "1.000", "30", "same"]


def test_right_by_category(visits: Visits, compared: Path) -> None:
    page = visits.open(compared, locale="en-GB")
    rows = page.locator("#categories-1 tbody tr:not(.group)")
    assert rows.locator("th").all_inner_texts() == ["single-fact", "why", "unanswerable", "All"]
    assert rows.locator(".before").all_inner_texts() == ["0.0%", "66.7%", "100.0%", "35.5%"]
    assert rows.locator(".after").all_inner_texts() == ["100.0%", "86.7%", "0.0%", "90.3%"]
    assert rows.locator(".n").all_inner_texts() == ["15", "15", "1", "31"]
    expect(rows.nth(2).locator(".said .zh")).to_have_text("差异不显著")  # one question
    assert rows.locator("svg.forest").count() == 4
