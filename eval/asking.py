"""Questions to answers on disk: one line each as it comes, none asked twice, however often it is stopped."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from eval.cache import Cache
from eval.gold import Gold
from rag.building import Progress
from rag.errors import SuwenError, UsageError
from rag.records import Json

Ask: TypeAlias = Callable[[Gold], Json]


@dataclass(frozen=True, slots=True)
class Asking:
    """One question, asked for the ``repeat``-th time; ``key`` covers all that can change its answer."""

    gold: Gold
    repeat: int
    key: str

    @property
    def place(self) -> tuple[str, int]:
        """What tells its line from all others."""
        return self.gold.id, self.repeat


def ask_all(
    askings: Sequence[Asking],
    path: Path,
    ask: Ask,
    cache: Cache,
    progress: Progress,
    workers: int = 1,
    most: int | None = None,
) -> int:
    """Write one line to ``path`` for each asking that has none yet, ``most`` of them, and return how many are left.

    The lines are in the order of the askings once none is left. An answer found in the cache is taken from there
    and marked ``cached``; its timings are those of when it was given. What cannot be asked becomes a line with an
    ``error``.

    Raises:
        UsageError: ``path`` holds lines of other questions.
        SuwenError: a model failed, or the disk did; what was answered stays.

    """
    done = _resume(path, {asking.place for asking in askings})
    left = [asking for asking in askings if asking.place not in done]
    now = left[:most]
    progress(len(done), len(askings))
    try:
        with path.open("ab", buffering=0) as file:
            for number, row in enumerate(_answers(now, ask, cache, workers), start=len(done) + 1):
                line = memoryview(json.dumps(row, ensure_ascii=False).encode() + b"\n")
                while line:
                    line = line[file.write(line) :]
                progress(number, len(askings))
        if len(now) == len(left) and (workers > 1 or done):
            _put_in_order(path, askings)
    except OSError as error:
        raise SuwenError(f"{path}: cannot be written ({error.strerror}); mend that and run again to go on") from error
    return len(left) - len(now)


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of an answers file."""
    with path.open("rb") as file:
        for line in file:
            yield json.loads(line)


def _answer(asking: Asking, ask: Ask, cache: Cache) -> Json:
    head = {"id": asking.gold.id, "question": asking.gold.question, "repeat": asking.repeat}
    if (kept := cache.get(asking.key)) is not None:
        return {**kept, **head, "cached": True}
    try:
        answer = ask(asking.gold)
    except UsageError as error:
        return {**head, "error": str(error)}
    cache.put(asking.key, answer)
    return {**answer, **head, "cached": False}


def _answers(askings: Sequence[Asking], ask: Ask, cache: Cache, workers: int) -> Iterator[Json]:
    """Yield answers as they come, in order when there is one worker."""
    if workers == 1:
        yield from (_answer(asking, ask, cache) for asking in askings)
        return
    pool = ThreadPoolExecutor(workers)
    try:
        for come in as_completed([pool.submit(_answer, asking, ask, cache) for asking in askings]):
            yield come.result()
    finally:  # answers under way are waited for: they are in the cache then, and not lost
        pool.shutdown(cancel_futures=True)


def _resume(path: Path, places: set[tuple[str, int]]) -> set[tuple[str, int]]:
    """Return what has its line already, after cutting off a line that a kill left half-written."""
    done: set[tuple[str, int]] = set()
    whole = 0
    if not path.exists():
        return done
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                break
            place = _place(line)
            if place not in places or place in done:
                raise UsageError(f"{path}:{number}: is not the answer to a question of this run; choose another --out")
            done.add(place)
            whole += len(line)
    os.truncate(path, whole)
    return done


def _place(line: bytes) -> tuple[str, int] | None:
    try:
        row = json.loads(line)
        return row["id"], row["repeat"]
    except (ValueError, TypeError, KeyError):
        return None


def _put_in_order(path: Path, askings: Sequence[Asking]) -> None:
    """Rewrite the file in the order of the questions, in one step."""
    starts: dict[tuple[str, int] | None, tuple[int, int]] = {}
    with path.open("rb") as file:
        start = 0
        for line in file:
            starts[_place(line)] = (start, len(line))
            start += len(line)
        ordered = path.with_suffix(".ordered")
        with ordered.open("wb") as out:
            for asking in askings:
                start, length = starts[asking.place]
                file.seek(start)
                out.write(file.read(length))
    ordered.replace(path)
