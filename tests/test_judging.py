from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.gold import Gold
from eval.judges.judging import FAILURES, Judge, open_judge, reference
from eval.runs.cache import Cache
from rag.errors import ModelError, ModelMissing, UsageError
from rag.llm import Scripted
from rag.records import Json
from rag.settings import PROMPTS, Settings

DIRECTOR = Gold("1", "茶厂厂长是谁？", True, "人", facts=(("李梅", "Li Mei"), ("1998年", "一九九八年")))
COST = Gold("2", "What did the bridge cost?", True, "figures", answers=("12,000 pounds", "£12,000"))
UNKNOWN = Gold("3", "茶厂的电话是多少？", False, "没有")
BROKEN = ModelError("broken")


def answered(text: str) -> Json:
    return {"answer": text, "refused": False}


REFUSED = {"answer": "文章没有提到。", "refused": True}


@pytest.mark.parametrize(
    ("gold", "answer", "expected"),
    [
        pytest.param(UNKNOWN, REFUSED, 1.0, id="nothing-to-say-and-refused"),
        pytest.param(UNKNOWN, answered("12345"), 0.0, id="nothing-to-say-and-answered"),
        pytest.param(DIRECTOR, REFUSED, 0.0, id="refused-what-could-be-said"),
        pytest.param(DIRECTOR, {"error": "no words"}, 0.0, id="error"),
        pytest.param(UNKNOWN, {"error": "no words"}, 0.0, id="error-where-nothing-is-to-be-said"),
        pytest.param(Gold("4", "谁？", True, ""), answered("李梅"), None, id="nothing-known-to-be-right"),
    ],
)
def test_what_needs_no_judgement_is_not_asked(gold: Gold, answer: Json, expected: float | None) -> None:
    model = Scripted("对")
    assert Judge(model, "m")(gold, answer) == expected
    assert model.asked == []


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("对", 1.0), ("对。", 1.0), ("“对”", 1.0), ("对的", 1.0), ("对，因为", 1.0), ("错", 0.0), ("错误", 0.0),
        ("错了！", 0.0),
        ("right", 1.0), ("Right.", 1.0), ("**Wrong**", 0.0), (" wrong because", 0.0), ("\nWRONG", 0.0),
        ("不对", None), ("对不起", None), ("对或错", None), ("对/错", None), ("right or wrong", None),
        ("right/wrong", None), ("rightly", None), ("The answer is right", None), ("", None), ("不知道", None),
    ],
)  # fmt: skip
def test_verdicts(reply: str, expected: float | None) -> None:
    assert Judge(Scripted(reply), "m")(DIRECTOR, answered("李梅")) == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("A", 0), ("B", 1), ("B.", 1), ("“A”", 0), ("Answer B", 1), ("答案A更", 0), ("b", 1), ("A is better", 0),
        ("A\n", 0), ("A or B", None), ("A and B", None), ("A/B", None), ("Both", None),
        ("A better answer", None), ("", None),
    ],
)  # fmt: skip
def test_preferences(reply: str, expected: int | None) -> None:
    assert Judge(Scripted(reply), "m").prefer(DIRECTOR, "李梅", "王芳") == expected


def test_the_model_is_shown_question_reference_and_bare_answer_in_the_language_of_the_question() -> None:
    model = Scripted("对")
    judge = Judge(model, "m")
    judge(DIRECTOR, answered("厂长是李梅[1]，1998年进厂[2][3]。"))
    judge(COST, answered("$question costs 12,000 pounds [1]."))
    (chinese,), (english,) = model.asked
    assert "问题：茶厂厂长是谁？\n" in chinese.text
    assert "：\n李梅 / Li Mei\n1998年 / 一九九八年\n" in chinese.text
    assert "\n厂长是李梅，1998年进厂。\n" in chinese.text
    assert "\n12,000 pounds / £12,000\n" in english.text
    assert "\n$question costs 12,000 pounds" in english.text


def test_facts_come_before_answers_as_what_is_required() -> None:
    assert reference(Gold("1", "?", True, "", facts=(("a",), ("b", "c")), answers=("d",))) == "a\nb / c"


def test_verdicts_are_kept_by_model_and_prompt(tmp_path: Path) -> None:
    model, kept = Scripted("对", "错", "B"), Cache(tmp_path / "kept.db")
    assert [Judge(model, "m", kept)(DIRECTOR, answered("李梅")) for _ in range(3)] == [1.0] * 3
    assert Judge(model, "another", kept)(DIRECTOR, answered("李梅")) == 0.0
    assert [Judge(model, "m", kept).prefer(DIRECTOR, "李梅", each) for each in ("王芳", "王芳")] == [1, 1]
    assert len(model.asked) == 3
    kept.close()


def test_seconds_of_kept_replies_count_as_when_they_were_given() -> None:
    class Kept:
        def get(self, key: str) -> Json:
            return {"reply": "对", "seconds": 1.5}

        def put(self, key: str, body: Json) -> None:
            raise AssertionError(key)

    judge = Judge(Scripted("错"), "m", Kept())
    assert [judge(DIRECTOR, answered(each)) for each in "ab"] == [1.0, 1.0]
    assert judge.seconds == 3.0


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        pytest.param([BROKEN, "对"], [None, 1.0, 1.0], id="once"),
        pytest.param([*[BROKEN] * (FAILURES - 1), "对", BROKEN, "对"], [None, None, 1.0, None, 1.0], id="now-and-then"),
    ],
)
def test_a_failure_is_no_verdict_and_not_kept(
    replies: Sequence[str | ModelError], expected: list[float | None], tmp_path: Path
) -> None:
    judge, kept = Judge(Scripted(*replies), "m"), Cache(tmp_path / "kept.db")
    assert [judge(DIRECTOR, answered("李梅")) for _ in expected] == expected
    kept.close()


def test_a_model_that_is_gone_ends_the_evaluation() -> None:
    judge = Judge(Scripted(BROKEN), "m")
    assert [judge(DIRECTOR, answered("李梅")) for _ in range(FAILURES - 1)] == [None] * (FAILURES - 1)
    with pytest.raises(ModelError, match="broken"):
        judge(DIRECTOR, answered("李梅"))


def test_the_fingerprint_changes_with_model_and_prompts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fingerprint = Judge(Scripted(""), "m").fingerprint
    assert fingerprint == Judge(Scripted(""), "m").fingerprint != Judge(Scripted(""), "n").fingerprint
    for path in PROMPTS.glob("*.txt"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr("eval.judges.judging.PROMPTS", tmp_path)
    assert Judge(Scripted(""), "m").fingerprint == fingerprint
    (tmp_path / "system.zh.txt").write_text("其他", encoding="utf-8")
    assert Judge(Scripted(""), "m").fingerprint == fingerprint
    (tmp_path / "judge.zh.txt").write_text("其他", encoding="utf-8")
    assert Judge(Scripted(""), "m").fingerprint != fingerprint


def test_opening(tmp_path: Path) -> None:
    judge = open_judge(Settings(base_url="http://127.0.0.1:9/v1"), "openai:m", None)
    assert judge.name == "openai:m"
    with pytest.raises(UsageError, match="extractive cannot judge; name a language model"):
        open_judge(Settings(), "extractive", None)
    with pytest.raises(ModelMissing, match=r"suwen models pull qwen2.5-coder-1.5b"):
        open_judge(Settings(models=str(tmp_path)), "qwen2.5-coder-1.5b", None)
