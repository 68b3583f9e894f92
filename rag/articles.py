"""Files, folders and addresses in, articles out; each kind of file has a module of its own that reads it."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from rag.encoding import decode
from rag.errors import ArticleError
from rag.fetching import Permission, fetch
from rag.folders import find_files, is_regular, shown
from rag.frontmatter import is_url, read_text
from rag.jsonl import read_lines
from rag.records import Article, Content
from rag.worker import CONVERTED, Worker

TEXTS = {".txt": False, ".text": False, ".md": True, ".markdown": True}
SUFFIXES = TEXTS | dict.fromkeys(CONVERTED, True) | {".jsonl": False}  # suffix: does its text become Markdown?
OLD = {".doc": ".docx", ".ppt": ".pptx", ".xls": ".xlsx"}
LARGEST = 50_000_000  # bytes of a file that is one article
_OFFICE = "application/vnd.openxmlformats-officedocument."
_MEDIA_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/pdf": ".pdf",
    f"{_OFFICE}wordprocessingml.document": ".docx",
    f"{_OFFICE}presentationml.presentation": ".pptx",
    f"{_OFFICE}spreadsheetml.sheet": ".xlsx",
}


@dataclass(frozen=True)
class Reading:
    """What reading some paths gave.

    ``roots`` are the paths and addresses found, as articles name them; ``errors`` has one for each file that is no
    article, and ``notes`` a line for each that was not read as a matter of course.
    """

    articles: tuple[Article, ...]
    roots: tuple[str, ...]
    errors: tuple[ArticleError, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """How to read: patterns of files to leave out of folders, seconds for a conversion, what fetching may do."""

    exclude: tuple[str, ...] = ()
    seconds: float = 10.0
    permission: Permission = Permission()


def read_articles(paths: Iterable[Path | str], manner: Manner | None = None) -> Reading:
    """Read files, folders and addresses; what is bad becomes an error and the rest goes on.

    An article's id is its path below the folder given, its file name when given by itself, its address, or what the
    line of a JSONL file says.
    """
    articles: dict[str, Article] = {}
    roots: list[str] = []
    errors: list[ArticleError] = []
    with Reader(manner or Manner()) as reader:
        for path in paths:
            try:
                for found in reader.read(path):
                    if isinstance(found, ArticleError):
                        errors.append(found)
                    elif (same := articles.setdefault(found.id, found)) is not found:
                        errors.append(same_name(found, same))
            except ArticleError as error:
                errors.append(error)
                continue
            roots.append(root_of(path))
        return Reading(tuple(articles.values()), tuple(roots), tuple(errors), tuple(reader.notes))


def same_name(article: Article, other: Article) -> ArticleError:
    """Return the error that two files would be one article."""
    return ArticleError(
        f"{article.source}: {other.source} has the same name {article.id!r}; rename one or index the folder of both"
    )


def root_of(path: Path | str) -> str:
    """Return a path or address as the articles that were read through it name it."""
    return str(path).partition("#")[0] if is_url(str(path)) else str(Path(path).resolve())


class Reader:
    """Reads one path after another; a file or page read before is passed over. ``notes`` tell of encodings."""

    def __init__(self, manner: Manner) -> None:
        self.notes: list[str] = []
        self._manner = manner
        self._read: set[str] = set()
        self._worker = Worker(manner.seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._worker.close()

    def read(self, path: Path | str) -> Iterator[Article | ArticleError]:
        """Yield the articles of a file, a folder or an address, and an error for each that is none.

        Raises:
            ArticleError: there is nothing at that path or address.

        """
        if is_url(str(path)):
            if self._is_new(root_of(path)):
                yield self._page(root_of(path))
            return
        path = Path(path)
        if not os.path.exists(path):  # unlike Path.exists, false as well for a name that no file can have
            raise ArticleError(f"{shown(path)}: no such file or folder; check the path")
        if not path.is_dir():
            yield from self._file(path, path)
            return
        found = list(find_files(path, SUFFIXES.keys() | OLD.keys(), self._manner.exclude))
        if not found:
            raise ArticleError(f"{shown(path)}: no articles in this folder; articles end in {', '.join(SUFFIXES)}")
        for each in found:
            if isinstance(each, ArticleError):
                yield each
            else:
                yield from self._file(each, path)

    def _file(self, path: Path, root: Path) -> Iterator[Article | ArticleError]:
        source = root_of(path)
        if not self._is_new(source):  # a folder and a file in it were given
            return
        try:
            _check(path)
            if path.suffix.lower() != ".jsonl":
                identity = path.relative_to(root).as_posix() if path != root else path.name
                content = self._content(_bytes(path), path.suffix.lower(), str(path))
                yield _article(content, identity, source, root_of(root))
                return
            for line in read_lines(path):
                yield line if isinstance(line, ArticleError) else _article(line[1], line[0], source, root_of(root))
        except ArticleError as error:
            yield ArticleError(str(error))  # anew, without the frames that hold the file

    def _is_new(self, source: str) -> bool:
        known = source in self._read
        self._read.add(source)
        return not known

    def _page(self, url: str) -> Article:
        fetched = fetch(url, self._manner.permission)
        named = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
        suffix = _MEDIA_TYPES.get(fetched.media_type, named)
        if suffix == ".txt" and named in (*TEXTS, ".csv"):  # servers know few kinds of text
            suffix = named
        if suffix not in SUFFIXES or suffix == ".jsonl":
            kind = fetched.media_type or "of no kind"
            raise ArticleError(f"{url}: is {kind}, which is not read; save it as one of {', '.join(SUFFIXES)}")
        content = self._content(fetched.raw, suffix, url, fetched.charset)
        return _article(replace(content, source=""), url, url, url)

    def _content(self, raw: bytes, suffix: str, where: str, declared: str = "") -> Content:
        if suffix in OLD:
            raise ArticleError(f"{where}: an old office format; save it as {OLD[suffix]}")
        if suffix in CONVERTED:
            content, encoding = self._worker.convert(raw, suffix, where, declared)
        else:
            decoded = decode(raw, where, declared)
            content, encoding = read_text(decoded.text, where, markdown=TEXTS.get(suffix, False)), decoded.encoding
        if not any(map(str.isalnum, content.text)):
            raise ArticleError(f"{where}: holds no text; remove it or fill it")
        if encoding not in ("", "UTF-8"):
            self.notes.append(f"{where}: read as {encoding}")
        return content


def _article(content: Content, identity: str, source: str, root: str) -> Article:
    return Article(
        id=identity,
        title=content.title or (identity if is_url(identity) else PurePosixPath(identity).stem),
        source=content.source if is_url(content.source) else source,  # a person has to be able to go there
        text=content.text,
        root=root,
        markdown=content.markdown,
        questions=content.questions,
        date=content.date,
        groups=content.groups,
    )


def _check(path: Path) -> None:
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise ArticleError(f"{str(path)!a}: its name is not UTF-8; rename it") from error
    if any(character < " " or "\x7f" <= character < "\xa0" for character in str(path)):
        raise ArticleError(f"{str(path)!a}: its name holds a control character; rename it")
    if not is_regular(path):
        raise ArticleError(f"{path}: no ordinary file but a pipe, a socket, a device or a broken link; give a file")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise ArticleError(f"{path}: {error.strerror}; check the path and its permissions") from error
    if len(raw) > LARGEST:
        raise ArticleError(f"{path}: larger than {LARGEST // 1_000_000} MB; split it")
    return raw
