import json
from pathlib import Path
from typing import Any

import pytest

from eval.gold import Gold, check_articles, read_gold
from eval.sets.importing import FORMATS, Imported, import_gold
from rag.articles import read_articles
from rag.errors import UsageError
from tests.test_paragraphs import CORPUS, OWN, QUESTIONS, SQUAD, TEXT, within, write, write_corpus
from tests.test_rgb import ROW
from ui import eval_options


def test_the_formats_are_those_of_the_command_line() -> None:
    assert sorted(FORMATS) == sorted(eval_options.FORMATS)


@pytest.mark.parametrize("form", ["squad", "xquad", "drcd", "cmrc2018"])
def test_questions_bring_their_paragraph(tmp_path: Path, form: str) -> None:
    out = tmp_path / "gold.jsonl"
    done = import_gold(form, write(tmp_path / "dev.json", SQUAD), out)
    assert done == Imported(questions=2, unanswerable=1, articles=0, errors=())
    evidence = (("厂长是李梅。",),)
    assert read_gold([out]).items == (
        Gold("dev-q1", "厂长？", True, "dev", answers=("李梅",), evidence=evidence, passages=(TEXT,)),
        Gold("dev-q2", "多大？", False, "dev-unanswerable", passages=(TEXT,)),
    )


def test_paragraphs_become_articles_that_can_be_indexed(tmp_path: Path) -> None:
    out, folder = tmp_path / "gold.jsonl", tmp_path / "articles"
    for _ in range(2):  # the same again is no other set
        done = import_gold("squad", write(tmp_path / "dev.json", SQUAD), out, articles=folder)
    assert done == Imported(questions=2, unanswerable=1, articles=2, errors=())
    read = read_articles([folder])
    assert [(each.id, each.title) for each in read.articles] == [("P7.txt", "堰"), ("茶-0-0.txt", "茶")]
    assert read.errors == ()
    items = read_gold([out]).items
    assert [gold.article for gold in items] == ["茶-0-0.txt"] * 2
    assert check_articles(items, {each.id: each for each in read.articles}) == {}


def test_ids_that_are_no_file_names(tmp_path: Path) -> None:
    ids = ["../a", "A", "a", "?", "", "茶" * 300]
    corpus = [{"id": each, "title": "", "text": f"第{n}篇。"} for n, each in enumerate(ids)]
    questions = [
        {**QUESTIONS[0], "id": each or "-", "answers": [f"第{n}"], "doc_ids": [each]} for n, each in enumerate(ids)
    ]
    write_corpus(tmp_path, list(corpus), list(questions))
    import_gold("corpus", tmp_path, tmp_path / "gold.jsonl", articles=tmp_path / "articles")
    items, read = read_gold([tmp_path / "gold.jsonl"]).items, read_articles([tmp_path / "articles"])
    names = ["a.txt", "A_2.txt", "a_3.txt", "paragraph.txt", "paragraph_2.txt", f"{'茶' * 60}.txt"]
    assert [gold.article for gold in items] == names
    assert check_articles(items, {each.id: each for each in read.articles}) == {}


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match='holds "dev.json", which is not of this set; choose another --articles'):
        import_gold("squad", write(tmp_path / "dev.json", SQUAD), tmp_path / "gold.jsonl", articles=tmp_path)
    assert not (tmp_path / "gold.jsonl").exists()


def test_what_is_held_out_makes_questions_unanswerable(tmp_path: Path) -> None:
    source, out = tmp_path / "set", tmp_path / "gold.jsonl"
    source.mkdir()
    both = {**QUESTIONS[0], "id": "both", "doc_ids": ["P7", "P8"]}
    write_corpus(source, list(CORPUS), [*QUESTIONS, both])
    write(source / "holdout.json", ["P7"])
    done = import_gold("corpus", source, out, articles=tmp_path / "a", holdout=True)
    assert done == Imported(questions=3, unanswerable=2, articles=1, errors=())
    first, second, third = read_gold([out]).items
    assert first == Gold("set-q1", "谁？", False, "set-unanswerable")
    assert second == Gold("set-q2", "？", False, "set-unanswerable", article="P8.txt")
    assert third == Gold("set-both", "谁？", True, "set", answers=("李冰",), article="P8.txt")
    with pytest.raises(UsageError, match="--holdout needs --articles, and a holdout.json that lists ids"):
        import_gold("corpus", source, out, holdout=True)


def test_a_question_of_several_paragraphs_names_no_article(tmp_path: Path) -> None:
    write_corpus(tmp_path, list(CORPUS), [{**QUESTIONS[0], "answers": ["李"], "doc_ids": ["P7", "P8"]}])
    for articles in (None, tmp_path / "articles"):
        import_gold("corpus", tmp_path, tmp_path / "gold.jsonl", articles=articles)
        (gold,) = read_gold([tmp_path / "gold.jsonl"]).items
        assert gold.evidence == (("李冰修堰。", "厂长是李梅。"),)
        assert gold.article == ""
        assert gold.passages == (None if articles else ("李冰修堰。", TEXT))


def test_questions_that_make_no_gold_question_are_named(tmp_path: Path) -> None:
    qas = [
        {"query_id": each, "query_text": question, "answers": [answer]}
        for each, question, answer in (("a", "", "x"), ("b", "？", "——"), ("c", "？", "李梅"), ("c", "？", "李梅"))
    ]
    path = write(tmp_path / "dev.json", [{**OWN[0], "qas": qas}])
    done = import_gold("cmrc2018", path, tmp_path / "gold.jsonl")
    assert done.questions == 1
    assert [str(error).removeprefix(f"{path}: question ") for error in done.errors] == [
        '"dev-a" is left out: the question is empty, still a draft; write the question',
        '"dev-b" is left out: "——" tells nothing, without a letter or digit; write what an answer must tell',
        '"dev-c" is left out: has the id "dev-c" again; keep one',
    ]
    path = write(tmp_path / "dev.json", within("data", value=[]))
    with pytest.raises(UsageError, match="holds no question"):
        import_gold("squad", path, tmp_path / "gold.jsonl")


def test_rgb_is_asked_on_its_passages(tmp_path: Path) -> None:
    source, out = tmp_path / "zh.jsonl", tmp_path / "gold.jsonl"
    rows: list[dict[str, Any]] = [ROW, {**ROW, "id": 4, "negative": []}]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert import_gold("rgb", source, out, limit=1, noise=0.4) == Imported(1, 0, 0, ())
    done = import_gold("rgb", source, out, negatives_only=True)
    assert (done.questions, done.unanswerable) == (1, 1)
    said = 'question "zh-4" is left out: has no passage to be asked with; add one or take "passages" out'
    assert [str(error) for error in done.errors] == [f"{source}: {said}"]
    with pytest.raises(UsageError, match="rgb brings passages for every question; leave --articles"):
        import_gold("rgb", source, out, articles=tmp_path / "a")


@pytest.mark.parametrize(
    "option", [{"noise": 0.0}, {"negatives_only": True}, {"seed": 0}], ids=["noise", "only", "seed"]
)
def test_what_only_rgb_knows_is_refused_elsewhere(tmp_path: Path, option: dict[str, Any]) -> None:
    source, out = write(tmp_path / "dev.json", SQUAD), tmp_path / "gold.jsonl"
    with pytest.raises(UsageError, match="^squad has no passages to choose; --noise, --negatives-only and --seed are"):
        import_gold("squad", source, out, **option)
    assert not out.exists()


def test_without_any_passage_that_tells_there_is_no_share_of_noise(tmp_path: Path) -> None:
    source = write(tmp_path / "zh.jsonl", ROW)
    with pytest.raises(UsageError, match="^--negatives-only leaves no passage with the answer; leave --noise out$"):
        import_gold("rgb", source, tmp_path / "gold.jsonl", noise=0.4, negatives_only=True)


@pytest.mark.parametrize("name", ["cmrc2018", "drcd", "xquad_zh", "xquad_en", "dureader2_demo"])
def test_every_question_of_a_real_set_is_read_back(shared: Path, tmp_path: Path, name: str) -> None:
    source = shared / "data" / name
    asked = (source / "questions.jsonl").read_bytes().count(b"\n")
    done = import_gold("corpus", source, tmp_path / "gold.jsonl")
    read = read_gold([tmp_path / "gold.jsonl"])
    assert (len(read.items), read.errors) == (done.questions, ())
    assert done.questions + len(done.errors) == asked
    assert len(done.errors) == (2 if name == "cmrc2018" else 0)  # whose questions are empty
    assert name == "dureader2_demo" or all(gold.evidence for gold in read.items)

    done = import_gold("corpus", source, tmp_path / "gold.jsonl", articles=tmp_path / "articles", limit=200)
    found = read_articles([tmp_path / "articles"])
    assert (len(found.articles), found.errors) == (done.articles, ())
    items = read_gold([tmp_path / "gold.jsonl"]).items
    assert check_articles(items, {each.id: each for each in found.articles}) == {}


@pytest.mark.parametrize("name", ["zh_refine", "zh_int", "zh_fact"])
@pytest.mark.parametrize("noise", [0, 0.4, 0.8])
def test_every_question_of_rgb_is_read_back(shared: Path, tmp_path: Path, name: str, noise: float) -> None:
    source = shared / "data" / "rgb" / f"{name}.jsonl"
    done = import_gold("rgb", source, tmp_path / "gold.jsonl", noise=noise)
    read = read_gold([tmp_path / "gold.jsonl"])
    asked = source.read_bytes().count(b"\n")
    assert (len(read.items), read.errors, done.errors) == (asked, (), ())
    assert all(gold.evidence for gold in read.items)
