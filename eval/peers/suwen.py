"""Suwen as one of the compared systems: the product's own answer path, as chat and evaluation use it."""

import os
from pathlib import Path

from eval.peers.protocol import Ask, History, Reply, Said, Setup, serve
from rag.articles import SUFFIXES
from rag.building import index_articles
from rag.embedding import open_embedder
from rag.llm import open_model
from rag.models import locate
from rag.pipeline import Pipeline
from rag.records import Answer, Article, Delta, Question, Turn
from rag.settings import Settings


def build(setup: Setup) -> Ask:
    """Index the articles."""
    os.environ["SUWEN_API_KEY"] = setup.api_key  # where the product looks for it
    settings = Settings(llm=f"openai:{setup.model}", base_url=setup.base_url, embedder=setup.embedder)
    articles = [
        Article(each.id, each.title, each.id, each.text, "", SUFFIXES.get(Path(each.id).suffix, False))
        for each in setup.articles
    ]
    embedder = open_embedder(settings)
    index = index_articles(articles, embedder)
    pipeline = Pipeline(
        settings, embedder, index, lambda spec: open_model(settings, spec, lambda name: locate(name, settings))
    )

    def ask(question: str, history: History, said: Said) -> Reply:
        turns = tuple(Turn(asked, answered) for asked, answered in history)
        for event in pipeline.stream(Question(question, turns), strict=True):
            if isinstance(event, Delta):
                said(event.text)
            elif isinstance(event, Answer):
                return _reply(event)
        raise AssertionError("a stream ends with its answer")

    return ask


def _reply(answer: Answer) -> Reply:
    usage = {"prompt_tokens": answer.usage.prompt_tokens, "completion_tokens": answer.usage.completion_tokens}
    return Reply(answer.text, tuple(hit.text for hit in answer.hits), usage, answer.refused)


if __name__ == "__main__":
    serve(build, ["suwen"])
