"""Readers see nothing of an article that is for others: in no answer, no prompt, no passage and no list."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, product

import pytest

from rag.building import index_articles
from rag.embedding import HashEmbedder
from rag.errors import UsageError
from rag.examples import MOST
from rag.llm import EXTRACTIVE, Message, Scripted
from rag.pipeline import Pipeline
from rag.records import Answer, Article, Question, Turn
from rag.retriever import SuwenRetriever
from rag.searchable import Searchable
from rag.settings import Settings
from tests.conftest import make_article
from tests.lite import Server

NAMES = {"open": (), "staff": ("staff",), "board": ("board",), "both": ("staff", "board"), "none": ("nobody",)}
READERS = [frozenset(each) for each in ((), ("staff",), ("board",), ("staff", "board"), ("guest",))]


def make(name: str, *, questions: bool) -> Article:
    text = f"# Notes of {name}\n\n## Budget {name}\n\nThe budget of {name} is {len(name)}00 pounds.\n\n"
    text += f"## 预算{name}\n\n{name}的预算由{name}部门定。\n"
    suggested = (f"What is the budget of {name}?",) if questions else ()
    return replace(make_article(text, f"{name}.md"), groups=NAMES[name], questions=suggested, title=f"Plan {name}")


@pytest.fixture(params=[True, False], ids=["with questions", "without"])
def kept(request: pytest.FixtureRequest) -> list[Article]:
    return [make(name, questions=request.param) for name in NAMES]


@pytest.fixture(params=["folder", "milvus"])
def index(request: pytest.FixtureRequest, kept: list[Article], server: Server) -> Searchable:
    return index_articles(kept, HashEmbedder()) if request.param == "folder" else server.holding(kept)


@pytest.fixture
def model() -> Scripted:
    """It cites whatever it is shown."""
    return Scripted("The budget is 500 pounds[1][2]. The budget is 400 pounds[3][4]. 预算由部门定[5][6][7][8].")


@pytest.fixture
def pipeline(settings: Settings, index: Searchable, model: Scripted) -> Pipeline:
    return Pipeline(settings, HashEmbedder(), index, lambda spec: None if spec == EXTRACTIVE else model)


def readable(readers: frozenset[str]) -> set[str]:
    return {name for name, groups in NAMES.items() if not groups or set(groups) & readers}


def asked() -> Iterator[Question]:
    for name in NAMES:
        yield Question(f"What is the budget of the others, {name[0]} and so on?", (Turn("And now?", "Well."),))
        yield Question(f"预算由{name[1:]}谁定？")


@pytest.mark.parametrize("readers", READERS, ids=lambda each: "+".join(sorted(each)) or "no group")
def test_nothing_of_what_is_for_others_comes_out(pipeline: Pipeline, model: Scripted, readers: frozenset[str]) -> None:
    hidden, shown = NAMES.keys() - readable(readers), set[str]()
    for question, llm in product(asked(), ("scripted", EXTRACTIVE)):
        events = list(pipeline.stream(question, llm, groups=readers))
        answer = events[-1]
        assert isinstance(answer, Answer)
        assert pipeline.ask(question, llm, groups=readers).text == answer.text
        told = repr(events) + json.dumps(answer.to_json(), ensure_ascii=False)
        told += repr(pipeline.search(question.text, 50, groups=readers))
        told += repr(SuwenRetriever(pipeline=pipeline, k=50, groups=readers).invoke(question.text))
        assert [name for name in hidden if f"{name}.md" in told or f"of {name}" in told or f"{name}部门" in told] == []
        shown |= {hit.article.removesuffix(".md") for hit in answer.hits}
    assert shown == readable(readers)  # and all of what is for them is there
    prompts = "".join(message.text for messages in model.asked for message in messages if isinstance(message, Message))
    assert "budget" in prompts
    assert [name for name in hidden if f"of {name}" in prompts or f"{name}部门" in prompts] == []


@pytest.mark.parametrize("readers", READERS, ids=lambda each: "+".join(sorted(each)) or "no group")
def test_lists_and_examples_have_only_what_is_for_them(pipeline: Pipeline, readers: frozenset[str]) -> None:
    expected = [name for name in NAMES if name in readable(readers)]
    listed = pipeline.articles(groups=readers)
    assert [each.id for each in listed] == [f"{name}.md" for name in expected]
    assert len(listed) == len(expected)
    assert [each in listed for each in pipeline.articles()] == [name in expected for name in NAMES]
    suggested = [f"What is the budget of {name}?" for name in expected]
    headings = [(f"What about Budget {name}?", f"关于“预算{name}”，文章说了什么？") for name in expected]
    assert pipeline.example_questions(groups=readers) in (suggested, [*chain(*headings)][:MOST])
    for name in NAMES:
        if name in expected:
            assert pipeline.article(f"{name}.md", groups=readers) == pipeline.article(f"{name}.md")
        else:
            with pytest.raises(UsageError) as hidden:
                pipeline.article(f"{name}.md", groups=readers)
            with pytest.raises(UsageError) as absent:
                pipeline.article("other.md", groups=readers)
            assert str(hidden.value).replace(f"{name}.md", "other.md") == str(absent.value)


def test_without_groups_all_is_shown(pipeline: Pipeline) -> None:
    everything = {f"{name}.md" for name in NAMES}
    assert {hit.article for hit in pipeline.search("budget", 50)} == everything
    assert {hit.article for hit in pipeline.ask(Question("budget")).hits} == everything
    assert {each.id for each in pipeline.articles()} == everything


def test_who_may_see_nothing_is_told_nothing(settings: Settings, model: Scripted) -> None:
    secret = index_articles([make("board", questions=True)], HashEmbedder())
    pipeline = Pipeline(settings, HashEmbedder(), secret, lambda spec: model)
    answer = pipeline.ask(Question("What is the budget of the board?"), groups=frozenset({"staff"}))
    assert (answer.refused, answer.hits, answer.citations, model.asked) == (True, (), (), [])
    assert pipeline.example_questions(groups=frozenset()) == []
    assert list(pipeline.articles(groups=frozenset())) == []


def test_the_passages_of_a_question_are_for_whoever_brought_them(pipeline: Pipeline) -> None:
    answer = pipeline.ask(Question("谁？", passages=("李梅定。",)), EXTRACTIVE, groups=frozenset())
    assert [hit.text for hit in answer.hits] == ["李梅定。"]
