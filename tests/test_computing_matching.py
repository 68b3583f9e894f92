import pytest

from rag.computing.matching import events, in_time, names, words, words_held


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("拼多多的现金", {"拼多", "多多", "现金"}),
        ("A型电池", {"a型", "型电", "电池"}),
        ("the rail tunnels opened", {"rail", "tunnel"}),
        ("in 1995", {"@1995"}),
        ("2025年4月", {"@2025-4"}),
    ],
)
def test_words(text: str, found: set[str]) -> None:
    assert {each for each in words(text) if each[0] != "#"} == found


@pytest.mark.parametrize(
    ("one", "other"), [("通车", "投入使用"), ("founded", "创立"), ("员工", "staff"), ("接手", "担任")]
)
def test_what_has_many_names_is_one_word(one: str, other: str) -> None:
    assert words(one) == words(other) == events(words(one)) != frozenset()


def test_a_date_is_found_by_its_year_and_month() -> None:
    assert words_held("2025年4月12日") == {"@2025", "@2025-4", "@2025-4-12"}
    assert in_time(words("甲厂2025年")) == {"@2025"}


def test_names() -> None:
    assert names("people live in Lyon in 1995") == {"lyon", "@1995"}
