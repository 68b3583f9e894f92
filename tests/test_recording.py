import threading

from eval.runs.recording import Heard, Recorded
from rag.llm import Message, Scripted
from rag.records import Usage

ASKED = [Message("system", "你是助手"), Message("user", "厂长是谁？")]
HEARD = [{"role": "system", "text": "你是助手"}, {"role": "user", "text": "厂长是谁？"}]


def reply(model: Recorded) -> tuple[str, Usage]:
    stream, text = model.stream(ASKED, max_tokens=10), ""
    while True:
        try:
            text += next(stream)
        except StopIteration as done:
            return text, done.value


def test_the_model_says_the_same_and_its_prompt_is_heard_once() -> None:
    heard = Heard()
    model = Recorded(Scripted("李梅。", name="m"), heard)
    assert model.name == "m"
    assert reply(model) == ("李梅。", Usage(9, 0, 3))
    reply(model)
    assert heard.take() == [HEARD, HEARD]
    assert heard.take() == []


def test_every_thread_hears_its_own() -> None:
    heard, others = Heard(), []
    model = Recorded(Scripted("李梅。"), heard)
    reply(model)
    thread = threading.Thread(target=lambda: others.append(heard.take()))
    thread.start()
    thread.join()
    assert others == [[]]
    assert heard.take() == [HEARD]
