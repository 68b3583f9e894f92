import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.errors import ModelDamaged
from rag.models import home
from rag.settings import Settings
from rag.unpacking import unpack
from tests import tiny_packing as tiny


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny.write_embedder(tmp_path / "model")


def test_files(folder: Path) -> None:
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {
        "1_Pooling/config.json",
        "config.json",
        "model.safetensors",
        "modules.json",
        "sentence_bert_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    config = json.loads((folder / "config.json").read_text())
    assert (config["hidden_size"], config["num_hidden_layers"], config["vocab_size"]) == (32, 1, 12)


def tokens(folder: Path, text: str) -> list[str]:
    from tokenizers import Tokenizer

    encoded: Any = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text)
    return list(encoded.tokens)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("query: 北京", ["▁query", ":", "▁", "北京"]),
        ("  query:  \n北京\t", ["▁query", ":", "▁", "北京"]),
        ("ｑｕｅｒｙ：", ["▁query", ":"]),
        ("\u200bquery\x01:", ["▁query", ":"]),
        ("a～a~", ["▁", "a", "～", "a", "~"]),
        ("東", ["▁", "東"]),
        ("", []),
    ],
    ids=["plain", "white space", "full width", "invisible", "wide tilde", "unknown", "empty"],
)
def test_tokens(folder: Path, text: str, pieces: list[str]) -> None:
    assert tokens(folder, text) == ["<s>", *pieces, "</s>"]


def test_ids_are_rows_of_the_embedding(folder: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert [tokenizer.token_to_id(piece) for piece in tiny.PIECES] == list(range(len(tiny.PIECES)))
    assert tokenizer.encode("a 東").ids == [0, 4, 8, 4, 3, 2]


def test_loads_as_a_sentence_transformer(folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    assert model.max_seq_length == 16
    vectors = model.encode(["query: 北京", "a" * 100])
    assert vectors.shape == (2, 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


@pytest.mark.models
def test_real_embedder_finds_what_answers() -> None:
    settings = Settings.load({})
    folder = home("multilingual-e5-small", settings)
    if not folder.exists():
        pytest.skip("multilingual-e5-small is not on disk; run: suwen models pull multilingual-e5-small")
    from sentence_transformers import SentenceTransformer

    assert tokens(folder, "query: 北京是中华人民共和国的首都。3～5亿元") == [
        *["<s>", "▁que", "ry", ":", "▁", "北京", "是", "中华人民共和国", "的", "首都", "。"],
        *["3", "～", "5", "亿元", "</s>"],
    ]
    passages = [
        "北京是中华人民共和国的首都。",
        "今天天气很好，我们去公园散步。",
        "量子力学的基本假设是什么？",
    ]
    passages += ["Beijing is the capital of China.", "The weather is nice today, let us walk in the park."]
    queries = ["中国的首都是哪里？", "What is the capital of China?"]
    model = SentenceTransformer(str(folder), device="cpu")
    found = (
        model.encode([f"query: {text}" for text in queries]) @ model.encode([f"passage: {text}" for text in passages]).T
    )
    zh, en = found[:, :3], found[:, 3:]
    assert zh.argmax(axis=1).tolist() == en.argmax(axis=1).tolist() == [0, 0]  # within and across languages
    assert zh[0, 0] - zh[0, 1:].max() > 0.05
    assert en[1, 0] - en[1, 1] > 0.1


def test_damaged_packing(tmp_path: Path) -> None:
    (tmp_path / "tiny.bin").write_bytes(tiny.packed()[:-1])
    with pytest.raises(ModelDamaged, match=r"tiny\.bin is no packed embedder"):
        unpack(tmp_path / "tiny.bin", tmp_path)
