import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.records import Answer, Hit
from tests.scripted import (
    ARTICLES,
    ATTACK,
    ATTACKED,
    BAOPING,
    DOUBTFUL,
    ENGLISH,
    FORK,
    GROUNDED,
    HITS,
    HOSTILE,
    QUOTED,
    REFUSED,
    SEASON,
    TEA,
    UPKEEP,
    WEIR,
    answer,
    cite,
)
from ui.reader import article_page, articles_page, missing_page, trace
from ui.render import (
    MARGIN,
    Surroundings,
    answer_html,
    article_url,
    partial_html,
    passages_html,
    question_html,
    surroundings,
)
from ui.text import Language

TITLES = {article.id: article.title for article in ARTICLES.values()}
TAGS = frozenset(
    "a article b body button cite details div form h1 h2 h3 head header html i input li link main mark meta "
    "nav ol p q section small span summary title ul".split()
)
ATTRIBUTES = frozenset(
    "action aria-label charset class content data-opens href id lang name placeholder rel target title type "
    "value".split()
)


class Elements(HTMLParser):
    """Collects what a browser would make of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def assert_inert(html: str, leads_outside: str = "") -> Elements:
    elements = Elements(html)
    for tag, attributes in elements.tags:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES
        if href := attributes.get("href"):
            assert re.match(r"article\?id=|articles\?lang=|suwen/\w+\.css$", href) or href == leads_outside
    return elements


def rendered(one: Answer, language: Language = "zh") -> str:
    around = {c.marker: surroundings(ARTICLES[c.article], c) for c in one.citations}
    return answer_html(one, around, TITLES, language, "t1")


def test_grounded_answer_golden() -> None:
    fork = WEIR.text.index(FORK)
    weir = "%E6%B0%B4%E5%88%A9%2F%E9%83%BD%E6%B1%9F%E5%A0%B0.md"
    url = f"article?id={weir}&amp;start={fork}&amp;end={fork + 13}&amp;of={trace(FORK)}&amp;lang=zh#s"
    one = answer("q", "分成内江和外江[1]。", citations=(cite(1, WEIR, FORK),))
    around = {1: Surroundings("…前 ", " 后…")}
    assert answer_html(one, around, {}, "zh", "t2") == (
        '<div class="grounded"><div class="text">分成内江和外江'
        f'<a class="cite" href="{url}" target="reader" data-opens="t2-s1"'
        f' title="出处 1：{FORK}" aria-label="出处 1：{FORK}"><i>[</i>1<i>]</i></a>。</div></div>'
        '<section class="sources"><h3>出处</h3><ol><li><details id="t2-s1"><summary>'
        f'<span class="number">1</span><q>{FORK}</q><cite>都江堰</cite></summary>'
        f'<div class="context">…前 <mark>{FORK}</mark> 后…</div>'
        f'<a class="open" href="{url}" target="reader">在全文中查看</a></details></li></ol>'
        "</section>"
        '<p class="meta">scripted · 2.3 秒</p>'
    )


def test_refusal_golden() -> None:
    one = answer("q", "文章没有提到。", refused=True, hits=HITS[2:])
    start, end, of = HITS[2].start, HITS[2].end, trace(HITS[2].text)
    assert rendered(one, "en") == (
        '<div class="refusal"><p class="label">The articles do not answer this</p>'
        '<div class="text">文章没有提到。</div></div>'
        '<section class="passages"><h3>Nearest passages</h3><ol><li><details id="t1-h1"><summary>'
        '<b>How green tea is made</b><span class="lead">Then they are rolled and dried.</span></summary>'
        '<div class="context">Then they are rolled and dried.</div>'
        f'<a class="open" href="article?id=tea.md&amp;start={start}&amp;end={end}&amp;of={of}&amp;lang=en#s"'
        ' target="reader">View in the article</a></details></li></ol></section>'
    )


def test_unsupported_parts_are_underlined_and_a_figure_must_stand_alone() -> None:
    html = rendered(DOUBTFUL)
    assert '。<span class="unsupported">它养活了2026万人。</span></div>' in html
    assert '<div class="caution"><p>画线或列出的内容没有找到出处</p><ul></ul></div>' in html
    apart = rendered(answer("q", "2026年，20人[1]", citations=DOUBTFUL.citations, unsupported=("20",)))
    assert '2026年，<span class="unsupported">20</span>人' in apart


def test_unsupported_part_is_found_across_markers_and_listed_when_it_is_not_in_the_text() -> None:
    one = answer("q", "水[1]多。", citations=DOUBTFUL.citations, unsupported=("水多。", "别的"))
    html = rendered(one)
    assert '<span class="unsupported">水</span><a class="cite"' in html
    assert '<span class="unsupported">多。</span>' in html
    assert "<ul><li>别的</li></ul>" in html


def test_extractive_answers_are_labelled_as_quotes_and_the_note_is_shown() -> None:
    html = rendered(QUOTED)
    assert html.startswith(
        '<p class="note">模型没有回应，下面是原文摘录。</p>'
        '<div class="grounded"><p class="label">原文摘录 · 没有使用语言模型</p>'
    )


def test_every_marker_opens_a_source_that_is_there() -> None:
    elements = Elements(rendered(GROUNDED))
    targets = [attributes["data-opens"] for _, attributes in elements.tags if "data-opens" in attributes]
    ids = [attributes["id"] for tag, attributes in elements.tags if tag == "details"]
    assert targets == ["t1-s1", "t1-s2", "t1-s3"]
    assert ids == [*targets, "t1-hits", "t1-h1", "t1-h2", "t1-h3"]
    assert re.sub(r"\s", "", elements.text).startswith(re.sub(r"\s", "", GROUNDED.text))


def test_surroundings_are_cut_at_a_hundred_characters_and_at_the_article_s_ends() -> None:
    season = cite(1, WEIR, SEASON)
    around = surroundings(WEIR, season)
    assert around.before == WEIR.text[: season.start]  # 96 characters: the article's beginning
    assert around.after == WEIR.text[season.end : season.end + MARGIN].rstrip() + "…"
    upkeep = cite(1, WEIR, UPKEEP)
    assert surroundings(WEIR, upkeep).before[0] == "…"
    assert surroundings(TEA, cite(1, TEA, "Then they are rolled and dried.")).after == ""


def test_headings_and_blank_lines_do_not_break_up_the_context() -> None:
    html = rendered(answer("q", "水[1]", citations=(cite(1, WEIR, BAOPING),)))
    context = html.split('<div class="context">')[1].split("</div>")[0]
    assert "#" not in context
    assert "\n\n" not in context
    assert "\n三处主体\n鱼嘴" in context


def test_source_without_its_article_shows_the_sentence_alone() -> None:
    assert f'<div class="context"><mark>{SEASON}</mark></div>' in answer_html(GROUNDED, {}, {}, "zh", "t1")


def test_article_url_is_relative_and_quoted() -> None:
    place = Hit('a&b="c".md', "", 3, 9, 1, "茶")
    url = f"article?id=a%26b%3D%22c%22.md&start=3&end=9&of={hashlib.sha256('茶'.encode()).hexdigest()[:12]}&lang=en#s"
    assert article_url(place, "en") == url


def test_hostile_texts_are_only_text_everywhere() -> None:
    elements = assert_inert(rendered(ATTACKED))
    # Note, text, quote, title, context, the passage's title and text, and the model's name.
    assert elements.text.count(ATTACK) == 8
    assert ATTACK in assert_inert(question_html(ATTACK)).text
    page = assert_inert(article_page(HOSTILE, 8, 8 + len(ATTACK), "zh"))
    assert HOSTILE.source in page.text
    assert ATTACK in page.text
    assert HOSTILE.id in assert_inert(articles_page([HOSTILE], '"><b>', "zh")).text
    assert ATTACK in assert_inert(missing_page(ATTACK, "en")).text


@pytest.mark.parametrize("one", [GROUNDED, REFUSED, DOUBTFUL, QUOTED, ENGLISH, ATTACKED], ids=lambda a: a.question)
def test_every_part_of_a_stream_is_only_text(one: Answer) -> None:
    for end in range(len(one.text) + 1):
        assert assert_inert(partial_html(one.text[:end])).text == one.text[:end]


@given(st.text(alphabet="<>&\"'/=[]123 aimgscript!()`{}$\n", max_size=60), st.lists(st.text("<a1 >", max_size=5)))
def test_any_text_is_only_text(text: str, unsupported: list[str]) -> None:
    one = answer(text, text, note=text, unsupported=tuple(unsupported), hits=HITS, model=text)
    assert assert_inert(partial_html(text)).text == text
    assert text in assert_inert(rendered(one)).text
    assert text in assert_inert(passages_html(HITS, {TEA.id: text}, "zh", "t1", text, False)).text
