"""Disks and processes that are really at their limits; what is deleted is really gone; one line says what is wrong."""

import json
import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from eval.bench.durability.edits import leftovers, state, update
from eval.bench.durability.faults import FAULTS, Fault
from eval.bench.durability.steps import Step, watched
from rag.errors import IndexDamaged, SuwenError
from rag.generations import check, current, opening, writing
from rag.index import Index
from tests.commandline import line
from tests.conftest import TEA
from tests.small_disk import small_disk
from ui.cli import main


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be somebody to whom permissions mean something."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@contextmanager
def files_left(count: int) -> Iterator[None]:
    """Leave this process that many files to open."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as held:
        highest = max(map(int, os.listdir("/proc/self/fd")))
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1 + count, limits[1]))
        try:
            taken = []
            while True:
                try:
                    taken.append(os.open("/dev/null", os.O_RDONLY))
                except OSError:
                    break
            assert len(taken) >= count
            for handle in taken[:count]:
                os.close(handle)
            for handle in taken[count:]:
                held.callback(os.close, handle)
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_process_without_files_to_open_leaves_the_old_index(tmp_path: Path) -> None:
    folder, done, refused = tmp_path / "index", 1, 0
    update(folder, done)
    update(folder, done := 2)  # all that is imported when used has been
    for free in range(1, 7):
        said = ""
        try:
            update(folder, done + 1, lambda: files_left(free))  # noqa: B023
            done += 1
        except SuwenError as error:
            said = str(error)
            refused += 1
        assert ("Too many open files" in said, "\n" in said) == (bool(said), False)
        assert state(folder, (done,)) == done
        update(folder, done := done + 1)
        assert leftovers(folder) == []
    assert 1 <= refused < 6


def test_too_many_open_files_are_no_damage(tmp_path: Path) -> None:
    generation = update(tmp_path / "index", 1)
    said = rf"{generation}/manifest.json: cannot be read \(Too many open files\); mend that, or run: "
    with files_left(1), pytest.raises(IndexDamaged, match=said):
        Index.load(tmp_path / "index")
    with files_left(1), opening(tmp_path / "index") as opened, pytest.raises(OSError, match="Too many open files"):
        list(check(opened))
    assert state(tmp_path / "index", (1,)) == 1


def test_a_read_only_disk(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with small_disk(4 << 20) as place:
        folder = place / "tea"
        assert main(["index", "docs", "--index", str(folder)]) == 0
        before = current(folder)
        (here / "docs" / "tea.md").write_text("新的茶。", encoding="utf-8")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        capsys.readouterr()
        assert main(["index", "docs", "--index", str(folder)]) == 1
        line(capsys, rf"{folder}: cannot be written \(Read-only file system\); check permissions and space, or .*")
        assert main(["verify", "--index", str(folder)]) == 0
        assert main(["ask", "厂长是谁？", "--index", str(folder)]) == 0
        assert "李梅" in capsys.readouterr().out
        subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)
        assert main(["index", "docs", "--index", str(folder)]) == 0
        assert leftovers(folder) == []
        assert current(folder) != before


def test_a_full_disk_is_one_line_and_status_1(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with small_disk(384 << 10) as place:
        folder = place / "tea"
        assert main(["index", "docs", "--index", str(folder)]) == 0
        before = current(folder)
        (here / "docs" / "long.md").write_text("".join(f"第{each}句。" for each in range(20000)), encoding="utf-8")
        capsys.readouterr()
        assert main(["index", "docs", "--index", str(folder)]) == 1
        said = capsys.readouterr().err.splitlines()[-1]
        assert said.startswith(f"suwen: {folder}: cannot be written (No space left on device); the index is as it was")
        assert (current(folder), leftovers(folder)) == (before, [])
        (here / "docs" / "long.md").write_text("短。", encoding="utf-8")
        assert main(["index", "docs", "--index", str(folder)]) == 0


@pytest.mark.parametrize("place", [1, 5])
@pytest.mark.parametrize("fault", FAULTS, ids=[f"{each.name}-{len(each.kinds)}-{each.lasts}" for each in FAULTS])
def test_the_command_says_one_line_whatever_fails(
    indexed: Path, here: Path, capsys: pytest.CaptureFixture[str], fault: Fault, place: int
) -> None:
    (here / "docs" / "tea.md").write_text(TEA.replace("李梅", "王芳"), encoding="utf-8")
    steps: list[Step] = []

    def act(step: Step) -> None:
        if (indexed / ".new").exists() and step.kind in fault.kinds:
            steps.append(step)
            if len(steps) == place or (len(steps) > place and fault.lasts):
                raise OSError(fault.error, os.strerror(fault.error))

    with watched(indexed, act):
        status = main(["index", "docs"])
    said = capsys.readouterr().err
    assert (status, said.count("\n")) == (1, 1), said
    assert os.strerror(fault.error) in said
    assert main(["ask", "厂长是谁？"]) == 0
    assert main(["index", "docs"]) == 0
    assert leftovers(indexed) == []


def test_no_permission() -> None:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)  # the way to it is free
        folder = Path(place) / "index"
        update(folder, 1)
        update(folder, 2)
        folder.chmod(0o555)
        (folder / "LOCK").chmod(0o444)
        with unprivileged():
            with pytest.raises(SuwenError, match=r"index: cannot be written \(Permission denied\)"), writing(folder):
                pass
            assert state(folder, (2,)) == 2
        (current(folder) / "manifest.json").chmod(0)
        with unprivileged(), pytest.raises(IndexDamaged, match=r"manifest.json: cannot be read \(Permission denied\)"):
            Index.load(folder)
        folder.chmod(0)
        with unprivileged(), pytest.raises(IndexDamaged, match=r"CURRENT: cannot be read \(Permission denied\)"):
            Index.load(folder)
        folder.chmod(0o755)


def holds(folder: Path, *texts: str) -> set[str]:
    """Return those texts that stand somewhere below a folder, as they are or escaped as JSON may have them."""
    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return {each for each in texts if each.encode() in held or json.dumps(each)[1:-1].encode() in held}


def test_a_deleted_article_is_gone_from_the_disk(indexed: Path, here: Path) -> None:
    secret, told = here / "docs" / "secret.md", ("魑魅魍魉", "魑魅", "魍魉", "secret.md")
    secret.write_text("# 机密\n\n魑魅魍魉。\n", encoding="utf-8")
    assert main(["index", "docs"]) == 0
    assert "魑魅魍魉" in holds(indexed, *told)
    secret.unlink()
    assert main(["index", "docs"]) == 0
    assert holds(indexed, *told) == set()


def test_a_reader_may_delay_it_until_the_next_run(indexed: Path, here: Path) -> None:
    with opening(indexed):
        (here / "docs" / "bridge.md").unlink()
        assert main(["index", "docs"]) == 0
        assert holds(indexed, "Ada Moore") == {"Ada Moore"}
    assert main(["index", "docs"]) == 0  # nothing changed, and yet
    assert holds(indexed, "Ada Moore", "moore", "bridge.md") == set()
