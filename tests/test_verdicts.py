from pathlib import Path

import pytest

from rag.errors import SuwenError
from rag.feedback import read
from rag.records import Question, Turn
from tests.scripted import GROUNDED, REFUSED
from ui.render import verdict_html
from ui.text import Language
from ui.verdicts import HELD, Verdicts

QUESTION = Question(GROUNDED.question, (Turn("都江堰在哪里？", "在岷江上。"),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feedback.sqlite"


def test_a_verdict_is_kept_with_the_whole_answer(path: Path) -> None:
    verdicts = Verdicts(path)
    key = verdicts.hold(QUESTION, GROUNDED)
    assert verdicts.judge(key, "down", " 鱼嘴分水 \n")
    (kept,) = read(path)
    assert (kept.id, kept.verdict, kept.correction, kept.unanswerable) == (key, "down", "鱼嘴分水", False)
    assert (kept.question, kept.history, kept.answer) == (QUESTION.text, QUESTION.history, GROUNDED.to_json())
    assert (kept.index, kept.generation) == ("sample", "1")


def test_a_verdict_can_be_changed(path: Path) -> None:
    verdicts = Verdicts(path)
    key = verdicts.hold(QUESTION, GROUNDED)
    for verdict, correction, unanswerable, kept in (
        ("down", "", False, ("down", "", False)),
        ("down", "a", False, ("down", "a", False)),
        ("down", "a", True, ("down", "", True)),
        ("up", "a", True, ("up", "", False)),
    ):
        assert verdicts.judge(key, verdict, correction, unanswerable)  # type: ignore[arg-type]
        assert [(each.verdict, each.correction, each.unanswerable) for each in read(path)] == [kept]


def test_half_characters_are_no_text(path: Path) -> None:
    verdicts = Verdicts(path)
    verdicts.judge(verdicts.hold(QUESTION, GROUNDED), "down", "a\ud800b")
    assert [each.correction for each in read(path)] == ["a?b"]


def test_answers_nobody_was_shown_cannot_be_judged(path: Path) -> None:
    assert not Verdicts(path).judge("made-up", "up")
    assert read(path) == []


def test_ids_are_long_and_different(path: Path) -> None:
    verdicts = Verdicts(path)
    keys = {verdicts.hold(QUESTION, GROUNDED) for _ in range(50)}
    assert len(keys) == 50
    assert min(map(len, keys)) >= 22  # 128 bits


def test_the_oldest_answers_are_let_go(path: Path) -> None:
    verdicts = Verdicts(path)
    first, second = verdicts.hold(QUESTION, GROUNDED), verdicts.hold(QUESTION, GROUNDED)
    for _ in range(HELD - 1):
        verdicts.hold(QUESTION, GROUNDED)
    assert not verdicts.judge(first, "up")
    assert verdicts.judge(second, "up")


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    verdicts = Verdicts(tmp_path)
    with pytest.raises(SuwenError, match="is a folder; set SUWEN_FEEDBACK to a file$"):
        verdicts.judge(verdicts.hold(QUESTION, GROUNDED), "up")


@pytest.mark.parametrize(("language", "label"), [("zh", "正确答案应该是什么？"), ("en", "What would be right?")])
def test_every_control_has_a_name(language: Language, label: str) -> None:
    html = verdict_html(GROUNDED, language, "k", "t1")
    assert f'<label for="t1-correction">{label}</label><textarea id="t1-correction"' in html
    assert html.count(" aria-label=") == 3  # the group and its two pictures
    assert '<span role="status"></span>' in html
    assert 'aria-expanded="false" aria-controls="t1-right"' in html


def test_a_refusal_said_already_that_the_articles_do_not_say() -> None:
    assert 'name="nowhere"' in verdict_html(GROUNDED, "zh", "k", "t1")
    assert 'name="nowhere"' not in verdict_html(REFUSED, "zh", "k", "t1")
