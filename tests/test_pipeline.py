import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.building import index_articles
from rag.embedding import HashEmbedder
from rag.errors import IndexMismatch, IndexMissing, ModelError, UsageError
from rag.llm import Message, Scripted
from rag.pipeline import Pipeline, index_folder, index_place
from rag.prompt import REFUSAL
from rag.records import Answer, Article, Delta, Passages, Question, Turn, Usage
from rag.searchable import Searchable
from rag.settings import Settings
from tests.lite import Server

Make = Callable[..., Pipeline]
HEAD = "厂长是李梅，她1998年进厂。"


@pytest.fixture(params=["folder", "milvus"])
def index(request: pytest.FixtureRequest, articles: list[Article], server: Server) -> Searchable:
    return index_articles(articles, HashEmbedder()) if request.param == "folder" else server.holding(articles)


def test_an_answer_with_its_sentence(pipeline: Make) -> None:
    answer = pipeline("厂长是李梅[1]。").ask(Question("厂长是谁？", id="q1"))
    assert (answer.id, answer.text, answer.refused, answer.unsupported) == ("q1", "厂长是李梅[1]。", False, ())
    (citation,) = answer.citations
    assert (citation.marker, citation.article, citation.quote) == (1, "tea.md", HEAD)
    assert answer.hits[0].text.endswith("茶厂有员工85人。")
    assert answer.model == "scripted"


def test_a_refusal_has_no_citations_and_the_nearest_passages(pipeline: Make) -> None:
    answer = pipeline("材料没有提到厂长的年龄。").ask(Question("厂长多大？"))
    assert (answer.text, answer.refused, answer.citations) == (REFUSAL["zh"], True, ())
    assert answer.hits


def test_the_refusal_is_in_the_language_of_the_question(pipeline: Make) -> None:
    assert pipeline("The article does not say.").ask(Question("How old is she?")).text == REFUSAL["en"]


def test_the_stream_is_passages_then_text_then_the_answer(pipeline: Make) -> None:
    events = list(pipeline("厂长是李梅[1]。茶厂有员工85人[2]。").stream(Question("厂长是谁？")))
    assert isinstance(events[0], Passages)
    assert isinstance(events[-1], Answer)
    assert all(isinstance(event, Delta) for event in events[1:-1])
    assert "".join(event.text for event in events if isinstance(event, Delta)) == events[-1].text


def test_without_a_model_the_best_sentence_is_quoted(pipeline: Make) -> None:
    answer = pipeline().ask(Question("厂长是谁？"), "extractive")
    assert answer.text.startswith(f"{HEAD}[1]")
    assert answer.model == "extractive"


def test_a_failing_model_is_answered_for_by_quoting_and_says_so(pipeline: Make) -> None:
    answer = pipeline(ModelError("openai:m at http://x: cannot be reached")).ask(Question("厂长是谁？"))
    assert answer.text.startswith(f"{HEAD}[1]")
    assert (answer.model, answer.note) == ("extractive", "openai:m at http://x: cannot be reached")
    with pytest.raises(ModelError, match="cannot be reached"):
        pipeline(ModelError("cannot be reached")).ask(Question("厂长是谁？"), strict=True)


class BreaksOff:
    name = "broken"

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, fresh: bool = False
    ) -> Generator[str, None, Usage]:
        yield "厂长是李梅"
        raise ModelError("broke off")


def test_a_model_that_breaks_off_leaves_a_whole_answer_and_its_own_markers(pipeline: Make) -> None:
    answer = pipeline(model=BreaksOff()).ask(Question("厂长是谁？"))
    assert answer.text.startswith(f"{HEAD}[1]")
    assert answer.note == "broke off"
    assert [citation.marker for citation in answer.citations] == list(range(1, len(answer.citations) + 1))


def test_a_model_without_words_is_a_failing_model(pipeline: Make) -> None:
    assert "without words" in pipeline("[1]").ask(Question("厂长是谁？")).note


def test_closing_the_stream_closes_the_model(pipeline: Make) -> None:
    closed = []

    class Endless:
        name = "endless"

        def stream(
            self, messages: Sequence[Message], *, max_tokens: int, fresh: bool = False
        ) -> Generator[str, None, Usage]:
            try:
                while True:
                    yield "茶"
            finally:
                closed.append(True)

    stream = pipeline(model=Endless()).stream(Question("厂长是谁？"))
    assert isinstance(next(stream), Passages)
    assert isinstance(next(stream), Delta)
    stream.close()  # type: ignore[attr-defined]
    assert closed == [True]


def test_history_is_shown_to_the_model_and_finds_what_it_is_about(pipeline: Make) -> None:
    model = Scripted("她1998年进厂[1]。")
    history = (Turn("云雾茶厂的厂长是谁？", "李梅。"),)
    answer = pipeline(model=model).ask(Question("哪年来的？", history))
    assert [message.text for message in model.asked[0][1:3]] == ["云雾茶厂的厂长是谁？", "李梅。"]
    assert answer.citations[0].quote == HEAD


@pytest.mark.parametrize("llm", ["scripted", "extractive"])
def test_what_must_be_computed_is_computed_and_cites_its_operands(pipeline: Make, llm: str) -> None:
    passages = ("拼多多的现金储备为4238亿元。", "阿里巴巴的现金储备为3736亿元。")
    question = Question("拼多多的现金储备比阿里巴巴多多少？", passages=passages)
    answer = pipeline(ModelError("was asked")).ask(question, llm, strict=True)
    assert answer.text == "拼多多的现金储备比阿里巴巴多502亿元（4238亿元 − 3736亿元）[1][2]。"
    assert [each.quote for each in answer.citations] == list(passages)
    assert (answer.refused, answer.unsupported, answer.usage) == (False, (), Usage())


def test_passages_replace_the_index(pipeline: Make) -> None:
    passages = ("北京今天下雨。", "上海今天晴天，气温30度。")
    answer = pipeline("上海今天30度[2]。").ask(Question("上海多少度？", passages=passages))
    (citation,) = answer.citations
    assert citation.article == "passage-2"
    assert passages[1][citation.start : citation.end] == citation.quote == passages[1]
    assert {hit.article for hit in answer.hits} == {"passage-1", "passage-2"}
    assert answer.to_json()["index"] == {"name": "", "generation": ""}


def test_no_passages_at_all_is_a_refusal(pipeline: Make) -> None:
    model = Scripted()
    answer = pipeline(model=model).ask(Question("谁？", passages=()))
    assert (answer.refused, answer.hits, model.asked) == (True, (), [])


@pytest.mark.parametrize("text", ["", "  ", "问" * 2001])
def test_a_question_that_is_none_is_wrong_use(text: str, pipeline: Make) -> None:
    with pytest.raises(UsageError):
        pipeline().ask(Question(text))


def test_an_index_of_another_embedder_is_refused(
    settings: Settings, index: Searchable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HashEmbedder, "fingerprint", "other")
    with pytest.raises(IndexMismatch, match="--rebuild"):
        Pipeline(settings, HashEmbedder(), index, lambda spec: None)


def test_asking_without_an_index_names_the_next_step(settings: Settings) -> None:
    with pytest.raises(IndexMissing, match="suwen index"):
        Pipeline(settings, HashEmbedder(), None, lambda spec: None).ask(Question("谁？"))


def test_an_index_is_a_name_or_a_path(settings: Settings) -> None:
    assert index_folder(replace(settings, index="tea")).parent.name == "indexes"
    assert str(index_folder(replace(settings, index="./tea/here"))) == "tea/here"
    assert str(index_place(replace(settings, index="milvus://wiki/tea"))) == "milvus://wiki/tea"
    with pytest.raises(UsageError, match="^milvus://wiki/tea: this needs an index in a folder; set --index"):
        index_folder(replace(settings, index="milvus://wiki/tea"))


def test_the_json_has_exactly_the_fields_of_the_contract(pipeline: Make) -> None:
    body = pipeline("厂长是李梅[1]。").ask(Question("厂长是谁？")).to_json()
    assert list(body) == [
        "question", "answer", "refused", "citations", "hits", "unsupported", "model", "index", "usage", "timings",
    ]  # fmt: skip
    assert list(body["citations"][0]) == ["marker", "article", "title", "source", "start", "end", "quote"]
    assert list(body["hits"][0]) == ["article", "source", "start", "end", "score", "text"]
    assert list(body["usage"]) == ["prompt_tokens", "cached_tokens", "completion_tokens"]
    assert list(body["timings"]) == ["retrieve_s", "first_token_s", "total_s"]
    assert json.loads(json.dumps(body)) == body


REPLIES = st.text(alphabet="厂长是李梅茶320吨文章没有提到[12]3。. ,\nThe bridge", max_size=80)


@given(reply=REPLIES, asked=st.sampled_from(["厂长是谁？", "Who built the bridge?", "产量?"]))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_model_says_the_answer_keeps_its_promises(pipeline: Make, reply: str, asked: str) -> None:
    made = pipeline(reply)
    answer = made.ask(Question(asked))
    body: Any = answer.to_json()
    shown = [int(piece.partition("]")[0]) for piece in body["answer"].split("[")[1:]]
    assert list(dict.fromkeys(shown)) == [citation["marker"] for citation in body["citations"]]
    for citation in body["citations"]:
        assert made.article(citation["article"]).text[citation["start"] : citation["end"]] == citation["quote"]
    for hit in body["hits"]:
        assert made.article(hit["article"]).text[hit["start"] : hit["end"]] == hit["text"]
        assert 0 <= hit["score"] <= 1
    if body["refused"]:
        assert body["citations"] == []
        assert body["hits"]
    assert 0 <= body["timings"]["retrieve_s"] <= body["timings"]["first_token_s"] <= body["timings"]["total_s"]
