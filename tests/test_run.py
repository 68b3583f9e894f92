import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval.bench.scripted import MANIFEST, article
from eval.gold import Gold
from eval.measures.scores import Scores
from eval.runs.cache import Cache
from eval.runs.folder import read_manifest
from eval.runs.gates import check_run, parse_gate
from eval.runs.manifest import describe
from eval.runs.run import Judge, Run, ask_gold, finish, read_articles, read_run, start
from rag.errors import ModelError, UsageError
from rag.llm import Scripted
from rag.pipeline import Pipeline
from rag.records import Json
from tests.runs import make_run, questions, reply

FACT = "厂长是李梅，她1998年进厂。"
GOLD = [
    Gold("q1", "厂长是谁？", True, "single-fact", (("李梅",),), ("李梅。",), ((FACT,),), "tea.md"),
    Gold("q2", "厂长多大？", False, "unanswerable", article="tea.md"),
]
REFUSAL = "材料没有提到。"


def quiet(done: int, total: int) -> None:
    del done, total


def asker(pipeline: Pipeline) -> Callable[[Gold], Json]:
    return lambda gold: {**pipeline.ask(gold.ask(), strict=True).to_json(), "prompts": []}


def run(
    pipeline: Pipeline, folder: Path, *, repeat: int = 1, cache: Cache | None = None, judge: Judge | None = None
) -> Run:
    start(folder, {**describe(pipeline, "f", GOLD, []), "repeat": repeat}, GOLD)
    ask_gold(folder, GOLD, asker(pipeline), cache or Cache(None), quiet)
    return finish(folder, lambda identity: {"id": identity, "text": pipeline.article(identity).text}, judge)


def figures(done: Run) -> dict[str, Any]:
    return {each.name: each.value for each in done.summary.all}


def test_every_question_is_asked_and_scored(pipeline: Callable[..., Pipeline], tmp_path: Path) -> None:
    done = run(pipeline(FACT, REFUSAL), tmp_path / "run")
    told = figures(done)
    assert told["right"] == 1.0
    assert told["refused_unanswerable"] == 1.0
    assert told["false_refusals"] == 0.0
    assert told["citation_recall"] == 1.0
    assert told["hit@1"] == 1.0
    assert told["judge"] is None
    assert [answer["id"] for answer in done.answers()] == ["q1", "q2"]
    assert list(done.summary.categories) == ["single-fact", "unanswerable"]


def test_the_folder_holds_everything(pipeline: Callable[..., Pipeline], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = run(pipeline(FACT, REFUSAL), folder)
    assert {path.name for path in folder.iterdir()} == {
        "run.json", "gold.jsonl", "answers.jsonl", "articles.jsonl", "scores.jsonl", "metrics.json",
    }  # fmt: skip
    assert done.gold == tuple(GOLD)
    assert done.manifest["name"] == "run"
    assert done.manifest["ended"] >= done.manifest["started"]
    articles = [json.loads(line) for line in (folder / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
    assert "tea.md" in {each["id"] for each in articles}
    assert read_run(folder).summary == done.summary


def test_a_stopped_run_is_taken_up(pipeline: Callable[..., Pipeline], tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        run(pipeline(FACT, ModelError("down")), tmp_path / "run")
    model = Scripted(REFUSAL)
    done = run(pipeline(model=model), tmp_path / "run")
    assert figures(done)["right"] == 1.0
    assert len(model.asked) == 1


def test_what_another_run_was_told_is_not_asked_again(pipeline: Callable[..., Pipeline], tmp_path: Path) -> None:
    cache, model = Cache(tmp_path / "cache.sqlite"), Scripted(FACT, REFUSAL)
    first = run(pipeline(model=model), tmp_path / "one", cache=cache)
    asked = len(model.asked)
    second = run(pipeline(model=model), tmp_path / "two", cache=cache)
    assert len(model.asked) == asked
    assert second.summary == first.summary
    assert [answer["cached"] for answer in second.answers()] == [True, True]
    cache.close()


def test_repeats_are_asked_anew_and_averaged(pipeline: Callable[..., Pipeline], tmp_path: Path) -> None:
    done = run(pipeline(FACT, "厂长是王芳。", REFUSAL), tmp_path / "run", repeat=2)
    told = figures(done)
    assert told["right_answerable"] == 0.5
    assert told["repeatable"] == 0.5
    assert [(answer["id"], answer["repeat"]) for answer in done.answers()] == [
        ("q1", 1), ("q1", 2), ("q2", 1), ("q2", 2),
    ]  # fmt: skip


def test_a_judge_has_a_column_of_its_own(pipeline: Callable[..., Pipeline], tmp_path: Path) -> None:
    done = run(pipeline(FACT, REFUSAL), tmp_path / "run", judge=lambda gold, answer: 0.0 if gold.answerable else None)
    judged = next(each for each in done.summary.all if each.name == "judge")
    assert (judged.value, judged.n, judged.of) == (0.0, 1, 2)
    assert figures(done)["right"] == 1.0


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"repeat": 2}, "repeat: 1 there, 2 now"),
        ({"data_sha256": "ab" * 32}, "data_sha256: 0123456789… there, ababababab… now"),
        (
            {"model": {"spec": "y", "fingerprint": "cd" * 32}, "index": None},
            "model: x f there, y cdcdcdcdcd… now; index: sample 1 there, None now",
        ),
    ],
    ids=["repeat", "questions", "model and index"],
)
def test_another_run_in_the_folder_is_left_alone(tmp_path: Path, changed: dict[str, Any], told: str) -> None:
    manifest = {
        **MANIFEST, "data_sha256": "0123456789abcdef" * 4, "model": {"spec": "x", "fingerprint": "f"},
        "index": {"name": "sample", "generation": "1"},
    }  # fmt: skip
    start(tmp_path / "run", manifest, GOLD)
    before = (tmp_path / "run" / "run.json").read_bytes()
    with pytest.raises(UsageError) as raised:
        start(tmp_path / "run", {**manifest, **changed}, GOLD)
    assert str(raised.value) == f"{tmp_path / 'run'}: was run otherwise ({told}); choose another --out"
    assert (tmp_path / "run" / "run.json").read_bytes() == before


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="holds something else than a run"):
        start(tmp_path, {}, GOLD)


@pytest.mark.parametrize("missing", ["scores.jsonl", "articles.jsonl"])
def test_a_run_that_did_not_finish_cannot_be_read(
    pipeline: Callable[..., Pipeline], tmp_path: Path, missing: str
) -> None:
    folder = tmp_path / "run"
    run(pipeline(FACT, REFUSAL), folder)
    (folder / missing).unlink()
    read: Callable[[Path], object] = read_articles if missing == "articles.jsonl" else read_run
    with pytest.raises(UsageError, match=f"{folder}: this run has not come to its end; .* --out {folder}"):
        read(folder)
    (folder / "run.json").unlink()
    with pytest.raises(UsageError, match=f"{folder}: not the folder of a run"):
        read(folder)


def test_a_run_that_was_damaged_is_told_in_one_line(pipeline: Callable[..., Pipeline], tmp_path: Path) -> None:
    run(pipeline(FACT, REFUSAL), tmp_path / "run")
    (tmp_path / "run" / "scores.jsonl").write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match=r"scores\.jsonl: cannot be read \(.*\); run: suwen eval report .*run$"):
        read_run(tmp_path / "run")


def test_scoring_that_is_cut_off_leaves_every_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "run"
    make_run(folder, "+-0")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(TypeError):  # in the middle of the articles
        finish(folder, lambda identity: {"id": identity, "text": object()})
    monkeypatch.setattr(Scores, "values", lambda self, row: stop() if row else {})
    with pytest.raises(KeyboardInterrupt):  # in the middle of the scores
        finish(folder, article)
    assert {name: (folder / name).read_bytes() for name in before} == before


def stop() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("lines", [slice(1), slice(1, None), slice(None, None, -1)], ids=["short", "other", "order"])
def test_scores_of_other_questions_are_not_read(tmp_path: Path, lines: slice) -> None:
    make_run(tmp_path / "run", "+-0")
    path = tmp_path / "run" / "scores.jsonl"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[lines]), encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"scores\.jsonl: is not of the questions in gold\.jsonl; run: suwen eval report"
    ):
        read_run(tmp_path / "run")


@pytest.mark.parametrize("lines", [slice(2), slice(1, None), slice(None, None, -1)], ids=["short", "other", "order"])
def test_answers_of_other_questions_are_not_scored(tmp_path: Path, lines: slice) -> None:
    make_run(tmp_path / "run", "+-0")
    path = tmp_path / "run" / "answers.jsonl"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[lines]), encoding="utf-8")
    with pytest.raises(UsageError, match=r"answers\.jsonl: its answers are not those of gold\.jsonl; ask again with"):
        finish(tmp_path / "run", article)


def test_a_damaged_question_is_named(tmp_path: Path) -> None:
    make_run(tmp_path / "run", "+-0")
    path = tmp_path / "run" / "gold.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + "{\n", encoding="utf-8")
    for read in (read_run, lambda folder: finish(folder, article)):
        with pytest.raises(UsageError, match=r"gold\.jsonl:4: not JSON"):
            read(tmp_path / "run")


def test_an_article_that_was_lost_is_named(tmp_path: Path) -> None:
    make_run(tmp_path / "run", "+-0")
    (tmp_path / "run" / "articles.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"articles\.jsonl: lacks the article 'tea\.md'; ask again with --out .*run"):
        finish(tmp_path / "run", read_articles(tmp_path / "run"))


def test_figures_are_those_of_the_scores_whatever_an_older_version_summed_up(tmp_path: Path) -> None:
    done = make_run(tmp_path / "run", "+-0")
    (tmp_path / "run" / "metrics.json").write_text('{"all": [], "categories": {}}', encoding="utf-8")
    read = read_run(tmp_path / "run")
    assert read.summary == done.summary
    assert [each.failed for each in check_run([parse_gate("right < .5")], read.summary)] == [True]


def test_verdicts_are_kept_when_scored_again_without_the_judge(tmp_path: Path) -> None:
    gold, about = questions(3), {"spec": "ollama:x", "fingerprint": "f", "agreement": None}
    make_run(tmp_path / "run", "+-0", gold=gold)
    verdicts = {"q0": 1.0, "q1": 0.0, "q2": None}
    judged = finish(tmp_path / "run", article, lambda each, answer: verdicts[each.id], about)
    again = finish(tmp_path / "run", article)
    assert [again.scores.values(row)["judge"] for row in range(3)] == [1.0, 0.0, None]
    assert again.summary == judged.summary
    assert again.manifest["judge"] == read_run(tmp_path / "run").manifest["judge"] == about
    (tmp_path / "run" / "scores.jsonl").write_text("{", encoding="utf-8")
    assert finish(tmp_path / "run", article).summary.figure("judge").n == 0


def test_a_run_that_is_taken_up_says_how_it_went_on(tmp_path: Path) -> None:
    gold = questions(2)
    start(tmp_path / "run", {**MANIFEST, "errors": ["line 3"], "workers": 1}, gold)
    begun = read_manifest(tmp_path / "run")
    (tmp_path / "run").rename(tmp_path / "moved")
    start(tmp_path / "moved", {**MANIFEST, "errors": [], "workers": 4}, gold)
    told = read_manifest(tmp_path / "moved")
    assert (told["errors"], told["workers"]) == ([], 4)
    assert {key: told[key] for key in ("name", "started", "ended")} == {
        "name": "run", "started": begun["started"], "ended": None,
    }  # fmt: skip
    ask_gold(tmp_path / "moved", gold, lambda each: reply(each, "+"), Cache(None), quiet)
    ended = finish(tmp_path / "moved", article).manifest["ended"]
    start(tmp_path / "moved", {**MANIFEST, "errors": [], "workers": 2}, gold)
    assert read_manifest(tmp_path / "moved") == {**told, "workers": 2, "ended": ended, "judge": None}
