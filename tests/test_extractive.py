from rag.embedding import HashEmbedder
from rag.evidence import select_evidence
from rag.extractive import MOST, best_sentences
from rag.index import Index
from rag.retrieval import retrieve


def best(question: str, index: Index) -> list[str]:
    found = retrieve(question, index, HashEmbedder(), 8)
    evidence = select_evidence(found, index, HashEmbedder().count_tokens)
    return [each.text for each in best_sentences(question, evidence, HashEmbedder())]


def test_the_sentence_that_shares_most_with_the_question_comes_first(index: Index) -> None:
    assert best("厂长是谁", index)[0] == "厂长是李梅，她1998年进厂。"
    assert best("Who built the bridge in 1890?", index)[0] == "The bridge was built in 1890 by Ada Moore."


def test_never_more_than_a_few(index: Index) -> None:
    assert 1 <= len(best("茶", index)) <= MOST


def test_no_evidence_no_sentences() -> None:
    assert best_sentences("茶", [], HashEmbedder()) == []
