import json
from pathlib import Path
from typing import Any

import pytest

from eval.gold import Gold
from eval.sets.rgb import read_rgb
from rag.errors import UsageError

ROW: dict[str, Any] = {
    "id": 3,
    "query": "死伤多少？",
    "answer": ["12人", ["14人", "十四人"]],
    "positive": [f"死12人，伤{wounded}。第{n}篇。" for n, wounded in enumerate(["14人", "十四人"] * 4)],
    "negative": [f"无关{n}。" for n in range(9)],
}
PARTS = {**ROW, "positive": [["死12人。", "死去12人。"], ["伤14人。", "伤者14人。", "伤的14人。"]]}


def read(tmp_path: Path, row: object = ROW, **options: Any) -> list[Gold]:
    path = tmp_path / "zh.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    return list(read_rgb(path, **options))


def test_answers_nest_and_each_part_has_its_evidence(tmp_path: Path) -> None:
    (gold,) = read(tmp_path)
    assert (gold.id, gold.question, gold.category, gold.answerable) == ("zh-3", "死伤多少？", "zh-noise-0", True)
    assert gold.facts == (("12人",), ("14人", "十四人"))
    told = {f"死12人，伤{wounded}。" for wounded in ("14人", "十四人")}
    assert [set(quotes) for quotes in gold.evidence] == [told, told]


@pytest.mark.parametrize(("noise", "negatives"), [(0, 0), (0.2, 1), (0.4, 2), (0.5, 3), (0.6, 3), (0.8, 4), (0.9, 4)])
@pytest.mark.parametrize("row", [ROW, {**ROW, "positive": ROW["positive"][:1]}], ids=["many", "one positive"])
def test_five_passages_of_which_some_are_noise(
    tmp_path: Path, row: dict[str, Any], noise: float, negatives: int
) -> None:
    (gold,) = read(tmp_path, row, noise=noise)
    assert gold.passages is not None
    telling = [passage for passage in gold.passages if "12人" in passage]
    assert len(gold.passages) == 5
    assert sorted(telling) == sorted(row["positive"][: 5 - negatives])


@pytest.mark.parametrize("noise", [0, 0.4, 0.8])
def test_every_part_of_an_integrated_answer_has_a_passage(tmp_path: Path, noise: float) -> None:
    (gold,) = read(tmp_path, PARTS, noise=noise)
    assert gold.passages is not None
    assert len(gold.passages) == 5
    assert sum("无关" in passage for passage in gold.passages) == {0: 0, 0.4: 2, 0.8: 3}[noise]
    assert all(any(part in passage for passage in gold.passages) for part in ("12人", "14人"))


def test_negatives_alone_make_a_question_unanswerable(tmp_path: Path) -> None:
    (gold,) = read(tmp_path, negatives_only=True)
    assert gold.passages is not None
    assert sorted(gold.passages) == ROW["negative"][:5]
    assert gold == Gold("zh-3", "死伤多少？", False, "zh-negatives", passages=gold.passages)


def test_the_order_depends_on_the_seed_alone(tmp_path: Path) -> None:
    first, again, other = (read(tmp_path, PARTS, noise=0.4, seed=seed)[0].passages for seed in (0, 0, 1))
    assert first == again != other


def test_too_few_passages_are_all_used(tmp_path: Path) -> None:
    (gold,) = read(tmp_path, {**ROW, "positive": ["死12人。"], "negative": ["无关。"]}, noise=0.8)
    assert sorted(gold.passages or ()) == ["无关。", "死12人。"]


MALFORMED = {
    "a list": (["x"], '["x"] is no object; is this the set'),
    "no query": ({**ROW, "query": None}, "query is null, not a text"),
    "no answer": ({**ROW, "answer": []}, "answer is [], not texts; is this RGB's own file?"),
    "a number as answer": ({**ROW, "answer": 5}, "answer is 5, not texts; is this RGB's own file?"),
    "no positive": ({**ROW, "positive": []}, "positive is [], not texts; is this RGB's own file?"),
    "an empty part": ({**ROW, "positive": [["x"], []]}, 'positive is [["x"], []], not texts; is this RGB'),
    "a number as negative": ({**ROW, "negative": [1]}, "negative is [1], not a list of texts; is this RGB's own file?"),
}


@pytest.mark.parametrize(("row", "said"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_file_names_the_line(tmp_path: Path, row: object, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(tmp_path, row)
    assert str(raised.value).startswith(f"{tmp_path / 'zh.jsonl'}:1: {said}")


@pytest.mark.parametrize("noise", [-0.1, 1, float("nan")])
def test_noise_leaves_a_passage_with_the_answer(tmp_path: Path, noise: float) -> None:
    with pytest.raises(UsageError, match="--noise .* is not from 0 to below 1; .*: --negatives-only"):
        read(tmp_path, noise=noise)
