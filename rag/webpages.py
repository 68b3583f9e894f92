"""A web page to the Markdown of its main text, through trafilatura: headings, lists and tables stay."""

import re
from copy import deepcopy
from typing import Any

from rag.errors import ArticleError
from rag.frontmatter import first_heading
from rag.records import Content

_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{20000,}>")  # a hundred thousand attributes take minutes
_DATA = re.compile(r"data:[a-z0-9.+/-]{0,60};base64,[A-Za-z0-9+/=]*", re.IGNORECASE)
_CELL_END = re.compile(r"(\|) +$", re.MULTILINE)

_BLOCKS = "p div section center form h1 h2 h3 h4 h5 h6 ul ol dl table pre blockquote nav header footer aside".split()


def read_page(html: str, where: str) -> Content:
    """Return the main text of a page, with its title and date.

    Raises:
        ArticleError: no text is found.

    """
    from lxml.etree import ParserError
    from trafilatura import extract_metadata

    try:
        tree = _parse(_LONG_TAG.sub("<p>", _DATA.sub("", html)))
        metadata = extract_metadata(deepcopy(tree))
        text = _CELL_END.sub(r"\1", _main_text(tree))
    except ParserError:  # nothing but comments and white space
        text = ""
    if not any(map(str.isalnum, text)):
        raise ArticleError(f"{where}: no text is found on the page; if scripts write it, save what you see as text")
    title = metadata.title or first_heading(text, markdown=True)
    return Content(text=text, title=" ".join(title.split()), markdown=True, date=metadata.date or "")


def _parse(html: str) -> Any:
    from lxml.html import HTMLParser, document_fromstring

    # as bytes: a text that names its encoding is refused
    return document_fromstring(html.encode(), parser=HTMLParser(encoding="utf-8", huge_tree=True, no_network=True))


def _flatten(body: Any) -> None:
    """Take boxes away, those with nothing but text becoming paragraphs: lists and tables in boxes would be lost."""
    for box in list(body.iter("div", "section", "center", "form")):
        if any(True for _ in box.iterchildren(*_BLOCKS)):
            box.drop_tag()
        else:
            box.tag = "p"


def _main_text(tree: Any) -> str:
    from trafilatura import extract, html2txt
    from trafilatura.settings import DEFAULT_CONFIG
    from trafilatura.xpaths import BODY_XPATH

    config = deepcopy(DEFAULT_CONFIG)
    config["DEFAULT"]["min_extracted_size"] = "1"  # a short page is no reason to guess, which flattens lists and tables
    marked = any(path(tree) for path in BODY_XPATH)
    body = tree.find("body")
    if not marked and body is not None:  # a plain page: all of it is the article, less menus and the like
        _flatten(body)
        body.tag = "article"
        outer = tree.makeelement("body")
        tree.replace(body, outer)
        outer.append(body)
    whole = deepcopy(tree)
    text = extract(
        tree,
        fast=not marked,
        favor_recall=True,
        output_format="markdown",
        include_formatting=True,
        include_comments=False,
        config=config,
    )
    return text or html2txt(whole)
