"""Whether a judge agrees with people: measured on pairs of answers of which people said which is better.

The labels are those of RAGChecker's meta evaluation (``human_labeled_data.json``, Apache-2.0), which the user has:
280 English questions with a reference and the answers of two systems, each compared by two annotators from -2 (the
first is better) to 2 (the second is). What the judge says is set against each annotator, and the annotators against
each other, which is as far as agreement can go. The judge is asked in two ways:

    verdicts      whether each of the two answers is right, as in a run; right and wrong differ by one, else a tie
    preferences   which is better, in both orders; the same answer both times is better by one, else a tie
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Self

from eval.aside import write_json
from eval.judges.concord import Concord, Estimate, concord, share
from eval.judges.judging import Judge
from eval.judges.pairs import Pair, read_pairs
from rag.building import Progress
from rag.errors import UsageError
from rag.language import Language
from rag.records import Json

# A judge is to be relied on whose kappa of preferences with one person is surely above the bar; two people reach 0.51.
BAR = 0.4
FEWEST = 50  # pairs judged in either way; of fewer, some judges agree with people by luck

_CONCORDS = ("verdicts", "preferences", "people")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a judge agrees with people on ``pairs`` of a file, whose SHA-256 is ``data_sha256``.

    ``verdicts_judged`` and ``preferences_judged`` count pairs for which both replies could be read; only those are in
    ``verdicts`` and ``preferences``. ``consistent`` is the share of pairs where the same answer was preferred in both
    orders, ``took_first`` the share of single preferences that went to the answer shown first.
    """

    judge: str
    fingerprint: str
    data_sha256: str
    pairs: int
    verdicts_judged: int
    preferences_judged: int
    verdicts: Concord
    preferences: Concord
    people: Concord
    consistent: float | None
    took_first: float | None
    seconds_per_pair: float

    @property
    def reliable(self) -> bool:
        """Whether enough pairs show preferences surely above the bar, and verdicts above chance."""
        kappa, side = self.preferences.kappa.low, self.verdicts.side.low
        enough = min(self.verdicts_judged, self.preferences_judged) >= FEWEST
        return enough and kappa is not None and kappa > BAR and side is not None and side > 1 / 2

    def to_json(self) -> Json:
        """Return the measurement as a JSON object."""
        return {**asdict(self), "reliable": self.reliable, "bar": BAR, "fewest": FEWEST}

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read what :meth:`to_json` returned."""
        concords = {name: Concord.from_json(body[name]) for name in _CONCORDS}
        return cls(**{each.name: body[each.name] for each in fields(cls)} | concords)


def measure(
    judge: Judge, path: Path, limit: int | None, progress: Progress
) -> tuple[Agreement, tuple[UsageError, ...]]:
    """Ask the judge about the first ``limit`` pairs of a file; returns the errors of entries that are no pairs, too.

    Raises:
        UsageError: the file holds no pair.
        ModelError: the judge cannot be asked.

    """
    found = read_pairs(path)
    pairs = found.items[:limit]
    verdicts: list[int | None] = []
    choices: list[tuple[int | None, int | None]] = []
    before = judge.seconds
    for number, pair in enumerate(pairs):
        progress(number, len(pairs))
        verdicts.append(_verdict(judge, pair))
        choices.append(
            (judge.prefer(pair.gold, pair.first, pair.second), judge.prefer(pair.gold, pair.second, pair.first))
        )
    progress(len(pairs), len(pairs))
    preferences = [_preference(*choice) for choice in choices]
    chosen = [rating != 0 for rating in preferences if rating is not None]
    agreement = Agreement(
        judge=judge.name,
        fingerprint=judge.fingerprint,
        data_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        pairs=len(pairs),
        verdicts_judged=len(pairs) - verdicts.count(None),
        preferences_judged=len(chosen),
        verdicts=_with_people(verdicts, pairs),
        preferences=_with_people(preferences, pairs),
        people=concord([([each.labels[0]], [each.labels[1]]) for each in pairs if len(each.labels) > 1]),
        consistent=share(chosen),
        took_first=share([place == 0 for choice in choices for place in choice if place is not None]),
        seconds_per_pair=round((judge.seconds - before) / max(len(pairs), 1), 3),
    )
    return agreement, found.errors


def write_agreement(folder: Path, agreement: Agreement) -> tuple[Path, Agreement]:
    """Keep a measurement where :func:`read_agreement` finds it; returns the file and what it holds.

    An earlier one of the same judge is replaced, unless it is of more pairs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = _place(folder, agreement.fingerprint)
    before = read_agreement(folder, agreement.fingerprint)
    if before and before.pairs > agreement.pairs:
        return path, before
    write_json(path, agreement.to_json())
    return path, agreement


def read_agreement(folder: Path, fingerprint: str) -> Agreement | None:
    """Return what was measured of the judge with that fingerprint; None where nothing was, or it cannot be read."""
    try:
        return Agreement.from_json(json.loads(_place(folder, fingerprint).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remark(agreement: Agreement | None, spec: str, language: Language) -> str:
    """Return the sentences that a report puts beside the judge's figures; they warn where there is reason to."""
    command = f"suwen eval judge FILE --judge {spec}"
    if agreement is None:
        return {
            "en": f"Agreement with people: not measured yet; do not rely on it. Run: {command}",
            "zh": f"与人工判断的一致程度：尚未测量，请勿采信。运行：{command}",
        }[language]
    verdict = {
        "en": ("Reaches the bar for agreement with people.", "Not shown to agree with people; do not rely on it."),
        "zh": ("与人工判断的一致程度达到及格线。", "未能证明与人工判断一致，请勿采信。"),
    }[language][0 if agreement.reliable else 1]
    kappa, people = _shown(agreement.preferences.kappa), _shown(agreement.people.kappa)
    side, judged = _shown(agreement.verdicts.side), f"{agreement.verdicts_judged}, {agreement.preferences_judged}"
    same, first = ("-" if each is None else f"{each:.2f}" for each in (agreement.consistent, agreement.took_first))
    pairs, seconds = agreement.pairs, f"{agreement.seconds_per_pair:.2f}"
    return {
        "en": f"{verdict} Preferences: kappa with one person {kappa}, its lower end to be above {BAR}, two people "
        f"{people}; the same in both orders {same}, for the answer shown first {first}. Verdicts side with people in "
        f"{side}, its lower end to be above 0.5. {judged} of {pairs} pairs judged, at least {FEWEST} needed, "
        f"{seconds} s each; answers in English.",
        "zh": f"{verdict}偏好：与单个标注者的 kappa 为 {kappa}，区间下限须高于 {BAR}，两人之间 {people}；"
        f"调换顺序后不变的比例 {same}，偏向先出示者的比例 {first}。对错判断与人同向的比例 {side}，区间下限须高于 0.5。"
        f"{pairs} 对中判出 {judged} 对，至少须 {FEWEST} 对，每对 {seconds} 秒；答案为英文。",
    }[language]


def _verdict(judge: Judge, pair: Pair) -> int | None:
    first, second = judge.verdict(pair.gold, pair.first), judge.verdict(pair.gold, pair.second)
    return None if first is None or second is None else int(second - first)


def _preference(one: int | None, other: int | None) -> int | None:
    """Return how much better the second answer is, from the place chosen as it came second and as it came first."""
    return None if one is None or other is None else one - other


def _with_people(ratings: Sequence[int | None], pairs: Sequence[Pair]) -> Concord:
    """Compare with every annotator, as RAGChecker's own evaluation does: a rating counts once for each label."""
    rated = [(rating, pair.labels) for rating, pair in zip(ratings, pairs, strict=True) if rating is not None]
    return concord([([rating] * len(labels), labels) for rating, labels in rated])


def _place(folder: Path, fingerprint: str) -> Path:
    return folder / f"agreement-{fingerprint[:16]}.json"


def _shown(estimate: Estimate) -> str:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "-"
    return f"{estimate.value:.2f} [{estimate.low:.2f}, {estimate.high:.2f}]"
