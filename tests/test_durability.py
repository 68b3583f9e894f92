"""The benchmark of durability in a small form: every count of what must not happen is zero, and would not be else."""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.bench import durability
from eval.bench.durability.damage import Found, data_files, disturb, flip_all, flip_some, flipped, replaced
from eval.bench.durability.edits import leftovers, state, texts, update
from eval.bench.durability.faults import FAULTS, Fault, Outcome, apart, die, fail
from eval.bench.durability.forking import single_threaded, threads
from eval.bench.durability.killing import Killed, _warm_up, kill, turned_away
from eval.bench.durability.power import Lost, fail_power
from eval.bench.durability.steps import Step, watched
from eval.bench.durability.swapping import Reader, publish, swap
from eval.bench.durability.updating import Updated, build, edit, searched_meanwhile
from rag import disk, generations
from rag.errors import IndexBusy, IndexDamaged
from rag.generations import current, open_manifest
from rag.index import Index
from rag.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc, to tell which file is forced to disk")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index after one update."""
    update(tmp_path / "index", 1)
    return tmp_path / "index"


def test_updates_alternate_between_adding_changing_and_deleting(folder: Path) -> None:
    for number in range(2, 8):
        before, after = texts(number - 1), texts(number)
        assert (len(after) - len(before), before["0.md"] != after["0.md"]) == [(-1, False), (1, False), (0, True)][
            number % 3
        ]
        update(folder, number)
        assert state(folder, (number - 1, number)) == number
        assert state(folder, (number - 1,)) is None
    assert leftovers(folder) == []
    (folder / "x").touch()
    assert leftovers(folder) == ["x"]


def test_a_process_that_forks_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    with single_threaded(_warm_up) as process:
        assert process.submit(threads).result() == 1
    assert (os.environ["OMP_NUM_THREADS"], os.environ.get("OPENBLAS_NUM_THREADS")) == ("7", None)


def test_killed_writers_lose_nothing(tmp_path: Path) -> None:
    told = kill(tmp_path / "index", 40)
    assert (told.kills, told.unreadable, told.wrong, told.left) == (40, 0, 0, 0)
    assert told.updates > 40
    assert told.lock_s < 1


def test_a_second_writer_is_turned_away_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0 < turned_away(folder) < 1
    monkeypatch.setattr(generations, "_sign", lambda lock, text: None)
    with pytest.raises(IndexBusy, match="another process is writing"):
        turned_away(folder)


def test_writers_that_end_at_any_call_lose_nothing(tmp_path: Path) -> None:
    told = apart(die, tmp_path / "index", 9)
    assert told == Outcome(faults=told.faults)
    assert told.faults >= 16


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{each.name}-{len(each.kinds)}-{each.lasts}" for each in FAULTS])
def test_calls_that_fail_leave_the_old_index(tmp_path: Path, fault: Fault) -> None:
    told = fail(tmp_path / "index", fault, every=4)
    assert told == Outcome(faults=told.faults, refused=told.refused)
    assert told.refused >= 3


def test_the_power_may_fail(tmp_path: Path) -> None:
    told = fail_power(tmp_path.resolve(), 60, updates=3)
    assert (told.images, told.bad) == (60, 0)
    assert told.moments > 100


@pytest.mark.parametrize(
    ("name", "instead"), [("sync", lambda folder: None), ("seal", disk.digest_of)], ids=["folders", "files"]
)
def test_what_is_not_forced_to_disk_would_be_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, instead: Callable[[Path], object]
) -> None:
    monkeypatch.setattr(generations, name, instead)
    assert fail_power(tmp_path.resolve(), 60, updates=3).bad > 0


def test_every_flipped_bit_is_found(folder: Path) -> None:
    every = flip_all(folder)
    length = sum(path.stat().st_size for path in (folder / "CURRENT", current(folder) / "manifest.json"))
    assert (every.damages, every.missed) == (8 * length, [])
    some = flip_some(folder, 300)
    assert (some.damages, some.missed) == (300, [])
    assert state(folder, (1,)) == 1  # all is as it was


def test_every_disturbance_is_found(folder: Path, tmp_path: Path) -> None:
    other = update(tmp_path / "other", 2)
    found = disturb(folder, other, lengths=5)
    assert found.missed == []
    assert found.damages > 8 * len(data_files(current(folder)))
    assert state(folder, (1,)) == 1


def test_a_damage_that_is_not_found_would_be_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.generations._is_intact", lambda path, digest: True)
    assert len(flip_some(folder, 10).missed) == 10


def test_damage_is_found_before_anything_is_parsed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = data_files(current(folder))
    parsers = ("numpy.load", "numpy.fromfile", "numpy.frombuffer", "numpy.memmap", "faiss.read_index")
    for parser in (*parsers, *(f"rag.index.{name}.load" for name in ("Corpus", "Dense", "Lexical"))):
        monkeypatch.setattr(parser, lambda *rest, **options: pytest.fail("it was parsed"))
    for path in files:
        with flipped(path, 0), pytest.raises(IndexDamaged, match=f"^{path}: damaged or missing; run: "):
            Index.load(folder)


def test_what_is_damaged_is_mended_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\x01\x02")
    with flipped(path, 15):
        assert path.read_bytes() == b"\x01\x82"
    for what, held in ((b"x", b"x"), (tmp_path / "b", None), (None, None)):
        with replaced(path, what):
            assert (path.read_bytes() if path.exists() else None) == held
        assert path.read_bytes() == b"\x01\x02"
    with replaced(tmp_path / "b", b"x"):
        assert (tmp_path / "b").exists()
    assert not (tmp_path / "b").exists()


def test_readers_never_see_two_generations(tmp_path: Path) -> None:
    told = swap(tmp_path / "index", readers=3, swaps=8)
    assert [(each.errors, each.mixed) for each in told] == [(0, 0)] * 3
    assert all(each.generations >= 2 and each.growth <= 1.2 for each in told)
    assert publish(tmp_path / "index", 10).startswith("000010-")


def test_an_edit_is_quick_and_searching_goes_on(tmp_path: Path) -> None:
    build(tmp_path / "index", 50)
    updated = edit(tmp_path / "index", 50, 1)
    assert list(updated.parts) == ["load", "build", "save"]
    assert 0 < updated.seconds == sum(updated.parts.values()) < 5
    updates, took = searched_meanwhile(tmp_path / "index", 50, range(2, 5))
    assert len(updates) == 3
    assert took
    assert open_manifest(current(tmp_path / "index"))["articles"] == 50
    assert "改过4次" in Index.load(tmp_path / "index").articles["00025.md"].text


def test_every_call_below_the_folder_is_seen(tmp_path: Path) -> None:
    seen: list[Step] = []
    inside = tmp_path / "in"
    inside.mkdir()
    with watched(inside, seen.append):
        (inside / "sub").mkdir()
        with (inside / "sub" / "a").open("w", encoding="utf-8") as file:
            file.write("茶")
        disk.seal(inside / "sub" / "a")
        (inside / "sub" / "a").rename(inside / "b")
        disk.sync(inside)
        disk.remove(inside / "sub")
        (inside / "b").unlink()
        (tmp_path / "c").write_text("elsewhere")
    (inside / "d").write_text("later")
    told = [(step.kind, step.path.relative_to(inside).as_posix()) for step in seen]
    assert [one for one, before in zip(told, [None, *told], strict=False) if one != before] == [
        ("mkdir", "sub"),
        ("create", "sub/a"), ("write", "sub/a"),
        ("open", "sub/a"), ("fsync", "sub/a"), ("open", "sub/a"),
        ("rename", "sub/a"),
        ("open", "."), ("fsync", "."),
        ("list", "sub"), ("rmdir", "sub"),
        ("remove", "b"),
    ]  # fmt: skip
    assert seen[6].to == inside / "b"


def test_a_call_that_is_watched_can_be_made_to_fail(tmp_path: Path) -> None:
    def refuse(step: Step) -> None:
        raise OSError(28, "No space left on device")

    with watched(tmp_path, refuse):
        for call in (tmp_path.joinpath("x").touch, tmp_path.joinpath("x").mkdir, lambda: list(tmp_path.iterdir())):
            with pytest.raises(OSError, match="No space left"):
                call()
    assert list(tmp_path.iterdir()) == []


def test_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(folder: Path, fault: Fault) -> Outcome:
        return Outcome(faults=7, refused=5, wrong=1, unclear=2, left=3, stuck=4)

    def updated(*rest: object) -> Updated:
        return Updated({"load": 0.25, "save": 0.5})

    monkeypatch.setattr(durability, "FAULTS", FAULTS[:1])
    monkeypatch.setattr(durability, "kill", lambda folder, kills: Killed(kills, 1500, 1, 2, 3, 0.0125))
    monkeypatch.setattr(durability, "turned_away", lambda folder: 0.0125)
    monkeypatch.setattr(durability, "apart", lambda die, *rest: Outcome(faults=9, wrong=1, left=2, stuck=3))
    monkeypatch.setattr(durability, "fail", fails)
    monkeypatch.setattr(durability, "fail_power", lambda folder, images: Lost(images, 4, 321))
    monkeypatch.setattr(durability, "flip_some", lambda folder, flips: Found(flips, ["x", "y"]))
    monkeypatch.setattr(durability, "disturb", lambda folder, other: Found(8, []))
    monkeypatch.setattr(durability, "swap", lambda *rest: [Reader(5, 3, 1, 2, 1.5), Reader(6, 2, 0, 1, 1.25)])
    monkeypatch.setattr(durability, "build", lambda *rest: None)
    monkeypatch.setattr(durability, "edit", updated)
    monkeypatch.setattr(durability, "searched_meanwhile", lambda *rest: ([updated()], [0.002, 0.003, 0.001]))
    killed = "index, writer killed 1,000 times within 1,500 updates"
    died = "index, writer ended at each of its calls to the system, twice in a row (9 times)"
    failed = "index, ENOSPC from then on at each of 7 calls of an update, 5 refused"
    swapped = "index, 8 readers through 100 switches, 11 answers"
    edited = "index, 1 of 1,000 articles edited"
    rows = [(row.what, row.ours) for row in durability.rows(Settings())]
    flipped = rows.pop(10)
    assert re.fullmatch(r"index, [\d,]+ bits of CURRENT and the manifest flipped: not found when opened", flipped[0])
    assert flipped[1] == "0"
    assert rows == [
        (f"{killed}: cannot be opened", "1"),
        (f"{killed}: neither as acknowledged nor as in flight", "2"),
        (f"{killed}: leftovers once the next has begun", "3"),
        (f"{killed}: longest wait of the next, s", "0.013"),
        ("index, a second writer is turned away and told who writes, s", "0.013"),
        (f"{died}: neither before nor after the update", "1"),
        (f"{died}: next update fails or leaves something", "5"),
        (f"{failed}: neither before nor after", "1"),
        (f"{failed}: no clear line, leftovers, or next update fails", "9"),
        ("index, 500 power failures among 321 calls: bad images", "4"),
        ("index, 10,000 random bits of the other files flipped: not found when opened", "2"),
        ("index, 8 files cut, swapped, replaced, removed, added: not found when opened", "0"),
        (f"{swapped}: errors", "3"),
        (f"{swapped}: answers of mixed generations", "1"),
        (f"{swapped}: generations seen, the fewest", "2"),
        (f"{swapped}: memory after against before, the most", "1.50x"),
        (f"{edited}, s beside embedding", "0.75 (0.75 to 0.75)"),
        (f"{edited}, s to load", "0.25 (0.25 to 0.25)"),
        (f"{edited}, s to save", "0.5 (0.5 to 0.5)"),
        (f"{edited} while it is searched, s beside embedding", "0.75 (0.75 to 0.75)"),
        (f"{edited}: searches meanwhile, ms", "2 (1 to 3)"),
    ]
