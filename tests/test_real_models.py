"""The whole line on real models: a real Qwen and a real embedder, as a user has them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from eval.gold import read_gold
from eval.measures.facts import contains_fact
from rag.errors import ModelError
from rag.llm import EXTRACTIVE, Message, OpenAICompatible
from rag.pipeline import Pipeline
from rag.records import Answer, Passages, Question
from rag.settings import ROOT, Settings
from tests.conftest import on_disk
from ui.cli import main
from ui.doctor import offline_proof

pytestmark = pytest.mark.models

SMALL, DEFAULT = "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"
GOLD = read_gold(sorted((ROOT / "eval" / "gold").glob("*.jsonl"))).items
SERVER = """
import sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.api_keys, params.port, params.n_ctx = sys.argv[1], [sys.argv[2]], 0, 4096
params.verbosity = -1
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    on_disk(Settings().embedder)
    return Settings(indexes=str(tmp_path_factory.mktemp("indexes")), llm=DEFAULT)


@pytest.fixture(scope="module")
def sample(settings: Settings) -> Pipeline:
    """The sample articles, indexed through the command line."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SUWEN_INDEXES", settings.indexes)
        assert main(["index", str(ROOT / "eval" / "articles")]) == 0
        assert main(["verify"]) == 0
    return Pipeline.open(settings)


def assert_exact(answer: Answer, pipeline: Pipeline) -> None:
    for citation in answer.citations:
        assert pipeline.article(citation.article).text[citation.start : citation.end] == citation.quote
        assert f"[{citation.marker}]" in answer.text


def test_every_gold_question_is_answered_with_exact_citations(sample: Pipeline) -> None:
    answers = [sample.ask(gold.ask(), EXTRACTIVE) for gold in GOLD]
    assert sum(len(answer.citations) for answer in answers) >= len(GOLD)
    for answer in answers:
        assert_exact(answer, sample)


def test_the_evidence_of_single_facts_is_found(sample: Pipeline) -> None:
    single = [gold for gold in GOLD if gold.category == "single-fact"]
    found = [
        all(
            any(quote in hit.text for hit in sample.search(gold.question, 5) for quote in quotes)
            for quotes in gold.evidence
        )
        for gold in single
    ]
    assert sum(found) / len(found) >= 0.9


def test_a_real_qwen_answers_and_cites(sample: Pipeline) -> None:
    on_disk(DEFAULT)
    answer = sample.ask(Question("千问App改版上线后多少天月活突破3000万？"), strict=True)
    assert contains_fact(answer.text, ["23天"])
    assert any("23天" in citation.quote for citation in answer.citations)
    assert answer.usage.completion_tokens > 0
    assert_exact(answer, sample)


def test_the_same_question_gets_the_same_answer(sample: Pipeline) -> None:
    on_disk(SMALL)
    first, second = (sample.ask(Question("吴嘉现在向谁汇报？"), SMALL, strict=True) for _ in range(2))
    assert (first.text, first.citations) == (second.text, second.citations)


def test_the_seed_article_is_indexed_and_asked(settings: Settings, shared: Path) -> None:
    on_disk(DEFAULT)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SUWEN_INDEXES", settings.indexes)
        assert main(["index", str(shared / "seed" / "article.txt"), "--index", "seed"]) == 0
    pipeline = Pipeline.open(replace(settings, index="seed"))
    answer = pipeline.ask(Question("2025年第三季度拼多多的现金储备是多少？"), strict=True)
    assert contains_fact(answer.text, ["4238亿"])
    assert any("4238亿元" in citation.quote for citation in answer.citations)
    assert_exact(answer, pipeline)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A real OpenAI-compatible server in another process, and its address."""
    command = [sys.executable, "-c", SERVER, str(on_disk(SMALL)), "the-key"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip() + "/v1"
        process.kill()


def remote(sample: Pipeline, base_url: str) -> Pipeline:
    return Pipeline.open(replace(sample.settings, llm="openai:qwen", base_url=base_url, timeout=60.0))


def test_the_api_path_streams_from_a_real_server(
    sample: Pipeline, server: tuple[subprocess.Popen[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUWEN_API_KEY", "the-key")
    events = list(remote(sample, server[1]).stream(Question("谁领军千问C端事业群？"), strict=True))
    assert isinstance(events[0], Passages)
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.model == "openai:qwen"
    assert answer.usage.prompt_tokens > 100
    assert_exact(answer, sample)


def test_a_real_server_refuses_a_wrong_key(
    sample: Pipeline, server: tuple[subprocess.Popen[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUWEN_API_KEY", "another-key")
    asking = remote(sample, server[1])
    with pytest.raises(ModelError, match="refused the API key"):
        asking.ask(Question("谁领军千问C端事业群？"), strict=True)
    answer = asking.ask(Question("谁领军千问C端事业群？"))
    assert "refused the API key" in answer.note
    assert answer.citations
    assert "another-key" not in json.dumps(answer.to_json())


def test_a_server_killed_in_the_middle_is_one_line_and_then_answered_for(
    sample: Pipeline, server: tuple[subprocess.Popen[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUWEN_API_KEY", "the-key")
    model = OpenAICompatible("openai:qwen", "qwen", server[1], "the-key", timeout=60.0)
    stream = model.stream([Message("user", "从1数到200，每个数一行。")], max_tokens=400)
    next(stream)
    os.kill(server[0].pid, signal.SIGKILL)
    with pytest.raises(ModelError, match="broke off"):
        list(stream)

    answer = remote(sample, server[1]).ask(Question("谁领军千问C端事业群？"))
    assert answer.model == EXTRACTIVE
    assert "cannot be reached" in answer.note
    assert answer.citations
    assert_exact(answer, sample)


def test_nothing_leaves_this_machine(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    on_disk(SMALL)
    assert offline_proof(replace(settings, llm=SMALL)) == 0
    assert capsys.readouterr().out.count("connections that leave this machine: 0") == 3
