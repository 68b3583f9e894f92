import threading
from collections.abc import Iterator

import pytest

from ui.stoppable import stoppable


def test_everything_comes_through_in_order_and_the_end_is_flagged() -> None:
    over = threading.Event()
    assert list(stoppable(iter_of("abc"), over)) == ["a", "b", "c"]
    assert over.is_set()


def iter_of(text: str) -> Iterator[str]:
    yield from text


def test_error_of_the_source_is_raised_after_what_came_before() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise LookupError("why")

    stream = stoppable(failing(), threading.Event())
    assert next(stream) == 1
    with pytest.raises(LookupError, match="why"):
        next(stream)


def test_silent_source_is_left_at_once_and_closed_when_it_speaks() -> None:
    over, speak, closed = threading.Event(), threading.Event(), threading.Event()

    def silent() -> Iterator[int]:
        try:
            yield 1
            assert speak.wait(30)
            yield 2
        finally:
            closed.set()

    stream = stoppable(silent(), over)
    assert next(stream) == 1
    over.set()
    assert list(stream) == []  # although the source still waits
    assert not closed.is_set()
    speak.set()
    assert closed.wait(10)


def test_leaving_early_closes_the_source() -> None:
    over, closed = threading.Event(), threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    stream = stoppable(endless(), over)
    assert next(stream) == 1
    stream.close()  # type: ignore[attr-defined]
    assert over.is_set()
    assert closed.wait(10)
