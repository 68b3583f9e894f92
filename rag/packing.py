"""The ``E5S1`` packing of a BERT encoder, read into weights under BertModel's names.

Layout, little endian: magic, u32 version, 7 x i32 (hidden, layers, heads, feed-forward, rows, positions,
types), f32 epsilon, i32 block. Tokenizer: 5 x i32 (pieces, bos, eos, pad, unk), u64 bytes of text,
u32 offsets[pieces + 1], f32 scores[pieces], text, i32 count and u32 bytes of a normalisation map.
Then i32 tensors, each u16 length, name, u8 type (0: f32, 1: Q4_0), u32 elements, u64 offset, u64 bytes.
"""

import struct
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

MAGIC = b"E5S1"
BLOCK = 32  # weights that share a scale

Array: TypeAlias = npt.NDArray[Any]
Weights: TypeAlias = npt.NDArray[np.float32]

_TOP = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_IN_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True)
class Header:
    """Sizes of the encoder."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    rows: int  # of the word embedding; the pieces come first, the rest is padding
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """The unigram pieces in the order of their embedding rows, and the ids of the special ones."""

    vocabulary: tuple[tuple[str, float], ...]
    bos: int
    eos: int
    pad: int
    unk: int


class _Reader:
    """A position in the bytes of the file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def unpack(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{layout}", self.data, self.at)
        self.at += struct.calcsize(f"<{layout}")
        return values

    def take(self, count: int) -> bytes:
        self.at += count
        if self.at > len(self.data):
            raise ValueError("the file ends early")
        return self.data[self.at - count : self.at]

    def array(self, kind: str, count: int) -> Array:
        return np.frombuffer(self.take(np.dtype(kind).itemsize * count), kind)


def read(data: bytes) -> tuple[Header, Pieces, dict[str, Weights]]:
    """Return the header, the pieces, and the weights under BertModel's names.

    Raises:
        ValueError: the bytes are not a packing of this kind.
        struct.error: they end early.

    """
    reader = _Reader(data)
    magic, version, *sizes, block = reader.unpack("4sI7ifi")
    if (magic, version, block) != (MAGIC, 1, BLOCK):
        raise ValueError(f"it begins with {magic!r}, version {version}, blocks of {block}")
    header = Header(*sizes)
    pieces = _read_pieces(reader)
    weights = {}
    for _ in range(*reader.unpack("i")):
        (width,) = reader.unpack("H")
        name = bert_name(reader.take(width).decode())
        kind, elements, offset, size = reader.unpack("BIQQ")
        values = dequantise(data[offset : offset + size]) if kind else np.frombuffer(data, "<f4", elements, offset)
        weights[name] = values[:elements].reshape(_shape(name, header))
    # BertModel has a pooler; mean pooling never reads it, but its absence is reported at every load.
    weights["pooler.dense.weight"] = np.zeros((header.hidden, header.hidden), np.float32)
    weights["pooler.dense.bias"] = np.zeros(header.hidden, np.float32)
    return header, pieces, weights


def dequantise(blocks: bytes) -> Weights:
    """Return the float32 weights of Q4_0 blocks: an fp16 scale, then 16 bytes of two nibbles each.

    The low nibbles are weights 0 to 15, the high ones 16 to 31; a weight is scale x (nibble - 8).
    """
    block = np.frombuffer(blocks, np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))]))
    nibbles = np.concatenate([block["nibbles"] & 15, block["nibbles"] >> 4], axis=1)
    weights: Weights = (nibbles.astype(np.float32) - 8) * block["scale"].astype(np.float32)[:, None]
    return weights.ravel()


def bert_name(name: str) -> str:
    """Return BertModel's name of a packed tensor: ``l3.ao.w`` is layer 3's attention output weight.

    Raises:
        ValueError: no tensor is called that.

    """
    if name in _TOP:
        return _TOP[name]
    layer, _, rest = name.partition(".")
    part, _, kind = rest.partition(".")
    if part not in _IN_LAYER or kind not in ("w", "b"):
        raise ValueError(f"it holds a tensor {name!r}")
    return f"encoder.layer.{int(layer[1:])}.{_IN_LAYER[part]}.{'weight' if kind == 'w' else 'bias'}"


def _read_pieces(reader: _Reader) -> Pieces:
    count, bos, eos, pad, unk, size = reader.unpack("5iQ")
    offsets = reader.array("<u4", count + 1).tolist()
    scores = reader.array("<f4", count).tolist()
    text = reader.take(size)
    names = [text[start:end].decode() for start, end in zip(offsets, offsets[1:], strict=False)]
    _, normalisation = reader.unpack("iI")
    reader.take(normalisation)  # the standard one; ``unpacking`` has it
    return Pieces(tuple(zip(names, scores, strict=True)), bos, eos, pad, unk)


def _shape(name: str, header: Header) -> tuple[int, ...]:
    rows = {
        "word_embeddings": header.rows,
        "position_embeddings": header.positions,
        "token_type_embeddings": header.types,
        "intermediate": header.ffn,
    }
    height = next((count for part, count in rows.items() if part in name), header.hidden)
    if name.endswith("bias") or "LayerNorm" in name:
        return (height,)
    feed_forward = name.endswith("output.dense.weight") and "attention" not in name
    return (height, header.ffn if feed_forward else header.hidden)
