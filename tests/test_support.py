from rag.evidence import Evidence
from rag.records import Sentence
from rag.support import Support, figures, find_support


def evidence(*texts: str) -> list[Evidence]:
    return [Evidence(n, "a.md", Sentence(0, len(text)), text, "") for n, text in enumerate(texts, start=1)]


def test_figures_lose_separators_and_width_but_not_their_point() -> None:
    assert figures("４,２３８亿元，占49.2%，第3") == ["4238", "49.2", "3"]


def test_share_is_the_weight_of_the_terms_found() -> None:
    # 产茶 and #320 (weight 3) are found, 茶三 and 三吨 ... are not asked; 多少 is not found
    support = find_support("产茶320多少", evidence("去年产茶320吨"))
    assert support == Support(tuple(evidence("去年产茶320吨")), (1 + 3) / (1 + 3 + 1), ())


def test_a_second_sentence_is_added_for_a_figure_only_it_has() -> None:
    found = find_support("产茶320吨，员工85人", evidence("产茶320吨。", "厂长李梅。", "员工85人。"))
    assert [each.number for each in found.evidence] == [1, 3]
    assert found.share == 1.0


def test_a_missing_figure_is_named() -> None:
    assert find_support("产茶350吨", evidence("产茶320吨。")).missing_figures == ("350",)


def test_ties_go_to_the_first_sentence() -> None:
    assert [each.number for each in find_support("产茶", evidence("产茶一。", "产茶二。")).evidence] == [1]


def test_nothing_to_support_or_to_support_with() -> None:
    assert find_support("。", evidence("产茶。")) == Support((), 0.0, ())
    assert not find_support("产茶", []).enough
