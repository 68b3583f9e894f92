"""Whatever happens to the files of a generation is found before anything of it is used."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rag import generations
from rag.errors import IndexDamaged
from rag.generations import check, current, open_manifest
from tests.test_generations import again, first


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return first(tmp_path / "tea")


@pytest.mark.parametrize(
    "name", ["", "000001", "../x", "000009-0123456789abcdef", "000001-0123456789ABCDEF", "{}\n", "{} ", "{}/", "./{}"]
)
def test_current_names_no_generation(folder: Path, name: str) -> None:
    (folder / "CURRENT").write_text(name.format(current(folder).name))
    with pytest.raises(IndexDamaged, match=r"CURRENT: names no generation of this index; run: .* --rebuild"):
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


def away(path: Path) -> None:
    """Put the same content elsewhere, and a link to it in its place."""
    path.rename(path.parents[2] / "elsewhere")
    path.symlink_to(path.parents[2] / "elsewhere")


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        pytest.param(lambda path: (path / "a").write_bytes(b""), "a", id="emptied"),
        pytest.param(lambda path: (path / "a").write_bytes(b"on"), "a", id="cut"),
        pytest.param(lambda path: (path / "a").write_bytes(b"one\0"), "a", id="longer"),
        pytest.param(lambda path: (path / "a").unlink(), "a", id="missing"),
        pytest.param(lambda path: shutil.rmtree(path / "sub"), "sub/b", id="missing folder"),
        pytest.param(lambda path: (path / "sub/c").write_bytes(b"x"), "sub/c", id="extra"),
        pytest.param(lambda path: (path / "a").rename(path / "c"), "a", id="renamed"),
        pytest.param(lambda path: (path / "a").replace(path / "sub/b"), "a", id="moved over another"),
        pytest.param(lambda path: away(path / "a"), "a", id="a link out"),
        pytest.param(lambda path: away(path / "sub"), "sub", id="a folder that is a link out"),
        pytest.param(lambda path: away(path / "manifest.json"), "manifest.json", id="a manifest that is a link out"),
        pytest.param(lambda path: (path / "sub/link").symlink_to("b"), "sub/link", id="a link more"),
        pytest.param(lambda path: os.mkfifo(path / "pipe"), "pipe", id="a pipe more"),
        pytest.param(lambda path: (path / "manifest.json").unlink(), "manifest.json", id="no manifest"),
        pytest.param(lambda path: (path / "manifest.json").write_bytes(b""), "manifest.json", id="empty manifest"),
    ],
)
def test_damage_is_named(folder: Path, damage: Callable[[Path], Any], named: str) -> None:
    generation = current(folder)
    damage(generation)
    assert next(check(generation)) == named
    with pytest.raises(
        IndexDamaged, match=f"^{generation / named}: damaged or missing; run: suwen index PATH --rebuild$"
    ):
        open_manifest(generation)


def test_a_file_that_cannot_be_read_is_damaged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> str:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(generations, "digest_of", fail)
    assert list(check(current(folder))) == ["a", "sub/b"]


def test_a_generation_that_is_a_link_is_none(folder: Path) -> None:
    away(current(folder) / "manifest.json")  # two levels up is the folder's own parent
    generation = current(folder)
    generation.rename(folder.parent / generation.name)
    generation.symlink_to(folder.parent / generation.name)
    with pytest.raises(IndexDamaged, match="CURRENT: names no generation"):
        current(folder)


def test_all_that_is_damaged_is_named(folder: Path) -> None:
    one, other = current(folder) / "a", current(folder) / "sub/b"
    one.rename(folder / "aside")
    other.rename(one)
    (folder / "aside").rename(other)  # swapped
    assert list(check(current(folder))) == ["a", "sub/b"]
