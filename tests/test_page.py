from types import SimpleNamespace
from typing import Any

import pytest

from tests.scripted import GROUNDED, QUOTED, Scripted
from ui.chat import Exchange
from ui.page import Chat, build_page

LLM = "qwen2.5-coder-1.5b"


@pytest.fixture
def chat() -> Chat:
    import gradio as gr

    chat = Chat(Scripted(), "zh")
    with gr.Blocks() as page:
        chat.build(page)
    return chat


def visit(language: str = "", accepted: str = "") -> Any:
    return SimpleNamespace(query_params={"lang": language} if language else {}, headers={"accept-language": accepted})


def test_first_update_empties_the_box_and_offers_stop(chat: Chat) -> None:
    first, *middle, last = chat.ask(f" {GROUNDED.question} ", (), LLM, "zh")
    assert first[chat.box] == ""
    assert first[chat.stop]["visible"]
    assert not first[chat.send]["visible"]
    assert not first[chat.welcome]["visible"]
    assert "正在检索文章…" in first[chat.latest]
    assert {frozenset(update) for update in middle} == {frozenset({chat.past, chat.latest})}
    assert last[chat.send]["visible"]
    assert last[chat.retry]["visible"]
    assert chat.box not in last
    assert last[chat.past][-1].answer is GROUNDED


def test_error_puts_the_question_back_into_the_box(chat: Chat) -> None:
    *_, last = chat.ask("broken", (), LLM, "zh")
    assert last[chat.box] == "broken"
    assert "did not answer; try again" in last[chat.latest]


def test_mistake_settles_the_page_and_reaches_the_log(chat: Chat) -> None:
    updates = chat.ask("bug", (), LLM, "en")
    next(updates)
    settled = next(updates)
    assert settled[chat.past][0].phase == "failed"
    assert settled[chat.box] == "bug"
    assert "Something unexpected" in settled[chat.latest]
    assert "secret detail" not in settled[chat.latest]
    with pytest.raises(LookupError):
        next(updates)


@pytest.mark.parametrize("past", [(), (Exchange("q", "writing"),)], ids=["empty", "busy"])
def test_nothing_is_asked_without_words_or_while_answering(chat: Chat, past: tuple[Exchange, ...]) -> None:
    text = "next" if past else "  "
    assert [set(update) for update in chat.ask(text, past, LLM, "zh")] == [{chat.box}]
    assert chat.answerer.asked == []  # type: ignore[attr-defined]


def test_again_replaces_the_last_answer(chat: Chat) -> None:
    past = (Exchange("first", "done", answer=GROUNDED), Exchange(QUOTED.question, "failed"))
    *_, last = chat.again(past, "extractive", "zh")
    assert [one.question for one in last[chat.past]] == ["first", QUOTED.question]
    assert last[chat.past][1].answer is QUOTED
    assert list(chat.again((), LLM, "zh")) == []


def test_stop_settles_what_is_running(chat: Chat) -> None:
    updates = chat.ask("slow", (), LLM, "zh")
    running = next(update for update in updates if "先说几个字" in update[chat.latest])
    chat.halt(running[chat.past])
    *_, last = updates
    assert not last[chat.past][-1].running
    assert "已停止" in last[chat.latest]
    assert "先说几个字" in last[chat.latest]
    assert last[chat.send]["visible"]
    chat.halt(())


def test_clear_brings_the_welcome_back(chat: Chat) -> None:
    cleared = chat.empty("zh")
    assert (cleared[chat.past], cleared[chat.latest], cleared[chat.earlier]) == ((), "", "")
    assert cleared[chat.welcome]["visible"]
    assert not cleared[chat.clear]["visible"]


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [("", "en-US,en", "en"), ("", "zh-CN", "zh"), ("zh", "en", "zh"), ("en", "zh", "en"), ("xx", "", "zh")],
)
def test_language_of_a_visit(chat: Chat, asked: str, accepted: str, language: str) -> None:
    labels = chat.arrive(visit(asked, accepted))
    assert labels[chat.language] == language
    assert labels[chat.send]["value"] == {"zh": "发送", "en": "Send"}[language]
    assert f'data-language="{language}"' in labels[chat.header]


def test_greeting_offers_examples_and_models(chat: Chat) -> None:
    labels = chat.arrive(visit())
    assert [labels[one]["value"] for one in chat.examples if one in labels] == chat.answerer.example_questions()
    assert labels[chat.llm]["choices"] == [LLM, "extractive"]


def test_language_changes_with_the_conversation(chat: Chat) -> None:
    past = (Exchange("q", "done", answer=GROUNDED),)
    assert ">Sources</h3>" in chat.turn_language(past, "zh")[chat.latest]
    assert ">出处</h3>" in chat.turn_language(past, "en")[chat.latest]


def test_events_are_private() -> None:
    assert {event.api_visibility for event in build_page(Scripted()).fns.values()} == {"private"}
