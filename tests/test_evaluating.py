"""``suwen eval`` and its actions, as someone types them."""

import json
from pathlib import Path

import pytest

from eval.runs.folder import holding
from rag.errors import ModelError
from rag.llm import Scripted
from rag.records import Usage
from ui import evaluating
from ui.cli import main

ROWS = [
    {"id": "q1", "category": "single-fact", "question": "厂长是谁？", "answerable": True, "facts": [["李梅"]],
     "answers": ["李梅。"], "evidence": ["厂长是李梅，她1998年进厂。"], "article": "tea.md"},
    {"id": "q2", "category": "why", "question": "Why were cars banned?", "answerable": True, "facts": [["narrow"]],
     "evidence": ["Cars were banned in 1975."], "article": "bridge.md"},
    {"id": "q3", "category": "unanswerable", "question": "厂长多大？", "answerable": False, "article": "tea.md"},
]  # fmt: skip


@pytest.fixture
def gold(indexed: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gold set about the indexed articles; runs are kept in a folder of the test's own."""
    monkeypatch.setattr(evaluating, "RUNS", here / "runs")
    monkeypatch.setattr(evaluating, "CACHE", here / "runs" / "cache.sqlite")
    return write(here / "gold.jsonl", *ROWS)


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def run(*words: str) -> int:
    return main(["eval", *words])


def test_a_run_prints_every_figure_and_leaves_a_report(gold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(gold), "--out", "r") == 0
    out = capsys.readouterr().out
    line = next(line for line in out.splitlines() if line.startswith("right "))
    assert line.split()[:4] == ["right", "0.333", "0.061", "to"]
    assert "3 of 3" in line
    assert "higher" in line
    assert "every required fact told" in line
    assert "judge" not in out
    assert "single-fact" in out
    assert out.rstrip().endswith("r/report.html")
    assert "厂长是谁" in Path("r/report.html").read_text(encoding="utf-8")


def test_a_line_that_is_no_question_is_told_and_the_rest_is_asked(
    gold: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(gold, *ROWS, {"id": "q4"}, {**ROWS[0], "id": "q5", "article": "other.md"})
    assert run(str(gold), "--out", "r") == 1
    shown = capsys.readouterr()
    assert "gold.jsonl:4:" in shown.err
    assert "gold.jsonl:5:" in shown.err
    assert "3 of 3" in shown.out
    assert shown.out.endswith("2 lines of the gold sets were left out; what is wrong with them is said above\n")


def test_categories_and_limit_choose(gold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(gold), "--out", "r", "--category", "why", "--category", "unanswerable", "--limit", "1") == 0
    assert [json.loads(line)["id"] for line in Path("r/gold.jsonl").read_text(encoding="utf-8").splitlines()] == ["q2"]
    assert run(str(gold), "--category", "wy") == 2
    assert "no question of category 'wy'; categories are single-fact, unanswerable, why" in capsys.readouterr().err


def test_a_gate_decides_the_exit_status(gold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(gold), "--out", "r", "--fail-if", "right < 0.2") == 0
    assert run(str(gold), "--out", "r", "--fail-if", "right < 0.9") == 1
    assert run(str(gold), "--out", "r", "--fail-if", "wright < 0.9") == 2
    assert "wright" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("gate", "told"),
    [
        ("worse(right)", "needs a baseline; use it with: suwen eval compare"),
        ("right[wy] < .5", "no category 'wy'; categories are single-fact, unanswerable"),
        ("right[why] < .5", "no category 'why'; categories are single-fact, unanswerable"),
    ],
    ids=["no baseline", "no category", "category not asked"],
)
def test_a_gate_that_cannot_be_held_is_refused_before_anything_is_asked(
    gold: Path, here: Path, capsys: pytest.CaptureFixture[str], gate: str, told: str
) -> None:
    assert run(str(gold), "--category", "single-fact", "--category", "unanswerable", "--fail-if", gate) == 2
    assert told in capsys.readouterr().err
    assert not (here / "runs").exists()


def test_a_default_run_has_a_folder_of_its_own(gold: Path, here: Path) -> None:
    assert run(str(gold)) == 0
    assert run(str(gold)) == 0
    assert len([path for path in (here / "runs").iterdir() if path.is_dir()]) == 2


def test_runs_of_the_same_second_have_folders_of_their_own(gold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.strftime", lambda form: "20300101-000000")
    assert [evaluating._new_folder().name for _ in range(3)] == [
        "20300101-000000", "20300101-000000-2", "20300101-000000-3",
    ]  # fmt: skip


def test_a_run_that_another_process_is_at_is_left_to_it(gold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(gold), "--out", "r") == 0
    with holding(Path("r")):
        assert run(str(gold), "--out", "r") == 1
        assert run("report", "r") == 1
    assert capsys.readouterr().err == 2 * (
        "suwen: r: another process is at this run; wait until it is done, or choose another --out\n"
    )
    assert run("report", "nowhere") == 2
    assert not Path("nowhere").exists()


def test_a_failing_model_ends_the_run_and_says_how_it_goes_on(
    gold: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted = Scripted("厂长是李梅，她1998年进厂。", ModelError("the server is gone; start it"))
    monkeypatch.setattr("rag.pipeline.open_model", lambda settings, spec, locate: scripted)
    assert run(str(gold), "--out", "r", "--llm", "ollama:x") == 1
    assert "goes on with --out r" in capsys.readouterr().err
    monkeypatch.setattr("rag.pipeline.open_model", lambda settings, spec, locate: Scripted("文章没有提到。"))
    assert run(str(gold), "--out", "r", "--llm", "ollama:x") == 0
    assert "1.000" in next(line for line in capsys.readouterr().out.splitlines() if "refused_unanswerable" in line)


def test_an_api_is_asked_a_few_questions_before_the_rest_is_estimated(
    gold: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(gold, *ROWS, *({**ROWS[0], "id": f"more-{n}", "question": f"厂长是谁{n}？"} for n in range(5)))
    model = Scripted("厂长是李梅，她1998年进厂。")
    monkeypatch.setattr("rag.pipeline.open_model", lambda settings, spec, locate: model)
    assert run(str(gold), "--out", "r", "--llm", "ollama:x", "--price", "2/8", "--workers", "3") == 0
    told = capsys.readouterr().err
    assert "5 questions left: about " in told
    assert "at the price given" in told


def test_only_what_no_run_was_told_before_is_estimated(
    gold: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Scripted("厂长是李梅，她1998年进厂。")
    monkeypatch.setattr("rag.pipeline.open_model", lambda settings, spec, locate: model)
    assert run(str(gold), "--out", "before", "--llm", "ollama:x") == 0
    assert "questions left" not in capsys.readouterr().err  # the first few were all
    write(gold, *ROWS, *({**ROWS[0], "id": f"more-{n}", "question": f"厂长是谁{n}？"} for n in range(5)))
    assert run(str(gold), "--out", "r", "--llm", "ollama:x") == 0
    assert "2 questions left: about " in capsys.readouterr().err  # 3 were known, 3 were asked to tell
    assert run(str(gold), "--out", "again", "--llm", "ollama:x") == 0
    assert "questions left" not in capsys.readouterr().err


def test_an_estimate_from_broken_replies_says_that_tokens_are_unknown(
    gold: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(gold, *({**ROWS[0], "id": f"q{n}", "question": f"厂长是谁{n}？"} for n in range(5)))
    monkeypatch.setattr("rag.pipeline.open_model", lambda settings, spec, locate: Scripted("文章没有提到。"))
    monkeypatch.setattr("rag.llm.Usage", lambda *counts: Usage())
    assert run(str(gold), "--out", "r", "--llm", "ollama:x", "--price", "2/8") == 0
    assert "2 questions left: tokens and cost unknown, 0.1 minutes" in capsys.readouterr().err


@pytest.mark.parametrize("price", ["0.8", "a/b", "1/2/3", "-1/2", "nan/2", "1/inf", ""])
def test_a_price_that_is_none_is_told_with_what_is_one(capsys: pytest.CaptureFixture[str], price: str) -> None:
    with pytest.raises(SystemExit):
        run("gold.jsonl", f"--price={price}")
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.endswith(f"argument --price: {price!r} is no price; write IN/OUT, as in 0.8/2")


def test_workers_are_for_an_api(gold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(gold), "--workers", "2") == 2
    assert "--workers 2 is for an API" in capsys.readouterr().err


def test_prompts_are_kept_with_the_answers(gold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "rag.pipeline.open_model", lambda settings, spec, locate: Scripted("厂长是李梅，她1998年进厂。")
    )
    assert run(str(gold), "--out", "r", "--llm", "ollama:x", "--limit", "1") == 0
    prompts = json.loads(Path("r/answers.jsonl").read_text(encoding="utf-8"))["prompts"]
    assert prompts[0][0]["role"] == "system"
    assert "厂长是谁？" in prompts[0][-1]["text"]


def test_runs_are_compared(gold: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(gold), "--out", "a") == 0
    monkeypatch.setattr("rag.pipeline.open_model", lambda settings, spec, locate: Scripted("文章没有提到。"))
    assert run(str(gold), "--out", "b", "--llm", "ollama:x") == 0
    capsys.readouterr()
    assert run("compare", "a", "b", "--markdown", "pr.md", "--fail-if", "worse(false_refusals) > .1") == 1
    out = capsys.readouterr().out
    assert "METRIC" in out
    assert "- now wrong  厂长是谁？" in out
    assert "FAIL  worse(false_refusals) > .1" in out
    block = Path("pr.md").read_text(encoding="utf-8")
    assert block.startswith("### b against a\n")
    assert "- FAIL  worse(false_refusals) > .1" in block
    assert "厂长是谁" in Path("b/compared-with-a.html").read_text(encoding="utf-8")
    assert run("compare", "a", "b", "--fail-if", "worse(refused_unanswerable) > 0") == 0
    assert run("compare", "a") == 2
    assert run("compare", "a", "nowhere") == 2


def test_a_report_is_written_again(gold: Path) -> None:
    assert run(str(gold), "--out", "r") == 0
    before = Path("r/metrics.json").read_bytes()
    Path("r/report.html").unlink()
    Path("r/metrics.json").write_text("{}", encoding="utf-8")
    assert run("report", "r") == 0
    assert Path("r/report.html").exists()
    assert Path("r/metrics.json").read_bytes() == before


def test_the_judges_figures_outlive_a_report_and_a_run_without_the_judge(
    gold: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluating, "JUDGES", Path("judges"))
    monkeypatch.setattr("eval.judges.judging.open_model", lambda settings, spec, locate: Scripted("对"))
    assert run(str(gold), "--out", "r") == 0
    assert json.loads(Path("r/run.json").read_text(encoding="utf-8"))["judge"] is None
    assert run(str(gold), "--out", "r", "--judge", "ollama:x") == 0
    judged, scores = Path("r/run.json").read_bytes(), Path("r/scores.jsonl").read_bytes()
    told = json.loads(judged)["judge"]
    assert (told["spec"], len(told["fingerprint"]), told["agreement"]) == ("ollama:x", 64, None)
    for words in (["report", "r"], [str(gold), "--out", "r"]):
        capsys.readouterr()
        assert run(*words) == 0
        assert "judge " in capsys.readouterr().out
        assert (Path("r/run.json").read_bytes(), Path("r/scores.jsonl").read_bytes()) == (judged, scores)


@pytest.mark.parametrize("scores", ["{", "[]", "{}", '{"id": "q1", "category": "", "answerable": true, "scores": []}'])
def test_scores_that_are_damaged_are_mended_by_the_command_that_is_told(
    gold: Path, capsys: pytest.CaptureFixture[str], scores: str
) -> None:
    assert run(str(gold), "--out", "r") == 0
    before = Path("r/scores.jsonl").read_bytes()
    Path("r/scores.jsonl").write_text(scores, encoding="utf-8")
    capsys.readouterr()
    assert run("compare", "r", "r") == 2
    told = capsys.readouterr().err
    assert told.startswith("suwen: r/scores.jsonl: cannot be read (")
    assert told.endswith("); run: suwen eval report r\n")
    assert run("report", "r") == 0
    assert Path("r/scores.jsonl").read_bytes() == before


def test_a_set_is_checked_without_asking(gold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(gold)) == 0
    assert "3 questions" in capsys.readouterr().out
    write(gold, *ROWS, {**ROWS[0], "id": "q4", "evidence": ["厂长是王芳。"]})
    assert run("check", str(gold)) == 1
    assert "gold.jsonl:4:" in capsys.readouterr().err


def test_a_public_set_becomes_a_gold_set(gold: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    squad = {"data": [{"title": "茶", "paragraphs": [{"context": "厂长是李梅。她1998年进厂。", "qas": [
        {"id": "s1", "question": "厂长是谁？", "answers": [{"text": "李梅", "answer_start": 3}]}]}]}]}  # fmt: skip
    (here / "squad.json").write_text(json.dumps(squad, ensure_ascii=False), encoding="utf-8")
    assert run("import", "squad", "squad.json", "--out", "squad.jsonl", "--seed", "0") == 2
    assert "--noise, --negatives-only and --seed are for rgb" in capsys.readouterr().err
    assert run("import", "squad", "squad.json", "--out", "squad.jsonl") == 0
    assert run("squad.jsonl", "--out", "s") == 0
    assert json.loads(Path("s/run.json").read_text(encoding="utf-8"))["index"] is None


def test_a_starter_is_written_from_an_index(gold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("new", "--out", "new.jsonl", "--count", "4") == 0
    rows = [json.loads(line) for line in Path("new.jsonl").read_text(encoding="utf-8").splitlines()]
    assert 1 <= len(rows) <= 4
    assert run("new", "--out", "new.jsonl") == 2  # someone may have worked on it
    assert "new.jsonl" in capsys.readouterr().err
