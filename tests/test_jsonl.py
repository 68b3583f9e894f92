import json
from pathlib import Path

import pytest

from rag.errors import ArticleError
from rag.jsonl import read_lines
from rag.records import Content


def read(path: Path, *lines: object) -> list[tuple[str, Content] | str]:
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts), encoding="utf-8")
    return [str(each) if isinstance(each, ArticleError) else each for each in read_lines(path)]


def test_a_line_is_an_article(tmp_path: Path) -> None:
    full = {
        "id": "茶/1",
        "text": "# 茶\r\n正文。",
        "title": "云雾\n茶",
        "source": "https://wiki.example/1",
        "date": "2024-03-01",
        "groups": ["hr", "it"],
        "questions": ["产量？"],
        "markdown": True,
        "views": 3,
    }
    assert read(tmp_path / "a.jsonl", full, "", {"id": "b", "text": "云雾茶厂\n茶。", "groups": None}) == [
        (
            "茶/1",
            Content(
                text="# 茶\n正文。",
                title="云雾 茶",
                source="https://wiki.example/1",
                markdown=True,
                questions=("产量？",),
                date="2024-03-01",
                groups=("hr", "it"),
            ),
        ),
        ("b", Content("云雾茶厂\n茶。", "云雾茶厂")),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON in UTF-8"),
        ("[" * 100_000, "not JSON in UTF-8"),
        ("[]", "not a JSON object"),
        ('{"id": "a", "text": NaN}', "not JSON in UTF-8 (NaN is no JSON number)"),
        ("9" * 5000, "not JSON in UTF-8"),
        ({"text": "茶。"}, '"id" is missing'),
        ({"id": 7, "text": "茶。"}, '"id" is not a text'),
        ({"id": " ", "text": "茶。"}, '"id" is empty'),
        ({"id": "a\nb", "text": "茶。"}, '"id" is empty or holds a control character'),
        ({"id": "a"}, '"text" is missing'),
        ('{"id": "a", "text": "\\ud800"}', '"text" holds half a character'),
        ('{"id": "a", "text": "茶。", "questions": ["产量？", "\\ud800"]}', '"questions" holds half a character'),
        ('{"id": "a", "text": "茶。", "groups": ["\\ud800"]}', '"groups" holds half a character'),
        ({"id": "a", "text": "茶。", "markdown": "yes"}, "\"markdown\" is 'yes'"),
        ({"id": "a", "text": "茶。", "questions": "产量？"}, '"questions" is not a list'),
        ({"id": "a", "text": "茶。", "groups": ["hr", 7]}, "its groups are not a list of names"),
        ({"id": "a", "text": "茶。", "groups": {"hr": 1}}, "its groups are not a list of names"),
        ({"id": "a", "text": "茶。", "groups": ""}, "its groups are not a list of names"),
    ],
)
def test_a_bad_line_is_one_error_and_the_rest_goes_on(tmp_path: Path, line: object, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    good = {"id": "b", "text": "茶。"}
    before, error, after = read(path, good, line, {**good, "id": "c"})
    assert (before, after) == (("b", Content("茶。", "茶。")), ("c", Content("茶。", "茶。")))
    assert str(error).startswith(f"{path}:2: {reason}")
    assert "\n" not in str(error)


def test_many_bad_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    said = read(path, *["{"] * 50)
    assert len(said) == 21
    assert said[-1] == f"{path}: 30 more lines are no articles; correct the first ones"


def test_lines_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('\ufeff{"id": "a", "text": "茶。"}\n'.encode() + '{"id": "b", "text": "茶。"}\n'.encode("gbk"))
    first, second = read_lines(path)
    assert first == ("a", Content("茶。", "茶。"))
    assert str(second).startswith(f"{path}:2: not JSON in UTF-8")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="a.jsonl: No such file or directory; check the path and its permissions"):
        list(read_lines(tmp_path / "a.jsonl"))
