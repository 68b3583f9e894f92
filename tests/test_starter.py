"""Starter sets: what a model drafts from an index, and what becomes of drafts that are not sound."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gold import Gold, check_articles, read_gold, write_gold
from eval.sets.starter import SHARE, TRIES, Starter
from rag.building import index_articles
from rag.embedding import HashEmbedder
from rag.errors import UsageError
from rag.index import Index
from rag.llm import ChatModel, Scripted
from rag.records import Article
from tests.conftest import BRIDGE, TEA, make_article

YIELD = "云雾茶厂2023年产茶320吨，比上一年多40吨。"
LEADER = "厂长是李梅，她1998年进厂。"
# A question and what the model comes back to, of the sentences in the order they are asked about.
WHEN = ("When was the bridge built by Ada Moore?", "in 1890")
MUCH = ("云雾茶厂2023年比上一年多产茶多少？", "40吨")
COST = ("What did the bridge cost?", "12,000 pounds.")
SINCE = ("问题：云雾茶厂的厂长是哪一年进厂的？", "1998年")
OPEN = ("Question: Why were cars banned?",)  # of the last


def build(*articles: Article) -> Index:
    return index_articles(articles, HashEmbedder())


BOTH = build(make_article(BRIDGE, "bridge.md"), make_article(TEA))
ONLY_TEA = build(make_article(TEA))


def draft(index: Index, model: ChatModel | None, count: int) -> tuple[list[Gold], Starter]:
    starter = Starter(index, model)
    return list(starter.questions(count, lambda done, total: None)), starter


def test_a_sound_draft_is_a_question_with_its_fact_and_its_sentence() -> None:
    model = Scripted(*WHEN, *MUCH, *COST, *SINCE)
    items, starter = draft(BOTH, model, 4)
    assert items[1] == Gold(
        id="starter-002",
        question="云雾茶厂2023年比上一年多产茶多少？",
        answerable=True,
        category="single-fact",
        facts=(("40吨",),),
        answers=("40吨",),
        evidence=((YIELD,),),
        article="tea.md",
    )
    assert [(each.article, each.answers) for each in items] == [
        ("bridge.md", ("1890",)), ("tea.md", ("40吨",)), ("bridge.md", ("12,000 pounds",)), ("tea.md", ("1998年",)),
    ]  # fmt: skip
    assert (starter.made, starter.drafts, starter.dropped) == (4, 0, 0)


def test_a_model_is_shown_by_example_what_is_wanted_and_then_asked_its_own_question() -> None:
    model = Scripted(*MUCH)
    draft(ONLY_TEA, model, 1)
    drafting, asking = model.asked
    assert [each.role for each in drafting] == ["user", "assistant"] * 3 + ["user"]
    assert drafting[-1].text == f"文章：《tea.md》\n句子：{YIELD}\n答案：40吨\n请写出答案是“40吨”的问题。"
    assert [each.role for each in asking] == ["user", "assistant"] * 2 + ["user"]
    assert asking[-1].text.startswith(f"句子：{YIELD}\n问题：{MUCH[0]}\n")


UNSOUND = {
    "nothing": [""],
    "a statement": ["云雾茶厂2023年产茶320吨。"],
    "a question after a statement": ["好的。\n云雾茶厂2023年比上一年多产茶多少？"],
    "JSON": ['{"question": "云雾茶厂2023年比上一年多产茶多少？"}'],
    "the answer in the question": ["云雾茶厂2023年比上一年多产茶40吨吗？"],
    "a figure out of the air": ["云雾茶厂2024年比上一年多产茶多少？"],
    "another language": ["How much more tea was made in 2023?"],
    "asked of the text": ["这句话说云雾茶厂多产茶多少？"],
    "about something else": ["李白一生写了几首诗？"],
    "another answer comes back": ["云雾茶厂2023年产茶多少？", "320吨"],
    "nothing comes back": [MUCH[0], ""],
    "the whole sentence comes back": [MUCH[0], YIELD],
    "a part of a number comes back": [MUCH[0], "140吨"],
}


@pytest.mark.parametrize("replies", UNSOUND.values(), ids=UNSOUND)
def test_an_unsound_draft_is_dropped_and_counted(replies: list[str]) -> None:
    items, starter = draft(ONLY_TEA, Scripted(*replies, *SINCE), 2)
    assert [(each.id, each.answers) for each in items] == [("starter-001", ("1998年",))]
    assert (starter.made, starter.dropped) == (1, 1)


def test_a_question_asked_already_is_dropped() -> None:
    first, second = "甲厂的厂长李梅1998年进厂。", "甲厂的厂长李梅2003年离厂。"
    asked = "甲厂的厂长李梅是哪一年的？"
    items, starter = draft(build(make_article(first + second)), Scripted(asked, "1998年", asked, "2003年"), 2)
    assert [each.evidence for each in items] == [((first,),)]
    assert (starter.made, starter.dropped) == (1, 1)


def test_a_figure_that_is_part_of_a_name_is_none() -> None:
    items, _ = draft(build(make_article("在乙厂，李梅是最年轻的P10级技术专家，2003年离厂。")), None, 1)
    assert items[0].facts == (("2003年",),)


def test_one_in_five_is_left_open_for_a_person_to_make_sure() -> None:
    items, starter = draft(BOTH, Scripted(*OPEN, *WHEN, *MUCH, *COST, *SINCE), SHARE)
    assert items[0] == Gold(
        "starter-001", "Why were cars banned?", False, "unanswerable", article="bridge.md", draft=True
    )
    assert [each.answerable for each in items] == [False, True, True, True, True]
    assert (starter.made, starter.drafts) == (5, 1)


def test_what_the_author_suggests_is_a_draft_with_the_nearest_sentence() -> None:
    asked = "谁是厂长？"
    suggesting = build(replace(make_article(TEA), questions=(asked,)), make_article(BRIDGE, "bridge.md"))
    items, starter = draft(suggesting, None, SHARE)
    expected = Gold("starter-001", asked, True, "single-fact", (("1998年",),), (), ((LEADER,),), "tea.md", draft=True)
    assert items[0] == expected
    assert starter.drafts == starter.made == 5


def test_without_a_model_all_questions_are_left_to_write() -> None:
    items, starter = draft(BOTH, None, 4)
    assert [each.question for each in items] == [""] * 4
    assert items[1].facts == (("2023年",), ("320吨",), ("40吨",))
    assert items[1].category == "several-facts"
    assert (starter.made, starter.drafts, starter.dropped) == (4, 4, 0)


def many(articles: int, sentences: int) -> Index:
    texts = [
        "\n\n".join(f"第{number}厂{1990 + year}年的产量。" for year in range(sentences)) for number in range(articles)
    ]
    return build(*(make_article(text, f"{number:02}.md") for number, text in enumerate(texts)))


@pytest.mark.parametrize("count", [1, 4, 5, 12, 25])
def test_there_are_as_many_as_wanted_over_all_articles(count: int) -> None:
    told: list[tuple[int, int]] = []
    starter = Starter(many(10, 5), None)
    items = list(starter.questions(count, lambda *done: told.append(done)))
    assert told == [(n, count) for n in range(1, count + 1)]
    assert len({each.id for each in items}) == len(items) == count
    assert sum(not each.answerable for each in items) == count // SHARE
    per_article = Counter(each.article for each in items if each.answerable)
    assert len(per_article) == min(10, count - count // SHARE)
    assert max(per_article.values()) - min(per_article.values()) <= 1


def test_fewer_where_there_is_no_more_to_ask_about() -> None:
    items, _ = draft(ONLY_TEA, None, 4)
    assert [each.evidence for each in items] == [((YIELD,),), ((LEADER,),)]


def test_a_model_that_drafts_nothing_sound_is_not_asked_about_the_whole_index() -> None:
    model = Scripted("我不明白。")
    items, starter = draft(many(10, 5), model, 2)
    assert (items, starter.dropped, len(model.asked)) == ([], 2 * TRIES, 2 * TRIES)


@pytest.mark.parametrize("text", ["", "# 2023年大事记\n", "茶很香，人很多，天很蓝，山很高。\n", "产茶320吨。\n"])
def test_an_index_without_a_sentence_to_ask_about(text: str) -> None:
    with pytest.raises(UsageError, match="has no sentence with a figure or a name; index more text"):
        Starter(build(make_article(text)), None)


ANYTHING = st.one_of(
    st.sampled_from([*sum(UNSOUND.values(), []), *WHEN, *MUCH, *COST, *SINCE, *OPEN]),
    st.builds("云雾茶厂{}？".format, st.text("2023产多少[1]。 \n")),
    st.text("4012398吨年李梅—[1]。", max_size=8),
)


@given(st.lists(ANYTHING, min_size=1, max_size=12), st.integers(1, 12))
def test_whatever_a_model_says_what_is_kept_is_a_gold_set(
    tmp_path_factory: pytest.TempPathFactory, replies: list[str], count: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "starter" / "gold.jsonl"
    items, starter = draft(BOTH, Scripted(*replies), count)
    assert len(items) == starter.made <= count
    if items:
        write_gold(path, items)
        read = read_gold([path])
        assert list(read.items) == [each for each in items if not each.draft]
        assert [str(error).partition(": still a draft: ")[0] for error in read.errors] == [
            f"{path}:{number}" for number, each in enumerate(items, start=1) if each.draft
        ]
        assert check_articles(items, BOTH.articles) == {}
        assert all(each.draft is not each.answerable for each in items)
