import pytest

from eval.measures.words import words


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("qwen2", ["qwen2"]),
        ("the tunnel, opened in 1994", ["the", "tunnel", ",", "opened", "in", "1994"]),
        ("1,234.5 tons", ["1,234.5", "tons"]),
        ("it's john's; they don't", ["it", "'s", "john", "'s", ";", "they", "do", "n't"]),
        ("cannot", ["can", "not"]),
        ("we're gonna", ["we", "'re", "gon", "na"]),
        ("'tis", ["'", "tis"]),
        ('say "yes"', ["say", "``", "yes", "''"]),
        ("(27%) & $3", ["(", "27", "%", ")", "&", "$", "3"]),
        ("well... no", ["well", "...", "no"]),
        ("it ended. it began.", ["it", "ended", ".", "it", "began", "."]),
        ("why? because!", ["why", "?", "because", "!"]),
        ("he left (late.) she came", ["he", "left", "(", "late", ".", ")", "she", "came"]),
        ("mr. smith, henry a. walsh", ["mr.", "smith", ",", "henry", "a.", "walsh"]),
        ("in the u.s. today", ["in", "the", "u.s.", "today"]),
        ("getchu.com", ["getchu.com"]),
        (" ", []),
        ("", []),
    ],
)
def test_words(text: str, cut: list[str]) -> None:
    assert words(text) == cut
