"""A packed embedder small enough to read: one layer, 32 wide, eleven pieces. Its weights follow a formula."""

import struct
from pathlib import Path

from rag.unpacking import unpack

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁query", ":", "北京", "a", "～", "~"]
SCORES = [0.0, 0.0, 0.0, 0.0, -3.0, -4.0, -3.0, -5.0, -4.0, -6.0, -6.0]
HIDDEN, FFN, ROWS, POSITIONS = 32, 64, 12, 16

F32 = {"emb.pos": POSITIONS * HIDDEN, "emb.type": 2 * HIDDEN, "emb.ln.w": HIDDEN, "emb.ln.b": HIDDEN}
F32 |= {f"l0.{part}.b": HIDDEN for part in ("q", "k", "v", "ao", "fo", "aln", "oln")} | {"l0.fi.b": FFN}
F32 |= {"l0.aln.w": HIDDEN, "l0.oln.w": HIDDEN}
Q4 = {"emb.word": ROWS * HIDDEN, "l0.fi.w": FFN * HIDDEN, "l0.fo.w": HIDDEN * FFN}
Q4 |= {f"l0.{part}.w": HIDDEN * HIDDEN for part in ("q", "k", "v", "ao")}


def nibble(block: int, place: int) -> int:
    return (3 * block + 5 * place) % 16


def weight(index: int) -> float:
    """The ``index``-th weight of every 4-bit tensor; scales alternate between 1/4 and -1/2, exact in fp16."""
    block, place = divmod(index, 32)
    return (nibble(block, place) - 8) * (0.25 if block % 2 == 0 else -0.5)


def packed() -> bytes:
    text = "".join(PIECES).encode()
    offsets = [len("".join(PIECES[:i]).encode()) for i in range(len(PIECES) + 1)]
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, 2, FFN, ROWS, POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(text))
    head += struct.pack(f"<{len(offsets)}I{len(SCORES)}f", *offsets, *SCORES) + text
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0xFF01, 1, 0x21)
    tensors = {name: (1, count, _blocks(count)) for name, count in Q4.items()}
    tensors |= {name: (0, count, struct.pack(f"<{count}f", *range(count))) for name, count in F32.items()}
    at = len(head) + 4 + sum(2 + len(name) + 21 for name in tensors)
    table, body = struct.pack("<i", len(tensors)), b""
    for name, (kind, count, data) in tensors.items():
        table += struct.pack("<H", len(name)) + name.encode()
        table += struct.pack("<BIQQ", kind, count, at + len(body), len(data))
        body += data
    return head + table + body


def _blocks(count: int) -> bytes:
    data = b""
    for block in range(count // 32):
        data += struct.pack("<e", 0.25 if block % 2 == 0 else -0.5)
        data += bytes(nibble(block, place) | nibble(block, place + 16) << 4 for place in range(16))
    return data


def write_embedder(folder: Path) -> Path:
    """Unpack it into a new folder."""
    packing = folder.with_suffix(".bin")
    packing.write_bytes(packed())
    folder.mkdir()
    unpack(packing, folder)
    return folder
