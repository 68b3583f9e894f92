import re
from pathlib import Path
from string import Formatter

import pytest

from ui.text import TEXT, Language, preferred, say

SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for path in (Path(__file__).parent.parent / "ui").glob("*.py")
    if path.name != "text.py"
)


@pytest.mark.parametrize("key", TEXT)
def test_both_languages_say_it_with_the_same_values(key: str) -> None:
    chinese, english = TEXT[key]
    assert chinese.strip()
    assert english.strip()
    names = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (chinese, english)]
    assert names[0] == names[1]


def test_every_key_is_used_and_every_used_key_exists() -> None:
    quoted = set(re.findall(r"[\"']([a-z_]+)[\"']", SOURCES))
    assert set(TEXT) - quoted == set()
    assert set(re.findall(r"say\(\s*[\"']([a-z_]+)[\"']", SOURCES)) - set(TEXT) == set()


def test_values_are_filled_in() -> None:
    assert say("too_long", "zh", length=2001, limit=2000) == (
        "问题有 2001 个字，超过了 2000 个字的上限，请缩短后再发送。"
    )
    assert say("passages", "en", count=3) == "Passages found (3)"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.5,zh;q=0.7", "zh"),
        ("fr-FR,en;q=0.3", "en"),
        ("zh-Hant-TW", "zh"),
        ("fr", "zh"),
        ("", "zh"),
        ("en;q=nonsense,zh;q=0.1", "zh"),
    ],
)
def test_preferred_language(header: str, language: Language) -> None:
    assert preferred(header, "zh") == language
