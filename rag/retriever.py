"""The same retrieval for chains of LangChain."""

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from rag.pipeline import Pipeline
from rag.retrieval import Found
from rag.searchable import Searchable


class SuwenRetriever(BaseRetriever):
    """What ``Pipeline.search`` finds, as documents, the best first.

    ``k`` is how many; ``groups`` are those of the reader, as there. A pipeline that was opened to ``follow`` its index
    is asked each time what that holds now.
    """

    pipeline: Pipeline
    k: int = 10
    groups: frozenset[str] | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        del run_manager
        pipeline = self.pipeline.now()
        return [_document(each, pipeline.index) for each in pipeline.find(query, self.k, groups=self.groups)]


def _document(found: Found, index: Searchable) -> Document:
    """Return a passage as it stands in its article, under an id that stays the same while its article does."""
    chunk = found.chunk
    article = index.articles[chunk.article]
    return Document(
        id=f"{article.id}#{chunk.start}-{chunk.end}",
        page_content=index.text(chunk),
        metadata={
            "article": article.id,
            "title": article.title,
            "source": article.source,
            "heading": chunk.heading,
            "start": chunk.start,
            "end": chunk.end,
            "score": found.score,
        },
    )
