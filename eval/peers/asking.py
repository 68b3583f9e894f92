"""Every question to every system in turn: one line of ``answers.jsonl`` each, none asked twice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from eval.gold import Gold
from eval.peers.keeping import Systems
from eval.peers.processes import System, SystemFailed
from eval.peers.protocol import WARM_UP, Setup, Text
from eval.runs.answers import Answers, Place
from rag import local
from rag.articles import read_articles
from rag.building import Progress
from rag.models import locate
from rag.records import Json
from rag.settings import Settings

FAILURES = 3  # in a row, after which a system is left alone

Commands: TypeAlias = Mapping[str, Sequence[str]]  # how each system is started


@dataclass(frozen=True)
class Contest:
    """What is compared, on what, and where it is kept."""

    folder: Path
    gold: Sequence[Gold]
    setup: Setup
    commands: Commands

    @property
    def answers(self) -> Answers:
        """The file of all answers."""
        return Answers(self.folder / "answers.jsonl", ("id", "system"))

    @property
    def systems(self) -> Systems:
        """The file of what each system is."""
        return Systems(self.folder / "systems.json")


def rotated(names: Sequence[str], turn: int) -> list[str]:
    """Return the names beginning with another one each turn, so that no system is always asked first."""
    start = turn % len(names)
    return [*names[start:], *names[:start]]


def ask_all(contest: Contest, progress: Progress, warn: Callable[[str], None]) -> dict[str, dict[str, Any]]:
    """Ask what has no answer yet, and return what each system is: its times, versions, memory.

    A system that does not start, or fails again and again, is left out with a warning, under ``error``.

    Raises:
        UsageError: the folder holds answers to other questions or of other systems.
        SuwenError: the disk failed; what was answered stays.

    """
    names = list(contest.commands)
    done = contest.answers.resume({(each.id, name) for each in contest.gold for name in names})
    total = len(names) * len(contest.gold)
    progress(len(done), total)
    unfinished = [name for name in names if any((each.id, name) not in done for each in contest.gold)]
    askers = [_Asker(name, contest, warn) for name in unfinished]
    with ExitStack() as stopping:  # all of them, whatever happens
        for asker in askers:
            stopping.callback(asker.stop)
            asker.start()
        progress(len(done), total)  # the time left is counted from here: starting takes minutes, once
        rows = _rows(contest, {each.name: each for each in askers}, done)
        for count, _ in enumerate(contest.answers.add(rows), start=len(done) + 1):
            progress(count, total)
    known = contest.systems.read()
    return {name: known.get(name, {}) for name in names}


def prepare(settings: Settings, paths: Sequence[Path]) -> Setup:
    """Start the language model that all systems share, and return what each of them works with.

    Raises:
        ArticleError: an article cannot be read.
        ModelMissing, ModelDamaged: the language model or the embedder is not there.

    """
    reading = read_articles(paths)
    if reading.errors:
        raise reading.errors[0]
    model = locate(settings.llm, settings).resolve()
    endpoint = local.start(model, settings.threads)
    articles = tuple(Text(each.id, each.title, each.text) for each in reading.articles)
    embedder = str(locate(settings.embedder, settings).resolve())
    return Setup(articles, endpoint.base_url, endpoint.key, model.stem, local.CONTEXT, embedder)


class _Asker:
    """A system that is started again when it fails, but not for ever."""

    def __init__(self, name: str, contest: Contest, warn: Callable[[str], None]) -> None:
        self.name = name
        self._contest = contest
        self._warn = warn
        self._failures = 0
        self._given_up = False
        self._system: System | None = None

    def start(self) -> None:
        try:
            log = self._contest.folder / f"{self.name}.log"
            self._system = System(self.name, self._contest.commands[self.name], log)
            started = self._system.start(self._contest.setup)
            self._system.ask(WARM_UP, [])
        except SystemFailed as error:
            self._give_up(error)
            return
        self._contest.systems.started(self.name, started.index_s, started.versions)

    def ask(self, gold: Gold) -> Json | None:
        """Return the line of one question; None once the system is given up."""
        if self._system is None and not self._given_up:
            self.start()
        if self._system is None:
            return None
        head = {"id": gold.id, "system": self.name, "question": gold.question}
        try:
            reply = self._system.ask(gold.question, [(turn.question, turn.answer) for turn in gold.history])
        except SystemFailed as error:
            self._system = None
            self._failures += 1
            if self._failures == FAILURES:
                self._give_up(error)
            return {**head, "error": str(error)}
        self._failures = 0
        return {**head, **reply}

    def stop(self) -> None:
        if self._system is not None and (peak_mb := self._system.stop()) is not None:
            self._contest.systems.ended(self.name, peak_mb)

    def _give_up(self, error: SystemFailed) -> None:
        self._system = None
        self._given_up = True
        self._contest.systems.given_up(self.name, str(error))
        self._warn(str(error))


def _rows(contest: Contest, askers: Mapping[str, _Asker], done: set[Place]) -> Iterator[Json]:
    for turn, gold in enumerate(contest.gold):
        for name in rotated(list(contest.commands), turn):
            if (gold.id, name) not in done and (row := askers[name].ask(gold)) is not None:
                yield row
