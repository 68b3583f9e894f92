from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eval.gold import Gold, check_articles, read_gold, write_gold
from eval.measures.facts import contains_fact
from eval.sets.corrections import corrections
from rag.feedback import Feedback
from rag.records import Answer, Article, Turn
from tests.conftest import make_article
from tests.scripted import GROUNDED, REFUSED

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEADER = "厂长是李梅，她1998年进厂。"
YIELD = "云雾茶厂2023年产茶320吨，比上一年多40吨。"
COST = "It cost 12,000 pounds."


def down(question: str, correction: str = "", *, unanswerable: bool = False, identity: str = "a") -> Feedback:
    return Feedback(identity, NOON, "down", question, (), REFUSED.to_json(), correction, unanswerable)


def up(answer: Answer) -> Feedback:
    return Feedback("a", NOON, "up", answer.question, (), answer.to_json())


@pytest.mark.parametrize(
    ("question", "correction", "facts", "evidence"),
    [
        ("云雾茶厂2023年产茶多少？", "2023年产茶320吨", (("320",),), ((YIELD,),)),
        ("产量比上一年多多少？", "多四十吨。", (("四十",),), ((YIELD,),)),
        ("谁是厂长？", "李梅", (("李梅",),), ((LEADER,),)),
        ("厂长是誰，哪年进厂的？", "廠長是李梅，1998年進廠。", (("1998",),), ((LEADER,),)),
        ("What did the bridge cost?", "It cost 12,000 pounds", (("12,000",),), ((COST,),)),
        ("谁建了桥，谁是厂长？", "The bridge was built by Ada Moore.\n厂长是李梅。", (), "two articles"),
        ("茶厂怎么样？", "茶厂的员工们很热情，而且服务一个比一个好，值得去看。", (), ()),
        ("云雾茶厂有多少员工？", "有58人", (("58",),), ()),
        ("绿茶占多少？", "五成以上", (("五成",),), ()),
        ("320吨和280吨差多少？", "320吨比280吨多40吨，即四十吨", (("40",),), ()),
        ("产茶多少？", "一个茶厂产茶320吨", (("320",),), ((YIELD,),)),
        ("茶厂在哪里？", "这里", (("这里",),), ()),
    ],
)
def test_what_is_right_and_where_it_stands(
    articles: list[Article], question: str, correction: str, facts: object, evidence: object
) -> None:
    (gold,) = corrections([down(question, correction)], articles)
    if evidence == "two articles":
        evidence = (("The bridge was built in 1890 by Ada Moore.",), (LEADER,))
    quoted = [article.id for article in articles if any(quote in article.text for (quote,) in gold.evidence)]
    assert gold == Gold(
        id="feedback-1",
        question=question,
        answerable=True,
        category="feedback",
        facts=facts,  # type: ignore[arg-type]
        answers=(correction,),
        evidence=evidence,  # type: ignore[arg-type]
        article=quoted[0] if len(quoted) == 1 else "",
        draft=not (facts and evidence),
    )
    assert all(contains_fact(correction, fact) for fact in gold.facts)


def test_the_articles_do_not_say(articles: list[Article]) -> None:
    row = replace(down("茶多少钱一斤？", unanswerable=True), history=(Turn("茶厂在哪里？", "没有说。"),))
    assert corrections([row], articles) == [
        Gold("feedback-1", "茶多少钱一斤？", answerable=False, category="feedback", history=row.history)
    ]


def test_two_sentences_that_say_it_equally_well_are_no_evidence() -> None:
    twice = make_article("春天采茶很忙。\n\n秋天采茶很忙。\n")
    (gold,) = corrections([down("茶农忙吗？", "采茶很忙")], [twice])
    assert (gold.evidence, gold.article, gold.draft) == ((), "", True)
    (gold,) = corrections([down("秋天茶农忙吗？", "采茶很忙")], [twice])  # the question tells which
    assert (gold.evidence, gold.draft) == ((("秋天采茶很忙。",),), False)


def test_a_heading_is_no_evidence() -> None:
    (gold,) = corrections([down("讲什么？", "采茶的季节")], [make_article("# 采茶的季节\n\n春天。\n")])
    assert gold.evidence == ()


def test_verdicts_without_a_correction_are_none(articles: list[Article]) -> None:
    rows = [down("谁是厂长？"), down("谁是厂长？", "？！"), up(GROUNDED), up(REFUSED)]
    assert corrections(rows, articles) == []


def test_the_same_correction_is_one_question(articles: list[Article]) -> None:
    asked = "谁是厂长？"
    said = [down(asked, text, identity=text + str(number)) for number, text in enumerate(["李梅", "李梅", "王芳"])]
    gold = corrections([*said, down(asked, unanswerable=True), down("她呢？", "李梅")], articles)
    assert [(each.id, each.question, each.answers) for each in gold] == [
        ("feedback-1", asked, ("李梅",)),
        ("feedback-2", asked, ("王芳",)),
        ("feedback-3", asked, ()),
        ("feedback-4", "她呢？", ("李梅",)),
    ]


def test_what_is_no_draft_is_a_gold_set(articles: list[Article], tmp_path: Path) -> None:
    rows = [down("谁是厂长？", "李梅", identity="a"), down("多少钱？", unanswerable=True, identity="b")]
    gold = corrections([*rows, down("谁？", "一段没有数字也不在文章里的话。", identity="c")], articles)
    write_gold(tmp_path / "feedback.jsonl", gold)
    read = read_gold([tmp_path / "feedback.jsonl"])
    assert list(read.items) == gold[:2]
    assert [str(error).split(":3: ")[1].split(":")[0] for error in read.errors] == ["still a draft"]
    assert check_articles(read.items, {each.id: each for each in articles}) == {}
