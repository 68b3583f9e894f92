"""Files that take the place of others once they are whole."""

from pathlib import Path

import pytest

from eval.aside import aside, write_json
from rag.errors import SuwenError


def test_a_new_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_json(path, {"题": 1})
    write_json(path, {"题": 2})
    assert path.read_text(encoding="utf-8") == '{\n "题": 2\n}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("old", encoding="utf-8")

    def fail() -> None:
        with aside(path) as new:
            new.write_text("ne", encoding="utf-8")
            raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        fail()
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_fails_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "run.json"
    with pytest.raises(SuwenError) as raised:
        write_json(path, {})
    assert str(raised.value) == f"{path}: cannot be written (No such file or directory); mend that and run again"
