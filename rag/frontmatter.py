"""Markdown and plain text to what they say of an article: front matter, title, text."""

from typing import Any

import yaml

from rag.errors import ArticleError
from rag.layout import read_lines
from rag.records import Content

_LONGEST = 65_536  # characters of front matter: it describes the article, it is not the article


def read_text(text: str, where: str, *, markdown: bool) -> Content:
    """Read a decoded file; the title is that of the front matter, the first heading, or the first short line.

    Raises:
        ArticleError: the front matter is no YAML, or a field of it is not what it has to be.

    """
    front: dict[str, Any] = {}
    if markdown:
        front, text = _split(text, where)
    content = Content(
        text=text,
        title=_words(front, "title") or first_heading(text, markdown),
        source=_words(front, "source") or _words(front, "url"),
        markdown=markdown,
        questions=_listed(front.get("questions")),
        date=_words(front, "date"),
        groups=groups_of(front.get("groups", []), where),
    )
    try:
        "".join((content.title, content.source, content.date, *content.questions, *content.groups)).encode()
    except UnicodeEncodeError as error:  # YAML takes "\ud83d"
        raise ArticleError(f"{where}: its front matter holds half a character ({error.reason}); correct it") from error
    return content


def is_url(text: str) -> bool:
    """Tell whether a text is an address of the web, not a path."""
    return text.lower().startswith(("http://", "https://"))


def groups_of(value: object, where: str) -> tuple[str, ...]:
    """Return the groups of readers an article names; anything odd is an error, as it must not mean everybody.

    Raises:
        ArticleError: it is not a list of names.

    """
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise ArticleError(f"{where}: its groups are not a list of names; write groups: [name, name] or remove it")
    return tuple(dict.fromkeys(name.strip() for name in names))


def first_heading(text: str, markdown: bool) -> str:
    """Return the first highest heading of Markdown, or the first line of plain text if it is short; else nothing."""
    if markdown:
        lines = read_lines(text, markdown=True)
        return next((text[line.start : line.end] for line in lines if line.level == 1), "")
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return first if len(first) <= 60 else ""


def _split(text: str, where: str) -> tuple[dict[str, Any], str]:
    """Split off a leading YAML block between ``---`` lines."""
    if not text.startswith("---\n"):
        return {}, text
    head, separator, body = f"{text}\n".removeprefix("---").partition("\n---\n")
    if not separator:
        return {}, text
    if len(head) > _LONGEST:
        raise ArticleError(f"{where}: its front matter is longer than {_LONGEST} characters; shorten it")
    try:
        front = yaml.load(head, yaml.BaseLoader)  # texts as they stand: no dates, no numbers that lose a zero
    except (yaml.YAMLError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise ArticleError(f"{where}: its front matter is not YAML ({reason}); correct or remove it") from error
    return (front, body.removesuffix("\n").lstrip("\n")) if isinstance(front, dict) else ({}, text)


def _words(front: dict[str, Any], name: str) -> str:
    value = front.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _listed(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
