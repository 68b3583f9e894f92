"""The benchmark of sizes: what it makes, and that it measures what it says; no model is needed."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from eval.bench import size as bench
from eval.bench.apart import ONE_THREAD
from rag.embedding import HashEmbedder
from rag.index import Index
from rag.records import Json
from rag.settings import Settings


@pytest.fixture(autouse=True)
def without_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "open_embedder", lambda settings: HashEmbedder())


def test_an_index_of_that_size_is_built_and_asked(tmp_path: Path) -> None:
    assert bench.build(tmp_path, 203)["mb"] > 0.1
    index = Index.load(tmp_path / "index")
    assert (len(index.chunks), len(index.articles)) == (203, 41)
    for article in index.articles.values():
        parts = [article.text[each.start : each.end] for each in index.sentences[article.id]]
        assert "\n".join(parts) == article.text
    questions = json.loads((tmp_path / "questions.json").read_bytes())
    told = bench.search(tmp_path)
    assert 0 < told["ms"][0] <= told["ms"][1]
    assert (told["recall"], len(questions)) == (1, len(set(questions)))
    assert told["resident"] > 10


def test_every_size_has_its_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def apart(module: str, step: str, place: str, *size: int, environment: dict[str, str] | None = None) -> Json:
        assert (module, environment) == ("size", None if step == "build" else ONE_THREAD)
        return bench.build(Path(place), *size) if step == "build" else bench.search(Path(place))

    monkeypatch.setattr(bench, "apart", apart)
    monkeypatch.setattr(bench, "private_mb", lambda: 12.0)
    speed, recall, built, memory = bench.rows(Settings(), sizes=(60,))
    assert re.fullmatch(r"\d+\.\d / \d+\.\d", speed.ours)
    assert recall.ours == "1.0000"
    assert re.fullmatch(r"\d, 0", built.ours)
    assert re.fullmatch(r"\d[\d,]*, 12", memory.ours)


def test_the_embedder_of_a_question_knows_it() -> None:
    vector, tokens = np.eye(4, dtype=np.float32)[0], np.eye(4, dtype=np.float32)[1:]
    found = bench._Asked(vector, tokens).embed_question("anything")
    assert found[0] is vector
    assert found[1] is tokens
