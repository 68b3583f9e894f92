from pathlib import Path

import pytest

from rag import prompt
from rag.errors import PromptError
from rag.evidence import Evidence
from rag.prompt import REFUSAL, REMEMBERED, build_messages
from rag.records import Question, Sentence, Turn
from rag.settings import PROMPTS
from tests.conftest import TEA, make_article

ARTICLES = {"tea.md": make_article(TEA)}
EVIDENCE = [
    Evidence(1, "tea.md", Sentence(15, 40), "云雾茶厂2023年产茶320吨，比上一年多40吨。", "产量"),
    Evidence(2, "tea.md", Sentence(50, 60), "厂长是李梅，她1998年进厂。", "人员"),
]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_prompt_shows_numbered_sentences_under_their_headings_then_the_question(language: str) -> None:
    asked = {"zh": "厂长是谁？", "en": "Who is the director?"}[language]
    last = build_messages(Question(asked), EVIDENCE, ARTICLES)[-1]
    assert last.role == "user"
    shown = "《tea.md》产量\n[1] 云雾茶厂2023年产茶320吨，比上一年多40吨。\n"
    shown += "《tea.md》人员\n[2] 厂长是李梅，她1998年进厂。\n"
    assert shown in last.text
    assert last.text.index(shown) < last.text.index(asked)


def test_the_tasks_differ_only_at_the_end_so_that_the_material_is_read_once() -> None:
    answer, doubt = (
        build_messages(Question("谁？"), EVIDENCE, ARTICLES, task)[-1].text for task in ("answer", "doubt")
    )
    same = answer[: answer.index("问题：谁？") + 5]
    assert doubt.startswith(same)
    assert REFUSAL["zh"] in doubt[len(same) :]
    assert REFUSAL["zh"] not in answer


def test_only_the_last_exchanges_are_shown() -> None:
    history = tuple(Turn(f"问{n}", f"答{n}") for n in range(REMEMBERED + 2))
    messages = build_messages(Question("谁？", history), EVIDENCE, ARTICLES)
    assert [message.role for message in messages] == ["system", *["user", "assistant"] * REMEMBERED, "user"]
    assert messages[1].text == "问2"


def test_a_dollar_sign_in_an_article_is_text() -> None:
    evidence = [Evidence(1, "tea.md", Sentence(0, 5), "花了$question和${x}。", "")]
    assert "花了$question和${x}。" in build_messages(Question("多少？"), evidence, ARTICLES)[-1].text


@pytest.mark.parametrize("path", sorted(PROMPTS.glob("*.txt")), ids=lambda path: path.name)
def test_every_prompt_file_is_used_and_has_its_variables(path: Path) -> None:
    name, language, _ = path.name.split(".")
    assert prompt._template(name, language)


@pytest.mark.parametrize("text", ["无变量", "$question $passages $other", "$question ${", "$question"])
def test_a_prompt_with_other_variables_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "material.zh.txt").write_text(text, encoding="utf-8")
    monkeypatch.setattr(prompt, "PROMPTS", tmp_path)
    prompt._template.cache_clear()
    try:
        with pytest.raises(PromptError, match=r"material\.zh\.txt: must use \$passages, \$question"):
            prompt._template("material", "zh")
        with pytest.raises(PromptError, match="cannot be read"):
            prompt._template("material", "en")
    finally:
        prompt._template.cache_clear()
