import hashlib
import os
from pathlib import Path

import pytest

from rag.disk import contents, digest_of, is_file, is_folder, remove, seal, sync


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file, a folder in it, a link to each, and a broken one."""
    inside = tmp_path / "inside"
    (inside / "sub" / "empty").mkdir(parents=True)
    (inside / "sub" / "b").write_bytes(b"two")
    (inside / "file").symlink_to(tmp_path / "kept")
    (inside / "folder").symlink_to(tmp_path / "outside")
    (inside / "nowhere").symlink_to("x")
    (tmp_path / "outside").mkdir()
    (tmp_path / "kept").write_bytes(b"one")
    (tmp_path / "outside" / "kept").write_bytes(b"one")
    return inside


def test_what_a_folder_holds(folder: Path) -> None:
    assert [path.relative_to(folder).as_posix() for path in contents(folder)] == ["file", "folder", "nowhere", "sub/b"]


def test_a_link_is_what_it_is_not_what_it_leads_to(folder: Path) -> None:
    assert [path.name for path in sorted(folder.iterdir()) if is_folder(path)] == ["sub"]
    assert [path.name for path in sorted(folder.rglob("*")) if is_file(path)] == ["b"]
    assert not is_file(folder / "none")
    assert not is_folder(folder / "none")


def test_removing_ends_at_links(folder: Path) -> None:
    remove(folder)
    assert not folder.exists()
    assert sorted(path.name for path in folder.parent.rglob("*")) == ["kept", "kept", "outside"]
    remove(folder)  # it is gone: nothing to do
    remove(folder.parent / "kept")
    assert not (folder.parent / "kept").exists()


def test_files_and_folders_are_forced_to_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: forced.append(os.readlink(f"/proc/self/fd/{handle}")))
    assert seal(folder / "sub" / "b") == digest_of(folder / "sub" / "b") == hashlib.sha256(b"two").hexdigest()
    sync(folder)
    assert forced == [str(folder / "sub" / "b"), str(folder)]
