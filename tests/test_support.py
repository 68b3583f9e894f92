from collections.abc import Sequence

import numpy as np
import pytest

from rag.embedding import HashEmbedder, Vectors
from rag.evidence import Evidence
from rag.records import Sentence
from rag.support import ACROSS, ASKED_WEIGHT, FEW, FIGURE_WEIGHT, NEAR, SAME, Support, Supporter


def evidence(*texts: str) -> list[Evidence]:
    return [Evidence(n, "a.md", Sentence(0, len(text)), text, "") for n, text in enumerate(texts, start=1)]


def find(words: str, *texts: str, question: str = "") -> Support:
    return Supporter(question, evidence(*texts), HashEmbedder()).find(words)


def numbers(support: Support) -> list[int]:
    return [each.number for each in support.evidence]


def test_share_is_the_weight_of_the_terms_found() -> None:
    # 产茶 and the figure are found, 多少 is not
    assert find("产茶320多少", "去年产茶320吨").share == (1 + FIGURE_WEIGHT) / (1 + FIGURE_WEIGHT + 1)


def test_what_the_question_said_weighs_less() -> None:
    # 厂长 was asked and is found; 长是, 是李, 李梅 are new, and only 李梅 is found
    support = find("厂长是李梅", "厂长，李梅。", question="厂长呢")
    assert support.share == (ASKED_WEIGHT + 1) / (ASKED_WEIGHT + 3)


def test_a_second_sentence_is_added_for_a_figure_only_it_has() -> None:
    found = find("产茶320吨，员工85人", "产茶320吨。", "厂长李梅。", "员工85人。")
    assert numbers(found) == [1, 3]
    assert found.share == 1.0


def test_a_figure_counts_by_its_value() -> None:
    assert find("用户有3,000万", "用户3000万").missing_figures == ()
    assert find("用户有3000", "用户3000万").missing_figures == ("3000",)
    assert find("产茶350吨", "产茶320吨。").missing_figures == ("350",)


def test_ties_go_to_the_first_sentence() -> None:
    assert numbers(find("产茶", "产茶一。", "产茶二。")) == [1]


def test_nothing_to_support_or_to_support_with() -> None:
    assert find("。", "产茶。") == Support()
    assert not find("产茶").enough


def test_repeating_a_sentence_is_the_same_and_near() -> None:
    support = find("去年产茶320吨", "去年产茶320吨")
    assert (support.near, support.same, support.share) == (True, True, 1.0)


class Angles(HashEmbedder):
    """An embedder whose cosines are given: the first evidence has the first, and so on."""

    dimension = 2

    def __init__(self, *cosines: float) -> None:
        self._cosines = cosines

    def embed_query(self, text: str) -> Vectors:
        return np.array([1, 0], np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if len(texts) == 1:
            return self.embed_query("")[None, :]
        return np.array([[cosine, (1 - cosine**2) ** 0.5] for cosine in self._cosines], np.float32)


@pytest.mark.parametrize(
    ("cosine", "near", "same"), [(NEAR - 0.01, False, False), (NEAR + 0.01, True, False), (SAME + 0.01, True, True)]
)
def test_nearness_is_how_far_the_best_sentence_stands_out(cosine: float, near: bool, same: bool) -> None:
    for others in (0.0, 0.5):  # an embedder that finds everything alike makes no difference
        lifted = others + cosine * (1 - others)
        support = Supporter(
            "", evidence("产茶320吨", *["无关"] * (FEW - 1)), Angles(lifted, *[others] * (FEW - 1))
        ).find("产茶320吨")
        assert (support.near, support.same) == (near, same)


def test_among_a_few_sentences_wording_decides() -> None:
    few = Supporter("", evidence("产茶320吨", "无关"), Angles(0.1, 0))
    assert (few.find("产茶320吨").near, few.find("产茶320吨").same) == (True, True)
    assert (few.find("产茶320吨多少钱").near, few.find("产茶320吨多少钱").same) == (True, False)


def test_across_languages_figures_decide_first_and_then_meaning() -> None:
    texts = ("云雾茶厂产茶。", "用户3000万。", "厂长是李梅。")
    by_figure = Supporter("", evidence(*texts), Angles(0.9, 0.5, 0.5)).find("It has 30 million users.")
    assert (numbers(by_figure), by_figure.missing_figures, by_figure.same) == ([2], (), True)
    by_meaning = Supporter("", evidence(*texts), Angles(0.5, 0.5, 0.5 + 0.5 * ACROSS + 0.01)).find(
        "The director is Li Mei."
    )
    assert (numbers(by_meaning), by_meaning.enough) == ([3], True)
    neither = Supporter("", evidence(*texts), Angles(0.5, 0.5, 0.5)).find("It costs 20 pounds.")
    assert (neither.enough, neither.near) == (False, False)
