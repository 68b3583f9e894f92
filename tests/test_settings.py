from pathlib import Path

import pytest

from rag.errors import UsageError
from rag.settings import Settings


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file() -> None:
    Path("suwen.toml").write_text('index = "file"\nllm = "file"\nembedder = "file"\nthreads = 3\n', encoding="utf-8")
    settings = Settings.load({"index": "line"}, {"SUWEN_INDEX": "variable", "SUWEN_LLM": "variable"})
    assert (settings.index, settings.llm, settings.embedder) == ("line", "variable", "file")
    assert (settings.threads, settings.timeout) == (3, Settings().timeout)


def test_without_anything_it_is_the_defaults() -> None:
    assert Settings.load({}, {}) == Settings()
    Path("suwen.toml").touch()
    assert Settings.load({"index": None}, {"SUWEN_LLM": "", "SUWEN_API_KEY": "secret", "OTHER": "x"}) == Settings()


def test_types() -> None:
    Path("suwen.toml").write_text('timeout = 5\nbase_url = ""\n', encoding="utf-8")
    settings = Settings.load({"timeout": 2.5}, {"SUWEN_THREADS": "4"})
    assert (settings.timeout, settings.threads, settings.base_url) == (2.5, 4, "")
    assert isinstance(Settings.load({}, {}).timeout, float)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('indx = "a"', "suwen.toml sets 'indx', which is not a setting; settings are index, llm, base_url, "),
        ("[server]\nport = 1", "suwen.toml sets 'server', which is not a setting; settings are index, "),
        ("index = 5", "suwen.toml sets index to 5, which is no text"),
        ('index = ["a"]', "suwen.toml sets index to ['a'], which is no text"),
        ('index = ""', "suwen.toml sets index to '', which is no text"),
        ('threads = "four"', "suwen.toml sets threads to 'four', which is no whole number from 0 up"),
        ("threads = 2.5", "suwen.toml sets threads to 2.5, which is no whole number from 0 up"),
        ("threads = true", "suwen.toml sets threads to True, which is no whole number from 0 up"),
        ("threads = -1", "suwen.toml sets threads to -1, which is no whole number from 0 up"),
        ("timeout = nan", "suwen.toml sets timeout to nan, which is no number from 0 up"),
        (
            "timeout = 2026-11-23",
            "suwen.toml sets timeout to datetime.date(2026, 11, 23), which is no number from 0 up",
        ),
        ("index = ", "suwen.toml: Invalid value (at end of document); correct it or remove it"),
    ],
)
def test_a_wrong_file_is_one_line(line: str, said: str) -> None:
    Path("suwen.toml").write_text(line, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        Settings.load({}, {})
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_a_file_in_another_encoding() -> None:
    Path("suwen.toml").write_bytes('index = "茶"'.encode("gbk"))
    with pytest.raises(UsageError, match=r"^suwen.toml: 'utf-8' codec can't decode .*; correct it or remove it$"):
        Settings.load({}, {})


def test_a_wrong_variable_and_a_wrong_option() -> None:
    with pytest.raises(UsageError, match="^the environment sets timeout to 'soon', which is no number from 0 up$"):
        Settings.load({}, {"SUWEN_TIMEOUT": "soon"})
    with pytest.raises(UsageError, match="^the command line sets index to '', which is no text$"):
        Settings.load({"index": ""}, {})
