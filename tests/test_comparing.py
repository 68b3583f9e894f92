from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.bench.scripted import article
from eval.runs.comparing import Change, Pairing, Verdict, compare
from eval.runs.gates import check_comparison, parse_gate
from eval.runs.run import Run, finish
from rag.errors import UsageError
from rag.records import Json
from tests.runs import REFUSAL, make_run, questions, quote


def pair(before: Run, after: Run) -> Pairing:
    (pairing,) = compare([before, after]).pairings
    return pairing


def change(pairing: Pairing, name: str, category: str = "") -> Change:
    found = pairing.change(name, category)
    assert found
    return found


def numbers(of: Change) -> tuple[float, ...]:
    return of.before, of.after, of.low, of.high, of.p, of.n


def test_a_run_against_itself_is_even_throughout(tmp_path: Path) -> None:
    run = make_run(tmp_path / "a", "+-0!++0-", seconds=[1, 2, 3, 4, 5, 6, 7, 8])
    pairing = pair(run, run)
    assert {(each.difference, each.low, each.high, each.p, each.verdict) for each in pairing.changes} == {
        (0.0, 0.0, 0.0, 1.0, "even")
    }
    assert (pairing.flips, dict(pairing.differs), dict(pairing.left_out)) == ((), {}, {})


def test_a_share_has_mcnemars_p_and_the_bootstraps_interval(tmp_path: Path) -> None:
    pairing = pair(make_run(tmp_path / "a", "++++"), make_run(tmp_path / "b", "---+"))
    # three questions lost and none gained: 2 of the 8 ways to lose or gain them are as uneven.
    # k of 4 draws hit a lost one with the chance of a binomial: 4 for 32 %, 1 or fewer for 5 %, 0 for 0.4 %
    assert numbers(change(pairing, "right")) == (1.0, 0.25, -1.0, -0.25, 2 / 8, 4)
    assert change(pairing, "right").difference == -0.75
    assert change(pairing, "right").loss == 0.75
    assert numbers(change(pairing, "hit@1")) == (1.0, 1.0, 0.0, 0.0, 1.0, 4)


@pytest.mark.parametrize(
    ("lost", "p", "verdict"), [(5, 2 / 2**5, "even"), (6, 2 / 2**6, "worse")], ids=["luck", "no luck"]
)
def test_an_interval_without_zero_is_not_enough(tmp_path: Path, lost: int, p: float, verdict: Verdict) -> None:
    pairing = pair(make_run(tmp_path / "a", "+" * lost), make_run(tmp_path / "b", "-" * lost))
    assert numbers(change(pairing, "right")) == (1.0, 0.0, -1.0, -1.0, p, lost)
    assert change(pairing, "right").verdict == verdict


@given(st.floats(0, 1), st.floats(-1, 1), st.floats(0, 1), st.sampled_from(["right", "false_refusals"]))
def test_a_verdict_takes_p_and_interval(p: float, low: float, width: float, name: str) -> None:
    after = low + width / 2
    told = Change(name, "", 0.0, after, low, low + width, p, 10)
    certain = p < 0.05 and (low > 0 or low + width < 0)
    assert (told.verdict != "even") == certain
    if certain:
        assert told.verdict == ("better" if (after > 0) == (name == "right") else "worse")
    assert told.loss == (-after if name == "right" else after)


def test_shares_of_repeats_have_a_permutations_p(tmp_path: Path) -> None:
    before = make_run(tmp_path / "a", "++-", "++-")
    after = make_run(tmp_path / "b", "-+-", "--+")
    # differences -1, -1/2, +1/2: of the 8 choices of signs, all but the 2 that sum to 0 reach 1 either way
    assert change(pair(before, after), "right").p == 6 / 8
    assert change(pair(before, after), "right").difference == pytest.approx(-1 / 3)


def test_a_median_has_the_p_of_exchanged_runs(tmp_path: Path) -> None:
    before = make_run(tmp_path / "a", "+++", seconds=[1, 2, 3])
    after = make_run(tmp_path / "b", "+++", seconds=[11, 12, 13])
    # only none or all of three swaps leave the medians 10 apart; with one or two they are 9, 8 and 9 apart
    told = change(pair(before, after), "total_p50")
    assert numbers(told) == (2.0, 12.0, 10.0, 10.0, 2 / 8, 3)
    assert told.loss == 10.0


def test_an_order_of_confidence_alone_changes_the_risk(tmp_path: Path) -> None:
    before = make_run(tmp_path / "a", "+-", confidence=[0.9, 0.1])
    after = make_run(tmp_path / "b", "+-", confidence=[0.1, 0.9])
    pairing = pair(before, after)
    assert change(pairing, "right").difference == 0.0
    told = change(pairing, "risk_area")  # the right answer first: risks 0 and 1/2; last: 1 and 1/2
    assert (told.before, told.after) == pytest.approx((0.25, 0.75))
    assert (told.low, told.high) == pytest.approx((0.0, 0.5))  # half of the draws are of one question twice
    assert told.p == 2 / 4  # a single swap leaves ties in both runs
    assert pairing.flips == ()


def test_only_questions_that_both_runs_scored_count(tmp_path: Path) -> None:
    pairing = pair(make_run(tmp_path / "a", "0+++"), make_run(tmp_path / "b", "+-+!"))
    assert numbers(change(pairing, "citation_recall"))[:2] == (1.0, 0.5)
    assert change(pairing, "citation_recall").n == 2
    assert change(pairing, "right").n == 4
    assert pairing.change("judge") is None
    assert pairing.change("refused_unanswerable") is None


def test_flips_hold_both_answers(tmp_path: Path) -> None:
    gold = questions(3, unanswerable=1)
    pairing = pair(make_run(tmp_path / "a", "+-+0", gold=gold), make_run(tmp_path / "b", "0++!", gold=gold))
    assert [(each.gold.id, each.gained) for each in pairing.flips] == [("q0", False), ("q1", True), ("q3", False)]
    lost, gained, broken = pairing.flips
    assert (lost.before["answer"], lost.after["answer"]) == ("当年产茶0吨[1]。", REFUSAL)
    assert (gained.before["answer"], gained.after["answer"]) == ("当年产茶501吨[1]。", "当年产茶1吨[1]。")
    assert (broken.before["answer"], broken.after["error"]) == (REFUSAL, "no answer")


def test_a_question_flips_by_most_of_its_repeats_and_shows_one_of_those(tmp_path: Path) -> None:
    before = make_run(tmp_path / "a", "-++", "+--", "+-+")  # right, wrong, right
    after = make_run(tmp_path / "b", "++-", "-+-", "--+")  # wrong, right, wrong
    pairing = pair(before, after)
    assert [(each.gold.id, each.gained) for each in pairing.flips] == [("q0", False), ("q1", True), ("q2", False)]
    assert [(each.before["answer"], each.after["answer"]) for each in pairing.flips] == [
        ("当年产茶0吨[1]。", "当年产茶500吨[1]。"),
        ("当年产茶501吨[1]。", "当年产茶1吨[1]。"),
        ("当年产茶2吨[1]。", "当年产茶502吨[1]。"),
    ]


def test_half_of_the_repeats_is_not_right(tmp_path: Path) -> None:
    halves = make_run(tmp_path / "a", "+", "-")
    assert [each.gained for each in pair(halves, make_run(tmp_path / "b", "+", "+")).flips] == [True]
    assert pair(halves, make_run(tmp_path / "c", "-", "-")).flips == ()


def test_what_is_not_the_same_question_is_left_out_and_said_why(tmp_path: Path) -> None:
    gold = questions(6)
    changed = [
        replace(gold[1], question="第1年的产量是几吨？"),
        replace(gold[2], facts=(("2吨", "两吨"),)),
        replace(gold[3], evidence=((quote(3), "茶厂产茶3吨。"),)),
        replace(gold[4], category="why"),
        gold[5],
        *questions(7)[6:],
    ]
    pairing = pair(make_run(tmp_path / "a", "++++++", gold=gold), make_run(tmp_path / "b", "-----+", gold=changed))
    assert pairing.left_out == {
        "q0": "only in a",
        "q1": "asked differently",
        "q2": "judged by other answers",
        "q3": "judged by other answers",
        "q6": "only in b",
    }
    assert numbers(change(pairing, "right"))[:2] == (1.0, 0.0)
    assert change(pairing, "right").n == 2
    assert [each.gold.id for each in pairing.flips] == ["q4", "q5"]


def test_a_question_counts_in_the_category_that_it_has_now(tmp_path: Path) -> None:
    gold = questions(3)
    moved = [replace(gold[0], category="why"), *gold[1:]]
    pairing = pair(make_run(tmp_path / "a", "+++", gold=gold), make_run(tmp_path / "b", "-++", gold=moved))
    assert [(each.category, each.difference, each.n) for each in pairing.changes if each.name == "right"] == [
        ("", pytest.approx(-1 / 3), 3),
        ("why", -1.0, 1),
        ("single-fact", 0.0, 2),
    ]


def test_questions_without_a_category_are_told_once(tmp_path: Path) -> None:
    gold = [replace(each, category="") for each in questions(2)] + questions(3)[2:]
    pairing = pair(make_run(tmp_path / "a", "+++", gold=gold), make_run(tmp_path / "b", "-++", gold=gold))
    assert [(each.category, each.n) for each in pairing.changes if each.name == "right"] == [
        ("", 3),
        ("single-fact", 1),
    ]


def test_the_order_of_the_baselines_questions_does_not_matter(tmp_path: Path) -> None:
    gold = questions(5, unanswerable=1)
    after = make_run(tmp_path / "b", "0+-+!0", gold=gold, seconds=[1, 1, 2, 3, 5, 8])
    straight = make_run(tmp_path / "a", "+++--+", gold=gold, seconds=[8, 5, 3, 2, 1, 1])
    backward = make_run(tmp_path / "c", "+--+++", gold=gold[::-1], seconds=[1, 1, 2, 3, 5, 8])
    one, other = pair(straight, after), pair(backward, after)
    assert one.changes == other.changes
    assert [each.gold.id for each in one.flips] == [each.gold.id for each in other.flips]
    assert [each.before["answer"] for each in one.flips] == [each.before["answer"] for each in other.flips]


LETTERS = st.lists(st.sampled_from("+-0!"), min_size=1, max_size=9)


@settings(max_examples=15)
@given(st.data())
def test_the_other_way_round_it_is_the_same_with_the_other_sign(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    before = data.draw(LETTERS)
    after = data.draw(st.lists(st.sampled_from("+-0!"), min_size=len(before), max_size=len(before)))
    one, other = make_run(folder / "a", "".join(before)), make_run(folder / "b", "".join(after))
    forth, back = pair(one, other), pair(other, one)
    for told, reverse in zip(forth.changes, back.changes, strict=True):
        assert (told.before, told.after, told.p, told.n) == (reverse.after, reverse.before, reverse.p, reverse.n)
        assert (told.low, told.high) == pytest.approx((-reverse.high, -reverse.low))
        assert {told.verdict, reverse.verdict} in ({"even"}, {"better", "worse"})
    assert [(each.gold.id, each.gained) for each in forth.flips] == [
        (each.gold.id, not each.gained) for each in back.flips
    ]
    right = change(forth, "right")
    gained = sum(each.gained for each in forth.flips)
    assert right.difference * right.n == pytest.approx(2 * gained - len(forth.flips))


def test_what_was_changed_between_runs_is_told(tmp_path: Path) -> None:
    before = make_run(
        tmp_path / "a", "+", settings={"llm": "extractive", "threads": 2}, model={"spec": "x", "fingerprint": "1"}
    )
    after = make_run(
        tmp_path / "b", "+", "+", settings={"llm": "ollama:y", "threads": 2}, model={"spec": "y", "fingerprint": "2"},
        prompts_sha256="abc",
    )  # fmt: skip
    assert pair(before, after).differs == {
        "prompts_sha256": ("None", "abc"),
        "model": ("x, 1", "y, 2"),
        "repeat": ("1", "2"),
        "settings.llm": ("extractive", "ollama:y"),
    }


def test_judges_that_differ_are_told_and_not_compared(tmp_path: Path) -> None:
    judges: list[Json] = [
        {"spec": "x", "fingerprint": "1", "agreement": None},
        {"spec": "x", "fingerprint": "1", "agreement": {"pairs": 280}},
        {"spec": "x", "fingerprint": "2", "agreement": None},
    ]
    one, same, other, unjudged = (make_run(tmp_path / name, "+-") for name in "abcd")
    one, same, other = (
        finish(run.folder, article, lambda gold, answer: 1.0, judge)
        for run, judge in zip((one, same, other), judges, strict=True)
    )
    assert (pair(one, same).differs, change(pair(one, same), "judge").n) == ({}, 2)
    assert pair(one, other).differs == {"judge": ("x, 1", "x, 2")}
    assert pair(one, other).change("judge") is None
    assert change(pair(one, other), "right").n == 2
    assert pair(unjudged, one).differs == {"judge": ("None", "x, 1")}
    assert [each.line for each in check_comparison([parse_gate("worse(judge)")], compare([one, other]))] == [
        "FAIL  worse(judge): the judges differ"
    ]


def test_every_run_is_set_against_the_first(tmp_path: Path) -> None:
    runs = [make_run(tmp_path / name, letters) for name, letters in (("a", "++"), ("b", "+-"), ("c", "--"))]
    comparison = compare(runs)
    assert comparison.baseline is runs[0]
    assert [each.run for each in comparison.pairings] == runs[1:]
    assert [change(each, "right").difference for each in comparison.pairings] == [-0.5, -1.0]


def test_runs_of_other_questions_are_not_compared(tmp_path: Path) -> None:
    gold = questions(4)
    one, other = make_run(tmp_path / "a", "++", gold=gold[:2]), make_run(tmp_path / "b", "++", gold=gold[2:])
    with pytest.raises(UsageError, match="b: has no question in common with .*a; compare runs of one gold set"):
        compare([one, other])
