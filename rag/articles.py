"""Files in, articles out: plain text and Markdown in UTF-8 (or UTF-16 with its mark)."""

import codecs
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rag.errors import ArticleError
from rag.records import Article

SUFFIXES = {".txt": False, ".text": False, ".md": True, ".markdown": True}  # suffix: is it Markdown?
_ENCODINGS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Reading:
    """What reading some paths gave: the articles, the paths found, and one error for each file that is none."""

    articles: tuple[Article, ...]
    roots: tuple[Path, ...]
    errors: tuple[ArticleError, ...]


def read_articles(paths: Iterable[Path]) -> Reading:
    """Read files and folders; a bad file becomes an error and the rest goes on.

    An article's id is its path below the folder given, or its file name when given by itself.
    """
    articles: dict[str, Article] = {}
    roots: list[Path] = []
    errors: list[ArticleError] = []
    for root in paths:
        try:
            files = list(_files(root))
        except ArticleError as error:
            errors.append(error)
            continue
        roots.append(root)
        sources = {article.source for article in articles.values()}
        for path in files:
            if str(path.resolve()) in sources:  # a folder and a file in it were given
                continue
            identity = path.relative_to(root).as_posix() if path != root else path.name
            try:
                article = read_article(path, identity, root)
            except ArticleError as error:
                errors.append(error)
                continue
            same = articles.setdefault(identity, article)
            if same is not article:
                errors.append(same_name(article, same))
    return Reading(tuple(articles.values()), tuple(roots), tuple(errors))


def same_name(article: Article, other: Article) -> ArticleError:
    """Return the error that two files would be one article."""
    return ArticleError(
        f"{article.source}: {other.source} has the same name {article.id!r}; index the folder that holds both"
    )


def read_article(path: Path, identity: str, root: Path) -> Article:
    """Read one file; the title is that of the front matter, the first heading, or the file name.

    Raises:
        ArticleError: the file is absent, unreadable, binary, empty, or in another encoding.

    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ArticleError(f"{path}: {error.strerror}; check the path and its permissions") from error
    if not _is_unicode(str(path)):
        raise ArticleError(f"{str(path)!a}: its name is not UTF-8; rename it")
    text, markdown = _decode(raw, path), SUFFIXES.get(path.suffix.lower(), False)
    front: dict[str, Any] = {}
    if markdown:
        front, text = _front_matter(text, path)
    if not any(character.isalnum() for character in text):
        raise ArticleError(f"{path}: holds no text; remove it or fill it")
    questions = front.get("questions")
    return Article(
        id=identity,
        title=str(front.get("title") or _first_heading(text, markdown) or path.stem),
        source=str(path.resolve()),
        text=text,
        root=str(root.resolve()),
        markdown=markdown,
        questions=tuple(map(str, questions)) if isinstance(questions, list) else (),
    )


def _files(root: Path) -> Iterator[Path]:
    if not os.path.exists(root):  # unlike Path.exists, false as well for a name that no file can have
        if str(root).startswith(("http:/", "https:/")):
            raise ArticleError(f"{root}: web pages are not read yet; save the page as text or Markdown")
        raise ArticleError(f"{root}: no such file or folder; check the path")
    if not root.is_dir():
        yield root
        return
    found = [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    ]
    if not found:
        raise ArticleError(f"{root}: no articles in this folder; articles end in {', '.join(SUFFIXES)}")
    yield from found


def _decode(raw: bytes, path: Path) -> str:
    encoding = next((name for mark, name in _ENCODINGS.items() if raw.startswith(mark)), "utf-8-sig")
    if encoding == "utf-8-sig" and b"\0" in raw:
        raise ArticleError(f"{path}: a binary file, not text; articles are plain text or Markdown")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise ArticleError(
            f"{path}: not {encoding.removesuffix('-sig').upper()} at byte {error.start}; save it as UTF-8"
        ) from error
    if "\0" in text:  # UTF-32 begins like UTF-16
        raise ArticleError(f"{path}: holds characters that are no text; save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _front_matter(text: str, path: Path) -> tuple[dict[str, Any], str]:
    """Split off a leading YAML block between ``---`` lines: it describes the article, it is not its text."""
    if not text.startswith("---\n"):
        return {}, text
    head, separator, body = f"{text}\n".removeprefix("---").partition("\n---\n")
    if not separator:
        return {}, text
    try:
        front = yaml.load(head, yaml.BaseLoader)  # texts as they stand: no dates, no numbers that lose a zero
    except (yaml.YAMLError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise ArticleError(f"{path}: its front matter is not YAML ({reason}); correct or remove it") from error
    return (front, body.removesuffix("\n").lstrip("\n")) if isinstance(front, dict) else ({}, text)


def _is_unicode(name: str) -> bool:
    """Tell whether a file's name was bytes in UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _first_heading(text: str, markdown: bool) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if markdown:
        return next((line.lstrip("# ").strip() for line in lines if line.startswith("# ")), "")
    return lines[0] if len(lines[0]) <= 60 else ""
