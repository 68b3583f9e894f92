import pytest

from eval.gold import Gold
from eval.scoring import score, summarise
from rag.records import Json

ASKED = Gold("q1", "single-fact", "产茶多少？", True, (("320吨",), ("2023年", "去年")), "", ("产茶320吨。",), "tea.md")
NEVER = Gold("q2", "unanswerable", "厂长多大？", False, (), "", (), "tea.md")


def answer(text: str, *, refused: bool = False, found: str = "2023年产茶320吨。", article: str = "tea.md") -> Json:
    return {
        "answer": text,
        "refused": refused,
        "hits": [{"article": article, "text": found}],
        "timings": {"first_token_s": 1.0, "total_s": 2.0},
    }


@pytest.mark.parametrize(
    ("gold", "given", "right"),
    [
        pytest.param(ASKED, answer("2023年产茶320吨[1]。"), True, id="every fact"),
        pytest.param(ASKED, answer("去年产茶320吨[1]。"), True, id="an alternative"),
        pytest.param(ASKED, answer("产茶320吨[1]。"), False, id="a fact is missing"),
        pytest.param(ASKED, answer("2023年产茶320吨。", refused=True), False, id="false refusal"),
        pytest.param(NEVER, answer("文章没有提到。", refused=True), True, id="refused"),
        pytest.param(NEVER, answer("五十岁[1]。"), False, id="made up"),
    ],
)
def test_right(gold: Gold, given: Json, right: bool) -> None:
    assert score(gold, given).right is right


def test_evidence_found_is_the_share_in_passages_of_its_own_article() -> None:
    two = Gold("q", "several-facts", "?", True, (("a",),), "", ("产茶320吨。", "产茶280吨。"), "tea.md")
    assert score(two, answer("a")).found == 0.5
    assert score(two, answer("a", article="other.md")).found == 0.0
    assert score(NEVER, answer("a")).found == 1.0


def test_summaries_are_by_category_then_of_all() -> None:
    scores = [
        score(ASKED, answer("2023年产茶320吨。")),
        score(ASKED, answer("不知道。")),
        score(NEVER, answer("文章没有提到。", refused=True)),
    ]
    rows = [(each.name, each.n, each.right, each.refused) for each in summarise(scores)]
    assert rows == [
        ("single-fact", 2, 1, 0),
        ("unanswerable", 1, 1, 1),
        ("all answerable", 2, 1, 0),
        ("all", 3, 2, 1),
    ]
    assert summarise([]) == []
