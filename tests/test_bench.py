"""What ``python -m eval.bench`` prints, and how much the evaluation itself may cost; no model is needed."""

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from eval.bench import __main__ as bench
from eval.bench import answering, harness, indexing, lexical, searching
from eval.bench.interruption import Outcome
from eval.bench.scripted import answer, article, questions
from eval.bench.timing import Row
from eval.gold import read_gold, write_gold
from eval.runs.answers import read_rows
from eval.runs.run import read_run
from rag.building import index_articles
from rag.chunks import embedded_text
from rag.embedding import HashEmbedder, Vectors
from rag.errors import ModelMissing, SuwenError
from rag.pipeline import Pipeline
from rag.records import Question
from rag.retrieval import retrieve
from rag.settings import Settings
from tests.test_peers import FAKE_COMMAND, SETUP

HEAD = "| what | Suwen | plain way | ratio |\n|---|---|---|---|\n"
SPREAD = r"[\d.,e+-]+(?: ms)? \([\d.,e+-]+ to [\d.,e+-]+\)"
COUNT = 308  # 4 * 7 * 11: every pattern of the scripted answers comes round


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give every part one row of its own; the list says which were timed."""
    timed: list[str] = []

    def rows(part: str) -> Callable[[Settings], list[Row]]:
        return lambda settings: timed.append(part) or [Row(part, "1 (1 to 1)", "2 (2 to 2)", "0.5x")]  # type: ignore[func-returns-value]

    for part in bench.PARTS:
        monkeypatch.setattr(f"eval.bench.{part}.rows", rows(part))
    return timed


@pytest.mark.parametrize("named", [[], ["searching"], ["searching", "harness"]])
def test_the_parts_that_are_named_are_a_table(
    parts: list[str], capsys: pytest.CaptureFixture[str], named: list[str]
) -> None:
    assert bench.main(named) == 0
    expected = named or ["harness", "indexing", "searching", "answering"]
    assert parts == expected
    table = "".join(f"| {part} | 1 (1 to 1) | 2 (2 to 2) | 0.5x |\n" for part in expected)
    assert capsys.readouterr() == (HEAD + table, "")


def test_an_unknown_part_is_wrong_use(parts: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        bench.main(["harness", "harnes"])
    assert ended.value.code == 2
    said = f"error: no part 'harnes'; parts are {', '.join((*bench.PARTS, *bench.NAMED))}"
    assert capsys.readouterr().err.splitlines()[-1].endswith(said)
    assert parts == []


def test_a_part_that_cannot_be_timed_is_one_line_and_the_others_are_timed(
    parts: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(settings: Settings) -> list[Row]:
        raise ModelMissing("e5 is not there; run: suwen models pull e5")

    monkeypatch.setattr("eval.bench.indexing.rows", missing)
    assert bench.main(["indexing", "searching"]) == 1
    out, err = capsys.readouterr()
    assert err == "indexing: e5 is not there; run: suwen models pull e5\n"
    assert out == HEAD + "| searching | 1 (1 to 1) | 2 (2 to 2) | 0.5x |\n"


def test_a_setting_that_cannot_be_meant_is_said_before_anything_is_timed(
    parts: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUWEN_THREADS", "many")
    with pytest.raises(SystemExit) as ended:
        bench.main([])
    assert ended.value.code == 2
    assert "the environment sets threads to 'many'" in capsys.readouterr().err.splitlines()[-1]
    assert parts == []


@pytest.mark.parametrize("part", [indexing, searching], ids=["indexing", "searching"])
def test_without_the_embedder_its_parts_say_how_to_get_it(
    part: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUWEN_MODELS", str(tmp_path))
    name = part.__name__.rpartition(".")[2]
    assert bench.main([name]) == 1
    said = rf"{name}: multilingual-e5-small is not in .*; run: suwen models pull multilingual-e5-small\n"
    assert re.fullmatch(said, capsys.readouterr().err)


def test_the_harness_costs_little_a_question(tmp_path: Path) -> None:
    told = harness.alone(tmp_path, 300)
    assert 0 < told["cpu_ms"] <= 5
    assert 0 < told["mb"] < 500
    assert told["report_mb"] == (tmp_path / "run" / "report.html").stat().st_size / 1e6


def test_what_the_harness_measures_is_a_whole_run(tmp_path: Path) -> None:
    harness.measure(tmp_path, COUNT)
    done = read_run(tmp_path / "run")
    assert len(done.gold) == len(list(done.answers())) == COUNT
    figures = {each.name: each for each in done.summary.all}
    told, refused = 231 * 6 / 7 * 10 / 11, 77 / 7  # 3 of 4 can be answered; 1 of 7 is refused, 1 of 11 told wrong
    assert figures["right"].value == pytest.approx((told + refused) / COUNT)
    assert figures["refused_unanswerable"].value == pytest.approx(1 / 7)
    assert figures["false_refusals"].value == pytest.approx(1 / 7)


def test_rows_of_the_harness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        harness, "alone", lambda folder, count: {"ms": 0.456, "cpu_ms": 0.4, "mb": 123.4, "report_mb": 9.6}
    )
    monkeypatch.setattr(harness, "interrupt", lambda folder, kills: Outcome(kills, 0, 2, True, False))
    assert harness.rows(Settings(), count=2000, kills=3) == [
        Row("evaluation, ms a question beside the answer", "0.46"),
        Row("evaluation, peak memory with 2,000 questions, MB", "123"),
        Row("evaluation, report of 2,000 questions, MB", "10"),
        Row("killed 3 times: questions asked again though answered", "0"),
        Row("killed 3 times: same answers and metrics", "False"),
    ]


def test_a_scripted_run_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(
        SuwenError, match=r" 1 failed \(.*holds something else than a run.*\); run: python -m eval.bench.harness"
    ):
        harness.alone(tmp_path, 1)


def test_scripted_questions_are_a_gold_set_and_answers_are_as_the_product_s(
    tmp_path: Path, pipeline: Callable[..., Pipeline]
) -> None:
    items = list(questions(COUNT))
    write_gold(tmp_path / "gold.jsonl", items)
    read = read_gold([tmp_path / "gold.jsonl"])
    assert (list(read.items), read.errors) == (items, ())
    given = json.loads(json.dumps(answer(items[1])))
    real = {**pipeline("厂长是李梅[1]。").ask(Question("厂长是谁？")).to_json(), "prompts": []}
    assert real.keys() == given.keys()
    for key in ("citations", "hits"):
        assert real[key][0].keys() == given[key][0].keys()
    assert article(items[1].article)["id"] == items[1].article


def test_searching_is_timed_in_indexes_of_the_sizes_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []
    monkeypatch.setattr(searching, "open_embedder", lambda settings: HashEmbedder())
    monkeypatch.setattr(
        searching,
        "retrieve",
        lambda query, index, *rest: searched.append(len(index.chunks)) or retrieve(query, index, *rest),  # type: ignore[func-returns-value]
    )
    rows = searching.rows(Settings(), sizes=(20, 1000), rounds=2)
    assert searched == [20] * 3 + [1000] * 3  # one round does not count
    assert [row.what for row in rows] == ["search among 20 chunks", "search among 1,000 chunks"]
    assert all(re.fullmatch(SPREAD, each) for row in rows for each in (row.ours, row.other))
    assert all(re.fullmatch(SPREAD.replace("(?: ms)?", "x"), row.ratio) for row in rows)


@pytest.mark.parametrize("real", [True, False])
def test_keyword_search_is_timed_in_indexes_of_the_sizes_wanted(tmp_path: Path, real: bool) -> None:
    sets = tmp_path / "data"
    if real:
        (sets / "tea").mkdir(parents=True)
        (sets / "tea" / "corpus.jsonl").write_text('{"text": "茶厂去年产茶三吨，今年四吨。"}', encoding="utf-8")
        (sets / "tea" / "questions.jsonl").write_text('{"question": "去年产茶多少？"}', encoding="utf-8")
    rows = lexical.rows(Settings(), sizes=(20, 1000), sets=sets)
    told = [
        (f"keyword {of} {size} texts: {what}", unit)
        for size in ("20", "1,000")
        for of, what, unit in (
            ("index of", "build, disk, peak memory", r"\d+ s, \d+ MB, [\d,]+ MB"),
            ("search among", "p50, p95", r"[\d.]+ ms, [\d.]+ ms"),
        )
    ]
    assert [row.what for row in rows] == [what for what, _ in told]
    assert all(re.fullmatch(unit, row.ours) for row, (_, unit) in zip(rows, told, strict=True))


@pytest.mark.parametrize("real", [True, False])
def test_indexing_is_timed_against_one_plain_call_on_the_same_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real: bool
) -> None:
    encoded: list[Sequence[str]] = []
    asked: list[str] = []
    built: list[list[str]] = []

    class Plain(HashEmbedder):
        def __init__(self, folder: str, **options: object) -> None:
            assert folder == "/models/e5"

        def encode_document(self, texts: Sequence[str], **options: object) -> Vectors:
            encoded.append(texts)
            return self.embed_passages(texts)

        def encode_query(self, text: str, **options: object) -> None:
            asked.append(text)

    def build(*parts: object) -> object:
        index = index_articles(*parts)  # type: ignore[arg-type]
        built.append([embedded_text(index.articles[chunk.article], chunk) for chunk in index.chunks])
        return index

    if real:
        (tmp_path / "corpus.jsonl").write_text('{"id": "1", "title": "茶", "text": "绿茶三吨。"}', encoding="utf-8")
        (tmp_path / "questions.jsonl").write_text("", encoding="utf-8")
    monkeypatch.setattr("sentence_transformers.SentenceTransformer", Plain)
    monkeypatch.setattr(indexing, "open_embedder", lambda settings: HashEmbedder())
    monkeypatch.setattr(indexing, "locate", lambda spec, settings: Path("/models/e5"))
    monkeypatch.setattr(indexing, "index_articles", build)
    whole, alone, cosine, question = indexing.rows(Settings(), 2, tmp_path if real else tmp_path / "absent")
    assert built == [encoded[0]] * 4  # the chunks, and three rounds of which one does not count
    assert encoded == [built[0]] * 7
    assert (built[0] == ["茶\n绿茶三吨。"]) == real
    assert asked == [indexing.QUESTION] * 9
    assert cosine == Row("embedding, least cosine of a chunk's two vectors", "1.00000")
    assert [whole.what, alone.what] == ["index, chunks a second", "embedding alone, chunks a second"]
    assert question.what == "embedding of a question"
    assert all(re.fullmatch(SPREAD, each) for row in (whole, alone, question) for each in (row.ours, row.other))
    assert all(re.fullmatch(SPREAD.replace("(?: ms)?", "x"), row.ratio) for row in (whole, alone, question))


def test_answering_without_the_textbook_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(answering, "OTHERS", tmp_path / "python")
    assert bench.main(["answering"]) == 1
    assert capsys.readouterr().err == "answering: the textbook pipeline is not installed; run: make peers LIMIT=1\n"


DIES = (sys.executable, "-c", "raise SystemExit('no such model')")
BREAKS = (FAKE_COMMAND[0], "-c", FAKE_COMMAND[2].replace('startswith("die")', 'startswith("千问")'))


@pytest.fixture
def answer_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[str]], list[Row]]:
    """Return a function that times two systems of a few lines, the other of them by the given command."""

    def rows(other: Sequence[str]) -> list[Row]:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        monkeypatch.setattr(answering, "OTHERS", tmp_path)
        monkeypatch.setattr(answering, "SYSTEMS", {"suwen": FAKE_COMMAND, "langchain": other})
        monkeypatch.setattr(answering, "prepare", lambda settings, articles: SETUP)
        return answering.rows(Settings())

    return rows


def test_answering_is_timed_to_the_first_word_and_to_the_last(
    answer_with: Callable[[Sequence[str]], list[Row]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = {"suwen": {"first_token_s": 1.0, "total_s": 9.0}, "langchain": {"first_token_s": 4.0, "total_s": 6.0}}
    monkeypatch.setattr(
        answering, "read_rows", lambda path: [{**row, **seconds[row["system"]]} for row in read_rows(path)]
    )
    assert answer_with(FAKE_COMMAND) == [
        Row("first word, s", "1 (1 to 1)", "4 (4 to 4)", "0.25x (0.25 to 0.25)"),
        Row("whole answer, s", "9 (9 to 9)", "6 (6 to 6)", "1.5x (1.5 to 1.5)"),
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("other", "reason"), [(DIES, "no such model"), (BREAKS, "it broke")], ids=["start", "half-way"]
)
def test_a_pipeline_that_fails_is_not_timed_and_its_log_stays(
    answer_with: Callable[[Sequence[str]], list[Row]], other: Sequence[str], reason: str
) -> None:
    with pytest.raises(SuwenError, match=f"a pipeline failed: langchain: {reason}; see ") as raised:
        answer_with(other)
    assert reason in Path(str(raised.value).rpartition("; see ")[2]).read_text(encoding="utf-8")
