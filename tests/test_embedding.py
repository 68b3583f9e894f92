"""Vectors of a real model: as full precision has them, in the order of the texts, and the same bits in any company."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from rag.embedding import BLOCK, Embedder, HashEmbedder, SentenceTransformerEmbedder, Vectors, open_embedder
from rag.errors import ModelDamaged
from rag.settings import Settings
from tests.conftest import on_disk
from tests.tiny_packing import write_embedder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ZH = "云雾茶厂去年产茶320吨，厂长是李梅。根据协议，双方将在未来五年内共同投资。"
EN = "The bridge was built in 1890 by Ada Moore. It cost 12,000 pounds."
TEXTS = ["", "茶", "a", "。", ZH, EN, f"{EN}\n{ZH}", ZH * 55, EN * 31, *(ZH[:length] for length in range(1, len(ZH)))]


@pytest.fixture(scope="module")
def folder() -> Path:
    return on_disk(Settings().embedder)


@pytest.fixture(scope="module")
def embedder(folder: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(folder, "e5", "print")


@pytest.fixture(scope="module")
def plain(folder: Path) -> "SentenceTransformer":
    """The same model in full precision."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def corpus(embedder: Embedder, texts: list[str]) -> Vectors:
    vectors = np.full((len(texts), embedder.dimension), np.nan, np.float32)
    for each in embedder.embed_corpus(texts):
        vectors[each.rows] = each.vectors
    return vectors


@pytest.mark.models
def test_vectors_are_those_of_full_precision(
    embedder: SentenceTransformerEmbedder, plain: "SentenceTransformer"
) -> None:
    exact = plain.encode_document(TEXTS, show_progress_bar=False)
    for vectors in (embedder.embed_passages(TEXTS), corpus(embedder, TEXTS)):
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(TEXTS), 384)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
        assert np.sum(vectors * exact, axis=1).min() >= 0.9999
    for text in (ZH, EN, "茶"):
        assert embedder.embed_query(text) @ plain.encode_query(text, show_progress_bar=False) >= 0.9999


@pytest.mark.models
def test_a_text_has_the_same_bits_whatever_the_others_are(embedder: SentenceTransformerEmbedder) -> None:
    together = corpus(embedder, TEXTS)
    assert np.array_equal(corpus(embedder, TEXTS[::-1])[::-1], together)
    for row in (0, 1, 4, 5, 7, 20):
        assert np.array_equal(corpus(embedder, TEXTS[row : row + 1])[0], together[row])
    many = [f"{text}{number}" for number in range(1 + 2 * BLOCK // len(TEXTS)) for text in TEXTS if len(text) < 99]
    assert np.array_equal(corpus(embedder, many + TEXTS)[-len(TEXTS) :], together)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_embedder(tmp_path / "model")


def test_precision_goes_by_the_processor(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for feature, size in (("avx2", 4), ("avx512_bf16", 4), ("amx_bf16", 2)):
        monkeypatch.setattr("torch.cpu.get_capabilities", lambda has=feature: {has: True, "amx_tile": False})
        embedder = SentenceTransformerEmbedder(tiny, "tiny", "print")
        assert {each.element_size() for each in embedder._model.parameters()} == {size}
        ((_, features),) = embedder._batches(["a", "北京"], "document", fill=True)
        kept = {name: (value.element_size(), tuple(value.shape)) for name, value in features.items()}
        assert kept["token_embeddings"] == (4, (2, 16, 32))
        assert kept["sentence_embedding"] == (4, (2, 32))
        assert kept["input_ids"] == kept["attention_mask"] == (8, (2, 16))


def test_numpy_leaves_the_threads_to_the_model(tiny: Path) -> None:
    SentenceTransformerEmbedder(tiny, "tiny", "print")
    pools = [each for each in threadpool_info() if each["user_api"] == "blas"]
    assert {each["num_threads"] for each in pools} == {1}


def test_texts_come_in_batches(tiny: Path) -> None:
    embedder = SentenceTransformerEmbedder(tiny, "tiny", "print")
    assert [len(each.rows) for each in embedder.embed_corpus(["a"] * 300)] == [
        128,
        128,
        44,
    ]  # 2,048 tokens of 16 a text
    assert list(embedder.embed_corpus([])) == []


@pytest.mark.models
def test_tokens_are_those_of_the_text_alone(embedder: SentenceTransformerEmbedder) -> None:
    """No prompt, no special token and no padding is among them, and each stays on its side of the text's vector."""
    for text in (ZH, EN, "茶", ""):
        vector, tokens = embedder.embed_question(text)
        assert np.array_equal(vector, embedder.embed_query(text))
        assert len(tokens) == max(1, embedder.count_tokens(text))
        np.testing.assert_allclose(np.linalg.norm(tokens, axis=1), 1, atol=1e-6)
    by_row = {
        row: each for batch in embedder.embed_corpus(TEXTS) for row, each in zip(batch.rows, batch.sides, strict=True)
    }
    assert [len(by_row[row]) for row in range(7)] == [embedder.count_tokens(text) for text in TEXTS[:7]]
    assert {each.shape[1] for each in by_row.values()} == {48}
    alone = next(iter(embedder.embed_corpus([ZH]))).sides[0]
    assert np.array_equal(alone, by_row[TEXTS.index(ZH)])


def test_only_a_model_that_takes_the_mean_gives_tokens(tiny: Path) -> None:
    (batch,) = SentenceTransformerEmbedder(tiny, "tiny", "print").embed_corpus(["a~a"])
    assert [each.shape for each in batch.sides] == [(4, 4)]
    pooling = tiny / "1_Pooling" / "config.json"
    pooling.write_text(pooling.read_text(encoding="utf-8").replace("mean_tokens", "cls_token"), encoding="utf-8")
    embedder = SentenceTransformerEmbedder(tiny, "tiny", "print")
    (batch,) = embedder.embed_corpus(["a~a"])
    assert [each.shape for each in batch.sides] == [(0, 4)]
    vector, tokens = embedder.embed_question("a~a")
    assert np.array_equal(tokens, vector[None])


def test_a_tokenizer_is_used_by_one_thread_at_a_time(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = SentenceTransformerEmbedder(tiny, "tiny", "print")
    alone: list[bool] = []

    def watch(owner: object, name: str) -> None:
        original = getattr(owner, name)

        def watched(*args: object, **options: object) -> object:
            alone.append(embedder._tokenising.locked())
            return original(*args, **options)

        monkeypatch.setattr(owner, name, watched)

    watch(embedder._model, "preprocess")
    watch(embedder._model.tokenizer, "tokenize")
    assert embedder.count_tokens("a~a") == 4
    embedder.embed_query("a")
    assert alone == [True, True, True]  # a question's prompt is counted too


def test_a_folder_that_is_no_model_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[", encoding="utf-8")
    with pytest.raises(ModelDamaged, match=r": not a sentence-transformers model \(.*\); run: suwen models verify$"):
        open_embedder(Settings(embedder=str(tmp_path)))


def test_the_stand_in_has_no_tokens() -> None:
    texts = ["绿茶", "红茶", "绿茶"]
    assert np.array_equal(corpus(HashEmbedder(), texts), HashEmbedder().embed_passages(texts))
    (batch,) = HashEmbedder().embed_corpus(texts)
    assert [each.shape for each in batch.sides] == [(0, 32)] * 3
    vector, tokens = HashEmbedder().embed_question("绿茶")
    assert np.array_equal(tokens, vector[None])
