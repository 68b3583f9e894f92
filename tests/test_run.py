import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.run import run_gold
from rag.errors import ModelError, UsageError
from rag.llm import Scripted
from rag.pipeline import Pipeline

GOLD = [
    {"id": "q1", "category": "single-fact", "question": "厂长是谁？", "answerable": True, "facts": [["李梅"]],
     "answer": "李梅。", "evidence": ["厂长是李梅，她1998年进厂。"], "article": "tea.md"},
    {"id": "q2", "category": "unanswerable", "question": "厂长多大？", "answerable": False, "facts": [],
     "answer": "", "evidence": [], "article": "tea.md"},
]  # fmt: skip


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in GOLD), encoding="utf-8")
    return path


def test_every_question_is_asked_and_scored(pipeline: Callable[..., Pipeline], gold: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    asking = pipeline("厂长是李梅，她1998年进厂。", "材料没有提到。")
    run = run_gold(asking, [gold], tmp_path / "run", None, lambda done, total: told.append((done, total)))
    assert [(each.name, each.right, each.n) for each in run.summaries] == [
        ("single-fact", 1, 1),
        ("unanswerable", 1, 1),
        ("all answerable", 1, 1),
        ("all", 2, 2),
    ]
    assert told == [(0, 2), (1, 2), (2, 2)]
    assert json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))["settings"]["llm"] == "scripted"


def test_a_stopped_run_is_taken_up(pipeline: Callable[..., Pipeline], gold: Path, tmp_path: Path) -> None:
    failing = pipeline("厂长是李梅，她1998年进厂。", ModelError("down"))
    with pytest.raises(ModelError):
        run_gold(failing, [gold], tmp_path / "run", None, lambda done, total: None)
    model = Scripted("材料没有提到。")
    run = run_gold(pipeline(model=model), [gold], tmp_path / "run", None, lambda done, total: None)
    assert run.summaries[-1].right == 2
    assert len(model.asked) == 1


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "x"}', '{"facts": [], "evidence": []}'])
def test_a_line_that_is_no_gold_question(
    pipeline: Callable[..., Pipeline], gold: Path, tmp_path: Path, line: str
) -> None:
    gold.write_text(gold.read_text(encoding="utf-8") + "\n" + line, encoding="utf-8")
    with pytest.raises(UsageError, match=r"gold\.jsonl:3: not a gold question"):
        run_gold(pipeline(), [gold], None, None, lambda done, total: None)
