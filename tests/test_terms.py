from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.terms import key, keys, normalise, tokens


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
        pytest.param("\U00020bb7野家", ["\U00020bb7", "野", "家", "\U00020bb7野", "野家"], id="a rare character"),
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


def number(term: str) -> int:
    """Return the key of a term: of Chinese, its code points in a row."""
    if term[0] >= "\u4e00" and len(term) < 3:
        return sum(ord(character) << 21 * place for place, character in enumerate(reversed(term)))
    return key(term)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        pytest.param("綠茶", ["绿", "茶", "绿茶"], id="Chinese"),
        pytest.param("GB/T 7714-2015", ["gb", "t", "gb/t", "7714", "2015", "7714-2015", "t 7714"], id="a standard"),
        pytest.param("iPhone 15 Pro Max", ["iphone", "15", "pro", "max", "iphone 15", "15 pro"], id="a model"),
        pytest.param("C++、C#和C", ["c", "c++", "c", "c#", "和", "c"], id="languages"),
        pytest.param("COVID-19", ["covid", "19", "covid-19"], id="word and number"),
        pytest.param("GPT-4o", ["gpt", "4", "o", "gpt-4o"], id="word, number and word"),
        pytest.param("v2.1.3", ["v", "2.1.3", "v2.1.3"], id="a version"),
        pytest.param("A股600519", ["a", "股", "a股", "600519"], id="a letter and its character"),
        pytest.param("3.7%", ["3.7%"], id="per cent"),
        pytest.param("1,234万", ["1234", "万", "1234万"], id="a number and its unit"),
        pytest.param("12月10日", ["12", "月", "12月", "10", "日", "10日"], id="a date"),
        pytest.param("9:30  12", ["9", "30", "9:30", "12"], id="no pair across two spaces"),
        pytest.param("cities, buses", ["city", "buse"], id="plurals"),
        pytest.param("bus gas glass ios eyries", ["bus", "gas", "glass", "ios", "eyry"], id="an s that stays"),
        pytest.param("——！？🍵", [], id="signs only"),
    ],
)
def test_what_is_searched_for(text: str, terms: list[str]) -> None:
    assert Counter(keys([text])[0].tolist()) == Counter(map(number, terms))


def test_a_key_is_the_same_in_every_process() -> None:
    assert key("tea") == 10431608578837538234
    assert keys(["茶", "水茶"])[0].tolist() == [0x8336, 0x6C34, 0x8336, 0x6C34 << 21 | 0x8336]


@given(st.lists(st.text("茶水 年a12.,-/+%\n") | st.text(), max_size=4))
def test_texts_do_not_touch_each_other(texts: list[str]) -> None:
    found, owners = keys(texts)
    assert [found.dtype.name, owners.dtype.name] == ["uint64", "int32"]
    for place, text in enumerate(texts):
        assert sorted(found[owners == place].tolist()) == sorted(keys([text])[0].tolist())


@given(st.text())
def test_wording_without_plurals_is_all_searched_for(text: str) -> None:
    wording = [term for term in tokens(text) if not term.endswith("s")]
    found = Counter(keys([text])[0].tolist())
    for term, times in Counter(wording).items():
        assert sum(found[each] for each in keys([term])[0].tolist()) >= times
