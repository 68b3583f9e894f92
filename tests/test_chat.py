import pytest

from rag.errors import UsageError
from rag.records import Turn
from tests.scripted import FORK, GROUNDED, HITS, REFUSED, SEASON, WEIR, Scripted
from ui.chat import Conversation, Exchange, chosen, conversation_html, exchange_html, history, respond

LLM = "qwen2.5-coder-1.5b"


def ask(answerer: Scripted, text: str, past: Conversation = (), llm: str = LLM) -> list[Exchange]:
    return list(respond(answerer, text, past, llm, "zh"))


def stopped(question: str, text: str) -> Exchange:
    exchange = Exchange(question, "writing", text=text)
    exchange.over.set()
    return exchange


def test_exchange_goes_from_search_to_answer() -> None:
    steps = ask(Scripted(), GROUNDED.question)
    assert list(dict.fromkeys(one.phase for one in steps)) == ["searching", "reading", "writing", "done"]
    assert steps[1].hits == HITS
    assert steps[1].titles == {"水利/都江堰.md": "都江堰", "tea.md": "How green tea is made"}
    assert steps[-2].text == GROUNDED.text
    assert steps[-1].answer is GROUNDED
    assert steps[-1].around[2].before.endswith(FORK)
    assert steps[-1].around[2].after.startswith(WEIR.text[WEIR.text.index(SEASON) + len(SEASON) :][:20])


def test_status_follows_the_phases() -> None:
    steps = respond(Scripted(), GROUNDED.question, (), LLM, "zh")
    assert '<p class="status working">正在检索文章…</p>' in exchange_html(next(steps), 1, "zh")
    reading = next(steps)
    assert '<p class="status working">Found 3 passages, reading…</p>' in exchange_html(reading, 1, "en")
    assert '<details class="passages" id="t1-hits">' in exchange_html(reading, 1, "zh")
    writing = exchange_html(next(steps), 1, "zh")
    assert '<p class="status working">正在回答…</p>' in writing
    assert 'aria-busy="true"' in writing
    *_, done = steps
    assert "working" not in exchange_html(done, 1, "zh")


def test_history_is_the_answered_exchanges_without_markers() -> None:
    past = (
        Exchange("1", "done", answer=GROUNDED),
        stopped("2", "half"),
        Exchange("3", "failed", error="e"),
        Exchange("4", "done", answer=REFUSED),
    )
    first = "都江堰用鱼嘴把岷江分成内江和外江。枯水时约六成的水进内江，洪水时约六成的水走外江。"
    assert history(past) == (
        Turn("1", first + "\n\n进入平原的水量由宝瓶口控制。"),
        Turn("4", REFUSED.text),
    )
    answerer = Scripted()
    ask(answerer, "然后呢？", past, "extractive")
    question, llm = answerer.asked[0]
    assert (question.text, question.history, llm) == ("然后呢？", history(past), "extractive")


def test_too_long_a_question_is_not_asked() -> None:
    answerer = Scripted()
    assert [one.phase for one in ask(answerer, "问" * 2000)][-1] == "done"
    steps = ask(answerer, "问" * 2001)
    assert [one.phase for one in steps] == ["searching", "failed"]
    assert steps[-1].error == "问题有 2001 个字，超过了 2000 个字的上限，请缩短后再发送。"
    assert len(answerer.asked) == 1


def test_error_of_the_answerer_is_one_line_after_what_was_said() -> None:
    html = exchange_html(ask(Scripted(), "broken")[-1], 1, "zh")
    assert (
        '<div class="text">半句</div>'
        '<p class="error" role="alert">qwen2.5-coder-1.5b did not answer; try again</p>' in html
    )


def test_mistakes_are_not_swallowed() -> None:
    with pytest.raises(LookupError):
        ask(Scripted(), "bug")


def test_closing_closes_the_answerer_s_stream() -> None:
    answerer = Scripted()
    steps = respond(answerer, "slow", (), LLM, "zh")
    assert next(one for one in steps if one.phase == "writing").text == "先说几个字"
    assert not answerer.closed.is_set()
    steps.close()  # type: ignore[attr-defined]
    assert answerer.closed.wait(10)


def test_stopping_one_version_stops_them_all() -> None:
    answerer = Scripted()
    steps = respond(answerer, "slow", (), LLM, "zh")
    first, reading, writing = next(steps), next(steps), next(steps)
    assert first.running
    reading.over.set()
    assert not any(one.running for one in steps)
    assert answerer.closed.wait(10)
    assert not first.running
    assert not writing.running


@pytest.mark.parametrize("llm", [LLM, "extractive", "openai:qwen-plus", "openai:org/model"])
def test_known_models_and_providers_can_be_chosen(llm: str) -> None:
    assert chosen(Scripted(), llm, "zh") == llm


@pytest.mark.parametrize("llm", ["/etc/passwd", "C:\\model.gguf", "model.gguf", "", "openai:", "openai: x"])
def test_paths_and_unknown_names_cannot(llm: str) -> None:
    with pytest.raises(UsageError, match="There is no model"):
        chosen(Scripted(), llm, "en")


def test_exchanges_have_different_ids() -> None:
    done = ask(Scripted(), GROUNDED.question)[-1]
    html = conversation_html((done, done), "zh")
    assert html.count('id="t1-s1"') == html.count('id="t2-s1"') == 1


def test_stopped_and_broken_exchanges_say_so() -> None:
    assert "已停止，以上内容未经核对。" in exchange_html(stopped("q", "half"), 1, "zh")
    assert "Something unexpected" in exchange_html(Exchange("q", "failed"), 1, "en")
