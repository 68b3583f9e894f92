"""Passages in chains of LangChain: those of ``Pipeline.search``, from the newest articles, under stable ids."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda

from rag.building import index_articles, merge
from rag.embedding import HashEmbedder
from rag.errors import UsageError
from rag.generations import writing
from rag.index import Index
from rag.llm import Message, Scripted
from rag.newest import Newest
from rag.pipeline import Pipeline
from rag.records import Article
from rag.retriever import SuwenRetriever
from rag.settings import ROOT, Settings
from tests.conftest import BRIDGE, TEA, make_article

Make = Callable[..., Pipeline]
TEXTS = {"tea.md": TEA, "bridge.md": BRIDGE}


def test_a_document_is_a_hit_with_its_title_and_heading(pipeline: Make) -> None:
    (found,) = SuwenRetriever(pipeline=pipeline(), k=1).invoke("厂长是谁？")
    (hit,) = pipeline().search("厂长是谁？", 1)
    assert found == Document(
        id="tea.md#53-81",
        page_content=TEA[53:81],
        metadata={
            "article": "tea.md",
            "title": "tea.md",
            "source": "/articles/tea.md",
            "heading": "人员",
            "start": 53,
            "end": 81,
            "score": hit.score,
        },
    )
    assert TEA[53:81] == hit.text == "人员\n\n厂长是李梅，她1998年进厂。茶厂有员工85人。"


def test_documents_are_what_is_searched(pipeline: Make) -> None:
    for query in ("厂长是谁？", "Who built the bridge?", "产量"):
        for k in (1, 3, 10):
            documents = SuwenRetriever(pipeline=pipeline(), k=k).invoke(query)
            hits = pipeline().search(query, k)
            assert [(each.page_content, each.metadata["score"]) for each in documents] == [
                (hit.text, hit.score) for hit in hits
            ]
            assert [each.id for each in documents] == [f"{hit.article}#{hit.start}-{hit.end}" for hit in hits]
            for each in documents:
                text = TEXTS[each.metadata["article"]]
                assert text[each.metadata["start"] : each.metadata["end"]] == each.page_content


def test_in_a_chain_with_a_model(pipeline: Make) -> None:
    model = Scripted("厂长是李梅。")

    def show(documents: list[Document]) -> Message:
        return Message("user", "\n".join(each.page_content for each in documents))

    def ask(message: Message) -> str:
        return "".join(model.stream([message], max_tokens=50))

    chain = SuwenRetriever(pipeline=pipeline(), k=1) | RunnableLambda(show) | RunnableLambda(ask)
    assert chain.invoke("厂长是谁？") == "厂长是李梅。"
    assert model.asked == [[Message("user", TEA[53:81])]]
    assert chain.batch(["厂长是谁？", "厂长？"]) == ["厂长是李梅。"] * 2


def test_without_waiting_it_finds_the_same(pipeline: Make) -> None:
    import asyncio

    retriever = SuwenRetriever(pipeline=pipeline(), k=2)
    chain: Any = retriever | RunnableLambda(len)
    assert asyncio.run(retriever.ainvoke("厂长是谁？")) == retriever.invoke("厂长是谁？")
    assert asyncio.run(chain.ainvoke("厂长是谁？")) == 2


def test_what_is_no_question_is_the_same_error_as_elsewhere(pipeline: Make) -> None:
    with pytest.raises(UsageError, match="^the question is empty; write one$"):
        SuwenRetriever(pipeline=pipeline()).invoke(" ")


def test_a_new_generation_is_taken_up(articles: list[Article], settings: Settings) -> None:
    folder = Path(settings.indexes) / "tea"
    with writing(folder):
        index_articles(articles, HashEmbedder()).save(folder)
    newest = Newest(folder, Index.load(folder), pytest.fail)
    retriever = SuwenRetriever(
        pipeline=Pipeline(settings, HashEmbedder(), newest.index(), lambda spec: None, newest), k=1
    )
    assert retriever.invoke("厂长是谁？")[0].page_content.endswith("茶厂有员工85人。")
    with writing(folder):
        old = Index.load(folder)
        changed, _ = merge(old, [make_article(TEA.replace("85", "86")), articles[0]], ["/articles"])
        index_articles(changed, HashEmbedder(), old).save(folder)
    assert retriever.invoke("厂长是谁？")[0].page_content.endswith("茶厂有员工86人。")


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_example_runs(name: str) -> None:
    (example,) = re.findall(r"^```\n(from langchain_core.*?)^```\n", (ROOT / name).read_text("utf-8"), re.M | re.S)
    said: dict[str, Any] = {}
    exec(compile(example, name, "exec"), said)
    assert len(said["passages"]) == 3
    for identity, text in said["passages"]:
        article, start, end = re.fullmatch(r"(.+)#(\d+)-(\d+)", identity).groups()  # type: ignore[union-attr]
        assert TEXTS[article][int(start) : int(end)] == text
