import math
from itertools import permutations
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.measures.refusing import areas, curve, says_nothing
from rag.prompt import REFUSAL

Row: TypeAlias = tuple[float, float, bool]  # confidence, right, refused

ROWS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.25, 0.5, 0.9, math.inf, -math.inf]) | st.floats(0, 1),
        st.sampled_from([0.0, 0.5, 1.0]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


def columns(rows: list[Row]) -> tuple[list[float], list[float], list[bool]]:
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def area(rows: list[Row]) -> float:
    """The area of questions, all of them drawn once."""
    return float(areas(*columns(rows))(np.arange(len(rows))[None, :])[0])


def area_in_order(rows: list[Row]) -> float:
    """The area of questions in this very order, by the definition."""
    wrong = [1.0 if refused else 1 - right for _, right, refused in rows]
    return sum(sum(wrong[:k]) / k for k in range(1, len(rows) + 1)) / len(rows)


def by_confidence(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row[2], -row[0]))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([(0.9, 1, False), (0.5, 0, False)], (0 + 1 / 2) / 2, id="right first"),
        pytest.param([(0.5, 1, False), (0.9, 0, False)], (1 + 1 / 2) / 2, id="wrong first"),
        pytest.param([(0.5, 1, False), (0.5, 0, False)], (1 / 2 + 1 / 2) / 2, id="a tie is half wrong from the start"),
        pytest.param([(0.9, 1, True), (0.1, 1, False)], (0 + 1 / 2) / 2, id="refused comes last, and is wrong"),
        pytest.param([(0.9, 0, True), (0.1, 1, False), (0.2, 0, False)], (1 + 1 / 2 + 2 / 3) / 3, id="three"),
        pytest.param([(0.9, 0.5, False), (0.8, 1, False)], (1 / 2 + 1 / 4) / 2, id="right in half of the repeats"),
        pytest.param([(math.nan, 1, False), (0.1, 0, False)], (1 + 1 / 2) / 2, id="without confidence: least certain"),
        pytest.param([(math.nan, 1, False), (0.1, 0, True)], (0 + 1 / 2) / 2, id="but before the refused"),
        pytest.param([(0.3, 1, False)] * 4, 0.0, id="all right"),
        pytest.param([(0.3, 1, True)] * 4, 1.0, id="all refused"),
    ],
)
def test_area_by_hand(rows: list[Row], expected: float) -> None:
    assert area(rows) == pytest.approx(expected)
    assert curve(*columns(rows)).area == pytest.approx(expected)


def test_curve_by_hand() -> None:
    drawn = curve([0.9, 0.8, 0.8, 0.99], [1, 1, 0, 1], [False, False, False, True])
    assert drawn.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert drawn.risk == pytest.approx([0, 0.5 / 2, 1 / 3, 2 / 4])
    assert drawn.answered == 0.75


def test_without_questions_there_is_no_area() -> None:
    assert math.isnan(curve([], [], []).area)


@given(ROWS.filter(lambda rows: len(rows) <= 5))
def test_ties_are_the_mean_over_every_order(rows: list[Row]) -> None:
    orders = [order for order in permutations(rows) if by_confidence(list(order)) == list(order)]
    expected = sum(area_in_order(list(order)) for order in orders) / len(orders)
    assert area(rows) == pytest.approx(expected)


@given(ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_questions_does_not_matter(orders: tuple[list[Row], list[Row]]) -> None:
    rows, shuffled = orders
    assert area(shuffled) == pytest.approx(area(rows))


@given(ROWS)
def test_area_lies_between_the_best_order_and_the_worst(rows: list[Row]) -> None:
    found = area(rows)
    answered = sorted((row for row in rows if not row[2]), key=lambda row: -row[1])
    refused = [row for row in rows if row[2]]
    assert 0 <= found <= 1 + 1e-12
    assert area_in_order(answered + refused) - 1e-12 <= found <= area_in_order(answered[::-1] + refused) + 1e-12


@given(ROWS)
def test_the_curve_ends_at_the_share_of_wrong_ones(rows: list[Row]) -> None:
    drawn = curve(*columns(rows))
    wrong = [1.0 if refused else 1 - right for _, right, refused in rows]
    assert drawn.risk[-1] == pytest.approx(sum(wrong) / len(rows))
    assert drawn.area == pytest.approx(area(rows))
    assert drawn.answered == pytest.approx(sum(not row[2] for row in rows) / len(rows))


@given(ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.lists(st.integers(0, len(rows) - 1), min_size=1))))
def test_rows_that_are_drawn_have_the_area_of_their_curve(drawn: tuple[list[Row], list[int]]) -> None:
    rows, places = drawn
    batch = np.array([places, places[::-1]])
    expected = curve(*columns([rows[place] for place in places])).area
    assert areas(*columns(rows))(batch) == pytest.approx([expected, expected])


@pytest.mark.parametrize(
    "text",
    [
        *REFUSAL.values(),
        "I don't know",
        "I don’t know.",
        "“I don't know.”",
        "根据提供的信息无法回答",
        "根据提供的信息，无法回答该问题。",
        "抱歉，我无法从给定的上下文中找到答案。",
        "对不起，我不知道。",
        "很抱歉，根据现有资料，我不能确定厂长的年龄。",
        "信息不足，无法作答。",
        "资料中没有足够的信息来回答这个问题。",
        "上下文中未提及千问的研发成本。",
        "文章没有提到厂长的年龄。文章只介绍了产量。",
        "虽然文章提到了2023年的营收为4238亿元，但没有提到利润。",
        "关于2023年的利润，文章并未披露。",
        "文章介绍了千问的发展历程。但没有提到研发成本。因此无法回答这个问题。",
        "没有找到相关信息。",
        "暂无相关信息，建议您查阅官方网站。",
        "提供的文档内容主要是关于茶叶的，没有涉及厂长的年龄。",
        "我无法确定。",
        "未提及",
        "無法從文章中得知。",
        "Empty Response",
        "insufficient information",
        "There is not enough information to answer the question.",
        "The provided context does not contain information about the director's age.",
        "I'm sorry, but the provided context does not mention who paid for the tunnel.",
        "The article doesn't say. It only discusses the length of the tunnel.",
        "The passage describes the tunnel's history, but it does not say who paid for it.",
        "Based on the provided context, I cannot determine the answer.",
        "Since the context does not mention the year, the question cannot be answered.",
        "I do not have that information. For more details, you may want to visit the official website.",
        "Unfortunately, there is no mention of the cost in the documents.",
        "It is not mentioned in the given text.",
        "The answer cannot be determined from the passage.",
        "Not mentioned in the text.",
        "N/A",
        "Insufficient information to answer the question [1].",
        "The text says that it opened in 1994. It does not say who paid. Therefore, the answer cannot be determined.",
        "[1]",
        "There is no information about the price in the provided sources.",
        "The query cannot be answered with the context information provided.",
        "I was unable to find an answer in the articles.",
        "Sorry, I couldn't find any relevant information in the knowledge base.",
        "很遗憾，检索到的内容里没有答案。",
        "这个问题在文中找不到答案。",
        "文中没说。",
        "原文没提这件事。",
        "作者并没有在文章里说明原因。",
    ],
)
def test_refusals_of_any_system_say_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "厂长是李梅[3]。",
        "文章没有说2022年，而是2023年产茶320吨[1]。",
        "2023年产茶320吨[1]，文章没有提到2022年。",
        "营收为4238亿元。文章没有提到利润。",
        "根据材料，产量没有下降。",
        "厂长没有说明原因[2]。",
        "因为证据不足，案件被撤销。",
        "他说“我不知道”，随后离开了会场。",
        "文章认为，信息不足是投资者亏损的主要原因。",
        "未知的病原体导致了疫情。",
        "公司没有提供赔偿。",
        "这项技术无法用于手机。",
        "没有。千问没有推出付费会员。",
        "不能，千问App不支持离线使用。",
        "文章提到千问有3000万月活。",
        "不但没有下降，还增长了10%。",
        "文章没有给出总数，但列出了每年的数字：2022年300吨，2023年320吨。",
        "《我不知道》是他1998年的作品。",
        "The material does not give 1891 but 1890.",
        "The tunnel opened in 1994. The article does not say who paid for it.",
        "Since 1994, although the text does not state the month.",
        'She said "I don\'t know" and left the room.',
        "No. The tunnel does not carry cars; they ride on trains.",
        "No, the director did not give a reason.",
        "The unknown soldier is buried there.",
        "It does not mention 1802 as a beginning, but it says that Mathieu-Favier proposed the passage in 1802.",
        "The company had no information about the attack until 1990.",
        "Not before 2086.",
        "Insufficient funding ended the project.",
        "The documents were not found until 1975.",
        "He could not determine the cause of the fire.",
        "None of the three attempts succeeded.",
        "The context of the reform was the war of 1870.",
    ],
)
def test_answers_that_speak_of_not_saying_say_something(text: str) -> None:
    assert not says_nothing(text)
