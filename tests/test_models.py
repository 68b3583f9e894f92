import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import catalogue, models
from rag.errors import ModelDamaged, ModelMissing, UsageError
from rag.models import (
    Check,
    Row,
    Stored,
    fingerprint,
    home,
    locate,
    model_fingerprint,
    stored,
    table,
    verify,
    write_receipt,
)
from rag.settings import Settings
from tests.tiny_models import DATA, DIGEST, write_catalogue


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    write_catalogue(tmp_path / "models.toml", "https://nobody")
    monkeypatch.setattr(catalogue, "CATALOGUE", tmp_path / "models.toml")
    catalogue.load_catalogue.cache_clear()
    catalogue.load_hubs.cache_clear()
    yield Settings(models=str(tmp_path / "models"))
    catalogue.load_catalogue.cache_clear()
    catalogue.load_hubs.cache_clear()


def put(settings: Settings, name: str, **files: bytes) -> Path:
    folder = home(name, settings)
    for file, data in files.items():
        path = folder / file.replace("__", "/").replace("_json", ".json").replace("_gguf", ".gguf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    write_receipt(folder, {})
    return folder


def test_nothing_on_disk(settings: Settings) -> None:
    assert verify(settings) == ()
    assert table(settings)[0] == Row("tiny", "gguf", "MIT", 250_000, on_disk=False, measured=True)
    with pytest.raises(ModelMissing, match=r"^tiny is not in .*/models; run: suwen models pull tiny$"):
        locate("tiny", settings)


def test_on_disk(settings: Settings) -> None:
    tiny, pair = (
        put(settings, "tiny", tiny_gguf=DATA),
        put(settings, "pair", config_json=DATA, one__two_json=b"{}"),
    )
    assert locate("tiny", settings) == tiny / "tiny.gguf"
    assert locate("pair", settings) == pair
    assert [row.on_disk for row in table(settings)] == [True, True, False]
    assert verify(settings) == (
        Check("tiny", "tiny.gguf", "ok"),
        Check("pair", "config.json", "ok"),
        Check("pair", "one/two.json", "ok"),
    )


def test_receipt(settings: Settings) -> None:
    folder = put(settings, "tiny", tiny_gguf=DATA, _hidden_json=b"{}")
    (folder / ".cache").touch()
    write_receipt(folder, {})
    assert Stored("tiny.gguf", len(DATA), DIGEST) in stored(folder)
    assert {file.name for file in stored(folder)} == {"tiny.gguf", "_hidden.json"}


def test_one_flipped_bit(settings: Settings) -> None:
    folder = put(settings, "pair", config_json=DATA, one__two_json=b"{}")
    (folder / "config.json").write_bytes(bytes([DATA[0] ^ 1]) + DATA[1:])
    (folder / "one" / "two.json").write_bytes(b"[]")
    assert [check.state for check in verify(settings)] == ["damaged", "damaged"]
    (folder / "config.json").unlink()
    assert [check.state for check in verify(settings)] == ["absent", "damaged"]


def test_catalogue_outweighs_the_receipt(settings: Settings) -> None:
    put(settings, "tiny", tiny_gguf=b"another model")
    assert verify(settings) == (Check("tiny", "tiny.gguf", "damaged"),)


@pytest.mark.parametrize("receipt", ["", "[]", '{"files": [{"name": 1}]}'])
def test_unreadable_receipt(settings: Settings, receipt: str) -> None:
    folder = put(settings, "tiny", tiny_gguf=DATA)
    (folder / "receipt.json").write_text(receipt)
    assert verify(settings) == (Check("tiny", "receipt.json", "damaged"),)
    with pytest.raises(ModelMissing, match="run: suwen models pull tiny"):
        locate("tiny", settings)
    (folder / "receipt.json").unlink()
    assert verify(settings) == (Check("tiny", "receipt.json", "absent"),)


def test_cut_file(settings: Settings) -> None:
    folder = put(settings, "tiny", tiny_gguf=DATA)
    (folder / "tiny.gguf").write_bytes(DATA[:-1])
    with pytest.raises(ModelDamaged, match=r"tiny\.gguf is not whole; run: suwen models pull tiny"):
        locate("tiny", settings)


def test_own_paths(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "config.json").touch()
    (tmp_path / "own.gguf").touch()
    assert locate("own", settings) == Path("own")
    assert locate(str(tmp_path / "own.gguf"), settings) == tmp_path / "own.gguf"
    for path in ("absent.gguf", "./absent", "models.toml"):
        with pytest.raises(ModelMissing, match=f"^{path.removeprefix('./')} is no .gguf file"):
            locate(path, settings)
    with pytest.raises(UsageError, match="no model is called 'absent'; the catalogue has tiny, pair, packed"):
        locate("absent", settings)


def test_fingerprint_is_of_what_shapes_the_embeddings(settings: Settings, tmp_path: Path) -> None:
    folder = put(settings, "pair", config_json=DATA, one__two_json=b"{}")
    two = hashlib.sha256(b"{}").hexdigest()
    lines = "".join(sorted([f"{DIGEST}  config.json\n", f"{two}  one/two.json\n"]))
    assert fingerprint(folder) == hashlib.sha256(lines.encode()).hexdigest()
    (folder / "receipt.json").rename(tmp_path / "receipt.json")
    (folder / "README.md").touch()
    assert fingerprint(folder) == hashlib.sha256(lines.encode()).hexdigest()
    (folder / "one" / "two.json").write_bytes(b"[]")
    assert fingerprint(folder) != hashlib.sha256(lines.encode()).hexdigest()


@pytest.mark.parametrize(
    ("spec", "base_url", "expected"),
    [
        pytest.param("extractive", "", "extractive", id="no-model"),
        pytest.param("openai:gpt-x", "", "openai:gpt-x@https://api.openai.com/v1", id="known-address"),
        pytest.param("ollama:qwen3:4b", "", "ollama:qwen3:4b@http://127.0.0.1:11434/v1", id="colon-in-the-name"),
        pytest.param("openai:m", "http://host:8000/v1", "openai:m@http://host:8000/v1", id="given-address"),
        pytest.param("openai:m", "http://me:secret@host:8/v1?key=secret", "openai:m@http://host:8/v1", id="no-secrets"),
    ],
)
def test_model_fingerprint_without_a_file(spec: str, base_url: str, expected: str) -> None:
    assert model_fingerprint(spec, Settings(base_url=base_url)) == expected


def test_model_fingerprint_of_a_file(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"mine")
    assert model_fingerprint(str(own), settings) == hashlib.sha256(b"mine").hexdigest()
    tiny = put(settings, "tiny", tiny_gguf=DATA)
    assert model_fingerprint(str(tiny / "tiny.gguf"), settings) == DIGEST
    monkeypatch.setattr(models, "digest_of", None)  # the receipt of a catalogue model says it
    assert model_fingerprint("tiny", settings) == DIGEST


def test_model_fingerprint_of_none(settings: Settings) -> None:
    with pytest.raises(ModelMissing, match="suwen models pull tiny"):
        model_fingerprint("tiny", settings)
    with pytest.raises(UsageError, match="no language model 'nobody:m'"):
        model_fingerprint("nobody:m", settings)
    put(settings, "pair", config_json=DATA, one__two_json=b"{}")
    with pytest.raises(UsageError, match="pair is no language model"):
        model_fingerprint("pair", settings)
