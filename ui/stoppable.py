"""A stream that can be left at once, even while its source is silent."""

import queue
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import TypeVar

T = TypeVar("T")
GLANCE = 0.1  # seconds between looks at the flag


def stoppable(source: Iterator[T], over: threading.Event) -> Iterator[T]:
    """Yield what ``source`` yields until it ends, raises or ``over`` is set.

    A local model reads its prompt for many seconds before its first word; a thread waits for it in our
    place. The thread closes the source as soon as it speaks again, which is when a generator can be closed.
    Leaving this generator early counts as setting ``over``.
    """
    received: queue.SimpleQueue[tuple[T | None, Exception | None]] = queue.SimpleQueue()

    def pump() -> None:
        try:
            with closing(source):  # type: ignore[type-var]
                for item in source:
                    if over.is_set():
                        return
                    received.put((item, None))
        except Exception as error:  # noqa: BLE001 - raised again on the reader's side
            received.put((None, error))
        else:
            received.put((None, None))

    threading.Thread(target=pump, daemon=True).start()
    try:
        while not over.is_set():
            try:
                item, error = received.get(timeout=GLANCE)
            except queue.Empty:
                continue
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        over.set()
