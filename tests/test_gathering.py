from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chunks import embedded_text
from rag.gathering import Gathering, Part, gather
from rag.records import Chunk
from tests.conftest import make_article
from tests.test_corpus import parts


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.npy")}


@given(parts(), st.data())
def test_articles_taken_over_give_the_same_bytes_as_those_put_anew(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Part], data: st.DataObject
) -> None:
    old = gather(drawn)
    mixed, anew = Gathering(), Gathering()
    for number in data.draw(st.lists(st.integers(0, len(drawn) - 1), unique=True) if drawn else st.just([])):
        article, sentences, chunks = drawn[number]
        if data.draw(st.booleans()):
            mixed.take(old, number)
        else:
            article = replace(article, groups=(), title="新")
            mixed.add(article, sentences, chunks)
        anew.add(article, sentences, chunks)
    folder = tmp_path_factory.mktemp("corpora")
    for name, each in (("mixed", mixed), ("anew", anew)):
        (folder / name).mkdir()
        each.done().save(folder / name)
    assert contents(folder / "mixed") == contents(folder / "anew")


@given(parts())
def test_digests_are_those_of_what_is_embedded(drawn: list[Part]) -> None:
    corpus = gather(drawn)
    texts = [embedded_text(article, chunk) for article, _, chunks in drawn for chunk in chunks]
    of = dict(zip(texts, corpus.chunks.digests.tolist(), strict=True))
    assert corpus.chunks.digests.tolist() == [of[text] for text in texts]
    assert len(set(of.values())) == len(of)


def test_a_digest_stays_what_it_was() -> None:
    """Or an update would embed everything again."""
    corpus = gather([(make_article("茶。"), [], [Chunk("tea.md", 0, 2, 0, 1, "")])])
    assert list(corpus.all_embedded()) == ["tea.md\n茶。"]
    assert corpus.chunks.digests.tolist() == [0xBB5C94AECF392EC]
