from collections import Counter
from math import log1p
from pathlib import Path

import numpy as np
import pytest
from bm25s import BM25
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.lexical import _SIEVE, FEW, K1, B, Lexical
from rag.postings import MOST
from rag.terms import any_of, key, keys, words_of

TEA = ["tea tea water", "water", "milk in tea cups"]
WORDS = st.sampled_from("茶水绿红 ab1").map(str) | st.sampled_from(["tea ", "茶水", "水茶", "a1 "])
TEXTS = st.lists(st.lists(WORDS, max_size=8).map("".join), max_size=30)


def idf(texts: int, holding: int) -> float:
    return log1p((texts - holding + 0.5) / (holding + 0.5))


def gain(times: int, length: float, mean: float) -> float:
    """Share of a term's weight that a text of some length gets which holds it so many times."""
    return times / (times + K1 * (1 - B + B * length / mean))


def brute(texts: list[str], query: str) -> list[float]:
    """Lucene's BM25 of every text, term by term, over what a text full of all terms would get."""
    bags = [Counter(keys([text])[0].tolist()) for text in texts]
    mean = sum(bag.total() for bag in bags) / max(len(bags), 1)
    asked = keys([query])[0].tolist()
    weights = {term: idf(len(bags), sum(term in bag for bag in bags)) for term in asked}
    most = sum(weights[term] for term in asked)
    return [
        sum(weights[term] * gain(min(bag[term], MOST), bag.total(), mean) for term in asked if term in bag) / most
        if asked
        else 0.0
        for bag in bags
    ]


def all_shares(lexical: Lexical, query: str) -> np.ndarray:
    return lexical.shares(query, np.arange(len(lexical)))


def test_shares_by_arithmetic() -> None:
    lexical = Lexical.from_texts(TEA)
    tea = [gain(2, 3, 8 / 3), 0, gain(1, 4, 8 / 3)]
    assert all_shares(lexical, "Tea") == pytest.approx(tea, rel=1e-6)
    water = [gain(1, 3, 8 / 3), gain(1, 1, 8 / 3), 0]
    both = np.array([(one + other) * idf(3, 2) for one, other in zip(tea, water, strict=True)])
    assert all_shares(lexical, "tea WATER") == pytest.approx(both / (2 * idf(3, 2)), rel=1e-6)
    assert all_shares(lexical, "tea water coffee") == pytest.approx(both / (2 * idf(3, 2) + idf(3, 0)), rel=1e-6)
    assert all_shares(lexical, "tea tea") == pytest.approx(tea, rel=1e-6)


def test_shares_of_runs_by_arithmetic() -> None:
    """A run is one text: its counts and lengths add up, and it is long where its texts are."""
    lexical = Lexical.from_texts(TEA)
    firsts, lasts = np.array([0, 1, 0]), np.array([1, 3, 3])
    water, tea = ((key("water"),),), ((key("tea"),),)
    found = lexical.shares_of_runs([[tea]], firsts, lasts)[0]
    assert found == pytest.approx([gain(2, 3, 8 / 3), gain(1, 5 / 2, 8 / 3), gain(3, 8 / 3, 8 / 3)], rel=1e-6)
    weights = np.array([idf(3, 2), idf(3, 2)])
    both = np.array([gain(2, 3, 8 / 3), gain(1, 3, 8 / 3)]) @ weights / weights.sum()
    together = lexical.shares_of_runs([[tea, water], [], [tea]], firsts, lasts)
    assert together[0, 0] == pytest.approx(both, rel=1e-6)
    assert together[1:].tolist() == [[0, 0, 0], found.tolist()]
    assert lexical.shares_of_runs([[tea]], firsts[:0], lasts[:0]).tolist() == [[]]


def test_alternatives_count_as_one_word() -> None:
    lexical = Lexical.from_texts(TEA)
    firsts = np.arange(3)
    term = ((key("milk"),), (key("water"),), (key("coffee"),))  # held by all three
    expected = [gain(1, length, 8 / 3) for length in (3, 1, 4)]
    assert lexical.shares_of_runs([[term]], firsts, firsts + 1)[0] == pytest.approx(expected, rel=1e-6)
    often = ((key("tea"),), (key("water"),))  # four times held, by three texts
    expected_often = [gain(3, 3, 8 / 3), gain(1, 1, 8 / 3), gain(1, 4, 8 / 3)]
    assert lexical.shares_of_runs([[often]], firsts, firsts + 1)[0] == pytest.approx(expected_often, rel=1e-6)
    with_tea = lexical.shares_of_runs([[term, ((key("tea"),),)]], firsts, firsts + 1)[0, 1]
    assert with_tea == pytest.approx(idf(3, 3) * expected[1] / (idf(3, 3) + idf(3, 2)), rel=1e-6)


def test_a_phrase_is_held_by_a_text_that_holds_all_of_it() -> None:
    lexical = Lexical.from_texts(["green tea", "green", "tea", "tea tea green green"])
    firsts = np.arange(4)
    found = lexical.shares_of_runs([any_of([["green tea"]])], firsts, firsts + 1)[0]
    assert found == pytest.approx([gain(1, 2, 2), 0, 0, gain(2, 4, 2)], rel=1e-6)
    run = lexical.shares_of_runs([any_of([["green tea"]])], np.array([1]), np.array([3]))
    assert run.tolist() == [[0]]  # no text of the run holds both


@given(TEXTS, st.lists(WORDS, max_size=12).map("".join))
def test_runs_of_one_text_are_that_text(texts: list[str], query: str) -> None:
    lexical, firsts = Lexical.from_texts(texts), np.arange(len(texts))
    (found,) = lexical.shares_of_runs([words_of(query)], firsts, firsts + 1)
    assert found == pytest.approx(brute(texts, query), rel=1e-6)


def test_the_best_by_arithmetic() -> None:
    positions, shares = Lexical.from_texts(TEA).best("tea", 5)
    assert positions.tolist() == [0, 2]
    assert shares == pytest.approx([gain(2, 3, 8 / 3), gain(1, 4, 8 / 3)], rel=1e-6)
    assert [positions.dtype.name, shares.dtype.name] == ["int64", "float32"]


@given(TEXTS, st.lists(WORDS, max_size=12).map("".join))
def test_shares_are_those_of_all_texts_weighed(texts: list[str], query: str) -> None:
    assert all_shares(Lexical.from_texts(texts), query) == pytest.approx(brute(texts, query), rel=1e-6)


@pytest.fixture(params=[0, FEW], ids=["chosen", "added up"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Search in both ways: of so few texts all postings would be added up."""
    monkeypatch.setattr("rag.lexical.FEW", request.param)


@pytest.mark.usefixtures("either_way")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # it is the same for every example
@given(TEXTS, st.lists(WORDS, max_size=12).map("".join), st.integers(1, 12), st.data())
def test_the_best_are_those_of_all_texts(texts: list[str], query: str, k: int, data: st.DataObject) -> None:
    lexical = Lexical.from_texts(texts)
    chosen = data.draw(st.none() | st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    within = None if chosen is None else np.array(chosen, np.bool_)
    shares = all_shares(lexical, query)
    allowed = shares > 0 if within is None else (shares > 0) & within
    order = [place for place in np.argsort(-shares, kind="stable") if allowed[place]][:k]
    positions, found = lexical.best(query, k, within)
    assert positions.tolist() == order
    assert found.tolist() == shares[order].tolist()


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("k", [1, 10, 50])
def test_the_best_of_many_texts_are_those_of_all(k: int) -> None:
    draw = np.random.default_rng(0)
    words = np.array([f"w{number}" for number in range(500)])
    rarity = 1 / np.arange(1, 501)
    texts = [" ".join(draw.choice(words, draw.integers(1, 40), p=rarity / rarity.sum())) for _ in range(5000)]
    lexical = Lexical.from_texts(texts)
    within = draw.random(5000) < 0.3
    for _ in range(40):
        query = " ".join(draw.choice(words, draw.integers(1, 12), p=rarity / rarity.sum()))
        shares = all_shares(lexical, query)
        for mask in (None, within):
            order = np.argsort(-shares if mask is None else np.where(mask, -shares, 0), kind="stable")[:k]
            positions, found = lexical.best(query, k, mask)
            assert positions.tolist() == order.tolist()
            assert found.tolist() == shares[order].tolist()


def test_texts_anywhere_and_more_terms_than_can_be_sieved() -> None:
    draw = np.random.default_rng(1)
    texts = [" ".join(f"w{number}" for number in draw.integers(12_000, size=400)) for _ in range(40)]
    lexical = Lexical.from_texts(texts)
    assert len(lexical.postings.keys) > 2 * _SIEVE
    for _ in range(10):
        query = " ".join(f"w{number}" for number in draw.integers(12_000, size=60))
        positions = draw.integers(40, size=15)
        expected = np.array(brute(texts, query))[positions]
        assert expected.min() < expected.max()
        assert lexical.shares(query, positions) == pytest.approx(expected, rel=1e-6)


def test_scores_are_those_of_bm25s() -> None:
    texts = ["绿茶三吨，红茶两吨", "Stone bridge of 1890, a stone bridge", "红茶", "", "水 water 水"]
    bags = [keys([text])[0].tolist() for text in texts]
    numbers = {term: number for number, term in enumerate(sorted({term for bag in bags for term in bag}))}
    engine = BM25(k1=K1, b=B, method="lucene")
    engine.index(([[numbers[term] for term in bag] for bag in bags], numbers), show_progress=False)
    lexical = Lexical.from_texts(texts)
    for query in ("红茶", "a stone bridge in 1890", "三吨水"):
        asked = [term for term in keys([query])[0].tolist() if term in numbers]
        most = sum(idf(len(texts), sum(term in bag for bag in bags)) for term in keys([query])[0].tolist())
        theirs = engine.get_scores_from_ids([numbers[term] for term in asked])
        assert all_shares(lexical, query) * most == pytest.approx(theirs, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("query", ["咖啡", "", "！", "coffee 7"])
def test_no_shared_term_finds_nothing(query: str) -> None:
    lexical = Lexical.from_texts(["绿茶", "水"])
    assert lexical.best(query, 5)[0].tolist() == []
    assert all_shares(lexical, query).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("GB/T 7714-2015", ["GB/T 7714-2005", "GB 2015，T 7714", "7714/2015 GB-T"]),
        ("iPhone 15 Pro Max", ["iPhone 14 Pro Max 和 iPhone 15", "iPhone 15 Plus 和 Pro Max", "15 iPhone Max Pro"]),
        ("3.7%", ["37%", "3.7", "7.3%", "3%和7%"]),
        ("1,234万", ["1,234", "234万", "1,235万", "1234和万"]),
        ("A股600519", ["A股600591", "A 600519 股", "B股600519"]),
        ("C++", ["C", "C#", "C语言和C", "+C+"]),
        ("C#", ["C", "C++", "F#"]),
        ("v2.1.3", ["v2.1.4", "v3.1.2", "2.1.3v", "v 2.1和3"]),
        ("2025年12月10日", ["2025年10月12日", "2012年10月25日", "2025年12月1日", "10年2025月12日"]),
        ("COVID-19", ["COVID 19", "COVID-18", "19 COVID"]),
        ("GPT-4o", ["GPT-4", "GPT 4 o", "GPT-o4", "4o-GPT"]),
        ("７７１４－２０１５", ["7714，2015", "2015-7714"]),
        ("臺灣積體電路", ["台湾电路", "积体台湾", "集成电路"]),
    ],
)
def test_a_name_or_code_is_found_among_near_misses(name: str, near: list[str]) -> None:
    frame = "这里说到{}，另见别处。"
    texts = [frame.format(each) for each in (*near, name.swapcase() if name.isascii() else name)]
    positions, shares = Lexical.from_texts(texts).best(name, 2)
    assert positions[0] == len(near)
    assert len(shares) == 1 or shares[0] > shares[1]


@pytest.mark.parametrize("texts", [[], ["🍵", ""], ["茶", "🍵"]], ids=["none", "no terms", "one without terms"])
def test_texts_without_terms(tmp_path: Path, texts: list[str]) -> None:
    lexical = Lexical.from_texts(texts)
    lexical.save(tmp_path / "lexical")
    for each in (lexical, Lexical.load(tmp_path / "lexical")):
        assert [share > 0 for share in all_shares(each, "茶")] == [text == "茶" for text in texts]
        assert each.best("茶", 3)[0].tolist() == [place for place, text in enumerate(texts) if text == "茶"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@given(texts=TEXTS)
def test_the_same_texts_give_the_same_bytes(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("lexical")
    Lexical.from_texts(texts).save(folder / "a")
    Lexical.from_texts(iter(texts)).save(folder / "b")
    Lexical.load(folder / "a").save(folder / "c")
    assert contents(folder / "a") == contents(folder / "b") == contents(folder / "c")
    assert len(contents(folder / "a")) == 9


def test_what_is_loaded_is_mapped_and_cannot_be_changed(tmp_path: Path) -> None:
    Lexical.from_texts(TEA).save(tmp_path / "lexical")
    loaded = Lexical.load(tmp_path / "lexical")
    for array in (*vars(loaded.postings).values(), loaded.peaks):
        assert isinstance(array.base, np.memmap)
        assert not array.flags.writeable
    assert (loaded.best("tea", 3)[0].tolist(), len(loaded)) == ([0, 2], 3)
