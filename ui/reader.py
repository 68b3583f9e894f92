"""The article reader: plain pages that need no script, to be opened beside an answer or by a pasted link."""

import hashlib
import re
from collections.abc import Collection, Iterator
from html import escape
from itertools import islice
from urllib.parse import urlencode

from rag.frontmatter import is_url
from rag.records import Article
from ui.text import Language, say

LISTED = 200  # articles on one page; a filter reaches the others
_HEADING = re.compile(r"#{1,6}[ \t]+(?=\S)")


def article_page(article: Article, start: int, end: int, language: Language, of: str = "") -> str:
    """Return the whole article with ``text[start:end]`` marked; the mark's id is ``s``.

    ``of`` is the ``trace`` of what an answer cited. Where something else stands there now, nothing is marked and
    the reader is told: the article as it was may hold what nobody should read any more.
    """
    changed = of not in ("", trace(article.text[start:end]))
    notice = f'<p class="changed" role="status">{say("changed", language)}</p>' if changed else ""
    body = "".join(_lines(article.text, *((0, 0) if changed else (start, end))))
    return _page(
        article.title,
        f"{_back(language)}<header><h1>{escape(article.title)}</h1><p>{_source(article.source)}</p></header>"
        f"{notice}<article>{body}</article>",
        language,
    )


def trace(quote: str) -> str:
    """Return a few characters that tell a cited text from any other."""
    return hashlib.sha256(quote.encode("utf-8", "replace")).hexdigest()[:12]


def articles_page(articles: Collection[Article], query: str, language: Language) -> str:
    """Return the list of articles whose title or id contains ``query``, the first ``LISTED`` of them."""
    wanted = query.strip().lower()
    found = (one for one in articles if wanted in one.title.lower() or wanted in one.id.lower())
    listed = list(islice(found, LISTED))  # the rest is not read
    items = "".join(
        f'<li><a href="article?{escape(urlencode({"id": one.id, "lang": language}))}">{escape(one.title)}</a>'
        f"<small>{escape(one.id)}</small></li>"
        for one in listed
    )
    shown = say("shown", language, count=len(articles), shown=len(listed))
    return _page(
        say("articles", language),
        f"<header><h1>{say('articles', language)}</h1><p>{shown}</p></header>"
        f'<form action="articles"><input type="hidden" name="lang" value="{language}">'
        f'<input type="search" name="q" value="{escape(query)}" aria-label="{say("filter", language)}"'
        f' placeholder="{say("filter", language)}"><button>{say("find", language)}</button></form>'
        f'<ul class="articles">{items}</ul>',
        language,
    )


def missing_page(article_id: str, language: Language) -> str:
    """Return the page for an id that the index does not hold."""
    return _page(
        say("no_article", language),
        f"{_back(language)}<header><h1>{say('no_article', language)}</h1><p>{escape(article_id)}</p></header>",
        language,
    )


def _page(title: str, body: str, language: Language) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="suwen/colours.css">'
        f'<link rel="stylesheet" href="suwen/reader.css"></head><body><main>{body}</main></body></html>'
    )


def _back(language: Language) -> str:
    return f'<nav><a href="articles?lang={language}">{say("articles", language)}</a></nav>'


def _lines(text: str, start: int, end: int) -> Iterator[str]:
    """Yield one block per line of the article; a mark across lines is cut, its first piece has the id."""
    position, anchor = 0, ' id="s"'
    for line in text.split("\n"):
        first, last = position, position + len(line)
        position = last + 1
        if not line.strip():
            continue
        heading = _HEADING.match(line)
        tag = "h2" if heading else "p"
        first += heading.end() if heading else 0
        low, high = max(first, start), min(last, end)
        if low < high:
            mark = f"<mark{anchor}>{escape(text[low:high])}</mark>"
            anchor = ""
            yield f"<{tag}>{escape(text[first:low])}{mark}{escape(text[high:last])}</{tag}>"
        else:
            yield f"<{tag}>{escape(text[first:last])}</{tag}>"


def _source(source: str) -> str:
    """Return where the article came from; a link only for the web, and only to be clicked."""
    if is_url(source):
        return f'<a href="{escape(source)}" rel="noreferrer" target="_blank">{escape(source)}</a>'
    return escape(source)
