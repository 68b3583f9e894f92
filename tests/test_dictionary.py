import pytest

from rag.dictionary import Dictionary, dictionary

SMALL = Dictionary(
    {
        "核电站": ("nuclear power plant",),
        "建": ("build", "construct"),
        "在": (),
        "电": ("electricity",),
        "去": ("go", "carry"),
    },
    {("nuclear", "power", "plant"): ("核电站", "核电厂"), ("power",): ("电力", "权力"), ("build",): ("建",)},
)


@pytest.mark.parametrize(
    ("question", "translated"),
    [
        ("核電站？", [("nuclear power plant",)]),  # the longest word, in whatever characters
        (
            "建电站",
            [
                ("build", "builded", "building", "construct", "constructed", "constructing"),
                ("electricity", "electricityed", "electricitying", "electricitied"),
            ],
        ),
        ("去", [("go", "carry", "carryed", "carrying", "carried")]),
        ("在1,998年的iPhone在哪？", [("1,998",), ("iphone",)]),
        ("Nuclear power plants that built power?", [("核电站", "核电厂"), ("电力", "权力")]),
        ("Who is building it in 1998?", [("建",), ("1998",)]),
        ("", []),
    ],
)
def test_words_are_translated(question: str, translated: list[tuple[str, ...]]) -> None:
    assert SMALL.translate(question) == translated


@pytest.mark.parametrize(
    ("chinese", "english"),
    [("防守", "defend"), ("领导", "leader"), ("特斯拉", "tesla"), ("核电站", "nuclear power plant"), ("分", "point")],
)
def test_the_dictionary_goes_both_ways(chinese: str, english: str) -> None:
    assert english in dictionary().english[chinese]
    assert [english] in [[english] for one in dictionary().translate(f"Which {english} is it?") if chinese in one]


def test_notes_and_references_are_no_translations() -> None:
    every = dictionary()
    assert len(every.english) > 100_000
    assert "位" not in "".join(every.english["领导"])  # its measure word
    assert every.english["的"][:2] == ("taxi", "cab")  # not "of", which says nothing
    assert all(1 <= len(phrase) <= 3 for phrase in every.chinese)
