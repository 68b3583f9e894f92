"""Planted regressions, through the real answer path and the command line: each is found, and by its own metric.

The model is scripted: it reads the prompt, and answers a gold question with the gold evidence that it finds there.
"""

import json
import os
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from eval.gold import Gold, read_gold, write_gold
from eval.pages.page import both
from eval.pages.wording import NAMES
from rag.embedding import HashEmbedder
from rag.language import language_of
from rag.llm import Message
from rag.prompt import REFUSAL
from rag.records import Usage
from tests.commandline import ROOT
from ui import evaluating
from ui.cli import main

# every other question of both sample sets that a model is asked, and not arithmetic: about 80, of which more than one
# in four cannot be answered
QUESTIONS: Mapping[str, Gold] = {
    gold.question: gold
    for gold in read_gold(sorted((ROOT / "eval" / "gold").glob("*.jsonl"))).items[::2]
    if gold.category != "comparison"
}
CLOSING = {"zh": "希望这对您有所帮助，祝您生活愉快！", "en": " Have a wonderful day and enjoy!"}


class Reader:
    """Answers with the gold evidence in the prompt, each sentence marked, and refuses where there is none."""

    name = "reader"

    def __init__(self, mark: str = "[{}]", *, polite: bool = False, timid: bool = False) -> None:
        self._mark = mark
        self._polite = polite
        self._timid = timid

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, fresh: bool = False
    ) -> Generator[str, None, Usage]:
        del max_tokens, fresh
        prompt = messages[-1].text
        question = re.findall(r"^(?:问题：|Question: )(.+)$", prompt, re.MULTILINE)[-1]
        numbers = {text: number for number, text in re.findall(r"^\[(\d+)\] (.+)$", prompt, re.MULTILINE)}
        shown = [quotes[0] for quotes in QUESTIONS[question].evidence if quotes[0] in numbers]
        language = language_of(question)
        if self._timid or not shown:
            yield REFUSAL[language]
        else:
            for text in shown:
                yield f"{text[:-1]}{self._mark.format(numbers[text])}{text[-1]} "
            yield CLOSING[language] if self._polite else ""
        return Usage(len(prompt), 0, 1)


MODELS: Mapping[str, Reader] = {
    "base": Reader(),
    "again": Reader(),
    "unmarked": Reader(""),
    "invented": Reader("[999]"),
    "confused": Reader("[1]"),
    "uncited": Reader(""),
    "polite": Reader(polite=True),
    "narrow": Reader(),
    "timid": Reader(timid=True),
}
# No setting does either: the answer path looks for support itself, and takes as many passages as its budget allows.
PLANTED: Mapping[str, Mapping[str, object]] = {
    "uncited": {"rag.citations.Citer._resolve": lambda citer, words, named: ()},
    "narrow": {"rag.pipeline.CONSIDERED": 1},
}
REGRESSIONS = [  # a run, and a gate that must fail it
    ("uncited", "worse(citation_recall)"),
    ("polite", "worse(citation_recall)"),
    ("narrow", "worse(recall@5)"),
    ("narrow", "worse(right)"),
    ("timid", "worse(right_answerable)"),
    ("timid", "worse(false_refusals)"),
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the runs of all of ``MODELS``."""
    folder = tmp_path_factory.mktemp("regressions")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in [each for each in os.environ if each.startswith("SUWEN_")]:
            patch.delenv(name)
        patch.setenv("SUWEN_INDEXES", str(folder / "indexes"))
        patch.setattr("rag.embedding.open_embedder", lambda settings: HashEmbedder())
        patch.setattr("rag.pipeline.open_embedder", lambda settings: HashEmbedder())
        patch.setattr("rag.pipeline.open_model", lambda settings, spec, locate: MODELS[spec.removeprefix("ollama:")])
        patch.setattr(evaluating, "CACHE", folder / "cache.sqlite")
        assert main(["index", str(ROOT / "eval" / "articles")]) == 0
        write_gold(folder / "gold.jsonl", QUESTIONS.values())
        for name in MODELS:
            with pytest.MonkeyPatch.context() as planted:
                for target, value in PLANTED.get(name, {}).items():
                    planted.setattr(target, value)
                assert main(["eval", "run", "gold.jsonl", "--out", name, "--llm", f"ollama:{name}", "--yes"]) == 0
        yield folder


def compare(run: str, *gates: str) -> int:
    """Compare a run with the baseline; the page is in ``page.html``, the block in ``pr.md``."""
    conditions = [word for gate in gates for word in ("--fail-if", gate)]
    return main(["eval", "compare", "base", run, *conditions, "--html", "page.html", "--markdown", "pr.md"])


def answers(run: str) -> list[tuple[str, object]]:
    lines = Path(run, "answers.jsonl").read_text(encoding="utf-8").splitlines()
    return [(row["answer"], row["citations"]) for row in map(json.loads, lines)]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(("run", "gate"), REGRESSIONS)
def test_a_planted_regression_is_found(run: str, gate: str, capsys: pytest.CaptureFixture[str]) -> None:
    metric = re.sub(r"worse\((.+)\)", r"\1", gate)
    assert compare(run, gate, "worse(refused_unanswerable)") == 1
    out = capsys.readouterr().out
    failed = re.search(rf"^(FAIL  {re.escape(gate)}: (\S+) to (\S+), p (\S+), \d+ questions)$", out, re.MULTILINE)
    assert failed, out
    before, after, p = map(float, failed.groups()[1:])
    assert (after > before) == (metric == "false_refusals")
    assert p < 0.01
    assert "\npass  worse(refused_unanswerable): 1.000 to 1.000, p 1, 24 questions\n" in out
    assert re.search(rf"^{re.escape(metric)}  .* ▼ worse$", out, re.MULTILINE)
    block = Path("pr.md").read_text(encoding="utf-8")
    assert f"\n- {failed[1]}\n" in block
    assert re.search(rf"^\| {re.escape(metric)} \|.* \| ▼ worse \|$", block, re.MULTILINE)
    page = Path("page.html").read_text(encoding="utf-8")
    row = re.escape(f'<tr class="worse"><th scope="row">{both(*NAMES[metric])}')
    assert re.search(rf"{row}.*{re.escape(both('变差', 'worse'))}</td></tr>$", page, re.MULTILINE)
    gated = re.escape(f"{both('未过', 'failed')}</span><div><code>{gate}</code>")
    assert re.search(rf"{gated}.*{re.escape(f'{failed[2]} to {failed[3]}, p {failed[4]}')}", page)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("gate", sorted({gate for _, gate in REGRESSIONS}))
def test_the_same_gates_pass_where_nothing_changed(gate: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare("again", gate) == 0
    assert re.search(
        rf"^pass  {re.escape(gate)}: (\S+) to \1, p 1, \d+ questions$", capsys.readouterr().out, re.MULTILINE
    )
    assert f"{len(QUESTIONS)} questions compared: 0 became right, 0 wrong." in Path("pr.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("run", ["unmarked", "invented", "confused"])
def test_markers_that_a_model_forgets_or_invents_change_nothing(run: str) -> None:
    assert answers(run) == answers("base")
    assert compare(run, "worse(citation_recall)", "worse(citation_precision)", "worse(right)") == 0


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("run", ["uncited", "polite"])
def test_answers_that_lack_citations_are_still_right(run: str) -> None:
    assert compare(run, "worse(right)", "worse(false_refusals)", "worse(recall@5)") == 0


@pytest.mark.usefixtures("runs")
def test_a_model_that_only_refuses_has_no_citations_to_pass_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare("timid", "worse(citation_recall)") == 1
    assert "FAIL  worse(citation_recall): nothing was scored in both runs\n" in capsys.readouterr().out
