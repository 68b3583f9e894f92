from dataclasses import replace

from rag.building import index_articles
from rag.embedding import HashEmbedder
from rag.examples import MOST, example_questions
from rag.index import Index
from rag.records import Article
from tests.conftest import make_article


def test_what_the_articles_suggest_comes_first(articles: list[Article]) -> None:
    bridge, tea = articles
    index = index_articles([bridge, replace(tea, questions=("厂长是谁？", "产量多少？"))], HashEmbedder())
    assert example_questions(index) == ["厂长是谁？", "产量多少？"]


def test_headings_become_questions_in_their_language(index: Index) -> None:
    assert example_questions(index) == [
        "What about Building?",
        "What about Use?",
        "关于“产量”，文章说了什么？",
        "关于“人员”，文章说了什么？",
    ]


def test_a_few_are_enough() -> None:
    many = make_article("".join(f"# 第{number}节\n\n茶{number}。\n\n" for number in range(20)))
    assert len(example_questions(index_articles([many], HashEmbedder()))) == MOST
