from pathlib import Path

from eval.bench.interruption import interrupt


def test_a_run_that_is_killed_again_and_again_is_as_an_unbroken_one(tmp_path: Path) -> None:
    outcome = interrupt(tmp_path, kills=20)
    assert outcome.kills == 20
    assert outcome.asked_again == 0
    assert outcome.under_way <= 20  # at most the one question that a kill interrupts
    assert outcome.same_answers
    assert outcome.same_metrics
