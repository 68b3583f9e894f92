"""txtai as its quick start has it: sections to an embeddings database to RAG over the three nearest.

After https://github.com/neuml/txtai/blob/master/examples/rag_quickstart.py and, for a model behind an API,
https://neuml.github.io/txtai/pipeline/llm/llm/. The quick start's converter of files, which is left out as the texts
are at hand, sets a heading off by empty lines so that the segmenter cuts there: the same is done here.
"""

import re
from collections.abc import Sequence
from typing import Any

from eval.peers.protocol import MAX_TOKENS, Ask, History, Reply, Said, Setup, serve

TEMPLATE = """
  Answer the following question using the provided context.

  Question:
  {question}

  Context:
  {context}
"""


def build(setup: Setup) -> Ask:
    """Index the articles."""
    from txtai import RAG, Embeddings
    from txtai.pipeline import Segmentation

    segment = Segmentation(sections=True)
    pieces = [
        (f"{each.id} {number}", piece)
        for each in setup.articles
        for number, piece in enumerate(segment(re.sub(r"\n+(?=#+ )", "\n\n\n", each.text)))
    ]
    embeddings = Embeddings(
        content=True, path=setup.embedder, instructions={"query": "query: ", "data": "passage: "}, maxlength=512
    )
    embeddings.index(pieces)
    shown: list[str] = []

    def search(queries: Sequence[str], limit: int) -> Any:
        found = embeddings.batchsearch(queries, limit)
        shown[:] = [each["text"] for each in found[0]]
        return found

    rag = RAG(
        search,
        f"openai/{setup.model}",
        system="You are a friendly assistant",
        template=TEMPLATE,
        output="flatten",
        api_base=setup.base_url,
        api_key=setup.api_key,
        temperature=0,
    )

    def ask(question: str, history: History, said: Said) -> Reply:
        answer = ""
        for piece in rag(question, maxlength=MAX_TOKENS, stream=True):
            said(piece)
            answer += piece
        return Reply(answer, tuple(shown))

    return ask


if __name__ == "__main__":
    serve(build, ["txtai"])
