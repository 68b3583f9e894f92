"""How often the passage that a question was asked about is found, on parts of public question sets.

The sets are read from ``../shared/data``; each paragraph or page is an article.
Questions of DRCD are put into Simplified Chinese, as search folds texts, and its text stays Traditional.
XQuAD is also asked across its languages.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from eval.bench.timing import Row
from eval.measures.retrieval import hit, ndcg
from eval.sets.paragraphs import read_corpus, read_rows, take
from rag.building import index_articles
from rag.embedding import Embedder, open_embedder
from rag.errors import SuwenError
from rag.index import Index
from rag.records import Article
from rag.retrieval import retrieve
from rag.settings import ROOT, Settings
from rag.terms import normalise

DATA = ROOT.parent / "shared" / "data"
DEPTH = 100  # chunks looked at for ten different articles
NAMES: Mapping[str, str] = {
    "cmrc2018": "CMRC 2018",
    "drcd": "DRCD, Simplified questions",
    "xquad_zh": "XQuAD zh",
    "xquad_en": "XQuAD en",
    "dureader2_demo": "DuReader demo",
    "rgb": "RGB zh_refine",
}
ACROSS = (
    ("English questions, Chinese text", "xquad_en", "xquad_zh"),
    ("Chinese questions, English text", "xquad_zh", "xquad_en"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the ids of the articles that answer it."""

    text: str
    articles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Set:
    """Articles and the questions about them."""

    articles: tuple[Article, ...]
    asked: tuple[Asked, ...]


def rows(settings: Settings) -> Iterator[Row]:
    """Index every set, and all of them together, and ask every question of it: some minutes.

    Raises:
        SuwenError: the sets are not there.

    """
    if not all((DATA / name).is_dir() for name in NAMES):
        raise SuwenError(f"{DATA}: lacks some of {', '.join(NAMES)}; put these question sets there")
    yield from measure({name: read(DATA / name) for name in NAMES}, open_embedder(settings))


def measure(sets: Mapping[str, Set], embedder: Embedder) -> Iterator[Row]:
    """Yield a row for each set, for each pair of languages, and for the first set among all the others."""
    merged = index_articles([_moved(each, name) for name in sets for each in sets[name].articles], embedder)
    alone = {name: index_articles(sets[name].articles, embedder, merged) for name in sets}
    for name in sets:
        yield _row(NAMES[name], alone[name], sets[name].asked, embedder)
    for what, questions, text in ACROSS:
        yield _row(what, alone[text], sets[questions].asked, embedder)
    first = next(iter(sets))
    moved = [Asked(each.text, frozenset(f"{first}/{one}" for one in each.articles)) for each in sets[first].asked]
    yield _row(f"{NAMES[first]}, all sets in one index", merged, moved, embedder)


def read(folder: Path) -> Set:
    """Read one set.

    Raises:
        UsageError: a file is absent or malformed.

    """
    if folder.name == "rgb":
        return _passages(folder / "zh_refine.jsonl")
    found = read_corpus(folder)
    simplify = folder.name == "drcd"
    asked = (
        Asked(normalise(each.question) if simplify else each.question, frozenset(one.id for one in each.paragraphs))
        for each in found.asked
        if each.answers
    )
    return Set(tuple(_article(each.id, each.title, each.text) for each in found.paragraphs), tuple(asked))


def _passages(path: Path) -> Set:
    """Read RGB with the passages of all questions in one heap: those that help one question mislead the others."""
    ids: dict[str, str] = {}
    asked = []
    for row, where in read_rows(path):
        positive, negative = (take(row, key, list, where) for key in ("positive", "negative"))
        for text in chain(positive, negative):
            ids.setdefault(str(text), f"{len(ids)}")
        asked.append(Asked(take(row, "query", str, where), frozenset(ids[str(text)] for text in positive)))
    return Set(tuple(_article(number, "", text) for text, number in ids.items()), tuple(asked))


def _article(identity: str, title: str, text: str) -> Article:
    return Article(identity, title, identity, text, root="")


def _moved(article: Article, name: str) -> Article:
    return replace(article, id=f"{name}/{article.id}")


def _row(what: str, index: Index, asked: Sequence[Asked], embedder: Embedder) -> Row:
    found = [_ranks(each, index, embedder) for each in asked]
    first = sum(hit(each, 1) for each in found) / len(found)
    gain = sum(ndcg(each, 10) for each in found) / len(found)
    return Row(
        f"{what} ({len(asked):,} questions, {len(index.articles):,} articles): hit@1, nDCG@10",
        f"{first:.4f}, {gain:.4f}",
    )


def _ranks(asked: Asked, index: Index, embedder: Embedder) -> list[int | None]:
    chunks = retrieve(asked.text, index, embedder, DEPTH)
    order = list(dict.fromkeys(each.chunk.article for each in chunks))
    return [order.index(each) + 1 if each in order else None for each in sorted(asked.articles)]
