"""The figures of a comparison and their table."""

from typing import Any

import pytest

from eval.gold import Gold
from eval.peers.table import NOTE, Share, markdown, standings, verdict

TEA = Gold("tea", "产茶多少？", answerable=True, category="single-fact", facts=(("320吨",), ("2023年",)))
PLAN = Gold("plan", "明年产多少？", answerable=False, category="unanswerable")


@pytest.mark.parametrize(
    ("gold", "row", "right", "refused"),
    [
        (TEA, {"answer": "2023年产了320吨。"}, True, False),
        (TEA, {"answer": "产了320吨。"}, False, False),
        (TEA, {"answer": "我不知道。"}, False, True),
        (TEA, {"answer": "2023年产了320吨。", "refused": True}, False, True),
        (TEA, {"error": "fake: it broke"}, False, False),
        (PLAN, {"answer": "我不知道。"}, True, True),
        (PLAN, {"answer": "文章没有提到。", "refused": True}, True, True),
        (PLAN, {"answer": "明年产400吨。"}, False, False),
        (PLAN, {"error": "fake: it broke"}, False, False),
    ],
    ids=[
        "all facts", "one fact of two", "says nothing", "declared a refusal", "failed",
        "rightly says nothing", "rightly refused", "made up", "failed on an unanswerable one",
    ],
)  # fmt: skip
def test_verdict(gold: Gold, row: dict[str, Any], right: bool, refused: bool) -> None:
    judged = verdict(gold, row)
    assert (judged.right, judged.refused) == (right, refused)


def rows(system: str, *answers: tuple[str, str, float]) -> list[dict[str, Any]]:
    return [
        {"id": identity, "system": system, "answer": answer, "first_token_s": seconds / 2, "total_s": seconds}
        for identity, answer, seconds in answers
    ]


GIVEN = [
    *rows("one", ("tea", "2023年产了320吨。", 2.0), ("plan", "我不知道。", 4.0)),
    *rows("two", ("tea", "我不知道。", 3.0)),
    {"id": "plan", "system": "two", "error": "two: it broke"},
]
ABOUT: dict[str, dict[str, Any]] = {
    "one": {"index_s": 7.25, "peak_mb": 901.0, "versions": {"one": "1.2"}},
    "two": {"index_s": 3.0, "peak_mb": 80.0, "versions": {"two": "3", "two-core": "4"}},
    "lost": {"error": "lost: cannot be started"},
}


def test_standings() -> None:
    one, two, lost = standings([TEA, PLAN], GIVEN, ABOUT)
    assert one.right == Share(2, 2, pytest.approx(0.342, abs=0.001), 1.0)  # type: ignore[arg-type]
    assert (one.right_answerable.count, one.refused_unanswerable.count, one.false_refusals.count) == (1, 1, 0)
    assert (one.first_token_s, one.total_s, one.errors) == (1.5, 3.0, 0)
    assert {name: (share.count, share.of) for name, share in one.categories.items()} == {
        "single-fact": (1, 1), "unanswerable": (1, 1)
    }  # fmt: skip
    assert (two.right.count, two.false_refusals.count, two.errors, two.total_s) == (0, 1, 1, 3.0)
    assert (lost.right.of, lost.total_s, lost.error) == (0, None, "lost: cannot be started")


def test_a_question_that_failed_is_not_counted_as_not_refused() -> None:
    failed = {"id": "tea", "system": "two", "error": "two: it broke"}
    (two,) = standings([TEA], [failed], {"two": ABOUT["two"]})
    assert (two.right_answerable.of, two.false_refusals.of) == (1, 0)


def test_markdown() -> None:
    assert markdown(standings([TEA, PLAN], GIVEN, ABOUT)) == (
        "| System | Right (95% interval) | Right of answerable | Unanswerable refused | Answerable refused "
        "| First word s, median | Whole answer s, median | Ready after s | Memory MB | Version |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| one | 2 of 2 (34%–100%) | 1/1 | 1/1 | 0/1 | 1.5 | 3.0 | 7.2 | 901 | one 1.2 |\n"
        "| two | 0 of 2 (0%–66%) | 0/1 | 0/1 | 1/1 | 1.5 | 3.0 | 3.0 | 80 | two 3, two-core 4 |\n"
        "\n"
        "| Right | single-fact | unanswerable |\n"
        "| --- | --- | --- |\n"
        "| one | 1/1 | 1/1 |\n"
        "| two | 0/1 | 0/1 |\n"
        f"\n{NOTE}\n\n"
        "- lost: cannot be started\n"
        "- two: 1 of 2 questions ended in an error\n"
    )
