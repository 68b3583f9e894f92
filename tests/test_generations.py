import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from rag import generations
from rag.errors import IndexBusy, IndexDamaged, IndexMissing, SuwenError
from rag.generations import check, commit, current, open_manifest, writing
from tests.small_disk import small_disk

ROOT = Path(__file__).parent.parent


def write_files(**files: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for name, content in files.items():
            path = folder / name.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)

    return write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index folder with one generation of two files."""
    with writing(tmp_path / "tea"):
        commit(tmp_path / "tea", {"schema": 1}, write_files(a=b"one", sub__b=b"two"))
    return tmp_path / "tea"


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
    first, second = current(folder), again(folder, b"x")
    for number, generation in ((1, first), (2, second)):
        digest = hashlib.sha256((generation / "manifest.json").read_bytes()).hexdigest()
        assert generation.name == f"{number:06}-{digest[:16]}"
    assert (folder / "CURRENT").read_bytes() == second.name.encode()


def test_the_same_content_has_the_same_digest(folder: Path) -> None:
    assert again(folder, b"x").name[7:] == again(folder, b"x").name[7:] != again(folder, b"y").name[7:]


def test_two_generations_are_kept(folder: Path) -> None:
    made = [again(folder, bytes([number])) for number in range(4)]
    assert sorted(path.name for path in folder.iterdir()) == sorted(["CURRENT", "LOCK", made[-2].name, made[-1].name])


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


@pytest.mark.parametrize("name", ["", "000001", "../x", "000009-0123456789abcdef", "000001-0123456789ABCDEF"])
def test_current_names_no_generation(folder: Path, name: str) -> None:
    (folder / "CURRENT").write_text(name)
    with pytest.raises(IndexDamaged, match=r"CURRENT: names no generation of this index; run: .* --rebuild"):
        current(folder)


def test_current_cannot_be_read(folder: Path) -> None:
    (folder / "CURRENT").unlink()
    (folder / "CURRENT").mkdir()
    with pytest.raises(IndexDamaged, match="CURRENT: cannot be read"):
        current(folder)


def bits(content: bytes) -> Iterator[bytes]:
    for bit in range(len(content) * 8):
        yield content[: bit // 8] + bytes([content[bit // 8] ^ 1 << bit % 8]) + content[bit // 8 + 1 :]


def test_every_flipped_bit_of_current_is_found(folder: Path) -> None:
    again(folder, b"x")  # another generation that it could name
    path = folder / "CURRENT"
    for flipped in list(bits(path.read_bytes())):
        path.write_bytes(flipped)
        with pytest.raises(IndexDamaged, match="CURRENT"):
            current(folder)


def test_every_flipped_bit_of_the_manifest_is_found(folder: Path) -> None:
    generation = current(folder)
    path = generation / "manifest.json"
    for flipped in list(bits(path.read_bytes())):
        path.write_bytes(flipped)
        assert list(check(generation)) == ["manifest.json"]


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        pytest.param(lambda path: (path / "a").write_bytes(b""), "a", id="emptied"),
        pytest.param(lambda path: (path / "a").write_bytes(b"on"), "a", id="cut"),
        pytest.param(lambda path: (path / "a").write_bytes(b"one\0"), "a", id="longer"),
        pytest.param(lambda path: (path / "a").unlink(), "a", id="missing"),
        pytest.param(lambda path: shutil.rmtree(path / "sub"), "sub/b", id="missing folder"),
        pytest.param(lambda path: (path / "sub/c").write_bytes(b"x"), "sub/c", id="extra"),
        pytest.param(lambda path: (path / "manifest.json").unlink(), "manifest.json", id="no manifest"),
        pytest.param(lambda path: (path / "manifest.json").write_bytes(b""), "manifest.json", id="empty manifest"),
    ],
)
def test_damage_is_named(folder: Path, damage: Callable[[Path], Any], named: str) -> None:
    generation = current(folder)
    damage(generation)
    assert list(check(generation)) == [named]
    with pytest.raises(
        IndexDamaged, match=f"^{generation / named}: damaged or missing; run: suwen index PATH --rebuild$"
    ):
        open_manifest(generation)


def test_a_file_that_cannot_be_read_is_damaged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> str:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(generations, "_digest", fail)
    assert list(check(current(folder))) == ["a", "sub/b"]


def test_a_second_writer_is_refused_at_once(folder: Path) -> None:
    with writing(folder), pytest.raises(IndexBusy, match="another process is writing this index"):
        with writing(folder):
            pass
    with writing(folder):  # freed
        pass


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SuwenError, match="file/tea: cannot be written"), writing(tmp_path / "file" / "tea"):
        pass


def test_an_error_of_the_work_is_not_one_of_the_lock(folder: Path) -> None:
    with pytest.raises(OSError, match="work"), writing(folder):
        raise OSError("work")


@pytest.mark.parametrize("call", ["fsync", "mkdir", "rename", "replace"])
def test_a_failing_call_leaves_the_old_generation(folder: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Each time one call of the system fails: the first, the second, and so on until none is left to fail."""
    old, owner = current(folder), os if call == "fsync" else Path
    works = getattr(owner, call)
    for failing in range(20):
        calls = iter(range(20))

        def maybe(*arguments: Any, calls: Iterator[int] = calls, failing: int = failing, **options: Any) -> Any:
            if next(calls) == failing:
                raise OSError(28, "No space left on device")
            return works(*arguments, **options)

        monkeypatch.setattr(owner, call, maybe)
        said = attempt(folder, b"new")
        monkeypatch.undo()
        if not said:
            break
        assert said.startswith(f"{folder}: cannot be written (No space left on device); ")
        readable = current(folder)
        assert list(check(readable)) == []
        assert sorted(path.name for path in folder.iterdir()) == sorted({"CURRENT", "LOCK", old.name, readable.name})
    assert failing >= 1
    assert (current(folder) / "a").read_bytes() == b"new"


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


WRITER = """
import sys
from pathlib import Path
from rag.generations import commit, writing
folder = Path(sys.argv[1])
def write(to):
    for name in "abc":
        (to / name).write_bytes(str(number).encode() * 1000)
with writing(folder):
    print("ready", flush=True)
    for number in range(int(sys.argv[2]), 10**9):
        commit(folder, {"number": number}, write)
        print(number, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_it_had_reported(folder: Path) -> None:
    moments = random.Random(7)
    done, reported = 0, 0
    for _ in range(20):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), str(done + 1)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
        with suppress(subprocess.TimeoutExpired):
            writer.wait(moments.uniform(0, 0.15))
        writer.kill()
        reported = max([done, *(int(line) for line in writer.communicate()[0].split("\n")[:-1])])
        generation = current(folder)
        manifest = open_manifest(generation)
        done = manifest.get("number", 0)
        assert reported <= done <= reported + 1
        assert len({(generation / name).read_bytes() for name in manifest["files"]}) <= 2 - bool(done)
    assert done > 0, "the writer was never killed at work"
    again(folder, b"last")  # the lock is free, and what was left behind goes
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    assert len([path for path in folder.iterdir() if path.is_dir()]) == 2


@pytest.mark.parametrize("free", range(0, 41, 4))
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
            assert sorted(path.name for path in folder.iterdir()) == [old.name, "CURRENT", "LOCK"]
        assert bool(said) == (free < 40)
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
    assert sorted(path.name for path in folder.iterdir()) == [old.name, "CURRENT", "LOCK"]
    assert (again(folder, b"n" * 5000) / "a").stat().st_size == 5000
