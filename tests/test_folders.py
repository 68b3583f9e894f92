import os
import socket
from pathlib import Path

import pytest

from rag.errors import ArticleError
from rag.folders import find_files, is_regular, shown


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("茶。", encoding="utf-8")


def names(root: Path, *exclude: str) -> list[str]:
    found = list(find_files(root, {".md", ".txt"}, exclude))
    assert all(isinstance(each, Path) for each in found)
    return [each.relative_to(root).as_posix() for each in found if isinstance(each, Path)]


def test_files_by_suffix_in_the_order_of_their_paths(tmp_path: Path) -> None:
    tree(tmp_path, "b.md", "a/c.MD", "a/b.txt", "z.png", ".git/x.md", "a/.h.md", "a/~$w.md")
    assert names(tmp_path) == ["a/b.txt", "a/c.MD", "b.md"]


@pytest.mark.parametrize(
    ("rules", "exclude", "left"),
    [
        ("", (), ["a/c.md", "a/d/e.md", "b.md", "b.txt"]),
        ("*.txt\n# a remark\n\n", (), ["a/c.md", "a/d/e.md", "b.md"]),
        ("a/\n", (), ["b.md", "b.txt"]),
        ("/b.*\n!b.md\n", (), ["a/c.md", "a/d/e.md", "b.md"]),
        ("a/*\n!a/d/\n", (), ["a/d/e.md", "b.md", "b.txt"]),
        ("**/e.md\n", ("*.txt",), ["a/c.md", "b.md"]),
        ("*.txt\n", ("!b.txt",), ["a/c.md", "a/d/e.md", "b.md", "b.txt"]),
    ],
    ids=["none", "suffix", "folder", "but one", "but a folder", "both", "taken back"],
)
def test_rules_are_those_of_gitignore(tmp_path: Path, rules: str, exclude: tuple[str, ...], left: list[str]) -> None:
    tree(tmp_path, "a/c.md", "a/d/e.md", "b.md", "b.txt")
    (tmp_path / ".suwenignore").write_text(rules, encoding="utf-8")
    assert names(tmp_path, *exclude) == left


@pytest.mark.parametrize(
    ("rules", "reason"),
    [(b"!\n", "correct the rule"), (b"\xff\n", "save it as UTF-8")],
    ids=["no rule", "no UTF-8"],
)
def test_rules_that_are_none(tmp_path: Path, rules: bytes, reason: str) -> None:
    (tmp_path / ".suwenignore").write_bytes(rules)
    with pytest.raises(ArticleError, match=f"{tmp_path}/.suwenignore: .*{reason}"):
        list(find_files(tmp_path, {".md"}))


def test_what_never_ends_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a/b.md")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self.md").symlink_to("self.md")
    (tmp_path / "gone.md").symlink_to("absent.md")
    (tmp_path / "zero.md").symlink_to("/dev/zero")
    (tmp_path / "named.md").mkdir()
    os.mkfifo(tmp_path / "pipe.md")
    monkeypatch.chdir(tmp_path)  # the path of a socket has to be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.md")
        assert names(tmp_path) == ["a/b.md"]
        assert [each.name for each in tmp_path.iterdir() if is_regular(each)] == []


def test_a_folder_that_may_not_be_read_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a/b.md", "shut\n/c.md", "d.md")
    scan = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("shut\n"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)  # a mode would not stop root
    error, *found = find_files(tmp_path, {".md"})
    assert found == [tmp_path / "a/b.md", tmp_path / "d.md"]
    assert str(error) == f"'{tmp_path}/shut\\n': Permission denied; check its permissions or add it to .suwenignore"


def test_a_path_is_shown_on_one_line() -> None:
    assert (shown("茶 a.md"), shown("a\nb"), shown("a\u202eb")) == ("茶 a.md", "'a\\nb'", "'a\\u202eb'")
