"""Articles to vectors: chunks a second and a question's time, against ``encode`` of sentence-transformers as it comes.

The articles are paragraphs of CMRC 2018 where they lie in ``shared/data`` beside the repository, otherwise the sample.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.bench.timing import Row, Spread, alternate, ratios
from eval.sets.paragraphs import read_corpus
from rag.articles import read_articles
from rag.building import index_articles
from rag.chunks import embedded_text
from rag.embedding import open_embedder
from rag.models import locate
from rag.records import Article
from rag.settings import ROOT, Settings

CMRC = ROOT.parent / "shared" / "data" / "cmrc2018"
MOST = 120  # paragraphs
QUESTION = "千问App用了多久做到3000万月活？"


def rows(settings: Settings, rounds: int = 5, paragraphs: Path = CMRC) -> list[Row]:
    """Time a whole index, its embedding alone, and one question; and compare the vectors."""
    articles = _real(paragraphs) if paragraphs.exists() else read_articles([ROOT / "eval" / "articles"]).articles
    embedder = open_embedder(settings)  # first: it sees to it that loading shows no bars

    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(locate(settings.embedder, settings)), device="cpu", local_files_only=True)
    index = index_articles(articles, embedder)
    texts = [embedded_text(index.articles[chunk.article], chunk) for chunk in index.chunks]

    def encode() -> object:
        return plain.encode_document(texts, show_progress_bar=False)

    indexed = alternate(lambda: index_articles(articles, embedder), encode, rounds)
    embedded = alternate(lambda: list(embedder.embed_corpus(texts)), encode, rounds)
    asked = alternate(
        lambda: embedder.embed_query(QUESTION),
        lambda: plain.encode_query(QUESTION, show_progress_bar=False),
        4 * rounds,
    )
    exact = plain.encode_document(texts, show_progress_bar=False)
    batches = embedder.embed_corpus(texts)
    least = min(float(np.sum(each.vectors * exact[each.rows], axis=1).min()) for each in batches)
    mine, others = (Spread.of(each).text(" ms", 1000) for each in asked)
    return [
        _speed("index, chunks a second", len(texts), *indexed),
        _speed("embedding alone, chunks a second", len(texts), *embedded),
        Row("embedding, least cosine of a chunk's two vectors", f"{least:.5f}"),
        Row("embedding of a question", mine, others, ratios(*asked).text("x")),
    ]


def _speed(what: str, count: int, ours: Sequence[float], other: Sequence[float]) -> Row:
    mine, others = (Spread.of([count / seconds for seconds in each]).text() for each in (ours, other))
    return Row(what, mine, others, ratios(other, ours).text("x"))


def _real(folder: Path) -> list[Article]:
    found = read_corpus(folder).paragraphs[:MOST]
    return [Article(each.id, each.title, each.id, each.text, "") for each in found]
