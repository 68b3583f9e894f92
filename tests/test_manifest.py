import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from eval.bench.scripted import MANIFEST
from eval.gold import Gold
from eval.runs import manifest
from eval.runs.cache import Cache
from eval.runs.run import ask_gold, start
from rag.errors import UsageError
from rag.pipeline import Pipeline
from rag.records import Json
from rag.settings import PROMPTS, ROOT
from tests.runs import questions, reply

GOLD = [Gold("q1", "厂长是谁？", True, "single-fact", facts=(("李梅",),), article="tea.md")]


def test_everything_that_can_change_an_answer_is_in_it(pipeline: Callable[..., Pipeline], tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    asking = pipeline("李梅。")
    described = manifest.describe(asking, "abc", GOLD, [path])
    assert described["model"] == {"spec": "scripted", "fingerprint": "abc"}
    assert described["embedder"] == {"name": "hash", "fingerprint": "hash-2"}
    assert described["index"] == {"name": asking.index.name, "generation": asking.index.generation}
    assert described["gold"] == [{"path": str(path), "sha256": manifest.digest([path])}]
    assert described["data_sha256"] == manifest.questions_digest(GOLD)
    prompts = [PROMPTS / f"{task}.{language}.txt" for task in manifest.TASKS for language in ("en", "zh")]
    assert described["prompts_sha256"] == manifest.digest(sorted(prompts))
    assert described["recording_sha256"] == manifest.digest([ROOT / "eval" / "runs" / "recording.py"])
    assert described["packages"] == {name: version(name) for name in manifest.PACKAGES}
    assert {"torch", "sentence-transformers", "faiss-cpu", "opencc", "xllamacpp"} <= described["packages"].keys()
    assert described["threads"] == os.cpu_count()
    assert described["settings"]["llm"] == "scripted"
    assert set(manifest.RESUMED) - {"repeat"} <= described.keys()


def test_threads_are_those_set(pipeline: Callable[..., Pipeline]) -> None:
    asking = pipeline("李梅。")
    asking.settings = replace(asking.settings, threads=3)
    described = manifest.describe(asking, "", GOLD, [])
    assert (described["threads"], described["machine"]["cores"]) == (3, 3)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"packages": {"torch": "3.0"}}, r"packages\.torch: 2.0 there, 3.0 now"),
        ({"threads": 3}, "threads: 2 there, 3 now"),
        ({"recording_sha256": "b"}, "recording_sha256: a there, b now"),
    ],
    ids=["package", "threads", "recording"],
)
def test_a_run_of_other_packages_is_neither_gone_on_with_nor_answered_from(
    tmp_path: Path, changed: dict[str, object], told: str
) -> None:
    gold, cache, asked = questions(1), Cache(tmp_path / "cache.sqlite"), Counter[str]()
    before = {**MANIFEST, "packages": {"torch": "2.0"}, "threads": 2, "recording_sha256": "a"}

    def ask(each: Gold) -> Json:
        asked[each.id] += 1
        return reply(each, "+")

    for name, about in (("one", before), ("same", before), ("other", {**before, **changed})):
        start(tmp_path / name, about, gold)
        ask_gold(tmp_path / name, gold, ask, cache, lambda done, total: None)
    assert asked == {"q0": 2}  # for one and for other
    with pytest.raises(UsageError, match=told):
        start(tmp_path / "one", {**before, **changed}, gold)
    cache.close()


def test_questions_with_their_own_passages_need_no_index(pipeline: Callable[..., Pipeline]) -> None:
    gold = [replace(GOLD[0], article="", passages=("厂长是李梅。",))]
    assert manifest.describe(pipeline("李梅。"), "", gold, [])["index"] is None


def test_no_key_is_written_down(pipeline: Callable[..., Pipeline], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUWEN_API_KEY", "secret-key")
    assert "secret-key" not in str(manifest.describe(pipeline("李梅。"), "", GOLD, []))


def test_a_digest_changes_with_content_and_with_names(tmp_path: Path) -> None:
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    one.write_text("a", encoding="utf-8")
    before = manifest.digest([one])
    one.write_text("b", encoding="utf-8")
    assert manifest.digest([one]) != before
    one.write_text("a", encoding="utf-8")
    assert manifest.digest([one]) == before
    shutil.move(one, other)
    assert manifest.digest([other]) != before


@pytest.mark.parametrize(
    "changed",
    [
        replace(GOLD[0], question="谁是厂长？"),
        replace(GOLD[0], facts=(("王芳",),)),
        replace(GOLD[0], id="q2"),
    ],
    ids=["question", "facts", "id"],
)
def test_the_digest_of_questions_covers_what_is_asked_and_what_is_right(changed: Gold) -> None:
    assert manifest.questions_digest([changed]) != manifest.questions_digest(GOLD)


def test_differences_are_told_with_what_each_says() -> None:
    one = {"a": 1, "b": 2, "model": {"spec": "x", "fingerprint": "1"}, "settings": {"llm": "x", "threads": 2}}
    other = {"a": 1, "b": 3, "model": {"spec": "y", "fingerprint": "1"}, "settings": {"llm": "x", "index": "i"}}
    assert manifest.differences(one, other, ["a", "b", "c", "model", "settings"]) == {
        "b": ("2", "3"),
        "model": ("x, 1", "y, 1"),
        "settings.threads": ("2", "None"),
        "settings.index": ("None", "i"),
    }
    assert manifest.differences(one, {**one, "settings": None}, ["settings"]).keys() == {
        "settings.llm", "settings.threads",
    }  # fmt: skip


def test_code_outside_a_checkout_has_no_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert (ROOT / "rag").is_dir()
    monkeypatch.setattr(manifest, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert manifest._git("rev-parse", "HEAD") == ""
