"""Whether an index in Milvus holds what was written to it, as far as can be told from outside."""

from collections.abc import Iterator

from rag.milvus.articles import RemoteArticles, outline, outlines
from rag.milvus.server import Milvus, State


def check(milvus: Milvus, state: State) -> Iterator[str]:
    """Yield what is wrong, a line each: entities that are missing or too many, texts that are not what was written.

    Texts are compared with their digests. Vectors and terms are counted only: for their bytes the server's storage
    answers.
    """
    every = outlines(milvus, state)
    for kind, expected, found in (
        ("articles", state.articles, len(every)),
        ("chunks", state.chunks, milvus.count(state, "chunks", state.visible)),
    ):
        if expected != found:
            yield f"{found} {kind}, of {expected}"
    articles = RemoteArticles(milvus, state)
    for identity, article in every.items():
        found_article = articles.read([identity]).get(identity)
        if found_article is None or outline(found_article[0]) != article:
            yield identity
