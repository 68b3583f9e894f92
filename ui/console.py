"""Answers, passages and progress as a terminal shows them. The only writing to standard output and error."""

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from tqdm import tqdm

from rag.building import Progress
from rag.language import language_of
from rag.records import Answer, Delta, Event, Hit, Json, Passages

_LABELS = {
    "zh": {"unsupported": "原文中没有依据", "nearest": "最接近的段落", "quoted": "未用模型，直接引用原文"},
    "en": {
        "unsupported": "No source supports",
        "nearest": "Nearest passages",
        "quoted": "Quoted without a model",
    },
}
_SHOWN = 3  # nearest passages under a refusal
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # an article could steer a terminal


def say(line: str = "") -> None:
    """Print a line of the result."""
    _write(line + "\n")


def warn(line: str) -> None:
    """Print a line about the result, where it does not get into a script's way."""
    sys.stderr.write(f"suwen: {_harmless(line)}\n")


def say_json(value: Json) -> None:
    """Print one JSON object on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def show_answer(answer: Answer) -> None:
    """Print an answer with its sources."""
    say(answer.text)
    show_sources(answer)


def show_sources(answer: Answer) -> None:
    """Print what an answer rests on, or the nearest passages of a refusal."""
    labels = _LABELS[language_of(answer.question)]
    if answer.citations:
        say()
    for citation in answer.citations:
        say(f"[{citation.marker}] {citation.title}  {citation.source}:{citation.start}-{citation.end}")
        say(f"    {_one_line(citation.quote)}")
    for each in answer.unsupported:
        say(f"({labels['unsupported']}: {_one_line(each)})")
    if answer.refused and answer.hits:
        say(f"\n{labels['nearest']}:")
        show_hits(answer.hits[:_SHOWN])
    if answer.note:
        warn(f"{answer.note} ({labels['quoted']})")


def show_hits(hits: Iterable[Hit]) -> None:
    """Print passages with their scores and places."""
    for hit in hits:
        say(f"{hit.score:.3f}  {hit.article}:{hit.start}-{hit.end}  {_one_line(hit.text)}")


def show_stream(events: Iterable[Event]) -> Answer:
    """Print an answer as it comes, then its sources; return it."""
    streamed = ""
    for event in events:
        if isinstance(event, Delta):
            streamed += event.text
            _write(event.text)
            sys.stdout.flush()
        elif isinstance(event, Answer):
            say()
            if event.text != streamed:  # the model failed half-way and the answer is another
                say(event.text)
            show_sources(event)
            return event
    raise AssertionError("a stream ends with its answer")


def stream_json(events: Iterable[Event]) -> Answer:
    """Print an answer's events, one JSON object a line; the last is the answer itself."""
    for event in events:
        if isinstance(event, Passages):
            say_json({"event": "passages", "hits": [hit.to_json() for hit in event.hits]})
        elif isinstance(event, Delta):
            say_json({"event": "text", "text": event.text})
        else:
            say_json(event.to_json())
            return event
        sys.stdout.flush()
    raise AssertionError("a stream ends with its answer")


def show_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows with their columns aligned; the last column is as long as it likes."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        say("  ".join(cells).rstrip())


def agreed(question: str) -> bool:
    """Ask whoever sits at the terminal; where nobody does, that is a yes."""
    if not sys.stdin.isatty():
        return True
    sys.stderr.write(f"{question} [Y/n] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("", "y", "yes", "是")


@contextmanager
def progress_bar(what: str, unit: str) -> Iterator[Progress]:
    """Show progress with the time left on standard error, if that is a terminal; ``B`` as unit counts bytes."""
    scale = unit == "B"
    with tqdm(desc=what, unit=unit, unit_scale=scale, unit_divisor=1000, leave=False, delay=0.5, disable=None) as bar:

        def report(done: int, total: int) -> None:
            if bar.total is None:  # what an earlier process did took none of this one's time
                bar.initial = bar.n = done
            bar.total = total
            bar.update(done - bar.n)

        yield report


def _write(text: str) -> None:
    sys.stdout.write(_harmless(text))


def _harmless(text: str) -> str:
    return _CONTROL.sub("\ufffd", text)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
