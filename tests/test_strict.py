import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.strict import Shapes, are_texts, is_text, read_object, shown

SHAPES: Shapes = {"name": (is_text, "a text"), "parts": (are_texts, "a list of texts"), "sure": (bool, "true")}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*SHAPES, "nam", "其他"]) | TEXTS, inner),
)


def read(line: str) -> object:
    return read_object(line, SHAPES, ["name"])


def test_an_object_of_known_keys_is_read_as_it_stands() -> None:
    assert read('{"parts": [], "name": "茶 \\u8336", "sure": true}') == {"parts": [], "name": "茶 茶", "sure": True}
    assert read(' {"name": "茶"} ') == {"name": "茶"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("null", "null is no JSON object; write {...} with the keys name"),
        ('{"nmae": "x", "name": "x"}', 'unknown key "nmae"; did you mean "name"?'),
        ('{"茶": 1}', 'unknown key "茶"; the keys are name, parts, sure'),
        ('{"sure": true}', 'no "name"; add a text'),
        ('{"name": " "}', '"name" is " "; make it a text'),
        ('{"name": "x", "parts": "x", "sure": false}', '"parts" is "x"; make it a list of texts'),
        ('{"name": {"a": 1, "a": 2}}', "has the key 'a' more than once; keep one"),
        ('{"name": [Infinity]}', "Infinity is no JSON value; write a text"),
        ('{"\\ud800": 1}', r"holds half a surrogate pair, '\ud800'; write the whole character"),
        ('{"name": ' + "9" * 10_000 + "}", '"name" is Infinity; make it a text'),
        ("[" * 100_000, "brackets are nested too deeply; three levels are the most a key takes"),
    ],
    ids=["null", "near", "far", "absent", "blank", "first of two", "twice", "constant", "surrogate", "long", "deep"],
)
def test_what_is_wrong_and_what_to_do(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=".") as raised:
        read(line)
    assert str(raised.value) == said


@given(JSON.map(json.dumps) | TEXTS | st.text())
def test_any_line_is_an_object_that_fits_or_one_line_that_says_what_to_do(line: str) -> None:
    try:
        row = read_object(line, SHAPES, ["name"])
    except ValueError as error:
        said = str(error)
        assert len(said.splitlines()) == 1
        assert "; " in said
    else:
        assert json.loads(line) == row
        assert {"name"} <= row.keys() <= SHAPES.keys()
        assert all(SHAPES[key][0](value) for key, value in row.items())


@given(JSON)
def test_a_value_is_shown_on_one_line_of_at_most_sixty_characters(value: object) -> None:
    text = shown(value)
    assert len(text) <= 60
    assert "\n" not in text
    whole = " ".join(json.dumps(value, ensure_ascii=False).split())
    assert text == whole if len(whole) <= 60 else text == whole[:57] + "..."


@pytest.mark.parametrize(("length", "expected"), [(58, '"' + "茶" * 58 + '"'), (59, '"' + "茶" * 56 + "...")])
def test_where_a_shown_value_is_cut(length: int, expected: str) -> None:
    assert shown("茶" * length) == expected


@pytest.mark.parametrize(
    ("value", "one", "some"),
    [
        ("x", True, False),
        (" x\n", True, False),
        ("", False, False),
        ("\u3000\n", False, False),
        (5, False, False),
        (None, False, False),
        ([], False, True),
        (["x", "y"], False, True),
        (["x", " "], False, False),
        (["x", 5], False, False),
        (("x",), False, False),
    ],
)
def test_what_a_text_is_and_what_texts_are(value: object, one: bool, some: bool) -> None:
    assert (is_text(value), are_texts(value)) == (one, some)
