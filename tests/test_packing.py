import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.packing import Header, bert_name, dequantise, read
from tests import tiny_packing as tiny


def test_header_and_pieces() -> None:
    header, pieces, _ = read(tiny.packed())
    assert header == Header(32, 1, 2, 64, 12, 16, 2, header.epsilon)
    assert header.epsilon == pytest.approx(1e-12, rel=1e-6)
    assert pieces.vocabulary == tuple(zip(tiny.PIECES, tiny.SCORES, strict=True))
    assert (pieces.bos, pieces.eos, pieces.pad, pieces.unk) == (0, 2, 1, 3)


def test_every_weight_is_where_its_formula_says() -> None:
    _, _, weights = read(tiny.packed())
    assert {name: array.shape for name, array in weights.items()} == {
        "embeddings.word_embeddings.weight": (12, 32),
        "embeddings.position_embeddings.weight": (16, 32),
        "embeddings.token_type_embeddings.weight": (2, 32),
        "embeddings.LayerNorm.weight": (32,),
        "embeddings.LayerNorm.bias": (32,),
        "encoder.layer.0.attention.self.query.weight": (32, 32),
        "encoder.layer.0.attention.self.query.bias": (32,),
        "encoder.layer.0.attention.self.key.weight": (32, 32),
        "encoder.layer.0.attention.self.key.bias": (32,),
        "encoder.layer.0.attention.self.value.weight": (32, 32),
        "encoder.layer.0.attention.self.value.bias": (32,),
        "encoder.layer.0.attention.output.dense.weight": (32, 32),
        "encoder.layer.0.attention.output.dense.bias": (32,),
        "encoder.layer.0.attention.output.LayerNorm.weight": (32,),
        "encoder.layer.0.attention.output.LayerNorm.bias": (32,),
        "encoder.layer.0.intermediate.dense.weight": (64, 32),
        "encoder.layer.0.intermediate.dense.bias": (64,),
        "encoder.layer.0.output.dense.weight": (32, 64),
        "encoder.layer.0.output.dense.bias": (32,),
        "encoder.layer.0.output.LayerNorm.weight": (32,),
        "encoder.layer.0.output.LayerNorm.bias": (32,),
        "pooler.dense.weight": (32, 32),
        "pooler.dense.bias": (32,),
    }
    for packed_name, count in tiny.Q4.items():
        array = weights[bert_name(packed_name)]
        assert array.dtype == np.float32
        assert array.ravel().tolist() == [tiny.weight(index) for index in range(count)]
    for packed_name, count in tiny.F32.items():
        assert weights[bert_name(packed_name)].ravel().tolist() == list(range(count))


@given(
    scale=st.floats(width=16, allow_nan=False, allow_infinity=False),
    nibbles=st.binary(min_size=16, max_size=16),
)
def test_dequantised_block(scale: float, nibbles: bytes) -> None:
    values = [byte & 15 for byte in nibbles] + [byte >> 4 for byte in nibbles]
    # a product of an 11-bit and a 4-bit number is exact in float32
    assert dequantise(struct.pack("<e", scale) + nibbles).tolist() == [scale * (value - 8) for value in values]


@pytest.mark.parametrize(
    "data",
    [b"", b"GGUF" + tiny.packed()[4:], tiny.packed()[:4] + b"\2" + tiny.packed()[5:], tiny.packed()[:-1]],
    ids=["empty", "other magic", "other version", "cut short"],
)
def test_what_is_no_packing(data: bytes) -> None:
    with pytest.raises((ValueError, struct.error)):
        read(data)


@given(cut=st.integers(0, len(tiny.packed()) - 1))
def test_cut_anywhere_is_noticed(cut: int) -> None:
    with pytest.raises((ValueError, struct.error)):
        read(tiny.packed()[:cut])


@pytest.mark.parametrize("name", ["emb.words", "l0.q.x", "lx.q.w", "l0"])
def test_unknown_tensor(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        bert_name(name)
