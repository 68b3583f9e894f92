import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.batch import Item, parse_question, read_batch, run_batch
from rag.errors import ModelError, SuwenError, UsageError
from rag.records import Json, Question, Turn
from tests.small_disk import small_disk

ROOT = Path(__file__).parent.parent


def echo(question: Question) -> Json:
    return {"question": question.text, "answer": f"答{question.text}"}


def questions(*texts: str) -> list[Item]:
    return [Item(number, text, Question(text, id=text)) for number, text in enumerate(texts, start=1)]


def run(items: list[Item], out: Path, answer: Callable[[Question], Json] = echo) -> int:
    return run_batch(items, out, answer, lambda done: None)


def rows(out: Path) -> list[Json]:
    return [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n")[:-1]]


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_question_with_everything() -> None:
    row = {"id": 7, "question": "多少？", "history": [["谁？", "李梅"]], "passages": ["一", "二"]}
    assert parse_question(row) == Question("多少？", (Turn("谁？", "李梅"),), ("一", "二"), 7)
    assert parse_question({"question": "x"}) == Question("x")
    assert parse_question({"question": "x", "passages": []}).passages == ()


def test_results_are_in_the_order_of_the_questions(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", '{"id": "b", "question": "二"}', "", '{"question": "一"}', "  ")
    told: list[int] = []
    assert run_batch(read_batch(source), tmp_path / "new" / "out.jsonl", echo, told.append) == 0
    expected = '{"id": "b", "question": "二", "answer": "答二"}\n{"question": "一", "answer": "答一"}\n'
    assert (tmp_path / "new" / "out.jsonl").read_text(encoding="utf-8") == expected
    assert told == [0, 1, 2]


MALFORMED = {
    "no JSON": ("{", "Expecting property name"),
    "a list": ('["x"]', "not a JSON object"),
    "a text": ('"x"', "not a JSON object"),
    "no question": ('{"id": "m"}', '"question" must be a text'),
    "an empty question": ('{"id": "m", "question": " "}', '"question" must be a text'),
    "a number as question": ('{"id": "m", "question": 5}', '"question" must be a text'),
    "an unknown field": ('{"id": "m", "question": "x", "query": 1, "a": 2}', "unknown field a, query; fields are "),
    "a flat history": ('{"id": "m", "question": "x", "history": ["a", "b"]}', '"history" must be a list of'),
    "a turn of three": ('{"id": "m", "question": "x", "history": [["a", "b", "c"]]}', '"history" must be a list of'),
    "passages in one": ('{"id": "m", "question": "x", "passages": "abc"}', '"passages" must be a list of texts'),
    "a list as id": ('{"id": ["m"], "question": "x"}', '"id" must be a text or a whole number'),
    "half a character": ('{"id": "m", "question": "\\ud83c"}', "surrogates not allowed"),
    "no end of brackets": ('{"question": ' + "[" * 100_000, "recursion"),
    "two objects": ('{"question": "x"}{"question": "y"}', "Extra data"),
}


@pytest.mark.parametrize(("line", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_line_is_named_and_the_rest_is_answered(tmp_path: Path, line: str, reason: str) -> None:
    source = write(tmp_path / "in.jsonl", '{"question": "一"}', "", line, '{"question": "二"}')
    out = tmp_path / "out.jsonl"
    assert run(read_batch(source), out) == 1
    first, error, last = rows(out)
    assert (first["answer"], last["answer"]) == ("答一", "答二")
    assert error["error"].startswith(f"{source}:3: ")
    assert reason in error["error"]
    assert error.keys() == ({"id", "error"} if '"id": "m"' in line and "\\ud" not in line else {"error"})
    before = out.read_bytes()
    assert run(read_batch(source), out, lambda question: pytest.fail("asked again")) == 1
    assert out.read_bytes() == before


def test_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    text = "一\u2028二\u0085三"
    (tmp_path / "in.jsonl").write_bytes(b"\xef\xbb\xbf" + f'{{"question": "{text}"}}\r\n'.encode())
    assert [item.question for item in read_batch(tmp_path / "in.jsonl")] == [Question(text)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory"),
        (b"", "holds no question; write one JSON object a line"),
        (b"\n \n", "holds no question"),
        ('{"question": "茶"}'.encode("gbk"), "not UTF-8 at byte 14; save it as UTF-8 JSONL"),
    ],
    ids=["absent", "empty", "blank", "GBK"],
)
def test_a_file_that_cannot_be_asked(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "in.jsonl").write_bytes(content)
    with pytest.raises(UsageError, match=f"^{tmp_path / 'in.jsonl'}: .*{said}"):
        read_batch(tmp_path / "in.jsonl")


def test_a_question_that_is_wrong_use_is_an_error_line(tmp_path: Path) -> None:
    def answer(question: Question) -> Json:
        if question.text == "二":
            raise UsageError("too long")
        return echo(question)

    assert run(questions("一", "二", "三"), tmp_path / "out", answer) == 1
    assert rows(tmp_path / "out")[1] == {"id": "二", "question": "二", "error": "too long"}
    assert len(rows(tmp_path / "out")) == 3


def test_a_failing_model_stops_and_the_next_run_goes_on(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(question: Question) -> Json:
        if question.text == "三" and "三" not in asked:
            asked.append("三")
            raise ModelError("down")
        asked.append(question.text)
        return echo(question)

    with pytest.raises(ModelError):
        run(questions("一", "二", "三"), tmp_path / "out", answer)
    assert len(rows(tmp_path / "out")) == 2
    assert run(questions("一", "二", "三"), tmp_path / "out", answer) == 0
    assert asked == ["一", "二", "三", "三"]


@given(st.data())
def test_a_run_cut_off_anywhere_goes_on(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    out = tmp_path_factory.getbasetemp() / "cut.jsonl"
    out.unlink(missing_ok=True)
    items = [*questions("一", 'b"\n'), Item(3, "c", None, "in:3: bad"), Item(4, None, Question("四"))]
    run(items, out)
    whole = out.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    out.write_bytes(whole[:cut])
    asked: list[str] = []

    def answer(question: Question) -> Json:
        asked.append(question.text)
        return echo(question)

    assert run(items, out, answer) == 1
    assert out.read_bytes() == whole
    there = whole[:cut].count(b"\n")
    assert asked == [item.question.text for item in items[there:] if item.question]


RESULT = '{"id": "一", "question": "一", "answer": "答一"}\n'


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("my notes", id="notes without a line end"),
        pytest.param("my notes\n", id="notes"),
        pytest.param("5\n", id="a number"),
        pytest.param('{"a": 1}\n', id="another object"),
        pytest.param('{"id": "一", "question": "一"}\n', id="the questions"),
        pytest.param('{"id": "一", "question": "一", "hits": []}\n', id="a search"),
        pytest.param('{"id": "二", "question": "二", "answer": "答二"}\n', id="another question"),
        pytest.param('{"id": "一", "question": "1", "answer": "答一"}\n', id="the same id"),
        pytest.param(RESULT + '{"id": "三', id="another half"),
        pytest.param(RESULT + "\n", id="a blank line"),
        pytest.param(RESULT * 3, id="too many"),
        pytest.param(RESULT + RESULT.replace("一", "二") + "x", id="more after the end"),
    ],
)
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, content: str) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=f"^{out}:.*; choose another --out$"):
        run(questions("一", "二"), out)
    assert out.read_text(encoding="utf-8") == content


def test_an_out_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SuwenError, match=r"cannot be written \(Is a directory\); mend that and run again to go on"):
        run(questions("一"), tmp_path)


def test_a_full_disk_stops_and_the_next_run_goes_on() -> None:
    with small_disk(64 << 10) as place:
        out, items = place / "out.jsonl", questions(*map(str, range(20)))

        def long(question: Question) -> Json:
            asked.append(question.text)
            return {"question": question.text, "answer": "茶" * 3000}

        asked: list[str] = []
        (place / "ballast").write_bytes(b"\0" * 32768)
        with pytest.raises(SuwenError, match=r"out.jsonl: cannot be written \(No space left on device\)"):
            run(items, out, long)
        whole = out.read_bytes().count(b"\n")
        assert asked == [str(number) for number in range(whole + 1)]
        (place / "ballast").unlink()
        with pytest.raises(SuwenError, match="No space left on device"):
            run(items, out, long)
        assert asked[whole + 1] == str(whole)
        assert out.read_bytes().count(b"\n") > whole


ASKER = """
import os, signal, sys
from pathlib import Path
from rag.batch import Item, run_batch
from rag.llm import Message, Scripted
from rag.records import Question

out, log, while_asked, when_reported = sys.argv[1:]
model = Scripted(*(f"reply {number}" for number in range(10)))

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def answer(question):
    with open(log, "a") as file:
        file.write(question.text)
    text = "".join(model.stream([Message("user", question.text)], max_tokens=9))
    if question.text == while_asked:
        die()
    return {"question": question.text, "answer": text}

def report(done):
    if str(done) == when_reported:
        die()

run_batch([Item(number, None, Question(str(number))) for number in range(10)], Path(out), answer, report)
"""


def test_after_a_kill_no_answered_question_is_asked_again(tmp_path: Path) -> None:
    out, log = tmp_path / "out.jsonl", tmp_path / "log"
    for while_asked, when_reported, status in (("2", "", -9), ("", "5", -9), ("5", "", -9), ("", "", 0)):
        command = [sys.executable, "-c", ASKER, str(out), str(log), while_asked, when_reported]
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == status
    # the one that was being asked has no result and is asked again, the one that was reported is not
    assert log.read_text() == "012" + "234" + "5" + "56789"
    assert [row["question"] for row in rows(out)] == list("0123456789")
