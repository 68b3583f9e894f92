import json
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.judges.agreement import BAR, FEWEST, Agreement, measure, read_agreement, remark, write_agreement
from eval.judges.concord import Concord, Estimate
from eval.judges.judging import Judge
from eval.judges.pairs import read_pairs
from eval.runs.cache import Cache
from rag.errors import ModelError, UsageError
from rag.llm import Message, Scripted
from rag.records import Usage
from ui import evaluating
from ui.cli import main

NONE = Estimate(None, None, None)


def entry(identity: int, label: object = 1, **changes: Any) -> dict[str, Any]:
    first, second = ({"model_name": name, "response": f"{name} {identity}"} for name in ("one", "two"))
    return {
        "instance_id": identity,
        "dataset": "kiwi",
        "query": f"What is {identity}?",
        "gt_answer": f"It is {identity}.",
        "model1": first,
        "model2": second,
        "overall_label": label,
        **changes,
    }


def labelled(path: Path, *entries: object) -> Path:
    path.write_text(json.dumps(entries), encoding="utf-8")
    return path


def silent(done: int, total: int) -> None:
    """Show nothing."""


class Knowing(Scripted):
    """A judge that finds every answer of the system ``better`` right, and all others wrong."""

    def __init__(self, better: str) -> None:
        super().__init__("")
        self.better = better

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, fresh: bool = False
    ) -> Generator[str, None, Usage]:
        text = messages[0].text
        if "Answer B:" in text:
            self._replies = ["A" if f"Answer A:\n{self.better}" in text else "B"]
        else:
            self._replies = ["right" if f"judged:\n{self.better}" in text else "wrong"]
        return super().stream(messages, max_tokens=max_tokens, fresh=fresh)


def test_pairs_gather_the_labels_of_their_annotators(tmp_path: Path) -> None:
    found = read_pairs(labelled(tmp_path / "p.json", entry(1, 2), entry(1, -1), entry(2, 0)))
    assert {pair.gold.id: pair.labels for pair in found.items} == {"1": (2, -1), "2": (0,)}
    pair = next(pair for pair in found.items if pair.gold.id == "1")
    assert (pair.gold.question, pair.gold.answers) == ("What is 1?", ("It is 1.",))
    assert (pair.first, pair.second) == ("one 1", "two 1")
    assert found.errors == ()


def test_a_system_that_said_nothing_is_compared_too(tmp_path: Path) -> None:
    found = read_pairs(labelled(tmp_path / "p.json", entry(1, 2, model1={"response": ""})))
    assert ([pair.first for pair in found.items], found.errors) == ([""], ())


def test_the_order_is_shuffled_and_the_same_whatever_the_file_says(tmp_path: Path) -> None:
    entries = [entry(number) for number in range(20)]
    orders = [
        [pair.gold.id for pair in read_pairs(labelled(tmp_path / "p.json", *each)).items]
        for each in (entries, entries[::-1])
    ]
    assert orders[0] == orders[1] != [str(number) for number in range(20)]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        pytest.param(7, "not subscriptable", id="no-object"),
        pytest.param({}, "'overall_label'", id="empty"),
        pytest.param(entry(1, 3), "overall_label is 3, not a whole number from -2 to 2", id="label-too-strong"),
        pytest.param(entry(1, "1"), "overall_label is '1', not", id="label-is-text"),
        pytest.param(entry(1, True), "overall_label is True, not", id="label-is-truth"),
        pytest.param(entry(1, gt_answer=" "), "must not be empty", id="reference-is-blank"),
        pytest.param(entry(1, model1={"response": None}), "must be texts", id="response-is-none"),
        pytest.param(entry(1, model2={}), "'response'", id="no-response"),
        pytest.param(entry(1, model1="text"), "must be integers", id="model-is-text"),
        pytest.param(entry(2, query="Else?"), "another pair than before under instance_id 2", id="two-pairs-of-one-id"),
    ],
)
def test_a_bad_entry_is_named_and_the_rest_goes_on(bad: object, said: str, tmp_path: Path) -> None:
    path = labelled(tmp_path / "p.json", entry(2), bad, entry(2, -1))
    agreement, (error,) = measure(Judge(Knowing("two"), "m"), path, None, silent)
    assert str(error).startswith(f"{path}: entry 2: not a labelled pair (")
    assert said in str(error)
    assert "\n" not in str(error)
    assert (agreement.pairs, agreement.verdicts.n) == (1, 2)


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", "[{}]", "\udcff"])
def test_a_file_without_pairs(text: str, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UsageError, match=r"p\.json: .*; give RAGChecker's human_labeled_data\.json$"):
        read_pairs(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_pairs(tmp_path / "none.json")


def test_a_judge_that_sides_with_people(tmp_path: Path) -> None:
    entries = [entry(number, label) for number in range(8) for label in (1, 2)]
    agreement, errors = measure(Judge(Knowing("two"), "m"), labelled(tmp_path / "p.json", *entries), None, silent)
    assert errors == ()
    assert (agreement.pairs, agreement.verdicts_judged, agreement.preferences_judged) == (8, 8, 8)
    for each in (agreement.verdicts, agreement.preferences):
        assert each == Concord(16, Estimate(1, 1, 1), NONE)  # they all say one thing: kappa has nothing to tell apart
    assert agreement.people == Concord(8, Estimate(1, 1, 1), NONE)
    assert (agreement.consistent, agreement.took_first) == (1.0, 0.5)
    assert not agreement.reliable


def test_figures_by_arithmetic(tmp_path: Path) -> None:
    # each judgement is "two is better"; labels of eight comparisons: five say so, one is a tie, two say "one is better"
    entries = [entry(1, 1), entry(1, 2), entry(2, 1), entry(2, 0), entry(3, -1), entry(3, -2), entry(4, 2), entry(4, 1)]
    agreement, _ = measure(Judge(Knowing("two"), "m"), labelled(tmp_path / "p.json", *entries), None, silent)
    assert agreement.verdicts.side.value == 5 / 7
    assert agreement.verdicts.kappa.value == 0.0  # what one gets who says the same of all
    expected = (3 * 2 + 1 * 1 + 0 * 1) / 16  # second better, first better, tie; they differ in the second pair
    assert agreement.people.kappa.value == pytest.approx((3 / 4 - expected) / (1 - expected), abs=1e-12)


def test_a_judge_that_takes_whatever_comes_first(tmp_path: Path) -> None:
    path = labelled(tmp_path / "p.json", *[entry(number, label) for number in range(4) for label in (0, 1)])
    agreement, _ = measure(Judge(Scripted("A"), "m"), path, None, silent)
    assert (agreement.preferences_judged, agreement.consistent, agreement.took_first) == (4, 0.0, 1.0)
    assert agreement.preferences.side == NONE  # ties throughout
    assert (agreement.verdicts_judged, agreement.verdicts) == (0, Concord(0, NONE, NONE))
    said = remark(agreement, "j", "en")
    assert "the same in both orders 0.00, for the answer shown first 1.00" in said


def test_a_stopped_measurement_goes_on(tmp_path: Path) -> None:
    path = labelled(tmp_path / "p.json", *[entry(number, 1) for number in range(5)])
    kept = Cache(tmp_path / "kept.db")
    seen: list[tuple[int, int]] = []
    broken = Scripted(*["right"] * 6, ModelError("gone"))
    with pytest.raises(ModelError, match="gone"):
        measure(Judge(broken, "m", kept), path, None, silent)
    model = Scripted("wrong")
    agreement, _ = measure(Judge(model, "m", kept), path, None, lambda done, total: seen.append((done, total)))
    assert len(model.asked) == 5 * 4 - 6
    assert agreement.pairs == 5
    assert seen == [(number, 5) for number in range(6)]
    kept.close()


def test_the_first_few(tmp_path: Path) -> None:
    model = Scripted("wrong")
    path = labelled(tmp_path / "p.json", *[entry(number) for number in range(9)])
    agreement, _ = measure(Judge(model, "m"), path, 2, silent)
    assert (agreement.pairs, len(model.asked)) == (2, 8)


def concord_of(kappa: float, side: float) -> Concord:
    """Return one whose intervals have these lower ends."""
    return Concord(9, Estimate(0.7, side, 0.9), Estimate(0.95, kappa, 0.99))


def agreement_of(kappa: float, side: float, verdicts: int = 60, preferences: int = 50) -> Agreement:
    same = concord_of(kappa, side)
    people = concord_of(0.43, 0.6)
    return Agreement("j", "f" * 64, "d", 60, verdicts, preferences, same, same, people, 0.5, 0.6, 1.25)


def test_a_measurement_is_kept_by_the_judges_fingerprint(tmp_path: Path) -> None:
    agreement = agreement_of(0.5, 0.6)
    assert read_agreement(tmp_path / "new", "f" * 64) is None
    path, _ = write_agreement(tmp_path / "new", agreement)
    assert read_agreement(tmp_path / "new", "f" * 64) == agreement
    assert read_agreement(tmp_path / "new", "e" * 64) is None
    assert json.loads(path.read_text(encoding="utf-8"))["reliable"] is True
    for text in ("", "[]", "{}", '{"judge": 1}'):
        path.write_text(text, encoding="utf-8")
        assert read_agreement(tmp_path / "new", "f" * 64) is None


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_the_last_of_the_largest_measurements_of_a_judge_is_kept(sizes: list[int]) -> None:
    with TemporaryDirectory() as folder:
        largest = replace(agreement_of(0.5, 0.6), pairs=0)
        for number, pairs in enumerate(sizes):
            agreement = replace(agreement_of(0.5, 0.6), pairs=pairs, seconds_per_pair=number)
            largest = agreement if pairs >= largest.pairs else largest
            assert write_agreement(Path(folder), agreement)[1] == largest
            assert read_agreement(Path(folder), "f" * 64) == largest


def test_a_smaller_measurement_is_said_not_to_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluating, "CACHE", tmp_path / "cache.sqlite")
    monkeypatch.setattr(evaluating, "JUDGES", tmp_path / "judges")
    monkeypatch.setattr(
        "eval.judges.judging.open_judge", lambda settings, spec, cache: Judge(Knowing("two"), "m", cache)
    )
    labels = str(labelled(tmp_path / "p.json", *(entry(number) for number in range(3))))
    command = ["eval", "judge", labels, "--judge", "openai:m"]
    said = "suwen: the earlier measurement is kept, as it is of more pairs (3, not 2)\n"
    for options, warned in (([], ""), (["--limit", "2"], said), (["--limit", "3"], "")):
        assert main([*command, *options]) == 0
        shown = capsys.readouterr()
        assert shown.err == warned
        (path,) = (tmp_path / "judges").iterdir()
        assert shown.out.endswith(f"{path}\n")
        assert json.loads(path.read_text(encoding="utf-8"))["pairs"] == 3


@pytest.mark.parametrize(
    ("agreement", "reliable"),
    [
        (agreement_of(BAR + 0.01, 0.51), True),
        (agreement_of(BAR, 0.51), False),  # though kappa itself is far above it
        (agreement_of(0.9, 0.5), False),
        (agreement_of(0.9, 0.9, FEWEST, FEWEST), True),
        (agreement_of(0.9, 0.9, FEWEST - 1, FEWEST), False),
        (agreement_of(0.9, 0.9, FEWEST, FEWEST - 1), False),
    ],
    ids=["above", "kappa at the bar", "side by chance", "enough", "too few verdicts", "too few preferences"],
)
def test_the_bar(agreement: Agreement, reliable: bool) -> None:
    assert agreement.reliable is reliable
    assert ("do not rely on it" in remark(agreement, "j", "en")) is not reliable
    assert ("请勿采信" in remark(agreement, "j", "zh")) is not reliable


@pytest.mark.parametrize(("pairs", "reliable"), [(3, False), (FEWEST - 1, False), (FEWEST, True)])
def test_agreeing_on_a_few_pairs_is_not_enough(tmp_path: Path, pairs: int, reliable: bool) -> None:
    # a judge that agrees with people throughout: of every three pairs, one where the first system is better
    entries = [
        entry(number, 1, model1={"response": "bad"}, model2={"response": "good"})
        if number % 3
        else entry(number, -1, model1={"response": "good"}, model2={"response": "bad"})
        for number in range(pairs)
    ]
    agreement, _ = measure(Judge(Knowing("good"), "m"), labelled(tmp_path / "p.json", *entries), None, silent)
    assert (agreement.preferences.kappa, agreement.verdicts.side) == (Estimate(1, 1, 1), Estimate(1, 1, 1))
    assert agreement.reliable is reliable


def test_what_the_report_says() -> None:
    said = "Agreement with people: not measured yet; do not rely on it. Run: suwen eval judge FILE --judge openai:m"
    assert remark(None, "openai:m", "en") == said
    assert "suwen eval judge FILE --judge openai:m" in remark(None, "openai:m", "zh")
    assert remark(agreement_of(0.5, 0.6), "j", "en") == (
        "Reaches the bar for agreement with people. Preferences: kappa with one person 0.95 [0.50, 0.99], its lower "
        "end to be above 0.4, two people 0.95 [0.43, 0.99]; the same in both orders 0.50, for the answer shown first "
        "0.60. Verdicts side with people in 0.70 [0.60, 0.90], its lower end to be above 0.5. 60, 50 of 60 pairs "
        "judged, at least 50 needed, 1.25 s each; answers in English."
    )
    chinese = remark(agreement_of(0.5, 0.6), "j", "zh")
    assert "调换顺序后不变的比例 0.50，偏向先出示者的比例 0.60。" in chinese
    assert "每对 1.25 秒" in chinese


def test_what_was_never_judged_has_no_share(tmp_path: Path) -> None:
    path = labelled(tmp_path / "p.json", entry(1))
    agreement, _ = measure(Judge(Scripted("neither"), "m"), path, None, silent)
    assert "the same in both orders -, for the answer shown first -." in remark(agreement, "j", "en")
