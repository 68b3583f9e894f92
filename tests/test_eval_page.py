import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.pages import comparison, report
from eval.pages.page import ASSETS, both, closing, data, facts, opening, section, writing
from rag.errors import SuwenError

HOSTILE = ["</script><script>alert(1)</script>", "<!--<script>", "a\u2028b\u2029c", "]]>", "&lt;", "\x00\x1f", '"\\']
TEXTS = st.text(st.characters(exclude_categories=()))  # lone surrogates among them
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS | st.sampled_from(HOSTILE),
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)
PAGES = [(report.SCRIPTS, ()), (comparison.SCRIPTS, ("comparison.css",))]


class Elements(HTMLParser):
    """The elements of a page, each with its attributes and the text in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.inside = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))
        self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            tag, attributes, text = self.found[-1]
            self.found[-1] = (tag, attributes, text + data)


def held(value: Any) -> Any:
    """Return a value as the page holds it, where half a character is a question mark."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    element = data("x", value).encode("utf-8", "replace").decode()
    ((tag, attributes, text),) = Elements(element).found
    assert (tag, attributes) == ("script", {"type": "application/json", "id": "x"})
    assert json.loads(text) == held(value)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_ends_its_element(text: str) -> None:
    element = data("x", {text: [text]})
    assert element.count("<") == element.count(">") == 2
    assert not {"\u2028", "\u2029"} & set(element)


def _fail(path: Path) -> None:
    with writing(path) as file:
        file.write("half")
        raise ZeroDivisionError


def test_half_characters_do_not_stop_a_page(tmp_path: Path) -> None:
    with writing(tmp_path / "page.html") as file:
        file.write(data("x", "a\ud800b"))
    assert json.loads(Elements((tmp_path / "page.html").read_text(encoding="utf-8")).found[0][2]) == "a?b"


@pytest.mark.parametrize(("scripts", "styles"), PAGES)
def test_the_policy_allows_the_page_s_own_scripts_and_style_and_nothing_else(
    scripts: tuple[str, ...], styles: tuple[str, ...]
) -> None:
    page = opening("title", scripts, *styles) + data("x", HOSTILE) + closing(scripts)
    elements = Elements(page).found
    (policy,) = [each["content"] for _, each, _ in elements if each.get("http-equiv") == "Content-Security-Policy"]
    assert policy
    rules = dict(each.split(" ", 1) for each in policy.split("; "))
    assert (rules.pop("default-src"), rules.pop("base-uri"), rules.pop("form-action")) == ("'none'",) * 3
    hashes = {
        kind: {
            f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
            for tag, attributes, text in elements
            if tag == kind and not attributes
        }
        for kind in ("script", "style")
    }
    assert len(hashes["script"]) == len(scripts) + 1
    assert len(hashes["style"]) == 1
    assert {name: set(value.split()) for name, value in rules.items()} == {
        "script-src": hashes["script"],
        "style-src": hashes["style"],
    }
    assert not any(name.startswith("on") or name == "style" for _, attributes, _ in elements for name in attributes)


def test_no_asset_names_another_place() -> None:
    for path in ASSETS.iterdir():
        assert not re.search(r"https?:|//[a-z]+\.|@import|url\(|innerHTML|eval\(", path.read_text(encoding="utf-8"))


def test_a_page_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old", encoding="utf-8")
    with writing(path) as file:
        file.write("new")
        file.flush()
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_page_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(ZeroDivisionError):
        _fail(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["missing/page.html", "folder", "file/page.html"])
def test_a_page_that_cannot_be_written_is_said_in_one_line(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    path = tmp_path / place
    line = rf"^{re.escape(str(path))}: cannot be written \([^\n]+\); mend that and run again$"
    with pytest.raises(SuwenError, match=line), writing(path) as file:
        file.write("text")
    assert {each.name for each in tmp_path.iterdir()} == {"folder", "file"}


def test_both_languages_are_escaped_and_said_once_where_they_agree() -> None:
    assert both("<甲>", "<A>") == (
        '<span class="zh" lang="zh-CN">&lt;甲&gt;</span><span class="en" lang="en">&lt;A&gt;</span>'
    )
    assert both("F1 & more", "F1 & more") == "F1 &amp; more"


def test_parts_of_a_page() -> None:
    assert section("x", "T", "<p>a</p>", "b", level=3) == '<section id="x"><h3>T</h3>\n<p>a</p>b</section>\n'
    assert facts([("a", "1"), ("b", "")]) == '<dl class="facts"><div><dt>a</dt><dd>1</dd></div></dl>\n'
    assert "<title>&lt;/title&gt;</title>" in opening("</title>", ())
