"""Whether an index in Milvus holds what was written to it, as far as can be told from outside."""

from collections.abc import Iterator
from itertools import islice

from rag.milvus.articles import AT_ONCE, RemoteArticles, outline, outlines
from rag.milvus.server import Milvus, State


def check(milvus: Milvus, state: State) -> Iterator[str]:
    """Yield what is wrong, a line each: entities that are missing or too many, texts that are not what was written.

    Texts are compared with their digests. Chunks, with their vectors and terms, are counted only: for their bytes the
    server's storage answers, and for how many chunks hold a term.

    Raises:
        IndexBusy: the generation gave way to another meanwhile.

    """
    for line in _differences(milvus, state):
        milvus.check(state)  # or it is missing because another generation is in use by now
        yield line


def _differences(milvus: Milvus, state: State) -> Iterator[str]:
    every = outlines(milvus, state)
    for kind, expected, found in (
        ("articles", state.articles, len(every)),
        ("chunks", state.chunks, milvus.count(state, "chunks", state.visible)),
    ):
        if expected != found:
            yield f"{found} {kind}, of {expected}"
    articles = RemoteArticles(milvus, state)
    left = iter(every)
    while some := list(islice(left, AT_ONCE)):
        read = articles.read(some)
        yield from (each for each in some if each not in read or outline(read[each][0]) != every[each])
