"""The page of a comparison, opened from disk in a real browser."""

from dataclasses import replace
from pathlib import Path

from playwright.sync_api import expect

from eval.runs.comparing import Comparison, compare
from eval.runs.manifest import IDENTITY
from tests.browser import NEEDS_CHROMIUM
from tests.pages import BEFORE, HASHES, HOSTILE, PAIRED, Visits, hostile, make_run, page_of, question

pytestmark = NEEDS_CHROMIUM


def test_one_sentence_says_what_happened(visits: Visits, comparison: Comparison, compared: Path) -> None:
    verdicts = [each.verdict for each in comparison.pairings[0].changes if not each.category]
    better, worse = verdicts.count("better"), verdicts.count("worse")
    assert better >= 3  # right, and right of the answerable, and facts told
    page = visits.open(compared, locale="en-GB")
    expect(page).to_have_title("other / one")
    expect(page.get_by_role("heading", level=1)).to_have_text("other against one", use_inner_text=True)
    sentence = f"{better} metrics better, {worse} worse; 20 questions became right, 3 wrong. 31 questions compared"
    expect(page.locator(".outcome")).to_have_text(sentence, use_inner_text=True)
    page.get_by_role("button", name="中文").click()
    sentence = f"{better} 项指标变好，{worse} 项变差；20 题由错变对，3 题由对变错。 比较了 31 题"
    expect(page.locator(".outcome")).to_have_text(sentence, use_inner_text=True)
    expect(page.get_by_role("heading", name="全部指标")).to_be_visible()
    expect(page.get_by_role("heading", name="All metrics")).to_be_hidden()


def test_what_was_changed_begins_with_the_settings(visits: Visits, compared: Path) -> None:
    page = visits.open(compared, locale="en-GB")
    rows = page.locator(".differs tbody tr")
    expect(rows.locator("th")).to_have_text(["llm", "提示词Prompts"])
    expect(rows.first.locator("td")).to_have_text(["small", "large"])
    hashes = rows.last.locator("code")
    expect(hashes).to_have_text([f"{each[:10]}…" for each in HASHES])
    assert [each.get_attribute("title") for each in hashes.all()] == list(HASHES)


def test_judges_that_differ_are_named(visits: Visits, tmp_path: Path) -> None:
    one, other = (
        make_run(tmp_path / each[0], PAIRED, BEFORE, judge={"spec": "x", "fingerprint": each, "agreement": None})
        for each in HASHES
    )
    page = visits.open(page_of(compare([one, other])), locale="en-GB")
    expect(page.locator(".differs tbody th")).to_have_text(["评审模型Judge"])
    expect(page.locator(".differs tbody td")).to_have_text([f"x, {each[:10]}…" for each in HASHES])


def test_all_that_can_change_an_answer_is_named_in_both_languages(visits: Visits, tmp_path: Path) -> None:
    values: list[dict[str, object]] = [
        {**dict.fromkeys(IDENTITY, each), "model": {"spec": each}, "packages": {"torch": each}} for each in "xy"
    ]
    one, other = (make_run(tmp_path / f"{row}", PAIRED, BEFORE, **each) for row, each in enumerate(values))
    page = visits.open(page_of(compare([one, other])), locale="en-GB")
    heads = page.locator(".differs tbody th")
    expect(heads.locator(".zh")).to_have_count(len(IDENTITY))
    expect(heads.locator(".en")).to_have_count(len(IDENTITY))
    expect(heads.nth(IDENTITY.index("packages"))).to_have_text("软件包Package torch")


def test_gates_pass_or_fail(visits: Visits, compared: Path) -> None:
    page = visits.open(compared, locale="en-GB")
    gates = page.locator(".gates li")
    expect(gates.locator("code")).to_have_text(
        ["worse(right)", "right[why] < .9", "unmarked_figures > 0", "judge < .5"]
    )
    expect(gates.locator(".said .en")).to_have_text(["passed", "failed", "passed", "failed"])
    accent, caution = ("rgb(13, 107, 88)", "rgb(138, 90, 0)")
    for gate, colour in zip(gates.locator(".said").all(), (accent, caution, accent, caution), strict=True):
        expect(gate).to_have_css("color", colour)
    expect(gates.nth(1)).to_contain_text("0.867, 15 of 15 questions scored")  # all of q16 to q30 but two
    expect(gates.nth(3)).to_contain_text("nothing was scored, 0 of 31 questions")


def test_questions_left_out_are_named_with_their_reason(visits: Visits, tmp_path: Path) -> None:
    one = make_run(tmp_path / "one", [question(1), question(2), question(3), question(4)], "++++")
    other = make_run(tmp_path / "other", [question(1), question(5), question(3, facts=(("0",),))], "+++")
    page = visits.open(page_of(compare([one, other])), locale="en-GB")
    page.get_by_role("link", name="4 left out").click()
    left = page.locator(".left")
    assert left.locator("b .en").all_text_contents() == [
        "2 only in one",
        "1 judged by other answers",
        "1 only in other",
    ]
    assert left.locator("code").all_text_contents() == ["q2", "q4", "q3", "q5"]


def test_runs_that_agree_have_nothing_to_filter(visits: Visits, comparison: Comparison) -> None:
    page = visits.open(page_of(compare([comparison.baseline] * 2)), locale="en-GB")
    expect(page.locator(".outcome")).to_contain_text("0 metrics better, 0 worse; 0 questions became right, 0 wrong.")
    expect(page.get_by_text("Nothing that is recorded differs.")).to_be_visible()
    expect(page.get_by_text("No question flipped.")).to_be_visible()
    expect(page.locator("#gates, #left-out-1, .controls")).to_have_count(0)


def test_several_runs_each_have_their_part(visits: Visits, comparison: Comparison, tmp_path: Path) -> None:
    third = make_run(tmp_path / "third", PAIRED, BEFORE[:-1] + "-")
    runs = [comparison.baseline, comparison.pairings[0].run, third]
    page = visits.open(page_of(compare(runs), ["worse(right) > .5"]), locale="en-GB")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 runs against one", use_inner_text=True)
    expect(page.locator(".gates .soft")).to_contain_text(["other · ", "third · "])
    page.get_by_role("link", name="third").click()
    part = page.locator("#run-2")
    expect(part).to_be_in_viewport()
    expect(part.locator(".outcome")).to_contain_text("0 questions became right, 1 wrong.")
    page.locator("#run-1").get_by_role("button", name="Now wrong 3").click()
    expect(page.locator("#run-1 .flip:visible")).to_have_count(3)
    expect(part.locator(".flip:visible")).to_have_count(1)


def test_hostile_texts_stay_texts(visits: Visits, tmp_path: Path) -> None:
    asked = [hostile(1), replace(question(2), id=HOSTILE)]
    one = make_run(tmp_path / "<b>one", asked, "0!", settings={HOSTILE: HOSTILE}, model={"spec": HOSTILE})
    other = make_run(tmp_path / "<b>other", [asked[0]], "h", settings={HOSTILE: "x"}, model={"spec": "y"})
    page = visits.open(page_of(compare([one, other]), [f"right[{HOSTILE}] < .5"]))
    for place in ("h3", ".text", ".standard", "q", "cite", ".yes > span"):
        expect(page.locator(f".flip {place}", has_text=HOSTILE).first).to_be_visible()
    heads = ".differs th", ".differs td", "#categories-1 th", ".title .facts"
    for place in (*heads, "option", ".gates code", ".left code"):
        expect(page.locator(place, has_text=HOSTILE)).not_to_have_count(0)
    assert page.evaluate("window.stolen") is None
    assert page.locator("img, h1 b, .left b b").count() == 0
    assert page.locator("script").count() == 3
