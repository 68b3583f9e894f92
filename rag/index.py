"""An index: articles, their sentences and chunks, the chunks' vectors in FAISS, and their keywords.

It takes vectors, not a model. On disk it is a generation (``rag.generations``) of these files:

    articles.jsonl     one Article a line        vectors.faiss   unit rows, in the order of the chunks
    sentences.jsonl    one article's spans a line        lexical/        BM25 over the same chunks
    chunks.jsonl       one Chunk a line
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from rag import chunks as chunking
from rag.chunks import embedded_text
from rag.embedding import Embedder, Vectors
from rag.errors import IndexMismatch
from rag.generations import commit, open_manifest, opening
from rag.lexical import Lexical
from rag.records import Article, Chunk, Sentence

SCHEMA = 3


@dataclass(frozen=True)
class Index:
    """What is searched. Row ``i`` of ``vectors`` belongs to ``chunks[i]``."""

    articles: Mapping[str, Article]
    sentences: Mapping[str, tuple[Sentence, ...]]
    chunks: tuple[Chunk, ...]
    vectors: Vectors
    lexical: Lexical
    embedder: str
    fingerprint: str
    name: str = ""
    generation: str = ""

    @classmethod
    def from_parts(
        cls,
        articles: Iterable[Article],
        sentences: Mapping[str, Sequence[Sentence]],
        chunks: Sequence[Chunk],
        vectors: Vectors,
        embedder: Embedder,
    ) -> Self:
        """Put an index together in memory; ``vectors`` has shape (len(chunks), dimension)."""
        if vectors.shape != (len(chunks), embedder.dimension):
            raise ValueError(f"vectors {vectors.shape} do not fit {len(chunks)} chunks of {embedder.dimension}")
        by_id = {article.id: article for article in articles}
        return cls(
            articles=by_id,
            sentences={identity: tuple(sentences[identity]) for identity in by_id},
            chunks=tuple(chunks),
            vectors=vectors,
            lexical=Lexical.from_texts([embedded_text(by_id[chunk.article], chunk) for chunk in chunks]),
            embedder=embedder.name,
            fingerprint=embedder.fingerprint,
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open the current generation of an index folder, every file checked against its digest.

        Raises:
            IndexMissing: there is none.
            IndexDamaged: a file is not what was written.
            IndexMismatch: it was written by another version of the format or of the chunker.

        """
        with opening(folder) as generation:
            return cls._open(generation)

    @classmethod
    def _open(cls, generation: Path) -> Self:
        import faiss

        folder, manifest = generation.parent, open_manifest(generation)
        for key, expected in _versions().items():
            if manifest.get(key) != expected:
                raise IndexMismatch(
                    f"{folder}: has {key} {manifest.get(key)}, this program has {expected}; "
                    "run: suwen index PATH --rebuild"
                )
        articles = [
            Article(**{**row, "questions": tuple(row["questions"]), "groups": tuple(row.get("groups", ()))})
            for row in _rows(generation / "articles.jsonl")
        ]
        spans = [tuple(Sentence(*span) for span in row) for row in _rows(generation / "sentences.jsonl")]
        stored = faiss.deserialize_index(np.fromfile(generation / "vectors.faiss", np.uint8))
        return cls(
            articles={article.id: article for article in articles},
            sentences={article.id: row for article, row in zip(articles, spans, strict=True)},
            chunks=tuple(Chunk(**row) for row in _rows(generation / "chunks.jsonl")),
            vectors=stored.reconstruct_n(0, stored.ntotal) if stored.ntotal else np.empty((0, stored.d), np.float32),
            lexical=Lexical.load(generation / "lexical"),
            embedder=manifest["embedder"],
            fingerprint=manifest["fingerprint"],
            name=folder.name,
            generation=generation.name,
        )

    def save(self, folder: Path) -> Path:
        """Write a new generation and switch to it; the caller holds ``generations.writing(folder)``."""
        manifest = {
            **_versions(),
            "embedder": self.embedder,
            "fingerprint": self.fingerprint,
            "dimension": self.vectors.shape[1],
            "articles": len(self.articles),
            "sentences": sum(map(len, self.sentences.values())),
            "chunks": len(self.chunks),
        }
        return commit(folder, manifest, self._write)

    def _write(self, folder: Path) -> None:
        import faiss

        _write_rows(folder / "articles.jsonl", map(asdict, self.articles.values()))
        spans = ([[each.start, each.end, each.heading] for each in row] for row in self.sentences.values())
        _write_rows(folder / "sentences.jsonl", spans)
        _write_rows(folder / "chunks.jsonl", map(asdict, self.chunks))
        # faiss.write_index can lose data on a full disk without an error, so the bytes are written here
        (folder / "vectors.faiss").write_bytes(faiss.serialize_index(self._flat).tobytes())
        self.lexical.save(folder / "lexical")

    @cached_property
    def _flat(self) -> Any:
        import faiss

        flat = faiss.IndexFlatIP(self.vectors.shape[1])
        flat.add(self.vectors)
        return flat

    def nearest(self, vector: Vectors, k: int) -> NDArray[np.int64]:
        """Return the positions of the ``k`` chunks nearest to a unit vector, the nearest first."""
        _, positions = self._flat.search(vector[None, :], min(k, len(self.chunks)))
        return np.asarray(positions[0], dtype=np.int64)

    def text(self, chunk: Chunk) -> str:
        """Return a chunk's text as it stands in its article."""
        return self.articles[chunk.article].text[chunk.start : chunk.end]


def _versions() -> dict[str, int]:
    return {"schema": SCHEMA, "chunker": chunking.VERSION}


def _rows(path: Path) -> Iterable[Any]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _write_rows(path: Path, rows: Iterable[object]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
