import io
import json
import sys
from collections.abc import Iterator

import pytest
from tqdm import tqdm

from rag.records import Answer, Citation, Delta, Event, Hit, Passages, Timings, Usage
from ui import console

HIT = Hit("tea.md", "/a/tea.md", 19, 38, 0.87654, "云雾茶厂2023年产茶320吨，\n比上一年多40吨。")
ANSWER = Answer(
    question="产量？",
    text="产茶320吨[1]。厂长姓王。",
    refused=False,
    citations=(Citation(1, "tea.md", "云雾茶厂", "/a/tea.md", 19, 38, "云雾茶厂2023年产茶320吨，\n比上一年多40吨。"),),
    hits=(HIT,),
    unsupported=("厂长姓王。",),
    model="scripted",
    index="tea",
    generation="000001-0123456789abcdef",
    usage=Usage(10, 0, 5),
    timings=Timings(0.1, 0.2, 0.3),
)
SHOWN = """产茶320吨[1]。厂长姓王。

[1] 云雾茶厂  /a/tea.md:19-38
    云雾茶厂2023年产茶320吨， 比上一年多40吨。
(原文中没有依据: 厂长姓王。)
"""


def changed(**fields: object) -> Answer:
    return Answer(**{name: getattr(ANSWER, name) for name in ANSWER.__slots__} | fields)


def refusal(question: str, text: str, hits: int = 4) -> Answer:
    return changed(question=question, text=text, refused=True, citations=(), unsupported=(), hits=(HIT,) * hits)


def stream(*texts: str, answer: Answer = ANSWER) -> Iterator[Event]:
    yield Passages(answer.hits)
    yield from map(Delta, texts)
    yield answer


def test_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    console.show_answer(ANSWER)
    assert capsys.readouterr() == (SHOWN, "")


def test_a_refusal_shows_the_three_nearest_passages(capsys: pytest.CaptureFixture[str]) -> None:
    console.show_answer(refusal("Who?", "The article does not say."))
    line = "0.877  tea.md:19-38  云雾茶厂2023年产茶320吨， 比上一年多40吨。\n"
    assert capsys.readouterr() == (f"The article does not say.\n\nNearest passages:\n{line * 3}", "")


def test_a_refusal_in_chinese_without_passages(capsys: pytest.CaptureFixture[str]) -> None:
    console.show_answer(refusal("谁？", "文章没有提到。", hits=0))
    assert capsys.readouterr() == ("文章没有提到。\n", "")
    console.show_answer(refusal("谁？", "文章没有提到。", hits=1))
    assert capsys.readouterr().out.splitlines()[:3] == ["文章没有提到。", "", "最接近的段落:"]


def test_a_note_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    console.show_answer(changed(note="scripted: down"))
    assert capsys.readouterr() == (SHOWN, "suwen: scripted: down (未用模型，直接引用原文)\n")


def test_a_stream_looks_like_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert console.show_stream(stream("产茶320", "吨[1]。", "厂长姓王。")) is ANSWER
    assert capsys.readouterr() == (SHOWN, "")


def test_a_stream_is_shown_as_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    seen = []

    def watched() -> Iterator[Event]:
        for event in stream("产茶", "320吨[1]。厂长姓王。"):
            yield event
            seen.append(capsys.readouterr().out)

    console.show_stream(watched())
    assert seen == ["", "产茶", "320吨[1]。厂长姓王。"]


def test_a_stream_whose_model_failed_ends_with_the_other_answer(capsys: pytest.CaptureFixture[str]) -> None:
    console.show_stream(stream("产茶三"))
    assert capsys.readouterr().out == "产茶三\n" + SHOWN


def test_a_stream_as_json_is_one_event_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert console.stream_json(stream("产茶", "320吨")) is ANSWER
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        {"event": "passages", "hits": [HIT.to_json()]},
        {"event": "text", "text": "产茶"},
        {"event": "text", "text": "320吨"},
        ANSWER.to_json(),
    ]


def test_a_table_with_chinese_is_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    console.show_table([("NAME", "名称", "X"), ("茶", "tea—…", "1"), ("ﾃｨ", "Ａ", ""), ("é→", "", "long one")])
    assert capsys.readouterr().out.splitlines() == [
        "NAME  名称   X",
        "茶    tea—…  1",
        "ﾃｨ    Ａ",
        "é→           long one",
    ]


def test_an_article_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "a\x1b[2Jb\x9b1mc\rd\x07e\u202ef\tg"
    console.show_answer(changed(text=evil, unsupported=()))
    console.warn(evil)
    console.show_stream(stream(evil, answer=changed(text=evil, unsupported=())))
    out, err = capsys.readouterr()
    assert out.count("a\ufffd[2Jb\ufffd1mc\ufffdd\ufffde\ufffdf\tg") == 2
    assert not set("\x1b\x9b\r\x07\u202e") & set(out + err)


def test_json_keeps_every_character(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "a\x1b\x9b\u2028\u202e茶\n"
    console.say_json({"text": evil})
    out = capsys.readouterr().out
    assert json.loads(out) == {"text": evil}
    assert out.count("\n") == 1
    assert "茶" in out


class Screen(io.StringIO):
    """What is written, to a terminal or to none."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "log"])
def test_progress_is_for_terminals(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    monkeypatch.setattr(console, "tqdm", lambda **options: tqdm(**{**options, "delay": 0, "mininterval": 0}))
    screen = Screen(terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    with console.progress_bar("asking", "question") as report:
        report(1, 4)
        report(3, 4)
    shown = screen.getvalue()
    assert ("asking:  75%" in shown) == terminal
    assert bool(shown) == terminal


def test_quick_work_shows_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(terminal=True)
    monkeypatch.setattr(sys, "stderr", screen)
    with console.progress_bar("asking", "question") as report:
        report(4, 4)
    assert screen.getvalue().strip("\r ") == ""
