"""Public question sets over paragraphs, as their authors distribute them, read from a file that the user has.

SQuAD 1.1 and 2.0, XQuAD, DRCD, CMRC 2018      {"data": [{"title", "paragraphs": [{"context", "qas"}]}]}
CMRC 2018, its own layout                      [{"context_id", "context_text", "title", "qas"}]
a folder                                       corpus.jsonl, questions.jsonl, and holdout.json if there is one
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from eval.strict import shown
from rag.errors import UsageError
from rag.records import Json

_T = TypeVar("_T")
_KINDS: Mapping[type, str] = {str: "a text", list: "a list", dict: "an object", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text that questions are about; ``held_out`` if it is meant to be left out of an index."""

    id: str
    title: str
    text: str
    held_out: bool = False
    markdown: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about some paragraphs, with every reference answer; without any it is unanswerable."""

    id: str
    question: str
    answers: tuple[str, ...]
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """What a source held."""

    paragraphs: tuple[Paragraph, ...]
    asked: tuple[Asked, ...]


def read_squad(path: Path) -> QuestionSet:
    """Read a file in the layout of SQuAD, or in CMRC 2018's own.

    Raises:
        UsageError: it is neither; names the place in the file and the value.

    """
    body = _parse(_text(path), path)
    found = list(_own_layout(body, f"{path}: ") if isinstance(body, list) else _squad_layout(body, f"{path}: "))
    return QuestionSet(tuple(paragraph for paragraph, _ in found), tuple(each for _, asked in found for each in asked))


def read_corpus(folder: Path) -> QuestionSet:
    """Read a folder of ``corpus.jsonl`` and ``questions.jsonl``; ``holdout.json`` lists ids to leave out of an index.

    Raises:
        UsageError: a file is absent or malformed; names file, line and value.

    """
    out: set[str] = set()
    if (folder / "holdout.json").exists():
        path = folder / "holdout.json"
        listed = take({"holdout": _parse(_text(path), path)}, "holdout", list, f"{path}: ")
        out = {each for each in listed if isinstance(each, str)}
    paragraphs: dict[str, Paragraph] = {}
    for row, where in read_rows(folder / "corpus.jsonl"):
        identity = take(row, "id", str, where)
        paragraphs[identity] = Paragraph(
            identity, take(row, "title", str, where), take(row, "text", str, where), identity in out
        )
    asked = []
    for row, where in read_rows(folder / "questions.jsonl"):
        answerable = take(row, "answerable", bool, where)
        named = take(row, "doc_ids", list, where) or row.get("candidate_doc_ids") or []
        if unknown := [each for each in named if each not in paragraphs]:
            raise UsageError(f"{where}names {shown(unknown[0])}, which is not in corpus.jsonl; correct one of the two")
        answers = _texts(take(row, "answers", list, where), f"{where}answers") if answerable else ()
        if answerable and not answers:
            raise UsageError(f'{where}is answerable and has no answer; add one or make "answerable" false')
        about = tuple(paragraphs[each] for each in named)
        asked.append(Asked(take(row, "id", str, where), take(row, "question", str, where), answers, about))
    return QuestionSet(tuple(paragraphs.values()), tuple(asked))


def read_rows(path: Path) -> Iterator[tuple[Json, str]]:
    """Yield the object on every line of a JSONL file, and the file and line for an error to begin with.

    Raises:
        UsageError: the file cannot be read, or a line is no JSON object.

    """
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if line.strip():
            row = _parse(line, f"{path}:{number}")
            if not isinstance(row, dict):
                raise UsageError(f"{path}:{number}: {shown(row)} is no object; is this the set's own file?")
            yield row, f"{path}:{number}: "


def take(row: object, key: str, kind: type[_T], where: str) -> _T:
    """Return the value of a key of an object.

    Raises:
        UsageError: it is absent or of another kind; ``where`` begins the message.

    """
    if not isinstance(row, Mapping):
        raise UsageError(f"{where.rstrip(' .')} holds {shown(row)}, not an object; is this the set's own file?")
    value = row.get(key)
    if not isinstance(value, kind):
        has = f"is {shown(value)}" if key in row else "is missing"
        raise UsageError(f"{where}{key} {has}, not {_KINDS[kind]}; is this the set's own file?")
    return value


def _squad_layout(body: object, where: str) -> Iterator[tuple[Paragraph, list[Asked]]]:
    for number, article in enumerate(take(body, "data", list, where)):
        at = f"{where}data[{number}]."
        title = article.get("title", "") if isinstance(article, dict) else ""
        for position, row in enumerate(take(article, "paragraphs", list, at)):
            inside = f"{at}paragraphs[{position}]."
            text = take(row, "context", str, inside)
            assert isinstance(row, dict)
            paragraph = Paragraph(str(row.get("id") or f"{title}-{number}-{position}"), str(title), text)
            qas = enumerate(take(row, "qas", list, inside))
            yield paragraph, [_squad_question(each, paragraph, f"{inside}qas[{place}].") for place, each in qas]


def _squad_question(row: Any, paragraph: Paragraph, where: str) -> Asked:
    identity, question = take(row, "id", str, where), take(row, "question", str, where)
    impossible = row.get("is_impossible", False)
    rows = () if impossible else enumerate(take(row, "answers", list, where))
    answers = [take(each, "text", str, f"{where}answers[{place}].") for place, each in rows]
    if not answers and not impossible:
        raise UsageError(f"{where}answers is empty; only a question with is_impossible has no answer")
    return Asked(identity, question, tuple(answers), (paragraph,))


def _own_layout(body: list[object], where: str) -> Iterator[tuple[Paragraph, list[Asked]]]:
    for number, row in enumerate(body):
        at = f"{where}[{number}]."
        paragraph = Paragraph(
            take(row, "context_id", str, at), take(row, "title", str, at), take(row, "context_text", str, at)
        )
        asked = []
        for position, each in enumerate(take(row, "qas", list, at)):
            inside = f"{at}qas[{position}]."
            identity, question = take(each, "query_id", str, inside), take(each, "query_text", str, inside)
            answers = _texts(take(each, "answers", list, inside), f"{inside}answers")
            asked.append(Asked(identity, question, answers, (paragraph,)))
        yield paragraph, asked


def _texts(values: list[object], where: str) -> tuple[str, ...]:
    """Read answers; CMRC 2018's own layout holds some that are figures as numbers."""
    texts = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise UsageError(f"{where} holds {shown(value)}, not a text; is this the set's own file?")
        texts.append(str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))
    return tuple(texts)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except IsADirectoryError as error:
        raise UsageError(f"{path}: is a folder; name the set's file in it, or import it as corpus") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 at byte {error.start}; is this the set's own file?") from error


def _parse(text: str, where: object) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not JSON ({error}); is this the set's own file?") from error
