"""Indexes in Milvus Lite, which runs in the process of the tests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from rag.embedding import Embedded, Embedder, HashEmbedder
from rag.milvus.address import parse
from rag.milvus.collections import create_meta
from rag.milvus.index import MilvusIndex
from rag.milvus.lease import leasing
from rag.milvus.server import Milvus
from rag.milvus.writing import update
from rag.records import Article

_NUMBERS = count()


@dataclass(frozen=True)
class Server:
    """A file of Milvus Lite, and what connects to it."""

    path: Path

    def address(self) -> str:
        """An address at which there is no index yet."""
        return f"milvus://{self.path}/index_{next(_NUMBERS)}"

    def milvus(self) -> Milvus:
        """A place where there is no index yet."""
        return Milvus(parse(self.address()))

    def holding(self, articles: Sequence[Article], embedder: Embedder | None = None) -> MilvusIndex:
        """A new index of some articles."""
        return write(self.milvus(), articles, embedder=embedder)

    def close(self) -> None:
        from milvus_lite.server_manager import server_manager_instance

        server_manager_instance.release_server(str(self.path))


def write(
    milvus: Milvus,
    articles: Sequence[Article],
    gone: Sequence[str] = (),
    *,
    old: MilvusIndex | None = None,
    embedder: Embedder | None = None,
) -> MilvusIndex:
    """Write articles, without an old index all of them, and open what is then current."""
    create_meta(milvus)
    with leasing(milvus) as lease:
        update(lease, old.state if old else None, articles, gone, embedder or HashEmbedder())
    return MilvusIndex.load(milvus)


class Tokened(HashEmbedder):
    """Texts have tokens too, one for each of their first characters, and so have questions."""

    name = "tokened"
    fingerprint = "tokened-1"

    def _tokens(self, text: str) -> np.ndarray:
        seeds = [np.random.default_rng(ord(each)).standard_normal(self.dimension) for each in text[:20]]
        rows = np.array(seeds or [np.ones(self.dimension)], np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))

    def embed_question(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        return self.embed_query(text), self._tokens(text)

    def embed_corpus(self, texts: Sequence[str]) -> Iterator[Embedded]:
        sides = [np.packbits(self._tokens(text) > 0, axis=1) for text in texts]
        yield Embedded(list(range(len(texts))), self.embed_passages(texts), sides)
