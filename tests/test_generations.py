import fcntl
import hashlib
import os
import resource
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag import generations
from rag.errors import IndexBusy, IndexDamaged, IndexMissing, SuwenError
from rag.generations import check, commit, current, open_manifest, opening, writing
from tests.small_disk import small_disk

ROOT = Path(__file__).parent.parent


def write_files(**files: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for name, content in files.items():
            path = folder / name.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)

    return write


def first(folder: Path) -> Path:
    """Make an index folder with one generation of two files."""
    with writing(folder):
        commit(folder, {"schema": 1}, write_files(a=b"one", sub__b=b"two"))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return first(tmp_path / "tea")


FULL = "{}: cannot be written (No space left on device); the index is as it was, free space and run again"


def attempt(folder: Path, content: bytes) -> str:
    """Return what the error says, if there is one."""
    try:
        again(folder, content)
    except SuwenError as error:
        return str(error)
    return ""


def again(folder: Path, content: bytes) -> Path:
    with writing(folder):
        return commit(folder, {}, write_files(a=content))


def test_what_is_opened_is_what_was_committed(folder: Path) -> None:
    generation = current(folder)
    assert open_manifest(generation) == {
        "schema": 1,
        "files": {"a": hashlib.sha256(b"one").hexdigest(), "sub/b": hashlib.sha256(b"two").hexdigest()},
    }
    assert (generation / "sub" / "b").read_bytes() == b"two"
    assert list(check(generation)) == []


def test_a_generation_is_named_by_its_number_and_its_manifest(folder: Path) -> None:
    for number in (1, 2):
        generation = current(folder) if number == 1 else again(folder, b"x")
        digest = hashlib.sha256((generation / "manifest.json").read_bytes()).hexdigest()
        assert generation.name == f"{number:06}-{digest[:16]}"
        assert (folder / "CURRENT").read_bytes() == generation.name.encode()


def test_the_same_content_has_the_same_digest(folder: Path) -> None:
    assert again(folder, b"x").name[7:] == again(folder, b"x").name[7:] != again(folder, b"y").name[7:]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_only_the_generation_in_use_is_kept(folder: Path) -> None:
    made = [again(folder, bytes([number])) for number in range(4)]
    assert names(folder) == [made[-1].name, "CURRENT", "LOCK"]


def test_a_generation_that_is_being_opened_goes_with_the_next_writer(folder: Path) -> None:
    with opening(folder) as opened, opening(folder) as twice:
        newer = again(folder, b"x")
        newest = again(folder, b"y")
        assert opened == twice != current(folder) == newest
        assert not newer.exists()
        assert open_manifest(opened)["schema"] == 1
    assert names(folder) == [opened.name, newest.name, "CURRENT", "LOCK"]
    with writing(folder):  # even if it has nothing to write
        pass
    assert names(folder) == [newest.name, "CURRENT", "LOCK"]


def test_what_was_removed_before_it_could_be_held_is_not_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, lock, moments = current(folder), fcntl.flock, iter([True])

    def late(file: Any, operation: int) -> None:
        if operation == fcntl.LOCK_SH and next(moments, False):
            again(folder, b"x")
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with opening(folder) as opened:
        assert opened == current(folder) != first
    assert not first.exists()


def test_what_went_between_its_name_and_its_manifest_is_not_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, told = current(folder), iter([True])

    def early(folder: Path) -> Path:
        named = current(folder)
        if next(told, False):
            again(folder, b"x")
        return named

    monkeypatch.setattr(generations, "current", early)
    with opening(folder) as opened:
        assert opened == current(folder) != first


def test_a_file_that_fails_while_it_is_opened_is_one_line(folder: Path) -> None:
    with pytest.raises(IndexDamaged, match=f"^{folder}/x: cannot be read .Input/output error.; mend that, or run: "):
        with opening(folder):
            raise OSError(5, "Input/output error", str(folder / "x"))


def test_without_a_manifest_nothing_is_opened(folder: Path) -> None:
    (current(folder) / "manifest.json").unlink()
    with pytest.raises(IndexDamaged, match="manifest.json: damaged or missing"), opening(folder):
        pass


def test_where_current_is_damaged_no_generation_is_removed(folder: Path) -> None:
    first = current(folder)
    (folder / "CURRENT").write_text("")
    with writing(folder):
        assert first.exists()
        second = commit(folder, {}, write_files(a=b"x"))
    assert names(folder) == [second.name, "CURRENT", "LOCK"]


def test_numbers_go_on_after_a_million(folder: Path) -> None:
    current(folder).rename(folder / "999999-0123456789abcdef")
    million = again(folder, b"x")
    assert million.name.startswith("1000000-")
    assert current(folder) == million
    assert again(folder, b"y").name.startswith("1000001-")


def test_others_may_read_it(folder: Path) -> None:
    probe = folder / "probe"
    probe.mkdir()
    assert current(folder).stat().st_mode == probe.stat().st_mode


def test_there_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="no index 'tea' in .*; run: suwen index PATH --index tea"):
        current(tmp_path / "tea")
    (tmp_path / "file").write_text("x")
    with pytest.raises(IndexMissing, match="no index 'file'"):
        current(tmp_path / "file")


def test_current_cannot_be_read(folder: Path) -> None:
    (folder / "CURRENT").unlink()
    (folder / "CURRENT").mkdir()
    with pytest.raises(IndexDamaged, match="CURRENT: cannot be read"):
        current(folder)


def test_a_second_writer_is_refused_at_once_and_told_who_writes(folder: Path) -> None:
    with writing(folder), pytest.raises(IndexBusy) as caught:
        with writing(folder):
            pass
    assert str(caught.value) == f"{folder}: process {os.getpid()} is writing this index; run again when it is done"
    assert (folder / "LOCK").read_bytes() == b""
    (folder / "LOCK").write_text("123\n")  # of a killed writer
    with writing(folder):
        assert (folder / "LOCK").read_text() == f"{os.getpid()}\n"


def test_who_writes_need_not_be_known(folder: Path) -> None:
    with writing(folder):
        (folder / "LOCK").write_text("")
        with pytest.raises(IndexBusy, match=": another process is writing this index"), writing(folder):
            pass


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SuwenError, match="file/tea: cannot be written"), writing(tmp_path / "file" / "tea"):
        pass


def test_an_error_of_the_work_is_not_one_of_the_lock(folder: Path) -> None:
    with pytest.raises(OSError, match="work"), writing(folder):
        raise OSError("work")


def test_a_stop_after_the_switch_keeps_the_generation_in_use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    switch = generations._switch

    def stopped(folder: Path, name: str) -> None:
        switch(folder, name)
        raise KeyboardInterrupt

    monkeypatch.setattr(generations, "_switch", stopped)
    with pytest.raises(KeyboardInterrupt):
        commit(folder, {}, write_files(a=b"new"))
    assert (current(folder) / "a").read_bytes() == b"new"
    assert list(check(current(folder))) == []


@pytest.mark.parametrize("free", range(0, 49, 4))
def test_a_full_disk_leaves_the_old_generation(free: int) -> None:
    with small_disk(128 << 10) as place:
        folder = place / "tea"
        old = again(folder, b"old")
        ballast = place / "ballast"
        with ballast.open("wb", buffering=0) as file:
            while file.write(b"\0" * 4096):
                if shutil.disk_usage(place).free <= free << 10:
                    break
        said = attempt(folder, b"n" * 30000)
        if said:
            assert said == FULL.format(folder)
            assert current(folder) == old
            assert names(folder) == [old.name, "CURRENT", "LOCK"]
        assert bool(said) == (free < 44)
        assert list(check(current(folder))) == []
        ballast.unlink()
        assert (again(folder, b"next") / "a").read_bytes() == b"next"


def test_a_file_too_large_leaves_the_old_generation(folder: Path) -> None:
    old = current(folder)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
        with pytest.raises(SuwenError, match=r"cannot be written \(File too large\)"):
            again(folder, b"n" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert current(folder) == old
    assert names(folder) == [old.name, "CURRENT", "LOCK"]
    assert (again(folder, b"n" * 5000) / "a").stat().st_size == 5000
