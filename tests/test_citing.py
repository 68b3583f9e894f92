from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gold import Gold
from eval.measures.citing import (
    Statement,
    citation_precision,
    citation_recall,
    statements,
    supports,
    unmarked_figures,
    unsupported_figures,
)
from rag.records import Json

MONTHLY = "2025年12月10日，千问App改版上线仅23天，月活跃用户数已经突破3000万。"
TEAM = "带队的人是董事会主席兼CEO吴泳铭。"
LEFT = "前任负责人周浩去年离开了公司。"
TUNNEL = "Some 38 kilometres of that length lie under the sea, the longest undersea section of any tunnel."
LEASE = "The concession was extended by the two governments and now lasts until 2086."


def gold(question: str = "千问怎么样？", *evidence: tuple[str, ...]) -> Gold:
    return Gold("q1", question, answerable=True, category="single-fact", evidence=evidence)


def answer(text: str, *quotes: str, **rest: Any) -> Json:
    citations = [{"marker": i, "article": "a.md", "quote": quote} for i, quote in enumerate(quotes, 1)]
    body = {"question": "千问怎么样？", "answer": text, "refused": False, "citations": citations, "unsupported": []}
    return body | rest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("月活3000万[1]。他带队[2][1]。", {"月活3000万。": (1,), "他带队。": (2, 1)}, id="before the end"),
        pytest.param("月活3000万。[1]\n他带队。[2]", {"月活3000万。": (1,), "他带队。": (2,)}, id="quoted lines"),
        pytest.param("月活3000万。[1]他带队。[2]", {"月活3000万。": (1,), "他带队。": (2,)}, id="quoted, one line"),
        pytest.param("It is long [1]. Yes [2].", {"It is long.": (1,), "Yes.": (2,)}, id="English, before the end"),
        pytest.param("It is long.[1] Yes. [2][3]", {"It is long.": (1,), "Yes.": (2, 3)}, id="English, after it"),
        pytest.param("It is 3.5[1] km.", {"It is 3.5 km.": (1,)}, id="no end in a number"),
        pytest.param(
            "他说：“走。”[1]她没走[2]。", {"他说：“走。”": (1,), "她没走。": (2,)}, id="after a closing quote"
        ),
        pytest.param("月活3000万[1]，他带队[2]。", {"月活3000万，他带队。": (1, 2)}, id="inside"),
        pytest.param("月活3000万。\n[1]\n\n他走了。", {"月活3000万。": (1,), "他走了。": ()}, id="a line of its own"),
        pytest.param("[1]月活3000万。", {"月活3000万。": (1,)}, id="first of all"),
        pytest.param("月活[1]超过[1]3000万[1]", {"月活超过3000万": (1,)}, id="once for each statement"),
        pytest.param("——\n……", {}, id="nothing said"),
        pytest.param("", {}, id="empty"),
    ],
)
def test_statements_and_their_markers(text: str, expected: dict[str, tuple[int, ...]]) -> None:
    assert list(statements(text)) == [Statement(*each) for each in expected.items()]


@given(
    st.lists(
        st.sampled_from(["月活3000万", "他带队", "It is long", "。", ". ", "[1]", "[2]", " ", "\n", "”"]), max_size=12
    )
)
def test_no_word_and_no_marker_after_words_is_lost(pieces: list[str]) -> None:
    found = list(statements("".join(pieces)))
    said = [piece for piece in pieces if piece[0].isalnum()]
    assert [letter for each in found for letter in each.text if letter.isalnum()] == [
        letter for piece in said for letter in piece if letter.isalnum()
    ]
    if found:
        assert {f"[{marker}]" for each in found for marker in each.markers} == {"[1]", "[2]"} & set(pieces)


@pytest.mark.parametrize(
    ("quotes", "statement", "question", "expected"),
    [
        pytest.param([MONTHLY], "月活跃用户数突破3000万。", "", True, id="its wording and figure"),
        pytest.param([MONTHLY], "月活跃用户数突破3000。", "", False, id="a figure that is no value of it"),
        pytest.param([MONTHLY], "月活跃用户数突破30,000,000。", "", True, id="a figure by value"),
        pytest.param([MONTHLY], "月活跃用户数突破4000万。", "", False, id="another figure"),
        pytest.param([MONTHLY], "月活跃用户数突破3000万，没到4000万。", "到4000万没有", True, id="a figure asked"),
        pytest.param(["用时二十三天。"], "用时23天。", "", True, id="a figure in words"),
        pytest.param([TEAM], "月活跃用户数突破了目标。", "", False, id="other wording"),
        pytest.param([TEAM, MONTHLY], "董事会主席吴泳铭带队，上线23天。", "", True, id="two together"),
        pytest.param([TEAM], "带隊的人是董事會主席吳泳銘。", "", True, id="Traditional"),
        pytest.param([TEAM], "是谁带队的？李彦宏。", "是谁带队的？", False, id="what the question says proves nothing"),
        pytest.param([TUNNEL], "About 38 km lie under the sea.", "How much of it?", True, id="English"),
        pytest.param([LEASE], "About 38 km lie under the sea.", "", False, id="English, other quote"),
        pytest.param([TUNNEL], "海底部分长38公里。", "海底部分多长？", True, id="another language: the figure"),
        pytest.param([TUNNEL], "海底部分长50公里。", "海底部分多长？", False, id="another language: another figure"),
        pytest.param([TUNNEL], "海底部分是最长的。", "海底部分多长？", False, id="another language, no figure"),
        pytest.param([MONTHLY], "3000万。", "月活多少？", True, id="only a figure"),
        pytest.param([], "带队的人是吴泳铭。", "", False, id="no quote"),
        pytest.param([""], "带队的人是吴泳铭。", "", False, id="an empty quote"),
    ],
)  # fmt: skip
def test_support(quotes: list[str], statement: str, question: str, expected: bool) -> None:
    assert supports(quotes, statement, gold(question)) is expected


@pytest.mark.parametrize(
    ("quote", "statement", "expected"),
    [
        pytest.param(TEAM, "负责这件事的就是阿里的董事会一把手。", True, id="gold evidence"),
        pytest.param(f"{TEAM}他四十岁。", "负责这件事的就是阿里的董事会一把手。", True, id="holds gold evidence"),
        pytest.param(TEAM[:10], "负责这件事的就是阿里的董事会一把手。", True, id="a part of it"),
        pytest.param(LEFT, "负责这件事的就是阿里的董事会一把手。", False, id="another sentence"),
        pytest.param(TEAM, "负责这件事的就是董事会一把手，今年50岁。", False, id="a figure that it does not hold"),
        pytest.param(TEAM, "今天天气很好。", False, id="nothing in common"),
        pytest.param(MONTHLY, "有3000万人在使用。", True, id="only a figure in common"),
        pytest.param(MONTHLY, "今天天气很好，吴泳铭四处走走。", False, id="nothing in common with other evidence"),
        pytest.param(TUNNEL, "英吉利海峡下面的那一段。", True, id="another language"),
    ],
)  # fmt: skip
def test_gold_evidence_supports_whatever_shares_a_term_or_figure(quote: str, statement: str, expected: bool) -> None:
    evidence = (("别的写法", TEAM), (MONTHLY,), (TUNNEL,))
    assert supports([quote], statement, gold("谁管千问？", *evidence)) is expected


def test_what_gold_evidence_lacks_another_quote_does_not_make_up() -> None:
    assert not supports([TEAM, "今年天气很热。"], "今天天气很好，大家出门走走看看。", gold("谁管千问？", (TEAM,)))


@pytest.mark.parametrize(
    ("text", "quotes", "recall", "precision"),
    [
        pytest.param("月活突破3000万[1]。带队的人是吴泳铭[2]。", [MONTHLY, TEAM], 1, 1, id="all right"),
        pytest.param("月活突破3000万[1]。带队的人是吴泳铭。", [MONTHLY], 1 / 2, 1, id="a statement without citation"),
        pytest.param("月活突破3000万[1]。带队的人是吴泳铭[2]。", [MONTHLY, LEFT], 1 / 2, 1 / 2, id="the wrong source"),
        pytest.param("月活突破3000万[1][2]。", [MONTHLY, LEFT], 1, 1 / 2, id="one is irrelevant"),
        pytest.param("月活突破3000万[1][2]。", [MONTHLY, MONTHLY + TEAM], 1, 1, id="either would do"),
        pytest.param("董事会主席兼CEO吴泳铭带队，上线23天[1][2]。", [TEAM, MONTHLY], 1, 1, id="both are needed"),
        pytest.param("周浩带队，月活突破4000万[1][2]。", [TEAM, MONTHLY], 0, 0, id="unsupported: none is of use"),
        pytest.param("月活突破3000万[1][7]。", [MONTHLY], 1, 1 / 2, id="a marker of nothing"),
        pytest.param("月活突破3000万。带队的人是吴泳铭。", [], 0, None, id="no citation"),
        pytest.param("……", [], None, None, id="no statement"),
    ],
)  # fmt: skip
def test_recall_and_precision(text: str, quotes: list[str], recall: float | None, precision: float | None) -> None:
    assert citation_recall(answer(text, *quotes), gold()) == recall
    assert citation_precision(answer(text, *quotes), gold()) == precision


@pytest.mark.parametrize("body", [{"refused": True}, {"error": "no model"}], ids=["refused", "error"])
def test_refusals_and_errors_cite_nothing(body: dict[str, Any]) -> None:
    refusal = answer("文章没有提到2023年。", **body)
    assert citation_recall(refusal, gold()) is None
    assert citation_precision(refusal, gold()) is None
    assert (unsupported_figures(refusal), unmarked_figures(refusal)) == (0, 0)


@pytest.mark.parametrize(
    ("text", "unsupported", "expected"),
    [
        pytest.param("上线23天[1]，月活3000万[1]。", [], (0, 0), id="all quoted"),
        pytest.param("上线23天[1]，月活4000万[1]。", [], (1, 1), id="one is not"),
        pytest.param("上线23天[1]，月活4000万[1]。", ["40000000"], (1, 0), id="and its value is marked"),
        pytest.param("上线23天[1]，月活4000万[1]。", ["月活4,000万"], (1, 0), id="and its sentence is marked"),
        pytest.param("增长12%，又增长12%，共12[1]。", ["12%"], (2, 1), id="each value once, a percentage is another"),
        pytest.param("1. 上线23天[1]。\n2. 月活3000万[1]。\n", [], (0, 0), id="numbers of a list"),
    ],
)  # fmt: skip
def test_unsupported_figures(text: str, unsupported: list[str], expected: tuple[int, int]) -> None:
    body = answer(text, MONTHLY.replace("12月10日", "年底"), unsupported=unsupported)
    assert (unsupported_figures(body), unmarked_figures(body)) == expected


def test_a_figure_that_the_question_says_needs_no_source() -> None:
    body = answer("4000万的目标达到了[1]。", TEAM, question="四千万的目标达到了吗？")
    assert unsupported_figures(body) == 0


@given(
    st.lists(st.sampled_from([MONTHLY, TEAM, LEFT, TUNNEL, "", "3"]), max_size=4), st.text("月活3[1234]。", max_size=30)
)
def test_figures_lie_between_0_and_1(quotes: list[str], text: str) -> None:
    body = answer(text, *quotes)
    for value in (citation_recall(body, gold()), citation_precision(body, gold())):
        assert value is None or 0 <= value <= 1


def test_a_figure_computed_from_those_shown_and_cited_is_supported() -> None:
    quotes = ("拼多多的现金储备为4238亿元。", "阿里巴巴的现金储备为3736亿元。")
    asked = gold("拼多多的现金储备比阿里巴巴多多少？")
    right, wrong = (f"拼多多的现金储备比阿里巴巴多{n}亿元（4238亿元 − 3736亿元）" for n in (502, 503))
    assert supports(quotes, f"{right}。", asked)
    assert not supports(quotes, f"{wrong}。", asked)
    assert not supports(quotes[:1], f"{right}。", asked)
    computed, guessed = (answer(f"{each}[1][2]。", *quotes) for each in (right, wrong))
    assert (unsupported_figures(computed), unsupported_figures(guessed)) == (0, 1)
    assert citation_precision(computed, asked) == 1
