import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.measures.metrics import METRICS
from eval.runs.comparing import compare
from eval.runs.gates import Gate, GateResult, check_comparison, check_run, parse_gate
from rag.errors import UsageError
from tests.runs import make_run, questions

GRAMMAR = 'write "METRIC < NUMBER", "METRIC[CATEGORY] < NUMBER", "worse(METRIC)" or "worse(METRIC) > NUMBER"'
OPERATORS = ("<", "<=", ">", ">=")


def lines(results: list[GateResult]) -> list[str]:
    return [each.line for each in results]


def against(folder: Path, before: str, after: str, *gates: str) -> list[GateResult]:
    comparison = compare([make_run(folder / "a", before), make_run(folder / "b", after)])
    return check_comparison([parse_gate(gate) for gate in gates], comparison)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("right < .9", Gate("right < .9", "right", "", False, "<", 0.9)),
        ("right<0.9", Gate("right<0.9", "right", "", False, "<", 0.9)),
        (" hit@1 >= 1. ", Gate("hit@1 >= 1.", "hit@1", "", False, ">=", 1.0)),
        ("right[why] <= .5", Gate("right[why] <= .5", "right", "why", False, "<=", 0.5)),
        ("right [ dev unanswerable ] > 0", Gate(
            "right [ dev unanswerable ] > 0", "right", "dev unanswerable", False, ">", 0.0)),
        ("right[多事实] < .5", Gate("right[多事实] < .5", "right", "多事实", False, "<", 0.5)),
        ("worse(right)", Gate("worse(right)", "right", "", True, "", 0.0)),
        ("worse ( recall@5 ) > .02", Gate("worse ( recall@5 ) > .02", "recall@5", "", True, ">", 0.02)),
        ("worse(right[why]) >= .02", Gate("worse(right[why]) >= .02", "right", "why", True, ">=", 0.02)),
        ("worse(right) > -.02", Gate("worse(right) > -.02", "right", "", True, ">", -0.02)),
        ("total_p90 > 12.5", Gate("total_p90 > 12.5", "total_p90", "", False, ">", 12.5)),
        ("worse(prompt_tokens) > 100", Gate("worse(prompt_tokens) > 100", "prompt_tokens", "", True, ">", 100.0)),
    ],
)  # fmt: skip
def test_a_condition_is_read(text: str, expected: Gate) -> None:
    assert parse_gate(text) == expected


@given(
    st.sampled_from(list(METRICS)),
    st.sampled_from(OPERATORS),
    st.decimals(-1, 1, places=4),
    st.text("abc 多事实-_.", min_size=1).map(str.strip),
    st.booleans(),
)
def test_every_metric_can_be_held_to_every_number(
    metric: str, operator: str, bound: Decimal, category: str, spaced: bool
) -> None:
    of = f"{metric}[{category}]" if category else metric
    gap = " " if spaced else ""
    absolute = f"{of}{gap}{operator}{gap}{bound:f}"
    assert parse_gate(absolute) == Gate(absolute, metric, category, False, operator, float(bound))
    worse = f"worse({gap}{of}{gap}){gap}{operator}{gap}{bound:f}"
    if operator in (">", ">="):
        assert parse_gate(worse) == Gate(worse, metric, category, True, operator, float(bound))
    else:
        with pytest.raises(UsageError, match="fails a run that is not worse"):
            parse_gate(worse)


@given(st.sampled_from(list(METRICS)), st.sampled_from(OPERATORS), st.decimals(1, 10**6, places=2))
def test_only_what_has_a_unit_is_held_to_more_than_one(metric: str, operator: str, bound: Decimal) -> None:
    text = f"{metric} {operator} {bound:f}"
    if METRICS[metric].unit or bound == 1:
        assert parse_gate(text).bound == float(bound)
    else:
        with pytest.raises(UsageError, match=f"{metric} is a share from 0 to 1; write .9 for 90 %"):
            parse_gate(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "right", "right < ", "< .9", "right = .9", "right == .9", "right < 90%", "right < 1e-3", "right < .",
        "right < nan", "worse(right", "worse right)", "right) < .9", "worse()", "right[why < .5", "right[] < .5",
        "right[ ] < .5", "worse(right)[why]", "worse(worse(right))", "right < .9 and facts < .9", "right < .9.1",
        "better(right)",
    ],
)  # fmt: skip
def test_what_is_no_condition_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(f'--fail-if {text!r} is no condition; {GRAMMAR}')}$"):
        parse_gate(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wright < .9", f"no metric 'wright'; metrics are {', '.join(METRICS)}"),
        ("worse(Right)", f"no metric 'Right'; metrics are {', '.join(METRICS)}"),
        ("right < 90", "right is a share from 0 to 1; write .9 for 90 %"),
        ("worse(right) > 2", "right is a share from 0 to 1; write .9 for 90 %"),
        ("worse(right) < .02", f"fails a run that is not worse; {GRAMMAR}"),
        ("worse(right) <= .02", f"fails a run that is not worse; {GRAMMAR}"),
    ],
)
def test_a_condition_that_cannot_be_meant_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(f'--fail-if {text!r}: {message}')}$"):
        parse_gate(text)


def test_a_run_fails_when_a_condition_holds(tmp_path: Path) -> None:
    run = make_run(tmp_path / "a", "+++-", seconds=[1, 2, 3, 4])
    gates = ["right < .75", "right <= .75", "right > .75", "right >= .75", "total_p50 > 2.4", "errors > 0"]
    results = check_run([parse_gate(gate) for gate in gates], run.summary)
    assert lines(results) == [
        "pass  right < .75: 0.750, 4 of 4 questions scored",
        "FAIL  right <= .75: 0.750, 4 of 4 questions scored",
        "pass  right > .75: 0.750, 4 of 4 questions scored",
        "FAIL  right >= .75: 0.750, 4 of 4 questions scored",
        "FAIL  total_p50 > 2.4: 2.500, 4 of 4 questions scored",
        "pass  errors > 0: 0.000, 4 of 4 questions scored",
    ]
    assert [each.failed for each in results] == [each.line.startswith("FAIL") for each in results]


def test_a_category_is_held_by_itself(tmp_path: Path) -> None:
    gold = [replace(each, category="why") for each in questions(2)] + questions(6)[2:]
    run = make_run(tmp_path / "a", "+-++++", gold=gold)
    gates = [parse_gate(gate) for gate in ("right[why] < .6", "right[single-fact] < .6", "right < .6")]
    assert lines(check_run(gates, run.summary)) == [
        "FAIL  right[why] < .6: 0.500, 2 of 2 questions scored",
        "pass  right[single-fact] < .6: 1.000, 4 of 4 questions scored",
        "pass  right < .6: 0.833, 6 of 6 questions scored",
    ]
    with pytest.raises(UsageError, match=r"'right\[wy\] < .6': no category 'wy'; categories are why, single-fact$"):
        check_run([parse_gate("right[wy] < .6")], run.summary)


def test_what_was_not_scored_fails(tmp_path: Path) -> None:
    run = make_run(tmp_path / "a", "00")
    gates = [parse_gate(gate) for gate in ("citation_recall < .1", "judge > .9", "false_refusals[single-fact] > 1")]
    assert lines(check_run(gates, run.summary)) == [
        "FAIL  citation_recall < .1: nothing was scored, 0 of 2 questions",
        "FAIL  judge > .9: nothing was scored, 0 of 2 questions",
        "pass  false_refusals[single-fact] > 1: 1.000, 2 of 2 questions scored",
    ]
    compared = against(tmp_path / "c", "00", "++", "worse(citation_recall)", "worse(citation_recall) > .5")
    assert lines(compared) == [
        "FAIL  worse(citation_recall): nothing was scored in both runs",
        "FAIL  worse(citation_recall) > .5: nothing was scored in both runs",
    ]
    assert all(each.failed for each in compared)


def test_a_loss_needs_a_baseline(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'worse\(right\)' needs a baseline; use it with: suwen eval compare"):
        check_run([parse_gate("worse(right)")], make_run(tmp_path / "a", "+").summary)


def test_a_loss_without_a_bound_must_be_more_than_luck(tmp_path: Path) -> None:
    gates = ("worse(right)", "worse(right) > .9", "worse(hit@1)")
    assert lines(against(tmp_path / "luck", "+" * 5, "-" * 5, *gates)) == [
        "pass  worse(right): 1.000 to 0.000, p 0.062, 5 questions",
        "FAIL  worse(right) > .9: 1.000 to 0.000, p 0.062, 5 questions",
        "pass  worse(hit@1): 1.000 to 1.000, p 1, 5 questions",
    ]
    assert lines(against(tmp_path / "loss", "+" * 6, "-" * 6, *gates))[0] == (
        "FAIL  worse(right): 1.000 to 0.000, p 0.031, 6 questions"
    )
    assert not any(each.failed for each in against(tmp_path / "gain", "-" * 6, "+" * 6, *gates))


def test_a_loss_is_a_gain_where_lower_is_better(tmp_path: Path) -> None:
    results = against(tmp_path, "++++", "+00+", "worse(false_refusals) > .4", "worse(false_refusals) > .5")
    assert lines(results) == [
        "FAIL  worse(false_refusals) > .4: 0.000 to 0.500, p 0.5, 4 questions",
        "pass  worse(false_refusals) > .5: 0.000 to 0.500, p 0.5, 4 questions",
    ]


def test_a_bound_is_met_as_it_is_written(tmp_path: Path) -> None:
    assert 0.92 - 0.9 > 0.02  # in floating point
    gates = ("worse(right) > .02", "worse(right) >= .02", "worse(right) > .019", "right < .9", "right <= .9")
    results = against(tmp_path, "+" * 46 + "-" * 4, "+" * 45 + "-" * 5, *gates)
    assert [each.failed for each in results] == [False, True, True, False, True]


def test_every_gate_is_held_to_every_run(tmp_path: Path) -> None:
    runs = [make_run(tmp_path / name, letters) for name, letters in (("a", "++"), ("b", "++"), ("c", "+-"))]
    gates = [parse_gate(gate) for gate in ("worse(right) > 0", "right < .9")]
    assert lines(check_comparison(gates, compare(runs))) == [
        "b: pass  worse(right) > 0: 1.000 to 1.000, p 1, 2 questions",
        "c: FAIL  worse(right) > 0: 1.000 to 0.500, p 1, 2 questions",
        "b: pass  right < .9: 1.000, 2 of 2 questions scored",
        "c: FAIL  right < .9: 0.500, 2 of 2 questions scored",
    ]


def test_a_loss_by_category_is_of_the_headlines(tmp_path: Path) -> None:
    gold = [replace(each, category="why") for each in questions(2)] + questions(6)[2:]
    runs = [make_run(tmp_path / "a", "++++++", gold=gold), make_run(tmp_path / "b", "--++++", gold=gold)]
    gates = [parse_gate(gate) for gate in ("worse(right[why]) > .9", "worse(right[single-fact]) > 0")]
    assert lines(check_comparison(gates, compare(runs))) == [
        "FAIL  worse(right[why]) > .9: 1.000 to 0.000, p 0.5, 2 questions",
        "pass  worse(right[single-fact]) > 0: 1.000 to 1.000, p 1, 4 questions",
    ]
    with pytest.raises(UsageError, match="no category 'wy'; categories are why, single-fact"):
        check_comparison([parse_gate("worse(right[wy])")], compare(runs))
    with pytest.raises(UsageError, match="by category there are only right, right_answerable, .*, total_p50$"):
        check_comparison([parse_gate("worse(facts[why])")], compare(runs))


def test_a_category_that_was_renamed_is_held_by_its_name_of_today(tmp_path: Path) -> None:
    renamed = [replace(each, category="why") for each in questions(2)]
    comparison = compare([make_run(tmp_path / "a", "++"), make_run(tmp_path / "b", "--", gold=renamed)])
    assert lines(check_comparison([parse_gate("worse(right[why]) > .5")], comparison)) == [
        "FAIL  worse(right[why]) > .5: 1.000 to 0.000, p 0.5, 2 questions"
    ]
