"""Articles to vectors: chunks a second, against one plain call of sentence-transformers on the same chunks."""

from eval.bench.timing import Row, Spread, alternate, ratios
from rag.articles import read_articles
from rag.building import index_articles
from rag.chunks import embedded_text
from rag.embedding import open_embedder
from rag.models import locate
from rag.settings import ROOT, Settings


def rows(settings: Settings, rounds: int = 5) -> list[Row]:
    """Time splitting, embedding and both legs of an index of the sample articles."""
    articles = read_articles([ROOT / "eval" / "articles"]).articles
    embedder = open_embedder(settings)  # first: it sees to it that loading shows no bars

    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(locate(settings.embedder, settings)), device="cpu", local_files_only=True)
    index = index_articles(articles, embedder)
    texts = [embedded_text(index.articles[chunk.article], chunk) for chunk in index.chunks]
    ours, other = alternate(
        lambda: index_articles(articles, embedder), lambda: plain.encode(texts, show_progress_bar=False), rounds
    )
    speed = Spread.of([len(texts) / seconds for seconds in ours])
    plain_speed = Spread.of([len(texts) / seconds for seconds in other])
    return [Row("index, chunks a second", speed.text(), plain_speed.text(), ratios(other, ours).text("x"))]
