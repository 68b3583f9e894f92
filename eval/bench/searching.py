"""A query to its passages by the size of the index, against embedding it and one product with every vector."""

import random
from collections.abc import Sequence

import numpy as np

from eval.bench.timing import Row, Spread, alternate, ratios
from rag.articles import read_articles
from rag.building import index_articles
from rag.embedding import Embedder, Vectors, open_embedder
from rag.gathering import gather
from rag.index import Index
from rag.records import Article, Chunk, Sentence
from rag.retrieval import retrieve
from rag.settings import ROOT, Settings
from rag.tokens import pick

QUERY = "千问App用了多久做到3000万月活？"
SIZES = (1_000, 10_000)  # chunks
NEAR = 0.2  # how far a made-up vector lies from the real one it is made of


def rows(settings: Settings, sizes: Sequence[int] = SIZES, rounds: int = 20) -> list[Row]:
    """Time a search, its query embedded, in indexes of real sentences shuffled and real vectors moved a little."""
    embedder = open_embedder(settings)
    sample = index_articles(read_articles([ROOT / "eval" / "articles"]).articles, embedder)
    table = []
    for size in sizes:
        index = _grown(sample, size, embedder)
        matrix = index.dense.rows(slice(None))

        def plain(matrix: Vectors = matrix) -> object:
            return np.argsort(-(matrix @ embedder.embed_query(QUERY)))[:10]

        def ours(index: Index = index) -> object:
            return retrieve(QUERY, index, embedder, 10)

        took, other = alternate(ours, plain, rounds)
        mine, others = (Spread.of(each).text(" ms", 1000) for each in (took, other))
        table.append(Row(f"search among {size:,} chunks", mine, others, ratios(took, other).text("x")))
    return table


def _grown(sample: Index, size: int, embedder: Embedder) -> Index:
    """Return an index of ``size`` chunks of one sentence group each, as unlike each other as shuffling makes them."""
    shuffled, noise = random.Random(0), np.random.default_rng(0)
    sentences = [
        article.text[span.start : span.end]
        for article in sample.articles.values()
        for span in sample.sentences[article.id]
    ]
    texts = ["".join(shuffled.sample(sentences, 2)) for _ in range(size)]
    picked = noise.integers(len(sample.chunks), size=size)
    vectors = sample.dense.rows(picked) + NEAR * noise.standard_normal((size, embedder.dimension), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    articles = (Article(f"{number}", "", "", text, "") for number, text in enumerate(texts))
    corpus = gather(
        (each, [Sentence(0, len(each.text))], [Chunk(each.id, 0, len(each.text), 0, 1, "")]) for each in articles
    )
    return Index.from_parts(corpus, vectors.astype(np.float32), pick([sample.tokens], picked), embedder)
