import pytest

from rag.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("谁是CEO?", "zh"),
        ("千问的MAU是多少", "zh"),
        ("AI to B指什么", "zh"),
        ("東京の人口", "zh"),
        ("Who is the CEO?", "en"),
        ("Who built 夸克?", "en"),
        ("How does 阿里巴巴 earn its money?", "en"),
        ("Qwen", "en"),
        ("", "en"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language
