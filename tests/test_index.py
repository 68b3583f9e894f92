import json
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag import chunks
from rag import index as index_module
from rag.building import index_articles
from rag.embedding import HashEmbedder
from rag.errors import IndexDamaged, IndexMismatch, SuwenError
from rag.generations import check, current, open_manifest, writing
from rag.index import Index
from rag.pipeline import Pipeline
from rag.records import Article
from rag.settings import Settings
from tests.conftest import make_article
from tests.small_disk import small_disk

AS_IT_WAS = "the index is as it was, free space and run again"
FILES = {
    "articles/about.npy",
    "articles/about_starts.npy",
    "articles/groups.npy",
    "articles/ids.npy",
    "articles/ids_starts.npy",
    "articles/order.npy",
    "articles/sets.npy",
    "articles/sets_starts.npy",
    "articles/suggesting.npy",
    "articles/texts.npy",
    "articles/texts_starts.npy",
    "chunks/digests.npy",
    "chunks/languages.npy",
    "chunks/names.npy",
    "chunks/spans.npy",
    "chunks/starts.npy",
    "chunks/strings.npy",
    "chunks/strings_starts.npy",
    "dense/vectors.npy",
    "lexical/begins.npy",
    "lexical/counts.npy",
    "lexical/keys.npy",
    "lexical/lengths.npy",
    "lexical/peaks.npy",
    "lexical/repeats.npy",
    "lexical/starts.npy",
    "lexical/terms.npy",
    "lexical/texts.npy",
    "sentences/spans.npy",
    "sentences/starts.npy",
    "tokens/bits.npy",
    "tokens/starts.npy",
}


def save(index: Index, folder: Path) -> Path:
    with writing(folder):
        return index.save(folder)


@pytest.fixture
def generation(index: Index, tmp_path: Path) -> Path:
    """A generation on disk of the shared small index."""
    return save(index, tmp_path / "tea")


def same(one: Index, other: Index) -> bool:
    keys = ("articles", "sentences", "embedder", "fingerprint")
    return (
        all(getattr(one, key) == getattr(other, key) for key in keys)
        and one.chunks[:] == other.chunks[:]
        and np.array_equal(one.dense.stored, other.dense.stored)
    )


def test_what_is_loaded_is_what_was_saved(index: Index, generation: Path) -> None:
    loaded = Index.load(generation.parent)
    assert same(loaded, index)
    assert loaded.dense.kind == "exact"
    for query in ("茶厂产量", "bridge 1890", "无关"):
        positions, shares = index.lexical.best(query, 5)
        again = loaded.lexical.best(query, 5)
        assert np.array_equal(again[0], positions)
        assert np.array_equal(again[1], shares)
    assert (loaded.name, loaded.generation) == ("tea", generation.name)


def test_every_field_of_an_article_is_kept(tmp_path: Path) -> None:
    article = Article(
        "子/a b.md", "题\u2028目", "/x/y", "文。\t\u2028再。\n", "/x", True, ("一？", "二？"), "2024", ("hr",)
    )
    save(index_articles([article], HashEmbedder()), tmp_path / "tea")
    assert list(Index.load(tmp_path / "tea").articles.values()) == [article]


def test_an_index_of_nothing(tmp_path: Path) -> None:
    empty = index_articles([], HashEmbedder())
    save(empty, tmp_path / "tea")
    loaded = Index.load(tmp_path / "tea")
    assert same(loaded, empty)
    assert loaded.dense.stored.shape == (0, 256)


def test_the_manifest_says_what_it_is(index: Index, generation: Path) -> None:
    manifest = json.loads((generation / "manifest.json").read_text(encoding="utf-8"))
    assert manifest.pop("files").keys() == FILES
    assert manifest == {
        "schema": index_module.SCHEMA,
        "chunker": chunks.VERSION,
        "embedder": "hash",
        "fingerprint": "hash-2",
        "dimension": 256,
        "articles": 2,
        "sentences": sum(map(len, index.sentences.values())),
        "chunks": len(index.chunks),
    }


def test_the_same_articles_give_the_same_bytes(articles: list[Article], tmp_path: Path) -> None:
    one = save(index_articles(articles, HashEmbedder()), tmp_path / "a")
    other = save(index_articles(articles, HashEmbedder()), tmp_path / "b")
    assert one.name == other.name  # which commits to every byte
    save(Index.load(tmp_path / "a"), tmp_path / "c")
    assert current(tmp_path / "c").name == one.name


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_missing_or_emptied_file_is_named(generation: Path, name: str) -> None:
    (generation / name).write_bytes(b"")
    with pytest.raises(IndexDamaged, match=f"{generation / name}: damaged or missing"):
        Index.load(generation.parent)
    (generation / name).unlink()
    with pytest.raises(IndexDamaged, match=f"{generation / name}: damaged or missing"):
        Index.load(generation.parent)


def test_random_flips_are_found_and_named(generation: Path) -> None:
    places = random.Random(11)
    for _ in range(300):
        path = generation / places.choice(sorted(FILES))
        whole = path.read_bytes()
        damaged = bytearray(whole)
        damaged[places.randrange(len(whole))] ^= 1 << places.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(IndexDamaged, match=f"{path}: damaged or missing"):
            Index.load(generation.parent)
        path.write_bytes(whole)
    Index.load(generation.parent)


@pytest.mark.parametrize("key", ["schema", "chunker"])
def test_another_version_is_refused(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    owner, name = {"schema": (index_module, "SCHEMA"), "chunker": (chunks, "VERSION")}[key]
    known = getattr(owner, name)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, known + 7)
        save(index, tmp_path / "tea")
    with pytest.raises(IndexMismatch) as caught:
        Index.load(tmp_path / "tea")
    expected = f"{tmp_path / 'tea'}: has {key} {known + 7}, this program has {known}; run: suwen index PATH --rebuild"
    assert str(caught.value) == expected


def test_another_embedder_is_refused(index: Index, settings: Settings) -> None:
    built = replace(index, name="tea", embedder="other", fingerprint="1234")
    with pytest.raises(IndexMismatch, match="index 'tea' was built with other, the embedder is hash; "):
        Pipeline(settings, HashEmbedder(), built, lambda spec: None)


def test_vectors_of_another_shape_are_refused(index: Index) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        Index.from_parts(index.corpus, index.dense.stored[1:], index.tokens, HashEmbedder())


def test_what_is_nearest_may_be_limited(index: Index) -> None:
    vector = index.dense.rows(slice(2, 3))[0]
    assert index.nearest(vector, 1).tolist() == [2]
    assert sorted(index.nearest(vector, 9, np.array([True, True, False, False])).tolist()) == [0, 1]


def test_an_open_index_knows_readers_and_neighbourhoods(articles: list[Article], tmp_path: Path) -> None:
    bridge, tea = articles
    save(index_articles([bridge, replace(tea, groups=("hr",))], HashEmbedder()), tmp_path / "tea")
    loaded = Index.load(tmp_path / "tea")
    others = loaded.allowed(frozenset({"it"}))
    assert others is not None
    assert others.tolist() == [chunk.article == "bridge.md" for chunk in loaded.chunks] == [True, True, False, False]
    assert loaded.allowed(frozenset({"hr"})) is loaded.allowed(None) is None
    firsts, lasts = loaded.around(np.arange(4), 1)
    assert list(zip(firsts.tolist(), lasts.tolist(), strict=True)) == [(0, 2), (0, 2), (2, 4), (2, 4)]


def test_an_open_index_can_be_read_when_its_files_are_gone(index: Index, generation: Path) -> None:
    loaded = Index.load(generation.parent)
    shutil.rmtree(generation)
    assert same(loaded, index)
    assert loaded.nearest(index.dense.rows(slice(1))[0], 1).tolist() == [0]
    assert loaded.lexical.best("bridge", 1)[0].tolist() == index.lexical.best("bridge", 1)[0].tolist()


def test_a_reader_overtaken_by_writers_reads_what_it_began_to_read(
    index: Index, generation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = index_articles([make_article("新的茶。")], HashEmbedder())
    overtaken: list[Path] = []

    def slow(generation: Path) -> dict[str, object]:
        manifest = open_manifest(generation)
        if not overtaken:
            overtaken.append(generation)
            save(index, generation.parent)
            save(small, generation.parent)
        return manifest

    monkeypatch.setattr("rag.index.open_manifest", slow)
    assert same(Index.load(generation.parent), index)
    assert overtaken == [generation]
    assert same(Index.load(generation.parent), small)


LOADER = """
import pickle, sys
from pathlib import Path
from rag.index import Index
seen = []
sys.addaudithook(lambda event, _: seen.append(event) if event.startswith("pickle.") else None)
index = Index.load(Path(sys.argv[1]))
index.nearest(index.dense.rows(slice(1))[0], 1)
print(len(index.chunks), seen)
pickle.loads(pickle.dumps(Path))
print(seen)
"""


def test_nothing_is_unpickled(index: Index, generation: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", LOADER, str(generation.parent)],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == f"{len(index.chunks)} []\n['pickle.find_class']\n"  # the second shows that the hook works


@pytest.mark.parametrize("free", range(0, 120, 4))
def test_a_full_disk_never_gives_an_index_that_cannot_be_read(index: Index, free: int) -> None:
    with small_disk(512 << 10) as place:
        folder = place / "tea"
        save(index, folder)
        many = "".join(chr(0x4E00 + number) + "。" * (number % 20 == 0) for number in range(1500))
        longer = index_articles([make_article(many)], HashEmbedder())  # its score arrays are longer than a page
        ballast = place / "ballast"
        with ballast.open("wb", buffering=0) as file:
            while shutil.disk_usage(place).free > free << 10:
                file.write(b"\0" * 4096)
        said = ""
        try:
            save(longer, folder)
        except SuwenError as error:
            said = str(error)
        assert same(Index.load(folder), index if said else longer)
        assert said == f"{folder}: cannot be written (No space left on device); {AS_IT_WAS}" * bool(said)
        assert list(check(current(folder))) == []
        ballast.unlink()
        save(longer, folder)
        assert same(Index.load(folder), longer)
