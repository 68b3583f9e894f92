import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gold import Gold, GoldSet, check_articles, read_gold, stratified, write_gold
from rag.errors import UsageError
from rag.records import LONGEST_QUESTION, Article, Turn

GOOD: dict[str, Any] = {"id": "m", "question": "产茶多少？", "answerable": True, "facts": [["320吨"]]}
NONE: dict[str, Any] = {"id": "m", "question": "产茶多少？", "answerable": False}


def line(body: dict[str, Any] = GOOD, *without: str, **changes: object) -> str:
    row = {**body, **changes}
    return json.dumps({key: value for key, value in row.items() if key not in without}, ensure_ascii=False)


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(each + "\n" for each in lines), encoding="utf-8")
    return path


MALFORMED = {
    "no JSON": ("{", "not JSON (Expecting property name enclosed in double quotes, character 2); write one JSON"),
    "single quotes": (
        "{'id': 'm'}",
        "not JSON (Expecting property name enclosed in double quotes, character 2); write",
    ),
    "a remark": ("# the questions about tea", "not JSON (Expecting value, character 1); write one JSON object a line"),
    "half a line": (line()[:-1], "not JSON (Expecting ',' delimiter, character 73); write one JSON object a line"),
    "two files in one": (
        "\ufeff" + line(),
        "not JSON (Unexpected UTF-8 BOM (decode using utf-8-sig), character 1); write",
    ),
    "two objects": (line() * 2, "not JSON (Extra data, character 74); write one JSON object a line"),
    "a list": ('["m"]', '["m"] is no JSON object; write {...} with the keys id, question, answerable'),
    "a number": ("5", "5 is no JSON object; write {"),
    "a key twice": ('{"id": "m", "id": "n"}', "has the key 'id' more than once; keep one"),
    "NaN": ('{"id": NaN}', "NaN is no JSON value; write a text"),
    "minus infinity": ('{"id": -Infinity}', "-Infinity is no JSON value; write a text"),
    "half a character": ('{"id": "m\\ud83c"}', r"holds half a surrogate pair, '\ud83c'; write the whole character"),
    "brackets without end": ('{"facts": ' + "[" * 100_000, "brackets are nested too deeply; three levels are"),
    "an unknown key": (line(answer="320吨"), 'unknown key "answer"; did you mean "answers"?'),
    "a foreign key": (line(xyz=1), 'unknown key "xyz"; the keys are id, category, question, history, answerable,'),
    "no id": (line(GOOD, "id"), 'no "id"; add a text that no other line has'),
    "no question": (line(GOOD, "question"), 'no "question"; add a text, as a reader would type it'),
    "no answerable": (line(GOOD, "answerable"), 'no "answerable"; add true or false'),
    "a number as id": (line(id=5), '"id" is 5; make it a text that no other line has'),
    "a number without end": (f'{{"id": {"9" * 5000}}}', 'no "question"; add a text, as a reader would type it'),
    "an id of many digits": (line(id=10**25), '"id" is 1e+25; make it a text that no other line has'),
    "an empty id": (line(id=" "), '"id" is " "; make it a text that no other line has'),
    "the id again": (line(id="一"), 'the id "一" is that of {path}:1; choose another'),
    "a number as question": (line(question=5), '"question" is 5; make it a text, as a reader would type it'),
    "an empty question": (line(question=" \n"), "the question is empty, still a draft; write the question"),
    "a draft": (line(draft=True), 'still a draft: "产茶多少？"; check what the line says, then take "draft" out'),
    "a draft in words": (line(draft="yes"), '"draft" is "yes"; make it true or false, or leave it out'),
    "a long question": (
        line(question="茶" * (LONGEST_QUESTION + 1)),
        "the question has 2001 characters; 2000 are the most",
    ),
    "a number as category": (line(category=1), '"category" is 1; make it a text, or leave it out'),
    "answerable in words": (line(answerable="yes"), '"answerable" is "yes"; make it true or false'),
    "answerable as number": (line(answerable=1), '"answerable" is 1; make it true or false'),
    "nothing to tell": (line(GOOD, "facts"), 'answerable, with neither "facts" nor "answers"; write what a right'),
    "facts, not answerable": (
        line(answerable=False),
        'not answerable, with "facts" [["320吨"]]; take that out or make',
    ),
    "answers, not answerable": (line(NONE, answers=["x"]), 'not answerable, with "answers" ["x"]; take that out or'),
    "evidence, not answerable": (line(NONE, evidence=["x"]), 'not answerable, with "evidence" [["x"]]; take that'),
    "facts without wordings": (line(facts=["320吨"]), '"facts" is ["320吨"]; make it a list of lists of texts: for'),
    "a fact in no words": (line(facts=[[]]), '"facts" is [[]]; make it a list of lists of texts'),
    "an empty fact": (line(facts=[["320吨", ""]]), '"facts" is [["320吨", ""]]; make it a list of lists of texts'),
    "a number as fact": (line(facts=[[320]]), '"facts" is [[320]]; make it a list of lists of texts'),
    "a fact of punctuation": (line(facts=[["——"]]), '"——" tells nothing, without a letter or digit; write what'),
    "a fact of markers": (line(facts=[["[1]［2］"]]), '"[1]［2］" tells nothing, without a letter or digit; write'),
    "one answer": (line(answers="320吨"), '"answers" is "320吨"; make it a list of texts, none empty'),
    "an answer of dots": (line(answers=["……"]), '"……" tells nothing, without a letter or digit; write what'),
    "one quote": (line(evidence="x"), '"evidence" is "x"; make it a list of quotes, none empty: a text each, or'),
    "an empty quote": (line(evidence=["x", ""]), '"evidence" is ["x", ""]; make it a list of quotes, none empty'),
    "a quote in no words": (line(evidence=[[]]), '"evidence" is [[]]; make it a list of quotes, none empty'),
    "evidence nowhere": (
        line(evidence=["甲。", "丙。"], passages=["甲。", "乙。"]),
        'the evidence "丙。" is in none of the passages; quote one as it stands',
    ),
    "a number as article": (line(article=1), '"article" is 1; make it the id of an article, or leave it out'),
    "article and passages": (
        line(article="tea.md", passages=["x"]),
        'has "passages" and the article "tea.md"; keep one of the two',
    ),
    "no passage": (line(passages=[]), '"passages" is []; make it a list of texts, none empty, or leave it out'),
    "null as passages": (line(passages=None), '"passages" is null; make it a list of texts, none empty'),
    "passages in one": (line(passages="abc"), '"passages" is "abc"; make it a list of texts, none empty'),
    "an empty passage": (line(passages=["x", ""]), '"passages" is ["x", ""]; make it a list of texts, none empty'),
    "a flat history": (line(history=["a", "b"]), '"history" is ["a", "b"]; make it a list of [question, answer]'),
    "a turn of three": (line(history=[["a", "b", "c"]]), '"history" is [["a", "b", "c"]]; make it a list of'),
    "a long value": (line(id=["茶"] * 90), f'"id" is {json.dumps(["茶"] * 90, ensure_ascii=False)[:57]}...; make'),
    "a value of lines": (line(id=["一\u2028二"]), '"id" is ["一 二"]; make it a text that no other line has'),
}


@pytest.mark.parametrize(("malformed", "said"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_line_is_named_and_the_rest_is_read(tmp_path: Path, malformed: str, said: str) -> None:
    path = write(tmp_path / "gold.jsonl", line(id="一"), "", malformed, line(id="二"))
    read = read_gold([path])
    assert [gold.id for gold in read.items] == ["一", "二"]
    (error,) = read.errors
    assert str(error).startswith(f"{path}:3: " + said.replace("{path}", str(path)))
    assert len(str(error).splitlines()) == 1
    assert "; " in str(error), "it names no next step"


UNREADABLE = {
    "absent": (None, "cannot be read (No such file or directory); check the path"),
    "empty": (b"", "holds no question; write one JSON object a line"),
    "blank": (b"\n \n", "holds no question; write one JSON object a line"),
    "GBK": (b"{}\n" + '{"question": "茶"}'.encode("gbk"), "not UTF-8 at byte 17; save it as UTF-8 JSONL"),
    "UTF-16": ('{"question": "茶"}'.encode("utf-16"), "not UTF-8 at byte 0; save it as UTF-8 JSONL"),
}


@pytest.mark.parametrize(("content", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_gold_set(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "gold.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as raised:
        read_gold([path])
    assert str(raised.value) == f"{path}: {said}"


def test_ids_are_unique_over_all_files(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", line(), line(id="n"))
    second = write(tmp_path / "b.jsonl", line(id="o"), line(id="n", question="谁？"))
    read = read_gold([first, second])
    assert [gold.id for gold in read.items] == ["m", "n", "o"]
    assert list(map(str, read.errors)) == [f'{second}:2: the id "n" is that of {first}:2; choose another']


def test_a_question_with_everything(tmp_path: Path) -> None:
    written = line(
        category="single-fact",
        history=[["谁？", "李梅"]],
        answers=["320吨"],
        evidence=["甲。", ["乙。", "乙 。"]],
        passages=["甲。乙。"],
        draft=False,
    )
    path = write(tmp_path / "gold.jsonl", "\ufeff" + written + "\r")
    gold = Gold(
        id="m",
        question="产茶多少？",
        answerable=True,
        category="single-fact",
        facts=(("320吨",),),
        answers=("320吨",),
        evidence=(("甲。",), ("乙。", "乙 。")),
        passages=("甲。乙。",),
        history=(Turn("谁？", "李梅"),),
    )
    assert read_gold([path]) == GoldSet((gold,), ())
    assert read_gold([path]).items[0].place == f"{path}:1"


def test_a_draft_is_written_with_its_empty_question(tmp_path: Path) -> None:
    write_gold(tmp_path / "gold.jsonl", [Gold("m", "", True, draft=True)])
    expected = '{"id": "m", "question": "", "answerable": true, "draft": true}\n'
    assert (tmp_path / "gold.jsonl").read_text(encoding="utf-8") == expected


ARTICLES = {"tea.md": Article("tea.md", "茶", "/tea.md", "一年产茶\n320 吨。\n厂长是李梅。", "/")}
MISPLACED = {
    "its article is gone": (
        Gold("m", "？", False, article="te.md"),
        'no article "te.md" in the index; did you mean "te',
    ),
    "no article at all": (
        Gold("m", "？", False, article="水"),
        'no article "水" in the index; index it, name its index',
    ),
    "the text has changed": (
        Gold("m", "？", True, evidence=(("厂长是李梅。",), ("厂长是王芳。", "厂长王芳")), article="tea.md"),
        'the evidence "厂长是王芳。" is not in "tea.md"; quote the article as it stands',
    ),
}


@pytest.mark.parametrize(("gold", "said"), MISPLACED.values(), ids=MISPLACED)
def test_a_question_that_does_not_fit_the_articles(gold: Gold, said: str) -> None:
    assert str(check_articles([gold], ARTICLES)["m"]).startswith(f"question m: {said}")


def test_what_fits_the_articles_is_no_error_and_the_rest_says_its_place(tmp_path: Path) -> None:
    path = write(
        tmp_path / "gold.jsonl",
        line(id="any alternative", evidence=["厂长是李梅。", ["产茶三百吨", "产茶320吨"]], article="tea.md"),
        line(id="no article", evidence=["别处。"]),
        line(NONE, id="no evidence", article="tea.md"),
        line(id="wrong", article="no.md"),
    )
    errors = check_articles(read_gold([path]).items, ARTICLES)
    assert list(errors) == ["wrong"]
    assert str(errors["wrong"]).startswith(f"{path}:4: no article")


SAYING = st.text(min_size=1).map(lambda text: f"{text}a")
ALTERNATIVES = st.lists(SAYING, min_size=1, max_size=3).map(tuple)


@st.composite
def golds(draw: st.DrawFn) -> Gold:
    answerable = draw(st.booleans())
    facts = draw(st.lists(ALTERNATIVES, max_size=3).map(tuple)) if answerable else ()
    answers = draw(st.lists(SAYING, min_size=not facts, max_size=3).map(tuple)) if answerable else ()
    evidence = draw(st.lists(ALTERNATIVES, max_size=3).map(tuple)) if answerable else ()
    where = draw(st.sampled_from(["nowhere", "article", "passages"]))
    passages = (*(quotes[-1] for quotes in evidence), draw(SAYING))
    return Gold(
        id=draw(SAYING),
        question=draw(st.text(max_size=50).map(lambda text: f"{text}？")),
        answerable=answerable,
        category=draw(st.text()),
        facts=facts,
        answers=answers,
        evidence=evidence,
        article=draw(SAYING) if where == "article" else "",
        passages=passages if where == "passages" else None,
        history=draw(st.lists(st.builds(Turn, SAYING, SAYING), max_size=2).map(tuple)),
    )


@given(st.lists(golds(), min_size=1, max_size=4, unique_by=lambda gold: gold.id))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, items: list[Gold]) -> None:
    path = tmp_path_factory.getbasetemp() / "round" / "gold.jsonl"
    write_gold(path, items)
    assert read_gold([path]) == GoldSet(tuple(items), ())


@given(st.text(), st.sampled_from(["{}", "[{}]", '{{"id": "m", "facts": {}}}', '{{"id": {}, "question": "?"}}']))
def test_whatever_a_line_holds_it_is_read_or_named(
    tmp_path_factory: pytest.TempPathFactory, text: str, around: str
) -> None:
    second = around.format(text.replace("\r", "").replace("\n", ""))
    path = write(tmp_path_factory.getbasetemp() / "gold.jsonl", line(id="first"), second)
    read = read_gold([path])
    assert len(read.items) + len(read.errors) in (1, 2)
    assert all(str(error).startswith(f"{path}:2: ") for error in read.errors)


@given(st.lists(st.sampled_from("abcd"), max_size=60), st.integers(1, 60))
def test_a_limit_keeps_the_share_of_every_category(categories: list[str], limit: int) -> None:
    gold = [Gold(str(number), "?", False, category) for number, category in enumerate(categories)]
    kept = stratified(gold, limit)
    assert kept == [each for each in gold if each in kept]
    assert len(kept) == min(limit, len(gold))
    for category, count in Counter(categories).items():
        share = count * len(kept) / len(gold)
        assert abs(sum(each.category == category for each in kept) - share) < 1


def test_all_questions_are_asked_without_a_limit() -> None:
    gold = [Gold("1", "?", False), Gold("2", "?", False)]
    assert stratified(gold, None) == gold
