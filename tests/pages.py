"""Runs without a model, with articles that their answers cite, and a browser that opens their pages from disk."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from eval.bench.scripted import MANIFEST
from eval.gold import Gold
from eval.pages.comparison import write_comparison
from eval.pages.report import write_report
from eval.runs.cache import Cache
from eval.runs.comparing import Comparison
from eval.runs.gates import check_comparison, parse_gate
from eval.runs.run import Run, ask_gold, finish, start
from rag.errors import UsageError
from rag.records import Json
from tests.browser import CHROMIUM, FLAGS, SLOW

TITLE, SYSTEM, REFUSAL = "茶厂年报", "只依据材料回答。", "文章没有提到。"
FAR = "茶厂在山上，四面是竹林。" * 20
HOSTILE = '<img src=x onerror="window.stolen=1"><script>window.stolen=1</script></script><!--${1}'
# One run: two right, one wrong, one wrongly refused, one error, one rightly refused, one answered instead.
GOLD_CATEGORIES = ["single-fact"] * 2 + ["why"] * 3 + ["unanswerable"] * 2
LETTERS = "+-0+!0-"
# Two runs: q1 to q20 become right; q21 becomes wrong, q22 is refused; q23 to q30 stay right; q31 is answered instead.
PAIRED_CATEGORIES = ["single-fact"] * 15 + ["why"] * 15 + ["unanswerable"]
BEFORE, AFTER = "-" * 20 + "+" * 10 + "0", "+" * 20 + "-0" + "+" * 8 + "-"
HASHES = "0123456789abcdef" * 4, "fedcba9876543210" * 4
# Characters beyond 16 bits come first: an offset that counts them twice points elsewhere.
TEXT = "🍵𠮷 茶厂年报\n\n" + FAR + "".join(f"第{n}年产茶{n}00吨。" for n in range(1, 200)) + HOSTILE + FAR


def quote(n: int) -> str:
    return f"第{n}年产茶{n}00吨。"


def question(n: int, category: str = "single-fact", **more: Any) -> Gold:
    """Return the question of that number; one of the category ``unanswerable`` cannot be answered."""
    if category == "unanswerable":
        return Gold(f"q{n}", f"第{n}年亏损多少？", False, category, article="tea.md", **more)
    told: dict[str, Any] = {"facts": ((f"{n}00吨",),), "answers": (f"产茶{n}00吨。",), "evidence": ((quote(n),),)}
    return Gold(f"q{n}", f"第{n}年产茶多少？", True, category, **{"article": "tea.md", **told, **more})


GOLD = [question(n, category) for n, category in enumerate(GOLD_CATEGORIES, 1)]
PAIRED = [question(n, category) for n, category in enumerate(PAIRED_CATEGORIES, 1)]


def hostile(n: int) -> Gold:
    return Gold(f"q{n}", HOSTILE, True, HOSTILE, ((f"{HOSTILE}{n}",),), (f"{HOSTILE}{n}",), ((HOSTILE,),), HOSTILE)


def reply(gold: Gold, letter: str) -> Json:
    """Return what was said: ``+`` tells the fact, ``-`` tells another, ``0`` refuses, ``!`` is an error.

    ``h`` is hostile in all it says, cites and finds.
    """
    if letter == "!":
        raise UsageError("the model is gone; start it")
    n = int(gold.id[1:])
    said = {"+": f"产茶{n}00吨[1]。", "-": f"产茶{n}99吨[1]。", "0": REFUSAL, "h": f"{HOSTILE}{n}[1]"}[letter]
    cited, title = (HOSTILE, HOSTILE) if letter == "h" else (quote(n), TITLE)
    article = gold.article if gold.passages is None else f"passage-{len(gold.passages)}"
    hits = [_place(article, each) | {"score": 1 / i, "text": each} for i, each in enumerate([cited, quote(n + 1)], 1)]
    material = "".join(f"[{i}] {hit['text']}\n" for i, hit in enumerate(hits, start=1))
    prompt = [{"role": "system", "text": SYSTEM}, {"role": "user", "text": material + gold.question}]
    return {
        "question": gold.question,
        "answer": said,
        "refused": letter == "0",
        "citations": [] if letter == "0" else [{**_place(article, cited), "marker": 1, "title": title, "quote": cited}],
        "hits": hits,
        "unsupported": [said] if letter in "-h" else [],
        "model": HOSTILE if letter == "h" else "scripted",
        "usage": {"prompt_tokens": 600, "cached_tokens": 30, "completion_tokens": 40},
        "timings": {"retrieve_s": 0.01, "first_token_s": n / 2, "total_s": float(n)},
        "prompts": [prompt],
    }


def article(identity: str) -> Json:
    title = HOSTILE if identity == HOSTILE else TITLE
    return {"id": identity, "title": title, "source": f"/articles/{identity}", "text": TEXT}


def make_run(folder: Path, gold: Sequence[Gold], /, *repeats: str, **manifest: object) -> Run:
    """Ask the questions in their order; every repeat has a letter for each of them."""
    letters = iter([repeat[row] for row in range(len(gold)) for repeat in repeats])
    start(folder, {**MANIFEST, "repeat": len(repeats), **manifest}, gold)
    ask_gold(folder, gold, lambda each: reply(each, next(letters)), Cache(None), lambda done, total: None)
    return finish(folder, article)


def report_of(run: Run) -> Path:
    path = run.folder / "report.html"
    write_report(run, path)
    return path


def page_of(comparison: Comparison, gates: Sequence[str] = ()) -> Path:
    path = comparison.pairings[-1].run.folder / "compared.html"
    write_comparison(comparison, check_comparison([parse_gate(each) for each in gates], comparison), path)
    return path


def _place(article: str, cited: str) -> dict[str, Any]:
    start = TEXT.index(cited)
    return {"article": article, "source": f"/articles/{article}", "start": start, "end": start + len(cited)}


@dataclass
class Visits:
    """A browser, and what went wrong in the pages it opened."""

    browser: Browser
    troubles: list[str] = field(default_factory=list)

    def open(self, path: Path, anchor: str = "", **options: object) -> Page:
        """Open a page from disk in a fresh context, noting errors and every request beside the page itself."""
        url = path.resolve().as_uri()
        context = self.browser.new_context(**{"locale": "zh-CN", **options})  # type: ignore[arg-type]
        context.set_default_timeout(SLOW)
        context.on("console", lambda said: self.note(said.type in ("error", "warning"), said.text))
        context.on("weberror", lambda error: self.note(True, str(error.error)))
        context.on("dialog", lambda dialog: self.note(True, dialog.message))
        context.on("request", lambda request: self.note(request.url.partition("#")[0] != url, request.url))
        page = context.new_page()
        page.goto(url + anchor)
        return page

    def note(self, trouble: bool, what: str) -> None:
        if trouble:
            self.troubles.append(what)

    def settle(self) -> None:
        """Close the pages; nothing went wrong in any of them."""
        for context in self.browser.contexts:
            context.close()
        troubles, self.troubles = self.troubles, []
        assert troubles == []


@contextmanager
def visiting() -> Iterator[Visits]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Visits(browser)
        browser.close()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def opened(page: Page, identity: str) -> Locator:
    """Open a question of a report."""
    item = page.locator(f'.item[data-id="{identity}"]')
    item.locator("> summary").click()
    expect(item.locator(".body")).to_be_visible()
    return item


def unfold(item: Locator, name: str) -> Locator:
    part = item.locator(f".{name}")
    part.locator("> summary").click()
    return part
