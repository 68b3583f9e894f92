import re
from dataclasses import replace
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from tests.scripted import ARTICLES, HOSTILE, SEASON, TEA, WEIR, cite
from ui.reader import LISTED, article_page, articles_page, missing_page, trace


def marked(page: str) -> str:
    return unescape("\n".join(re.findall(r"<mark[^>]*>(.*?)</mark>", page, re.DOTALL)))


def test_sentence_is_marked_in_its_paragraph() -> None:
    season = cite(1, WEIR, SEASON)
    page = article_page(WEIR, season.start, season.end, "zh")
    assert f'<p>鱼嘴把岷江分成内江和外江。<mark id="s">{SEASON}</mark>飞沙堰' in page
    assert "<h2>三处主体</h2>" in page
    assert page.count('id="s"') == 1


def test_mark_across_lines_is_cut_and_has_one_anchor() -> None:
    article = replace(TEA, text="one two\n\n# three\nfour")
    page = article_page(article, 4, 18, "en")
    assert page.count("<mark") == 3
    assert '<p>one <mark id="s">two</mark></p><h2><mark>three</mark></h2><p><mark>f</mark>our</p>' in page


@given(st.text("ab#< \n", max_size=40), st.integers(-5, 45), st.integers(-5, 45))
def test_what_is_marked_is_the_span_without_layout(text: str, start: int, end: int) -> None:
    page = article_page(replace(TEA, text=text), start, end, "en")
    span = text[max(0, start) : max(0, end)]
    kept = re.sub(r"[#\s]", "", marked(page))
    assert kept == re.sub(r"[#\s]", "", span)


def test_a_passage_that_reads_otherwise_now_is_not_marked_and_the_reader_is_told() -> None:
    season = cite(1, WEIR, SEASON)
    page = article_page(WEIR, season.start, season.end, "zh", trace(SEASON))
    assert page == article_page(WEIR, season.start, season.end, "zh")
    assert "改过" not in page
    later = replace(WEIR, text="前言。" + WEIR.text)
    page = article_page(later, season.start, season.end, "zh", trace(SEASON))
    assert '<p class="changed" role="status">这篇文章在回答之后改过，' in page
    assert "<mark" not in page
    assert SEASON in page


def test_only_a_web_source_is_a_link() -> None:
    assert '<a href="https://example.org/tea?a=1&amp;b=2" rel="noreferrer" target="_blank">' in article_page(
        TEA, 0, 0, "zh"
    )
    assert '<a href="HTTPS://a.example" ' in article_page(replace(TEA, source="HTTPS://a.example"), 0, 0, "zh")
    assert "<p>javascript:window.stolen=1</p>" in article_page(HOSTILE, 0, 0, "zh")
    assert "<p>/articles/水利/都江堰.md</p>" in article_page(WEIR, 0, 0, "zh")


def test_list_is_filtered_by_title_and_id_and_says_how_many() -> None:
    articles = list(ARTICLES.values())
    page = articles_page(articles, "", "zh")
    assert "<p>共 3 篇，显示 3 篇</p>" in page
    assert page.index("都江堰") < page.index("green tea") < page.index("Title &lt;script")
    found = articles_page(articles, " TEA ", "en")
    assert "<p>3 articles, 1 shown</p>" in found
    assert '<a href="article?id=tea.md&amp;lang=en">How green tea is made</a><small>tea.md</small>' in found
    many = articles_page([replace(TEA, id=f"{n}.md") for n in range(LISTED + 1)], "", "en")
    assert many.count("<li>") == LISTED
    assert "<p>201 articles, 200 shown</p>" in many


def test_missing_article_is_named() -> None:
    assert "<h1>The index has no such article</h1><p>gone.md</p>" in missing_page("gone.md", "en")
