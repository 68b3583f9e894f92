from dataclasses import replace
from typing import Any

import pytest

from eval.gold import Gold
from eval.measures.metrics import COLUMNS
from eval.measures.scoring import mean, score
from rag.records import Json

QUOTE = "云雾茶厂2023年产茶320吨。"
ASKED = Gold(
    "q1", "云雾茶厂产茶多少？", True, "several-facts",
    facts=(("320吨",), ("2023年", "去年")), answers=("2023年产茶320吨。",), evidence=((QUOTE,),), article="tea.md",
)  # fmt: skip
NEVER = Gold("q2", "厂长多大？", False, "unanswerable", article="tea.md")


def answer(text: str, *, refused: bool = False, cited: bool = True, hits: tuple[str, ...] = (QUOTE,)) -> Json:
    citation: dict[str, Any] = {"marker": 1, "article": "tea.md", "start": 0, "end": len(QUOTE), "quote": QUOTE}
    return {
        "question": ASKED.question,
        "answer": text,
        "refused": refused,
        "citations": [citation] if cited and not refused else [],
        "hits": [{"article": "tea.md", "score": 0.5, "text": each} for each in hits],
        "unsupported": [],
        "usage": {"prompt_tokens": 600, "cached_tokens": 40, "completion_tokens": 30},
        "timings": {"retrieve_s": 0.1, "first_token_s": 1.0, "total_s": 2.0},
    }


@pytest.mark.parametrize(
    ("gold", "given", "right"),
    [
        pytest.param(ASKED, answer("2023年产茶320吨[1]。"), 1.0, id="every fact"),
        pytest.param(ASKED, answer("去年产茶320吨[1]。"), 1.0, id="an alternative"),
        pytest.param(ASKED, answer("产茶320吨[1]。"), 0.0, id="a fact is missing"),
        pytest.param(ASKED, answer("2023年产茶320吨。", refused=True), 0.0, id="false refusal"),
        pytest.param(replace(ASKED, facts=()), answer("它2023年产茶320吨[1]。"), 1.0, id="a reference answer is told"),
        pytest.param(NEVER, answer("文章没有提到。", refused=True), 1.0, id="refused"),
        pytest.param(NEVER, answer("五十岁[1]。"), 0.0, id="made up"),
        pytest.param(ASKED, {"error": "too long"}, 0.0, id="error"),
        pytest.param(NEVER, {"error": "too long"}, 0.0, id="error is no refusal"),
    ],
)
def test_right(gold: Gold, given: Json, right: float) -> None:
    values = score(gold, given)
    assert values["right"] == right
    assert values["right_answerable"] == (right if gold.answerable else None)
    assert set(values) == set(COLUMNS)


def test_an_answer_of_an_answerable_question() -> None:
    values = score(ASKED, answer("产茶320吨[1]。"))
    assert values["facts"] == 0.5
    assert values["false_refusals"] == 0.0
    assert values["refused_unanswerable"] is None
    assert values["em"] == 0.0
    assert values["f1"] == pytest.approx(2 * 4 / (4 + 6))  # 产 茶 320 吨, of 2023 年 产 茶 320 吨
    assert (values["cmrc_em"], values["cmrc_f1"]) == (0.0, values["f1"])
    assert (values["citation_recall"], values["citation_precision"]) == (1.0, 1.0)
    assert values["unsupported_figures"] == 0.0
    assert values["confidence"] == 0.5
    assert (values["first_token_s"], values["prompt_tokens"], values["cached_tokens"]) == (1.0, 600, 40)


def test_a_refusal_is_scored_and_never_left_out() -> None:
    values = score(ASKED, answer("文章没有提到。", refused=True))
    assert {values[name] for name in ("right", "facts", "em", "f1", "cmrc_em", "cmrc_f1")} == {0.0}
    assert values["false_refusals"] == 1.0
    assert values["citation_recall"] is None  # it cites nothing, and need not
    assert values["hit@1"] == 1.0


def test_an_error_counts_as_wrong_and_is_neither_refusal_nor_answer() -> None:
    values = score(ASKED, {"error": "too long"})
    assert values["error"] == 1.0
    wrong = {"right", "right_answerable", "facts", "em", "f1", "cmrc_em", "cmrc_f1"}
    found = {"hit@1", "hit@5", "hit@10", "recall@5", "recall@10", "mrr@10", "ndcg@10"}
    assert {name for name, value in values.items() if value == 0} == wrong | found
    assert {value for name, value in values.items() if name != "error"} == {0.0, None}
    told = score(replace(ASKED, answers=(), evidence=()), {"error": "too long"})
    assert {name for name, value in told.items() if value == 0} == {"right", "right_answerable", "facts"}
    told = score(NEVER, {"error": "too long"})
    assert {name for name, value in told.items() if value == 0} == {"right", "refused_unanswerable"}
    assert score(ASKED, answer("产茶320吨[1]。"))["error"] == 0.0


def test_published_figures_are_of_the_text_without_markers_and_as_it_is_spelt() -> None:
    values = score(ASKED, answer("2023年产茶320吨[1]。"))
    assert (values["em"], values["f1"], values["cmrc_em"], values["cmrc_f1"]) == (1.0, 1.0, 1.0, 1.0)
    values = score(ASKED, answer("2023年產茶320吨[1]。"))
    assert (values["em"], values["f1"]) == (1.0, 1.0)
    assert (values["cmrc_em"], values["cmrc_f1"]) == (0.0, 2 * 3 / (6 + 6))  # 茶 320 吨
    assert score(replace(ASKED, answers=()), answer("a"))["cmrc_f1"] is None


def test_evidence_counts_at_its_place_among_all_passages() -> None:
    values = score(ASKED, answer("产茶320吨[1]。", hits=("别的。", QUOTE)))
    assert (values["hit@1"], values["hit@5"], values["mrr@10"], values["recall@5"]) == (0.0, 1.0, 0.5, 1.0)
    elsewhere = {**answer("a"), "hits": [{"article": "other.md", "score": 0.5, "text": QUOTE}]}
    assert score(ASKED, elsewhere)["hit@1"] == 0.0
    assert score(NEVER, answer("a"))["hit@1"] is None


def test_a_model_that_counts_no_tokens_says_nothing_of_them() -> None:
    given = {**answer("a"), "usage": dict.fromkeys(("prompt_tokens", "cached_tokens", "completion_tokens"), 0)}
    assert score(ASKED, given)["cached_tokens"] is None


def test_repeats_are_averaged_over_those_that_have_a_value() -> None:
    both = mean([score(ASKED, answer("2023年产茶320吨[1]。")), score(ASKED, answer("", refused=True))])
    assert both["right"] == 0.5
    assert both["citation_recall"] == 1.0
    assert both["judge"] is None
