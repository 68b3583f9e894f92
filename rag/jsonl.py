"""A JSONL file to articles: one a line, named by what the line says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from rag.encoding import with_unix_ends
from rag.errors import ArticleError
from rag.frontmatter import first_heading, groups_of
from rag.records import Content

_LONGEST = 50_000_000  # bytes of a line
_MOST = 20  # bad lines told of one by one


def read_lines(path: Path) -> Iterator[tuple[str, Content] | ArticleError]:
    """Yield the id and content of each line, or the error that names it; empty lines count, and are passed over.

    A line holds ``id`` and ``text``, and may hold ``title``, ``source``, ``date``, ``groups``, ``questions`` and
    ``markdown``. After 20 bad lines the rest of them are counted.

    Raises:
        ArticleError: the file cannot be read, or has a line without end.

    """
    bad = 0
    try:
        with path.open("rb") as file:
            number = 0
            while raw := file.readline(_LONGEST):
                number += 1
                if len(raw) == _LONGEST:
                    raise ArticleError(f"{path}:{number}: longer than {_LONGEST // 1_000_000} MB; split the article")
                try:
                    if raw.strip(b"\xef\xbb\xbf \t\r\n"):
                        yield _read(raw, f"{path}:{number}")
                except ArticleError as error:
                    bad += 1
                    if bad <= _MOST:
                        yield ArticleError(str(error))  # anew, without the frames that hold the line
    except OSError as error:
        raise ArticleError(f"{path}: {error.strerror}; check the path and its permissions") from error
    if bad > _MOST:
        yield ArticleError(f"{path}: {bad - _MOST} more lines are no articles; correct the first ones")


def _read(raw: bytes, where: str) -> tuple[str, Content]:
    row = _parse(raw, where)
    identity, text = (_text(row, name, where) for name in ("id", "text"))
    if not identity.strip() or any(ord(character) < 32 for character in identity):
        raise ArticleError(f'{where}: "id" is empty or holds a control character; give the article a name')
    markdown, questions = row.get("markdown", False), row.get("questions") or []
    groups = [] if row.get("groups") is None else row["groups"]
    if not isinstance(markdown, bool):
        raise ArticleError(f'{where}: "markdown" is {markdown!r:.40}; write true or false')
    if not isinstance(questions, list) or not all(isinstance(each, str) for each in questions):
        raise ArticleError(f'{where}: "questions" is not a list of texts; write ["...", "..."]')
    text = with_unix_ends(text)
    return identity, Content(
        text=text,
        title=" ".join(_text(row, "title", where, "").split()) or first_heading(text, markdown),
        source=_text(row, "source", where, ""),
        markdown=markdown,
        questions=tuple(_whole(each, "questions", where) for each in questions),
        date=_text(row, "date", where, ""),
        groups=tuple(_whole(each, "groups", where) for each in groups_of(groups, where)),
    )


def _parse(raw: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise ArticleError(f"{where}: not JSON in UTF-8 ({reason}); correct the line") from error
    if not isinstance(row, dict):
        raise ArticleError(f'{where}: not a JSON object; write {{"id": ..., "text": ...}}')
    return row


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _text(row: dict[str, Any], name: str, where: str, default: str | None = None) -> str:
    value = row.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise ArticleError(f'{where}: "{name}" is {"missing" if value is None else "not a text"}; correct the line')
    return _whole(value, name, where)


def _whole(text: str, name: str, where: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ArticleError(f'{where}: "{name}" holds half a character ({error.reason}); correct the line') from error
    return text
