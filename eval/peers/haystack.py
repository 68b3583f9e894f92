"""Haystack as its first tutorial builds a pipeline: in-memory store, embedding retriever, prompt, generator.

After https://haystack.deepset.ai/tutorials/27_first_rag_pipeline (pipeline, prompt, the retriever's ten documents) and
https://docs.haystack.deepset.ai/docs/documentsplitter. The tutorial's documents are short; articles have to be split.
The splitter's default counts words between spaces, which makes one piece of a Chinese article: paragraphs are taken,
two at a time so that a heading stays with its text.
"""

from typing import Any

from eval.peers.protocol import MAX_TOKENS, Ask, History, Reply, Said, Setup, serve

TEMPLATE = """
Given the following information, answer the question.

Context:
{% for document in documents %}
    {{ document.content }}
{% endfor %}

Question: {{question}}
Answer:
"""


def build(setup: Setup) -> Ask:
    """Index the articles."""
    from haystack import Document, Pipeline
    from haystack.components.builders import ChatPromptBuilder
    from haystack.components.generators.chat import OpenAIChatGenerator
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack.components.writers import DocumentWriter
    from haystack.dataclasses import ChatMessage
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack.utils import Secret
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    store = InMemoryDocumentStore()
    indexing = Pipeline()
    indexing.add_component("splitter", DocumentSplitter(split_by="passage", split_length=2))
    indexing.add_component(
        "embedder",
        SentenceTransformersDocumentEmbedder(model=setup.embedder, prefix="passage: ", progress_bar=False),
    )
    indexing.add_component("writer", DocumentWriter(store))
    indexing.connect("splitter", "embedder")
    indexing.connect("embedder", "writer")
    documents = [Document(content=each.text, meta={"name": each.id}) for each in setup.articles]
    indexing.run({"splitter": {"documents": documents}})

    heard: list[Said] = []  # who listens to the question under way

    def stream(chunk: Any) -> None:
        heard[-1](chunk.content)

    answering = Pipeline()
    answering.add_component(
        "embedder", SentenceTransformersTextEmbedder(model=setup.embedder, prefix="query: ", progress_bar=False)
    )
    answering.add_component("retriever", InMemoryEmbeddingRetriever(store))
    answering.add_component(
        "prompt", ChatPromptBuilder(template=[ChatMessage.from_user(TEMPLATE)], required_variables="*")
    )
    answering.add_component(
        "model",
        OpenAIChatGenerator(
            api_key=Secret.from_token(setup.api_key),
            model=setup.model,
            api_base_url=setup.base_url,
            streaming_callback=stream,
            generation_kwargs={"temperature": 0, "max_tokens": MAX_TOKENS},
            timeout=600,
        ),
    )
    answering.connect("embedder.embedding", "retriever.query_embedding")
    answering.connect("retriever", "prompt.documents")
    answering.connect("prompt.prompt", "model.messages")

    def ask(question: str, history: History, said: Said) -> Reply:
        heard[:] = [said]
        result = answering.run(
            {"embedder": {"text": question}, "prompt": {"question": question}}, include_outputs_from={"retriever"}
        )
        passages = tuple(document.content or "" for document in result["retriever"]["documents"])
        return Reply(result["model"]["replies"][0].text or "", passages)

    return ask


if __name__ == "__main__":
    serve(build, ["haystack-ai"])
