from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.lexical import Lexical, normalise, tokens

K1, B = 1.5, 0.75


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        pytest.param("云雾茶", ["云", "雾", "茶", "云雾", "雾茶"], id="characters and pairs"),
        pytest.param("茶，水", ["茶", "水"], id="no pair across a sign"),
        pytest.param("茶 水", ["茶", "水"], id="no pair across a space"),
        pytest.param("產業鏈", ["产", "业", "链", "产业", "业链"], id="Traditional"),
        pytest.param("Stone Bridge's", ["stone", "bridge", "s"], id="words, folded"),
        pytest.param("茶tea茶", ["茶", "tea", "茶"], id="mixed"),
        pytest.param("4,238 4238 4，238", ["4238", "4238", "4", "238"], id="thousands"),
        pytest.param("320，280吨", ["320", "280", "吨"], id="a full-width comma separates"),
        pytest.param("1,2 12,34", ["1", "2", "12", "34"], id="a comma before fewer than three digits separates"),
        pytest.param("3.14 60% 1,234.5%", ["3.14", "60%", "1234.5%"], id="decimals and per cent"),
        pytest.param("２０２３年ＡＢＣ", ["2023", "年", "abc"], id="full width"),
        pytest.param("茶茶", ["茶", "茶", "茶茶"], id="repeats"),
        pytest.param("snake_case", ["snake", "case"], id="underscore"),
        pytest.param("——！？🍵", [], id="signs only"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_tokens(text: str, terms: list[str]) -> None:
    assert tokens(text) == terms


@given(st.text())
def test_terms_are_found_again_in_themselves(text: str) -> None:
    assert [each for term in tokens(text) for each in tokens(term) if each == term] == tokens(text)


@given(st.text())
def test_normalise_is_stable_for_terms(text: str) -> None:
    assert all(term == "".join(tokens(term)[-1:]) for term in tokens(normalise(text)))


def bm25(counts: list[int], lengths: list[int], text: int) -> float:
    """Lucene's formula for one term: how often it is in each text, the texts' lengths, and which text."""
    found = sum(count > 0 for count in counts)
    idf = log(1 + (len(counts) - found + 0.5) / (found + 0.5))
    length = 1 - B + B * lengths[text] / (sum(lengths) / len(lengths))
    return idf * counts[text] / (counts[text] + K1 * length)


def test_scores_by_arithmetic() -> None:
    lexical = Lexical.from_texts(["tea tea water", "water", "milk in tea cups"])
    lengths = [3, 1, 4]
    tea = [bm25([2, 0, 1], lengths, text) for text in range(3)]
    water = [bm25([1, 1, 0], lengths, text) for text in range(3)]
    assert lexical.scores("tea") == pytest.approx(tea, rel=1e-6)
    assert lexical.scores("Tea or WATER") == pytest.approx(np.add(tea, water), rel=1e-6)
    assert tea[0] > tea[2] > tea[1] == 0


def test_chinese_scores_by_arithmetic() -> None:
    lexical = Lexical.from_texts(["绿茶", "红茶", "水"])
    lengths = [3, 3, 1]
    expected = [bm25([1, 0, 0], lengths, i) * 2 + bm25([1, 1, 0], lengths, i) for i in range(3)]  # 绿, 绿茶; 茶
    assert lexical.scores("綠茶") == pytest.approx(expected, rel=1e-6)


def test_a_share_is_the_score_of_what_the_rarest_words_would_get() -> None:
    lexical = Lexical.from_texts(["tea tea water", "water", "milk in tea cups"])
    idf = {count: log(1 + (3 - count + 0.5) / (count + 0.5)) for count in (0, 1, 2)}  # texts that hold a term
    for query, most in (("tea", idf[2]), ("milk tea", idf[1] + idf[2]), ("tea, coffee", idf[2] + idf[0])):
        assert lexical.shares(query) == pytest.approx(lexical.scores(query) / most, rel=1e-6)
    assert lexical.shares("").tolist() == lexical.shares("咖啡").tolist() == [0.0] * 3
    assert Lexical.from_texts([]).shares("tea").tolist() == []


@given(st.lists(st.text("茶水绿红 "), max_size=5), st.text("茶水绿红 "))
def test_shares_lie_between_none_and_all(texts: list[str], query: str) -> None:
    shares = Lexical.from_texts(texts).shares(query)
    assert shares.shape == (len(texts),)
    assert all((0 <= shares) & (shares <= 1))


@pytest.mark.parametrize("query", ["咖啡", "", "！", "coffee 7"])
def test_no_shared_term_scores_zero(query: str) -> None:
    scores = Lexical.from_texts(["绿茶", "水"]).scores(query)
    assert scores.tolist() == [0.0, 0.0]
    assert scores.dtype == np.float32


@pytest.mark.parametrize("texts", [[], ["🍵", ""], ["茶", "🍵"]], ids=["none", "no terms", "one without terms"])
def test_texts_without_terms(tmp_path: Path, texts: list[str]) -> None:
    lexical = Lexical.from_texts(texts)
    lexical.save(tmp_path / "lexical")
    for each in (lexical, Lexical.load(tmp_path / "lexical")):
        assert [score > 0 for score in each.scores("茶")] == [text == "茶" for text in texts]


def test_what_is_loaded_is_what_was_saved(tmp_path: Path) -> None:
    lexical = Lexical.from_texts(["绿茶三吨", "Stone bridge, 1,890", "红茶"])
    lexical.save(tmp_path / "lexical")
    loaded = Lexical.load(tmp_path / "lexical")
    for query in ("茶", "三吨茶", "bridge 1890", "无"):
        assert np.array_equal(loaded.scores(query), lexical.scores(query))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_texts_give_the_same_bytes(tmp_path: Path) -> None:
    texts = ["绿茶三吨", "红茶", "stone bridge of 1890"]
    Lexical.from_texts(texts).save(tmp_path / "a")
    Lexical.from_texts(list(texts)).save(tmp_path / "b")
    Lexical.load(tmp_path / "a").save(tmp_path / "c")
    assert contents(tmp_path / "a") == contents(tmp_path / "b") == contents(tmp_path / "c")
    assert len(contents(tmp_path / "a")) == 4
