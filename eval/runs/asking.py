"""Questions to answers, from the model or the cache: one line each as it comes, none asked twice."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from eval.gold import Gold
from eval.runs.answers import Answers
from eval.runs.cache import Cache
from rag.building import Progress
from rag.errors import UsageError
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
    """Write one line to ``path`` for each asking that has none yet, and return how many are left.

    With ``most``, all that the cache has and so many questions that it does not have, each of them once.
    The lines are in the order of the askings once none is left. An answer found in the cache is taken from there
    and marked ``cached``; its timings are those of when it was given. What cannot be asked becomes a line with an
    ``error``.

    Raises:
        UsageError: ``path`` holds lines of other questions.
        SuwenError: a model failed, or the disk did; what was answered stays.

    """
    answers = Answers(path, ("id", "repeat"))
    done = answers.resume({asking.place for asking in askings})
    left = [asking for asking in askings if asking.place not in done]
    now = left if most is None else _first(left, cache, most)
    progress(len(done), len(askings))
    for number, _ in enumerate(answers.add(_answers(now, ask, cache, workers)), start=len(done) + 1):
        progress(number, len(askings))
    if len(now) == len(left) and (workers > 1 or done or most):
        answers.put_in_order([asking.place for asking in askings])
    return len(left) - len(now)


def _first(askings: Sequence[Asking], cache: Cache, most: int) -> list[Asking]:
    kept: list[Asking] = []
    new: dict[str, Asking] = {}
    for asking in askings:
        if cache.get(asking.key) is not None:
            kept.append(asking)
        else:
            new.setdefault(asking.gold.id, asking)
    return [*kept, *islice(new.values(), most)]


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
    """Yield answers as they come, in order when there is one worker; as many are asked for as there are workers.

    When one fails no more is asked, and those under way are waited for and yielded before the error goes on.
    """
    if workers == 1:
        yield from (_answer(asking, ask, cache) for asking in askings)
        return
    left, failures = iter(askings), list[BaseException]()
    with ThreadPoolExecutor(workers) as pool:
        under_way = {pool.submit(_answer, asking, ask, cache) for asking in islice(left, workers)}
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            failures += [error for each in done if (error := each.exception())]
            if not failures:
                under_way |= {pool.submit(_answer, asking, ask, cache) for asking in islice(left, len(done))}
            yield from (each.result() for each in done if not each.exception())
    if failures:
        raise failures[0]
