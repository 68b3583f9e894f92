"""What the report and the comparison share: one file without network, in two languages, safe with any text.

Texts of articles, questions and models reach the page in two ways only: escaped, or as JSON in an element that no
browser runs, from which the scripts make text nodes. The page's own policy forbids every request, and every script
and style but ours, by hash.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, TextIO

from eval.aside import aside
from rag.settings import ROOT

ASSETS = Path(__file__).parent / "assets"
COLOURS = ROOT / "ui" / "assets" / "colours.css"  # the palette of the chat page

# What would end the element, or the line in old scripts: as an escape that JSON knows.
_UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def both(zh: str, en: str) -> str:
    """Return a text in both languages as HTML; the page shows one of them."""
    return both_html(escape(zh), escape(en))


def both_html(zh: str, en: str) -> str:
    """Return what is HTML already in both languages."""
    return zh if zh == en else f'<span class="zh" lang="zh-CN">{zh}</span><span class="en" lang="en">{en}</span>'


def data(identity: str, value: Any) -> str:
    """Return an element that holds a value as JSON, whatever its strings hold."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)
    return f'<script type="application/json" id="{escape(identity)}">{body}</script>\n'


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """Give a file to write a page to; it gets its name when it is whole.

    Raises:
        SuwenError: it cannot be written.

    """
    with aside(path) as new, new.open("w", encoding="utf-8", errors="replace", newline="\n") as file:  # lone surrogates
        yield file


def opening(title: str, scripts: Sequence[str], *styles: str) -> str:
    """Return the page up to its content; ``scripts`` are the assets that ``closing`` will end it with.

    ``styles`` are assets beside the style that all pages have.
    """
    style, first = _style(styles), _asset("language.js")
    hashes = " ".join(_hash(each) for each in [first, *map(_asset, scripts)])
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {hashes}; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n<script>{first}</script></head>\n<body>\n"
        '<div class="top"><span class="brand">溯问 <small>Suwen</small></span>'
        '<button type="button" id="language" class="plain"><span class="zh" lang="en">English</span>'
        '<span class="en" lang="zh-CN">中文</span></button></div>\n<main>\n'
    )


def closing(scripts: Sequence[str]) -> str:
    """Return the end of the page."""
    return "</main>\n" + "".join(f"<script>{_asset(each)}</script>\n" for each in scripts) + "</body></html>\n"


def section(identity: str, title: str, *parts: str, level: int = 2) -> str:
    """Return a part of the page under its heading, which is HTML."""
    return f'<section id="{identity}"><h{level}>{title}</h{level}>\n{"".join(parts)}</section>\n'


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Return names and values, both HTML, as a list; a value that is empty is left out."""
    items = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows if value)
    return f'<dl class="facts">{items}</dl>\n'


def commit(manifest: Any) -> str:
    """Return which code ran, as HTML."""
    if not manifest.get("commit"):
        return ""
    changed = both("，另有未提交的改动", ", with changes not committed") if manifest.get("dirty") else ""
    return f"<code>{escape(manifest['commit'][:10])}</code>{changed}"


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _style(styles: Sequence[str]) -> str:
    """Return the palette, ours, and the palette's light half once more for paper."""
    colours = COLOURS.read_text(encoding="utf-8")
    return f"{colours}{''.join(map(_asset, ['report.css', *styles]))}@media print {{ {colours.split('@media')[0]} }}\n"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
