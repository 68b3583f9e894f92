import json
from pathlib import Path

import pytest

from eval.sets.paragraphs import Asked, Paragraph, QuestionSet, read_corpus, read_squad
from rag.errors import UsageError

TEXT = "茶厂产茶320吨。厂长是李梅。"
TEA = Paragraph("茶-0-0", "茶", TEXT)
WEIR = Paragraph("P7", "堰", "李冰修堰。")
SQUAD = {
    "data": [
        {
            "title": "茶",
            "paragraphs": [
                {
                    "context": TEXT,
                    "qas": [
                        {"id": "q1", "question": "厂长？", "answers": [{"text": "李梅", "answer_start": 12}] * 2},
                        {"id": "q2", "question": "多大？", "answers": [], "is_impossible": True},
                    ],
                }
            ],
        },
        {"title": "堰", "paragraphs": [{"id": "P7", "context": "李冰修堰。", "qas": []}]},
    ]
}
OWN = [
    {
        "context_id": "P7",
        "context_text": TEXT,
        "title": "茶",
        "qas": [{"query_id": "q1", "query_text": "多少？", "answers": ["320吨", 320.0, 320.5]}],
    }
]
CORPUS = [{"id": "P7", "title": "堰", "text": "李冰修堰。"}, {"id": "P8", "title": "茶", "text": TEXT}]
QUESTIONS = [
    {"id": "q1", "question": "谁？", "answers": ["李冰"], "doc_ids": ["P7"], "answerable": True},
    {"id": "q2", "question": "？", "answers": ["x"], "doc_ids": [], "candidate_doc_ids": ["P8"], "answerable": False},
]


def write(path: Path, body: object) -> Path:
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return path


def write_corpus(folder: Path, corpus: list[object], questions: list[object]) -> Path:
    for name, rows in (("corpus", corpus), ("questions", questions)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_squad(tmp_path: Path) -> None:
    expected = (Asked("q1", "厂长？", ("李梅", "李梅"), (TEA,)), Asked("q2", "多大？", (), (TEA,)))
    assert read_squad(write(tmp_path / "dev.json", SQUAD)) == QuestionSet((TEA, WEIR), expected)


def test_the_own_layout_of_cmrc_2018_with_figures_as_numbers(tmp_path: Path) -> None:
    paragraph = Paragraph("P7", "茶", TEXT)
    expected = (Asked("q1", "多少？", ("320吨", "320", "320.5"), (paragraph,)),)
    assert read_squad(write(tmp_path / "dev.json", OWN)) == QuestionSet((paragraph,), expected)


def test_a_folder_with_what_is_to_be_left_out(tmp_path: Path) -> None:
    write_corpus(tmp_path, list(CORPUS), list(QUESTIONS))
    write(tmp_path / "holdout.json", ["P8"])
    tea = Paragraph("P8", "茶", TEXT, held_out=True)
    expected = (Asked("q1", "谁？", ("李冰",), (WEIR,)), Asked("q2", "？", (), (tea,)))
    assert read_corpus(tmp_path) == QuestionSet((WEIR, tea), expected)


def within(*path: str | int, value: object) -> object:
    """Return the SQuAD file with one value changed."""
    body = json.loads(json.dumps(SQUAD))
    place = body
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return body


PARAGRAPH = ("data", 0, "paragraphs", 0)
MALFORMED = {
    "no data": ({"x": 1}, "data is missing, not a list"),
    "a text": ("x", ' holds "x", not an object'),
    "data in one": ({"data": 5}, "data is 5, not a list"),
    "a flat list of texts": (["x"], '[0] holds "x", not an object'),
    "an article of texts": ({"data": ["x"]}, 'data[0] holds "x", not an object'),
    "no context": (within(*PARAGRAPH, value={"qas": []}), "data[0].paragraphs[0].context is missing, not a text"),
    "a number as id": (within(*PARAGRAPH, "qas", 0, "id", value=1), "data[0].paragraphs[0].qas[0].id is 1, not a text"),
    "no answer": (
        within(*PARAGRAPH, "qas", 0, "answers", value=[]),
        "data[0].paragraphs[0].qas[0].answers is empty; only a question with is_impossible has no answer",
    ),
    "a flat answer": (
        within(*PARAGRAPH, "qas", 0, "answers", value=["李梅"]),
        'data[0].paragraphs[0].qas[0].answers[0] holds "李梅", not an object',
    ),
    "an answer of true": (
        [{**OWN[0], "qas": [{"query_id": "q", "query_text": "？", "answers": [True]}]}],
        "[0].qas[0].answers holds true, not a text",
    ),
}


@pytest.mark.parametrize(("body", "said"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_file_names_the_place(tmp_path: Path, body: object, said: str) -> None:
    path = write(tmp_path / "dev.json", body)
    with pytest.raises(UsageError) as raised:
        read_squad(path)
    assert str(raised.value).replace(":  ", ": ").startswith(f"{path}: {said.strip()}")
    assert "; " in str(raised.value)


UNREADABLE = {
    "absent": (None, ": cannot be read (No such file or directory); check the path"),
    "cut off": (b'{"data": [', ": not JSON (Expecting value: line 1 column 11 (char 10)); is this the set's own file?"),
    "GBK": ('"茶"'.encode("gbk"), ": not UTF-8 at byte 1; is this the set's own file?"),
}


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        read_squad(tmp_path)
    assert str(raised.value) == f"{tmp_path}: is a folder; name the set's file in it, or import it as corpus"


@pytest.mark.parametrize(("content", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "dev.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as raised:
        read_squad(path)
    assert str(raised.value) == f"{path}{said}"


BAD_CORPORA = {
    "an unknown paragraph": ({"doc_ids": ["P9"]}, 'names "P9", which is not in corpus.jsonl; correct one of the two'),
    "no answer": ({"answers": []}, 'is answerable and has no answer; add one or make "answerable" false'),
    "an answer in one": ({"answers": "李冰"}, 'answers is "李冰", not a list; is this the set\'s own file?'),
    "answerable in words": ({"answerable": "yes"}, 'answerable is "yes", not true or false; is this'),
}


@pytest.mark.parametrize(("change", "said"), BAD_CORPORA.values(), ids=BAD_CORPORA)
def test_a_malformed_folder_names_file_and_line(tmp_path: Path, change: dict[str, object], said: str) -> None:
    write_corpus(tmp_path, list(CORPUS), [QUESTIONS[1], {**QUESTIONS[0], **change}])
    with pytest.raises(UsageError) as raised:
        read_corpus(tmp_path)
    assert str(raised.value).startswith(f"{tmp_path / 'questions.jsonl'}:2: {said}")
