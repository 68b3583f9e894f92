"""What a cross-encoder says decides the order of the best chunks, in search and in answers, and only theirs."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.runs.manifest import describe
from rag.building import index_articles
from rag.chunks import embedded_text
from rag.embedding import HashEmbedder
from rag.errors import ModelDamaged, ModelMissing, UsageError
from rag.index import Index
from rag.llm import Scripted
from rag.pipeline import CONSIDERED, SHOWN, Pipeline
from rag.records import Passages, Question
from rag.reranking import RERANKED, Reranker, open_reranker, rerank
from rag.retrieval import retrieve
from rag.settings import Settings
from tests.conftest import make_article
from tests.tiny_cross_encoder import write_cross_encoder
from tests.tiny_packing import write_embedder
from ui import doctor
from ui.cli import main

QUERIES = ["厂长是谁？", "茶厂2023年产茶多少吨？", "Who built the bridge?", "How many people cross it?"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cross_encoder(tmp_path_factory.mktemp("models") / "judge")


@pytest.fixture(scope="module")
def reranker(folder: Path) -> Reranker:
    found = open_reranker(Settings(reranker=str(folder)))
    assert found
    return found


class Marking(Reranker):
    """Gives each text the value that was written down for its last line, or else 0."""

    def __init__(self, **values: float) -> None:
        self.given = values
        self.name = self.fingerprint = "marking"
        self.read: list[str] = []

    def values(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        self.read = list(texts)
        return np.array([self.given.get(text.rpartition("\n")[2], 0) for text in texts], np.float32)


def test_the_order_is_that_of_the_model_itself(folder: Path, reranker: Reranker, index: Index) -> None:
    from sentence_transformers import CrossEncoder

    plain = CrossEncoder(str(folder), device="cpu", local_files_only=True)
    orders = []
    for query in QUERIES:
        found = retrieve(query, index, HashEmbedder(), 9)
        texts = [embedded_text(index.articles[each.chunk.article], each.chunk) for each in found]
        predicted = plain.predict([(query, text) for text in texts], show_progress_bar=False)
        assert len(set(predicted.tolist())) == len(found) == 4
        expected = [found[place].chunk for place in np.argsort(-predicted)]
        reranked = rerank(query, found, index, reranker)
        assert [each.chunk for each in reranked] == expected
        assert [each.score for each in reranked] == pytest.approx(sorted(predicted.tolist(), reverse=True), abs=1e-6)
        orders.append(expected != [each.chunk for each in found])
    assert sum(orders) >= 2  # it is not the order that was there before


def test_the_model_reads_the_title_too(index: Index) -> None:
    marking = Marking()
    (found,) = retrieve("厂长是谁？", index, HashEmbedder(), 1)
    rerank("厂长是谁？", [found], index, marking)
    assert marking.read == ["tea.md\n云雾茶厂\n人员\n\n厂长是李梅，她1998年进厂。茶厂有员工85人。"]


def test_scores_are_the_logistic_function_of_any_value() -> None:
    values = {"a": 0.0, "b": 1.0, "c": -1.0, "d": 40.0, "e": 41.0, "f": -2000.0, "g": 2000.0}
    index = index_articles([make_article(name, name, markdown=False) for name in values], HashEmbedder())
    found = retrieve("a", index, HashEmbedder(), 9)
    reranked = rerank("a", found, index, Marking(**values))
    assert [each.chunk.article for each in reranked] == ["g", "e", "d", "b", "a", "c", "f"]  # d and e are 1 in float32
    e = math.e
    assert [each.score for each in reranked] == pytest.approx([1, 1, 1, e / (1 + e), 0.5, 1 / (1 + e), 0])
    assert all(0 <= each.score <= 1 for each in reranked)
    before = {each.chunk.article: each for each in found}
    assert [replace(each, score=0) for each in reranked] == [
        replace(before[each.chunk.article], score=0) for each in reranked
    ]


def test_only_the_best_are_read_and_the_rest_follow() -> None:
    articles = [make_article(f"第{number}号茶。", f"{number:02}", markdown=False) for number in range(30)]
    index = index_articles(articles, HashEmbedder())
    found = retrieve("第7号茶", index, HashEmbedder(), 30)
    last = found[RERANKED - 1]
    marking = Marking(**{index.text(last.chunk): 3.0})
    reranked = rerank("第7号茶", found, index, marking)
    assert len(marking.read) == RERANKED == 20
    rest = found[: RERANKED - 1] + found[RERANKED:]  # equal values stay in their order
    assert [each.chunk for each in reranked] == [each.chunk for each in (last, *rest)]
    scores = [each.score for each in reranked]
    assert scores == sorted(scores, reverse=True)
    assert scores[RERANKED:] == [min(each.score, 0.5) for each in found[RERANKED:]]


def test_nothing_found_is_nothing_read(index: Index) -> None:
    marking = Marking()
    assert rerank("?", [], index, marking) == []
    assert marking.read == []


def pipelines(settings: Settings, index: Index, reranker: Reranker) -> tuple[Pipeline, Pipeline]:
    made = [
        Pipeline(settings, HashEmbedder(), index, lambda spec: Scripted("厂长是李梅[1]。"), reranker=each)
        for each in (None, reranker)
    ]
    return made[0], made[1]


def test_search_and_answers_go_by_it(settings: Settings, index: Index, reranker: Reranker) -> None:
    plain, reranking = pipelines(settings, index, reranker)
    for query in QUERIES:
        expected = rerank(query, retrieve(query, index, HashEmbedder(), RERANKED), index, reranker)
        spans = [(each.chunk.article, each.chunk.start, each.score) for each in expected]
        for k in (1, 2, 10):
            assert [(hit.article, hit.start, hit.score) for hit in reranking.search(query, k)] == spans[:k]
        passages = next(iter(reranking.stream(Question(query))))
        assert isinstance(passages, Passages)
        assert [(hit.article, hit.start, hit.score) for hit in passages.hits] == spans[:SHOWN]
    assert any(
        [hit.start for hit in plain.search(query)] != [hit.start for hit in reranking.search(query)]
        for query in QUERIES
    )
    assert plain.now().reranker is None
    assert reranking.now().reranker is reranker


def test_the_passages_of_a_question_are_read_too(settings: Settings, index: Index, reranker: Reranker) -> None:
    texts = ("厂长是李梅。", "茶厂有员工85人。", "比上一年多40吨。")
    passages = next(iter(pipelines(settings, index, reranker)[1].stream(Question("谁？", passages=texts))))
    assert isinstance(passages, Passages)
    values = reranker.values("谁？", [f"{number}\n{text}" for number, text in enumerate(texts, start=1)])
    assert [hit.text for hit in passages.hits] == [texts[place] for place in np.argsort(-values)]


def test_more_is_found_than_is_asked_for(settings: Settings, reranker: Reranker) -> None:
    """The best of ``RERANKED`` comes first even if one was asked for; a longer list is as long as asked for."""
    articles = [make_article(f"第{number}号茶。", f"{number:02}", markdown=False) for number in range(30)]
    index = index_articles(articles, HashEmbedder())
    found = retrieve("第7号茶", index, HashEmbedder(), CONSIDERED)
    last = found[RERANKED - 1]
    marking = Marking(**{index.text(last.chunk): 3.0})
    _, reranking = pipelines(settings, index, marking)
    assert [hit.article for hit in reranking.search("第7号茶", 1)] == [last.chunk.article]
    assert len(reranking.search("第7号茶", 25)) == 25


def test_none_is_set_by_default() -> None:
    assert open_reranker(Settings()) is None


def test_what_is_no_cross_encoder_is_one_line(tmp_path: Path, folder: Path) -> None:
    write_embedder(tmp_path / "embedder")
    write_cross_encoder(tmp_path / "three", labels=3)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("[", encoding="utf-8")
    for name, content in (("cut", (folder / "model.safetensors").read_bytes()[:1000]), ("without", b"")):
        (tmp_path / name).mkdir()
        for path in folder.iterdir():
            (tmp_path / name / path.name).write_bytes(path.read_bytes())
        (tmp_path / name / "model.safetensors").write_bytes(content)
    for name, said in {
        "embedder": "but a BertModel; set another reranker, or none",
        "three": "as it gives 3 values a pair; set another, or none",
        "broken": r"\(.*not a valid JSON.*\); set another reranker, or none",
        "cut": r"\(.*\); set another reranker, or none",
        "without": r"\(.*\); set another reranker, or none",
    }.items():
        with pytest.raises(ModelDamaged, match=rf"^{tmp_path / name}: no cross-encoder for reranking,? {said}$"):
            open_reranker(Settings(reranker=str(tmp_path / name)))


def test_what_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"/none is no .gguf file and no sentence-transformers folder; correct the"):
        open_reranker(Settings(reranker=str(tmp_path / "none")))
    with pytest.raises(UsageError, match="bge"):
        open_reranker(Settings(reranker="bge"))


def test_values_that_are_none_are_an_error(reranker: Reranker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reranker._model, "predict", lambda *_, **__: np.array([1.0, np.nan]))
    with pytest.raises(ModelDamaged, match="^the reranker judge returned values that are not finite; set another"):
        reranker.values("a", ["b", "c"])


def test_the_command_line_sets_it(indexed: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query = "Who built the bridge?"
    expected = [hit.to_json() for hit in Pipeline.open(Settings.load({"reranker": str(folder)})).search(query)]
    assert main(["search", query, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hits"] != expected
    assert main(["search", query, "--json", "--reranker", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out)["hits"] == expected
    assert main(["search", "茶", "--reranker", "nowhere/at/all"]) == 1
    assert capsys.readouterr().err.startswith("suwen: nowhere/at/all is no .gguf file and no ")


def test_the_doctor_says_which(folder: Path) -> None:
    assert doctor._reranker(Settings()) == "none is set"
    assert doctor._reranker(Settings(reranker=str(folder))).startswith("judge, ")


def test_a_run_says_which(settings: Settings, index: Index, reranker: Reranker) -> None:
    plain, reranking = pipelines(settings, index, reranker)
    assert describe(plain, "", [], [])["reranker"] is None
    assert describe(reranking, "", [], [])["reranker"] == {"name": "judge", "fingerprint": reranker.fingerprint}
    assert len(reranker.fingerprint) == 64
