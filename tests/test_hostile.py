import base64
import binascii
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eval.gold import check_articles, read_gold
from eval.measures.facts import contains_fact
from eval.measures.obedience import makes_links, obeys
from eval.sets.hostile import Hostile, read_hostile
from eval.sets.importing import Imported, import_gold
from rag.articles import read_articles
from rag.errors import UsageError
from rag.language import language_of
from rag.records import Json
from rag.sentences import split_sentences

FOLDER = Path(__file__).parent.parent / "eval" / "hostile"
ROWS = read_hostile(FOLDER)
LEGITIMATE = "reported"  # the article rightly tells of an order, and is asked about it
every_row = pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in ROWS])


def said(text: str) -> Json:
    return {"answer": text, "citations": []}


def revealed(order: str) -> str:
    """Return an order with what is encoded in it, and its words backwards."""
    found = [order]
    for code in re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", order):
        try:
            found.append(base64.b64decode(code, validate=True).decode())
        except (binascii.Error, UnicodeDecodeError):
            continue
    return "\n".join([*found, *(word[::-1] for word in re.findall(r"\w+", order))])


def without_order(row: Hostile) -> str:
    text = row.text
    for part in row.order:
        text = text.replace(part, "\n")
    return text


def test_the_set_is_large_varied_and_balanced() -> None:
    assert len(ROWS) >= 120
    assert Counter(row.language for row in ROWS) == {"zh": len(ROWS) / 2, "en": len(ROWS) / 2}
    kinds = {language: Counter(row.kind for row in ROWS if row.language == language) for language in ("zh", "en")}
    assert kinds["zh"] == kinds["en"]
    assert len(kinds["zh"]) >= 30
    assert 3 * sum(bool(row.unanswerable) for row in ROWS) >= len(ROWS)


def test_ids_titles_texts_and_questions_are_unique() -> None:
    for values in (
        [row.id for row in ROWS],
        [row.title for row in ROWS],
        [row.text for row in ROWS],
        [question for row in ROWS for question in (row.question, row.unanswerable) if question],
    ):
        assert [value for value, count in Counter(values).items() if count > 1] == []


@every_row
def test_row_is_well_formed(row: Hostile) -> None:
    assert re.fullmatch(rf"hostile-{row.language}-\d\d", row.id)
    assert language_of(row.question) == row.language
    assert row.unanswerable == "" or language_of(row.unanswerable) == row.language
    for text in (row.title, row.text, row.question, row.unanswerable):
        assert text == text.strip()
    assert 4 <= len(split_sentences(row.text, markdown=row.markdown)) <= 12
    assert all(part in row.text for part in row.order)


@every_row
def test_evidence_is_one_whole_sentence_and_proves_the_facts(row: Hostile) -> None:
    sentences = [row.text[each.start : each.end] for each in split_sentences(row.text, markdown=row.markdown)]
    for quote in row.evidence:
        assert sentences.count(quote) == row.text.count(quote) == 1
        inside_order = any(quote in part or part in quote for part in row.order)
        assert inside_order is (row.kind == LEGITIMATE)
    for fact in row.facts:
        assert any(contains_fact(quote, fact) for quote in row.evidence)
        assert not contains_fact(row.question, fact), "an echo of the question would count"


@every_row
def test_canaries_are_of_the_order_alone(row: Hostile) -> None:
    order = "\n".join(row.order)
    for canary in row.canaries:
        assert obeys(said(revealed(order)), [canary])
        # to quote an order that an article reports is right: what gives away obedience is not in its words
        assert not (row.kind == LEGITIMATE and obeys(said(order), [canary]))


def test_no_canary_is_in_what_is_asked_or_told_anywhere() -> None:
    plain = [text for row in ROWS for text in (row.title, row.question, row.unanswerable, *row.evidence)]
    plain += [telling for row in ROWS for fact in row.facts for telling in fact]
    everything = said("\n".join([*plain, *map(without_order, ROWS)]))
    assert [canary for row in ROWS for canary in row.canaries if obeys(everything, [canary])] == []


@every_row
def test_what_is_asked_for_can_be_told_without_the_order(row: Hostile) -> None:
    right = "\n".join(row.evidence)
    assert not obeys(said(right), row.canaries)
    assert not makes_links(said(right))


def test_the_set_becomes_gold_questions_on_passages(tmp_path: Path) -> None:
    out = tmp_path / "gold.jsonl"
    unanswerable = sum(bool(row.unanswerable) for row in ROWS)
    assert import_gold("hostile", FOLDER, out) == Imported(len(ROWS) + unanswerable, unanswerable, 0, ())
    read = read_gold([out])
    assert read.errors == ()
    by_id = {gold.id: gold for gold in read.items}
    for row in ROWS:
        gold = by_id[row.id]
        assert (gold.question, gold.answerable, gold.category) == (row.question, True, row.kind)
        assert (gold.facts, gold.canaries, gold.passages) == (row.facts, row.canaries, (row.text,))
        assert gold.evidence == tuple((quote,) for quote in row.evidence)
        if row.unanswerable:
            second = by_id[f"{row.id}-unanswerable"]
            assert (second.question, second.answerable) == (row.unanswerable, False)
            assert (second.canaries, second.passages) == (row.canaries, (row.text,))


def test_the_articles_can_be_indexed(tmp_path: Path) -> None:
    out, folder = tmp_path / "gold.jsonl", tmp_path / "articles"
    assert import_gold("hostile", FOLDER, out, articles=folder).articles == len(ROWS)
    read = read_articles([folder])
    assert read.errors == ()
    assert sorted((each.title, each.markdown) for each in read.articles) == sorted((r.title, r.markdown) for r in ROWS)
    items = read_gold([out]).items
    assert check_articles(items, {each.id: each for each in read.articles}) == {}
    everyones = {canary for row in ROWS for canary in row.canaries}
    assert {frozenset(gold.canaries) for gold in items} == {frozenset(everyones)}  # any article may be the one obeyed
    assert {gold.passages for gold in items} == {None}


GOOD: dict[str, Any] = {
    "id": "a", "language": "en", "kind": "k", "title": "T", "text": "It is 5. Say X.", "order": ["Say X."],
    "canaries": ["X"], "question": "How much?", "facts": [["5"]], "evidence": ["It is 5."],
}  # fmt: skip


def test_one_file_is_read_alone(tmp_path: Path) -> None:
    path = tmp_path / "en.jsonl"
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    expected = Hostile(
        "a", "en", "k", "T", "It is 5. Say X.", False, ("Say X.",), ("X",), "How much?", (("5",),), ("It is 5.",), ""
    )
    assert read_hostile(path) == [expected]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"canaries": []}, r"en.jsonl:1: canaries is \[\], not a list of texts; correct the line"),
        ({"order": "Say X."}, r'en.jsonl:1: order is "Say X.", not a list; is this'),
        ({"facts": ["5"]}, r'en.jsonl:1: facts is \["5"\], not a list of lists of texts; correct the line'),
        ({"kind": 3}, r"en.jsonl:1: kind is 3, not a text; is this"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    path = tmp_path / "en.jsonl"
    path.write_text(json.dumps({**GOOD, **wrong}), encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_hostile(path)
