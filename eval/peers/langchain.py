"""The textbook LangChain pipeline: split, FAISS, the four nearest pieces stuffed into one prompt.

After https://python.langchain.com/docs/tutorials/rag/ (pieces, store, chain, and its wording of the prompt) and
https://python.langchain.com/docs/how_to/recursive_text_splitter/ (separators for languages without word boundaries).
A Chinese question gets the prompt in Chinese, as Chinese tutorials write it.
"""

import re

from eval.peers.protocol import MAX_TOKENS, Ask, History, Reply, Said, Setup, serve

SEPARATORS = ["\n\n", "\n", "。", "！", "？", "；", "，", "、", ". ", " ", ""]
ENGLISH = """Use the following pieces of context to answer the question at the end.
If you don't know the answer, just say that you don't know, don't try to make up an answer.

{context}

Question: {question}

Helpful Answer:"""
CHINESE = """请根据以下已知内容回答最后的问题。
如果你不知道答案，就说不知道，不要试图编造答案。

{context}

问题：{question}

回答："""


def build(setup: Setup) -> Ask:
    """Index the articles."""
    from langchain_community.vectorstores import FAISS
    from langchain_core.documents import Document
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_openai import ChatOpenAI
    from langchain_text_splitters import RecursiveCharacterTextSplitter
    from pydantic import SecretStr

    embeddings = HuggingFaceEmbeddings(
        model_name=setup.embedder,
        encode_kwargs={"prompt": "passage: ", "normalize_embeddings": True},
        query_encode_kwargs={"prompt": "query: ", "normalize_embeddings": True},
    )
    documents = [Document(each.text, metadata={"source": each.id}) for each in setup.articles]
    splitter = RecursiveCharacterTextSplitter(chunk_size=500, chunk_overlap=50, separators=SEPARATORS)
    store = FAISS.from_documents(splitter.split_documents(documents), embeddings)
    retriever = store.as_retriever(search_kwargs={"k": 4})
    model = ChatOpenAI(
        model=setup.model,
        base_url=setup.base_url,
        api_key=SecretStr(setup.api_key),
        temperature=0,
        extra_body={"max_tokens": MAX_TOKENS},  # its own option goes out under a name that local servers do not know
    )
    chains = {template: ChatPromptTemplate.from_template(template) | model | StrOutputParser() for template in PROMPTS}

    def ask(question: str, history: History, said: Said) -> Reply:
        found = retriever.invoke(question)
        texts = tuple(each.page_content for each in found)
        answer = ""
        chain = chains[CHINESE if re.search("[\u4e00-\u9fff]", question) else ENGLISH]
        for piece in chain.stream({"context": "\n\n".join(texts), "question": question}):
            said(piece)
            answer += piece
        return Reply(answer, texts)

    return ask


PROMPTS = (ENGLISH, CHINESE)

if __name__ == "__main__":
    serve(build, ["langchain-core", "langchain-community"])
