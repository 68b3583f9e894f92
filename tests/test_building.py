from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.building import Difference, index_articles, merge
from rag.chunks import embedded_text
from rag.embedding import Embedded, HashEmbedder, Vectors
from rag.errors import ArticleError
from rag.generations import writing
from rag.index import Index
from rag.records import Article
from tests.conftest import make_article


class Counting(HashEmbedder):
    """Remembers the passages it was given, and what it counted the tokens of."""

    def __init__(self) -> None:
        self.embedded: list[str] = []
        self.counted: list[str] = []

    def count_tokens(self, text: str) -> int:
        self.counted.append(text)
        return super().count_tokens(text)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return super().embed_passages(texts)


def article(identity: str, text: str = "茶。", root: str = "/a") -> Article:
    return Article(identity, identity, f"{root}/{identity}", text, root)


def holding(*articles: Article) -> Index:
    return index_articles(articles, HashEmbedder())


OLD = holding(article("x"), article("y"), article("z", root="/b"))


@pytest.mark.parametrize(
    ("old", "read", "roots", "after", "difference"),
    [
        pytest.param(None, [article("x")], ["/a"], ["x"], Difference(("x",), (), (), ()), id="first"),
        pytest.param(
            OLD,
            [article("x"), article("y"), article("w")],
            ["/a"],
            ["w", "x", "y", "z"],
            Difference(("w",), (), (), ("x", "y", "z")),
            id="added",
        ),
        pytest.param(
            OLD,
            [article("x"), article("y", "水。")],
            ["/a"],
            ["x", "y", "z"],
            Difference((), ("y",), (), ("x", "z")),
            id="changed",
        ),
        pytest.param(
            OLD,
            [article("x")],
            ["/a"],
            ["x", "z"],
            Difference((), (), ("y",), ("x", "z")),
            id="removed, other root kept",
        ),
        pytest.param(
            OLD,
            [article("x"), article("y")],
            ["/a"],
            ["x", "y", "z"],
            Difference((), (), (), ("x", "y", "z")),
            id="unchanged",
        ),
        pytest.param(
            OLD,
            [replace(article("x"), id="a/x", root="/")],
            ["/"],
            ["a/x", "y", "z"],
            Difference(("a/x",), (), ("x",), ("y", "z")),
            id="same source through another root",
        ),
        pytest.param(
            OLD,
            [replace(article("x"), root="/a/x")],
            ["/a/x"],
            ["x", "y", "z"],
            Difference((), ("x",), (), ("y", "z")),
            id="the file by itself",
        ),
        pytest.param(
            OLD,
            [article("x", root="/c")],
            ["/c"],
            ["x", "y", "z"],
            Difference((), ("x",), (), ("y", "z")),
            id="a folder that moved: the old file is gone",
        ),
        pytest.param(
            OLD,
            [article("x"), article("z", root="/b")],
            ["/a", "/b"],
            ["x", "z"],
            Difference((), (), ("y",), ("x", "z")),
            id="two roots",
        ),
    ],
)
def test_merge(
    old: Index | None, read: list[Article], roots: list[str], after: list[str], difference: Difference
) -> None:
    articles, got = merge(old, read, map(Path, roots))
    assert [each.id for each in articles] == after
    assert got == difference
    assert got.empty == (not (difference.added or difference.changed or difference.removed))
    assert all(each in articles for each in read)


def test_an_article_of_another_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("茶。")
    old = holding(article("x", root=str(tmp_path)))
    with pytest.raises(
        ArticleError,
        match=f"^/b/x: {tmp_path}/x has the same name 'x'; rename one or index the folder of both$",
    ):
        merge(old, [article("x", root="/b")], [Path("/b")])


def test_a_page_of_the_web_is_renewed_by_its_address() -> None:
    url, home = "https://wiki.example/茶", "https://wiki.example/"
    old = holding(*(replace(article(each, root=each), source=each) for each in (url, home)))
    new = replace(article(url, "水。", root=url), source=url)
    _, difference = merge(old, [new], [url])
    assert difference == Difference((), (url,), (), (home,))
    assert merge(old, [], [url])[1].removed == (url,)


def test_an_article_whose_source_is_an_address_is_there_as_long_as_its_folder(tmp_path: Path) -> None:
    old = holding(replace(article("x", root=str(tmp_path)), source="https://wiki.example/x"))
    with pytest.raises(ArticleError, match="^/b/x: https://wiki.example/x has the same name 'x'; rename one"):
        merge(old, [article("x", root="/b")], ["/b"])
    gone = holding(replace(article("x", root="/gone"), source="https://wiki.example/x"))
    assert merge(gone, [article("x", root="/b")], ["/b"])[1].changed == ("x",)


def test_only_what_changed_is_embedded(articles: list[Article], index: Index) -> None:
    bridge, tea = articles
    changed = replace(tea, text=tea.text.replace("85人", "86人"))
    embedder = Counting()
    updated = index_articles([bridge, changed], embedder, index)
    texts = [embedded_text(updated.articles[chunk.article], chunk) for chunk in updated.chunks]
    assert embedder.embedded == [text for text in texts if "86人" in text]
    assert len(embedder.embedded) == 1


def test_only_what_changed_is_cut(articles: list[Article], index: Index) -> None:
    bridge, tea = articles
    changed, embedder = replace(tea, text="新的茶。"), Counting()
    updated = index_articles([bridge, changed], embedder, index)
    assert embedder.counted == ["新的茶。"]
    assert updated.sentences["bridge.md"] == index.sentences["bridge.md"]
    index_articles([bridge], embedder, replace(index, fingerprint="other"))
    assert len(embedder.counted) == 1 + len(index.sentences["bridge.md"])


def test_nothing_is_embedded_twice() -> None:
    embedder = Counting()
    twins = [replace(article(name), title="同") for name in "xyz"]
    index = index_articles(twins, embedder)
    assert (len(embedder.embedded), len(index.chunks)) == (1, 3)
    index_articles([*twins, article("w")], embedder, index)
    assert embedder.embedded[1:] == ["w\n茶。"]


def test_a_text_of_one_character_has_a_vector() -> None:
    index = holding(replace(article("x"), title="", text="茶"))
    assert list(index.corpus.all_embedded()) == ["茶"]
    assert np.count_nonzero(index.dense.stored) == 1


def test_other_weights_embed_everything_again(articles: list[Article], index: Index) -> None:
    embedder = Counting()
    index_articles(articles, embedder, replace(index, fingerprint="other"))
    assert len(embedder.embedded) == len(index.chunks)


def test_progress_counts_what_is_embedded() -> None:
    told: list[tuple[int, int]] = []

    class Halting(HashEmbedder):
        def embed_corpus(self, texts: Sequence[str]) -> Iterator[Embedded]:
            (every,) = super().embed_corpus(texts)
            yield Embedded(every.rows[2:], every.vectors[2:], every.sides[2:])
            yield Embedded(every.rows[:2], every.vectors[:2], every.sides[:2])

    many = [article(f"{number:03}", f"第{number}篇。") for number in range(5)]
    old = index_articles(many[:1], HashEmbedder())
    index_articles(many, Halting(), old, progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 4), (4, 4)]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@settings(max_examples=40)  # it writes files
@given(
    st.dictionaries(st.sampled_from("uvwxyz"), st.sampled_from(["茶。", "水。绿茶。", "# 茶\n红茶三吨。"])),
    st.dictionaries(st.sampled_from("uvwxyz"), st.sampled_from(["茶。", "水。绿茶。", "# 茶\n白茶四吨。"])),
)
def test_an_update_equals_a_new_index(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, str], after: dict[str, str]
) -> None:
    old = index_articles(
        merge(None, [make_article(text, name) for name, text in before.items()], [])[0], HashEmbedder()
    )
    read = [make_article(text, name) for name, text in after.items()]
    merged, _ = merge(old, read, [Path("/articles")])
    updated = index_articles(merged, HashEmbedder(), old)
    rebuilt = index_articles(sorted(read, key=lambda each: each.id), HashEmbedder())
    assert np.array_equal(updated.dense.stored, rebuilt.dense.stored)
    folder = tmp_path_factory.mktemp("indexes")
    for name, each in (("updated", updated), ("rebuilt", rebuilt)):
        with writing(folder / name):
            each.save(folder / name)
    assert contents(folder / "updated") == contents(folder / "rebuilt")
