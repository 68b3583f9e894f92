"""LlamaIndex as its starter tutorial has it: documents to an index to a query engine, all at its defaults.

After https://developers.llamaindex.ai/python/framework/getting_started/starter_example_local/ and, for ``streaming``,
https://developers.llamaindex.ai/python/framework/getting_started/faq/.
"""

from eval.peers.protocol import MAX_TOKENS, Ask, History, Reply, Said, Setup, serve


def build(setup: Setup) -> Ask:
    """Index the articles."""
    from llama_index.core import Document, Settings, VectorStoreIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.llms.openai_like import OpenAILike

    Settings.embed_model = HuggingFaceEmbedding(
        model_name=setup.embedder, query_instruction="query: ", text_instruction="passage: "
    )
    Settings.llm = OpenAILike(
        model=setup.model,
        api_base=setup.base_url,
        api_key=setup.api_key,
        is_chat_model=True,
        context_window=setup.context,
        max_tokens=MAX_TOKENS,
        temperature=0,
        timeout=600,
    )
    documents = [Document(text=each.text, metadata={"file_name": each.id}) for each in setup.articles]
    engine = VectorStoreIndex.from_documents(documents).as_query_engine(streaming=True)

    def ask(question: str, history: History, said: Said) -> Reply:
        response = engine.query(question)
        answer = ""
        for piece in response.response_gen:
            said(piece)
            answer += piece
        return Reply(answer, tuple(each.node.get_content() for each in response.source_nodes))

    return ask


if __name__ == "__main__":
    serve(build, ["llama-index-core"])
