import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gold import Gold
from eval.pages.detail import Texts, brief, detail, wanted
from rag.records import Json, Turn
from tests.conftest import TEA

LEADER = "厂长是李梅，她1998年进厂。"
YIELD = "云雾茶厂2023年产茶320吨，比上一年多40吨。"
GOLD = Gold(
    id="q1",
    question="厂长是谁？",
    answerable=True,
    category="single-fact",
    facts=(("李梅",), ("1998年", "九八年")),
    answers=("李梅，1998年进厂。", "李梅"),
    evidence=((LEADER,), ("不在文章里。",)),
    article="tea.md",
    history=(Turn("茶厂？", "在山上。"),),
)


def place(text: str, article: str = "tea.md", start: int | None = None) -> dict[str, Any]:
    start = TEA.index(text) if start is None else start
    return {"article": article, "source": f"/{article}", "start": start, "end": start + len(text)}


def span(text: str) -> dict[str, int]:
    return {"start": TEA.index(text), "end": TEA.index(text) + len(text)}


ANSWER: dict[str, Any] = {
    "id": "q1",
    "question": "厂长是谁？",
    "repeat": 1,
    "answer": "厂长是李梅[1]。",
    "refused": False,
    "citations": [{**place(LEADER), "marker": 1, "title": "茶", "quote": LEADER}],
    "hits": [{**place(YIELD), "score": 0.9, "text": YIELD}, {**place(LEADER), "score": 0.5, "text": LEADER}],
    "unsupported": [],
    "model": "scripted",
    "index": {"name": "sample", "generation": "1"},
    "usage": {"prompt_tokens": 6, "cached_tokens": 0, "completion_tokens": 4},
    "timings": {"retrieve_s": 0.1, "first_token_s": 1.0, "total_s": 2.0},
    "cached": True,
    "prompts": [[{"role": "system", "text": "你是助手。"}, {"role": "user", "text": f"[1] {YIELD}\n问题：厂长是谁？"}]],
}
RIGHT: Json = {**ANSWER, "answer": "厂长是李梅，她1998年进厂[1]。"}
REFUSED: Json = {**ANSWER, "answer": "文章没有提到。", "refused": True, "citations": []}
FAILED: Json = {"id": "q1", "question": "厂长是谁？", "repeat": 2, "error": "too long", "cached": False}


def test_everything_there_is_to_see_about_a_question() -> None:
    texts = Texts(articles={"bridge.md": 0, "tea.md": 1})
    told = detail(GOLD, [ANSWER, FAILED], {"right": 0.0, "em": None, "facts": 0.5}, texts)
    assert told == {
        "history": [["茶厂？", "在山上。"]],
        "answerable": True,
        "answers": GOLD.answers,
        "facts": GOLD.facts,
        "evidence": GOLD.evidence,
        "article": "tea.md",
        "values": {"right": 0.0, "facts": 0.5},
        "repeats": [
            {
                "model": "scripted",
                "cached": True,
                "prompts": [
                    [
                        {"role": "system", "system": 0},
                        {"role": "user", "parts": ["[1] ", [0, 0, len(YIELD)], "\n问题：厂长是谁？"]},
                    ]
                ],
                "answer": "厂长是李梅[1]。",
                "refused": False,
                "citations": [{"marker": 1, "article": 1, **span(LEADER)}],
                "hits": [{"score": 0.9, "article": 1, **span(YIELD)}, {"score": 0.5, "article": 1, **span(LEADER)}],
                "unsupported": [],
                "usage": ANSWER["usage"],
                "timings": ANSWER["timings"],
                "told": [True, False],
                "ranks": [2, None],
            },
            {"error": "too long", "prompts": []},
        ],
    }
    assert json.loads(json.dumps(told))


def test_without_facts_the_answers_are_what_is_told() -> None:
    (given,) = detail(replace(GOLD, facts=()), [ANSWER], {}, Texts())["repeats"]
    assert given["told"] == [True]
    (given,) = detail(Gold("q", "？", False), [ANSWER], {}, Texts())["repeats"]
    assert given["told"] == []


def test_a_system_prompt_is_kept_once() -> None:
    texts = Texts()
    other = {**ANSWER, "prompts": [[{"role": "system", "text": "另一个。"}], *ANSWER["prompts"]]}
    repeats = detail(GOLD, [ANSWER, other, ANSWER], {}, texts)["repeats"]
    assert [prompt[0]["system"] for each in repeats for prompt in each["prompts"]] == [0, 1, 0, 0]
    assert texts.systems == {"你是助手。": 0, "另一个。": 1}


def test_a_text_whose_article_is_not_in_the_page_is_kept_with_its_name() -> None:
    (given,) = detail(GOLD, [ANSWER], {}, Texts(articles={"bridge.md": 0}))["repeats"]
    assert given["citations"] == [{"marker": 1, "name": "tea.md", "text": LEADER, **span(LEADER)}]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("passage-1", {"article": 0}),
        ("passage-2", {"article": 1}),
        ("passage-0", {"name": "passage-0", "text": "乙。"}),
        ("passage-3", {"name": "passage-3", "text": "乙。"}),
        ("passage-2.md", {"name": "passage-2.md", "text": "乙。"}),
        ("tea.md", {"name": "tea.md", "text": "乙。"}),
    ],
)
def test_a_place_in_what_came_with_the_question_is_no_place_in_an_article(name: str, expected: dict[str, Any]) -> None:
    gold = replace(GOLD, article="", evidence=(), passages=("甲。", "乙。"))
    answer = {**ANSWER, "citations": [], "hits": [{**place("乙。", name, 0), "score": 0.1, "text": "乙。"}]}
    told = detail(gold, [answer], {}, Texts(articles={"tea.md": 0, "passage-1": 7}))
    assert told["passages"] == ("甲。", "乙。")
    assert told["repeats"][0]["hits"] == [{"score": 0.1, "start": 0, "end": 2, **expected}]


def test_what_a_list_of_questions_shows() -> None:
    values = {"right": 0.5, "total_s": 2.0, "confidence": 0.9, "facts": 0.5}
    assert brief(GOLD, [ANSWER, RIGHT], values) == {
        "id": "q1",
        "category": "single-fact",
        "question": "厂长是谁？",
        "answer": "厂长是李梅[1]。",
        "gold": "李梅，1998年进厂。",
        "verdict": "wrong",
        "failed": False,
        "repeats": 2,
        "shown": 0,
        "right": 1,
        "seconds": 2.0,
        "confidence": 0.9,
    }
    failed = brief(GOLD, [FAILED], {"right": 0.0})
    assert {key: failed[key] for key in ("answer", "verdict", "failed", "seconds", "confidence")} == {
        "answer": "too long", "verdict": "error", "failed": True, "seconds": None, "confidence": None
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answerable", "letters", "expected", "shown"),
    [
        (True, "+", "right", 0),
        (True, "-", "wrong", 0),
        (True, "0", "missed", 0),
        (True, "!", "error", 0),
        (False, "0", "declined", 0),
        (False, "-", "wrong", 0),
        (True, "-++", "right", 1),
        (True, "+-", "wrong", 1),
        (True, "+0", "missed", 1),
        (True, "0--", "wrong", 1),
        (True, "-00", "missed", 1),
        (True, "+!!", "error", 1),
        (True, "!++", "right", 1),
        (False, "-00", "declined", 1),
        (False, "0--", "wrong", 1),
        (False, "0-", "wrong", 1),
    ],
)
def test_a_question_is_what_most_of_its_repeats_are(answerable: bool, letters: str, expected: str, shown: int) -> None:
    gold = GOLD if answerable else Gold("q1", "厂长多大？", False)
    given = [{"+": RIGHT, "-": ANSWER, "0": REFUSED, "!": FAILED}[each] for each in letters]
    told = brief(gold, given, {})
    assert (told["verdict"], told["shown"]) == (expected, shown)
    assert told["right"] == letters.count("+" if answerable else "0")
    assert told["failed"] is ("!" in letters)


def test_a_refusal_tells_no_fact_whatever_it_says() -> None:
    (given,) = detail(GOLD, [{**RIGHT, "refused": True}], {}, Texts())["repeats"]
    assert given["told"] == [False, False]


@pytest.mark.parametrize(
    ("gold", "expected"),
    [
        (GOLD, "李梅，1998年进厂。"),
        (replace(GOLD, answers=()), "李梅 · 1998年"),
        (Gold("q", "？", answerable=False), ""),
    ],
    ids=["an answer", "facts", "a refusal"],
)
def test_a_right_answer_in_short(gold: Gold, expected: str) -> None:
    assert wanted(gold) == expected


PIECES = st.sampled_from(
    [YIELD, LEADER, YIELD[3:20], LEADER[:11], "𠮷" * 12, "[1] ", "[2] ", "\n", "\r\n", "\u2028", "短句。"]
)
SAID = st.lists(PIECES | st.text(max_size=20), max_size=12).map("".join)


@given(SAID, st.lists(st.sampled_from([YIELD, LEADER, YIELD + LEADER, "𠮷" * 20, ""]), max_size=4))
def test_a_prompt_can_be_put_together_again(text: str, found: list[str]) -> None:
    hits = [{**place("", start=0), "score": 0.5, "text": each} for each in found]
    answer = {**ANSWER, "citations": [], "hits": hits, "prompts": [[{"role": "user", "text": text}]]}
    (given,) = detail(replace(GOLD, evidence=()), [answer], {}, Texts())["repeats"]
    ((message,),) = given["prompts"]
    parts = message["parts"]
    assert "".join(part if isinstance(part, str) else found[part[0]][part[1] : part[2]] for part in parts) == text
    assert all(part[2] - part[1] >= 12 for part in parts if not isinstance(part, str))
    for line in text.splitlines():  # whole lines of a passage are not said twice
        if len(line) >= 12 and any(line in each for each in found):
            assert not any(isinstance(part, str) and line in part.splitlines() for part in parts)
