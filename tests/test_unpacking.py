import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.errors import ModelDamaged
from rag.unpacking import unpack
from tests import tiny_packing as tiny


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tiny.bin").write_bytes(tiny.packed())
    (tmp_path / "model").mkdir()
    unpack(tmp_path / "tiny.bin", tmp_path / "model")
    return tmp_path / "model"


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


def test_damaged_packing(tmp_path: Path) -> None:
    (tmp_path / "tiny.bin").write_bytes(tiny.packed()[:-1])
    with pytest.raises(ModelDamaged, match=r"tiny\.bin is no packed embedder"):
        unpack(tmp_path / "tiny.bin", tmp_path)
