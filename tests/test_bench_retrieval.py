import json
from math import log2
from pathlib import Path

import pytest

from eval.bench import retrieval
from eval.bench.retrieval import Asked, Set, measure, read
from rag.embedding import HashEmbedder
from rag.errors import SuwenError
from rag.records import Article
from rag.settings import Settings


def _set(*texts: str, asked: tuple[Asked, ...]) -> Set:
    articles = (Article(f"{number}", "", "", text, "") for number, text in enumerate(texts))
    return Set(tuple(articles), asked)


def test_what_is_found_first_and_how_far_down_the_rest_is() -> None:
    tea = _set(
        "云雾茶产自庐山。",
        "龙井茶产自杭州。",
        asked=(Asked("庐山云雾茶产自哪里？", frozenset({"0"})), Asked("龙井茶产自杭州哪里？", frozenset({"0"}))),
    )
    english = _set("Tea grows on hills.", asked=(Asked("Where does tea grow?", frozenset({"0"})),))
    sets = {"cmrc2018": tea, "xquad_zh": tea, "xquad_en": english}
    rows = {row.what.split(" (")[0]: row.ours for row in measure(sets, HashEmbedder())}
    half = f"0.5000, {(1 + 1 / log2(3)) / 2:.4f}"
    across = rows.pop("English questions, Chinese text")
    merged = rows.pop("CMRC 2018, all sets in one index")
    assert rows == {
        "CMRC 2018": half,
        "XQuAD zh": half,
        "XQuAD en": "1.0000, 1.0000",
        "Chinese questions, English text": "1.0000, 1.0000",
    }
    assert across in ("1.0000, 1.0000", f"0.0000, {1 / log2(3):.4f}")  # one of two texts, neither shares a word with it
    # the same paragraphs stand in the index twice: those of the first set come first where all else is equal
    assert merged.startswith("0.5000, ")


def test_passages_that_stand_under_several_questions_are_one_article(tmp_path: Path) -> None:
    folder = tmp_path / "rgb"
    folder.mkdir()
    lines = [
        {"query": "一？", "positive": ["甲", "乙"], "negative": ["丙"]},
        {"query": "二？", "positive": ["丙"], "negative": ["甲"]},
    ]
    (folder / "zh_refine.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found = read(folder)
    assert [each.text for each in found.articles] == ["甲", "乙", "丙"]
    assert found.asked == (Asked("一？", frozenset({"0", "1"})), Asked("二？", frozenset({"2"})))


def test_questions_on_traditional_text_are_asked_in_simplified(tmp_path: Path) -> None:
    folder = tmp_path / "drcd"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text('{"id": "a", "title": "茶", "text": "雲霧茶產自廬山。"}', encoding="utf-8")
    (folder / "questions.jsonl").write_text(
        '{"id": "q", "question": "雲霧茶產自哪裡？", "answers": ["廬山"], "doc_ids": ["a"], "answerable": true}',
        encoding="utf-8",
    )
    found = read(folder)
    assert found.articles[0].text == "雲霧茶產自廬山。"
    assert found.asked[0].text.startswith("云雾茶产自哪")


def test_sets_that_are_not_there_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieval, "DATA", tmp_path)
    with pytest.raises(SuwenError, match="lacks some of cmrc2018, drcd"):
        next(iter(retrieval.rows(Settings())))
