import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.prompt import REFUSAL
from rag.refusal import RefusalGate


def through(text: str, size: int = 3, *, unfounded: str = "-") -> tuple[str, bool]:
    gate = RefusalGate(lambda sentence: unfounded in sentence)
    shown = "".join(gate.feed(text[i : i + size]) for i in range(0, len(text), size)) + gate.finish()
    return shown, gate.refused


@pytest.mark.parametrize(
    "text",
    [
        *REFUSAL.values(),
        "材料中没有提到厂长的年龄。",
        "文章未提及这一点",
        "根据提供的材料，无法确定厂长的年龄。他可能很老。",
        "没有提到。",
        "The material does not mention his age.",
        "Sorry, the passage doesn't say. He may be 50.",
    ],
)
def test_refusals_are_noticed_and_nothing_of_them_is_shown(text: str) -> None:
    assert through(text) == ("", True)


@pytest.mark.parametrize(
    "text",
    [
        "厂长是李梅[3]。",
        "文章说厂长是李梅[3]。",
        "文章没有说2022年，而是2023年产茶320吨[1]。",
        "根据材料，产量没有下降。",
        "厂长没有说明原因。",
        "The material does not give 1891 but 1890.",
        "The article says 1890.",
        "It cost 4.65 billion. It was late.",
    ],
)
def test_answers_pass_unchanged(text: str) -> None:
    assert through(text) == (text, False)


def test_the_first_sentence_is_judged_whole_and_alone() -> None:
    judged: list[str] = []
    gate = RefusalGate(lambda sentence: bool(judged.append(sentence)))  # type: ignore[func-returns-value]
    assert [gate.feed(piece) for piece in ("茶3.", "5吨", "。厂", "长。")] == ["", "", "茶3.5吨。厂", "长。"]
    assert judged == ["茶3.5吨。"]


def test_an_unfounded_first_sentence_refuses_all_of_it() -> None:
    assert through("厂长五十岁。他是男的。", unfounded="五十") == ("", True)
    assert through("厂长是李梅。她五十岁。", unfounded="五十") == ("厂长是李梅。她五十岁。", False)


@given(st.text(alphabet="文章材料没有提到产茶。 The.", max_size=40), st.integers(1, 9))
def test_how_the_text_is_cut_does_not_matter(text: str, size: int) -> None:
    assert through(text, size) == through(text, 1)
