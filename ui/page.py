"""The chat page: components and events. What they show and do is in ``ui.chat``.

Gradio takes seconds to import: import this module where the page is wanted, not at the top of others.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from html import escape
from typing import Any, TypeAlias

import gradio as gr

from ui.answerer import Answerer
from ui.chat import Conversation, conversation_html, exchange_html, respond
from ui.text import Language, preferred, say
from ui.verdicts import Verdicts

Updates: TypeAlias = dict[Any, Any]
EXAMPLES = 4
AT_ONCE = 8  # answers in progress; the answerer decides how many the model works on together


def build_page(answerer: Answerer, verdicts: Verdicts | None = None, language: Language = "zh") -> gr.Blocks:
    """Return the chat page; its answers can be judged where ``verdicts`` are taken.

    ``language`` holds where the browser prefers neither of ours.
    """
    page: gr.Blocks = gr.Blocks(title="溯问 Suwen", analytics_enabled=False)
    with page:
        Chat(answerer, language, verdicts).build(page)
    page.queue(max_size=64, api_open=False)
    return page


class Chat:
    """The page's components, which its event functions refer to."""

    def __init__(self, answerer: Answerer, language: Language, verdicts: Verdicts | None = None) -> None:
        self.answerer, self.default = answerer, language
        self.judged = {"hold": verdicts.hold} if verdicts else {}

    def build(self, page: gr.Blocks) -> None:
        """Create the components inside ``page`` and connect their events."""
        llm = self.answerer.settings.llm
        self.language = gr.State(self.default)
        self.past = gr.State(())
        with gr.Row(elem_id="top"):
            self.header = _html("header")
            self.switch = gr.Button(elem_id="switch", size="sm")
        self.earlier = _html("earlier")
        self.latest = _html("latest")
        with gr.Column(elem_id="welcome") as self.welcome:
            self.invite = _html("invite")
            self.examples = [gr.Button(visible=False, elem_classes="example") for _ in range(EXAMPLES)]
        with gr.Column(elem_id="composer"):
            with gr.Row(elem_id="ask"):
                self.box = gr.Textbox(
                    show_label=False, container=False, lines=1, max_lines=8, autofocus=True, elem_id="box"
                )
                self.send = gr.Button(variant="primary", elem_id="send")
                self.stop = gr.Button(visible=False, elem_id="stop")
            with gr.Row(elem_id="tools"):
                self.llm = gr.Dropdown([llm], value=llm, container=False, allow_custom_value=True, elem_id="llm")
                self.retry = gr.Button(visible=False, size="sm", elem_id="retry")
                self.clear = gr.Button(visible=False, size="sm", elem_id="clear")
        self._connect(page)

    def _connect(self, page: gr.Blocks) -> None:
        hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        session = [self.past, self.llm, self.language]
        conversation = [self.past, self.earlier, self.latest, self.box, self.send, self.stop]
        conversation += [self.retry, self.clear, self.welcome]
        labels = [self.language, self.header, self.switch, self.earlier, self.latest, self.invite]
        labels += [*self.examples, self.box, self.send, self.stop, self.llm, self.retry, self.clear]

        queue: dict[str, Any] = {"concurrency_limit": AT_ONCE, "concurrency_id": "answer"}

        def listen(triggers: list[Any], fn: Callable[..., Any], inputs: list[Any]) -> None:
            gr.on(triggers, fn, inputs, conversation, **queue, **hidden)

        listen([self.box.submit, self.send.click], self.ask, [self.box, *session])
        for one in self.examples:
            listen([one.click], self.ask, [one, *session])
        listen([self.retry.click], self.again, session)
        # Not with Gradio's `cancels`: it races the event that it cancels for the session's state.
        self.stop.click(self.halt, [self.past], None, queue=False, **hidden)
        self.clear.click(self.empty, [self.language], conversation, queue=False, **hidden)
        page.load(self.arrive, None, labels, queue=False, **hidden)
        self.switch.click(self.turn_language, [self.past, self.language], labels, queue=False, **hidden)

    def ask(self, text: str, past: Conversation, llm: str, language: Language) -> Iterator[Updates]:
        """Answer a question; a question that could not be answered returns to the box."""
        text = text.strip()
        if not text or (past and past[-1].running):
            yield {self.box: gr.skip()}
            return
        now = past
        try:
            steps = respond(self.answerer, text, past, llm, language, **self.judged)
            with closing(steps) as exchanges:  # type: ignore[type-var]
                for exchange in exchanges:
                    now = (*past, exchange)
                    if exchange.phase == "searching":
                        yield self._shown(now, language) | {self.box: ""}
                    elif exchange.running:
                        yield {self.past: now, self.latest: exchange_html(exchange, len(now), language)}
                    elif exchange.phase == "failed":
                        yield self._shown(now, language) | {self.box: text}
                    else:
                        yield self._shown(now, language)
        except Exception:  # a mistake of ours: the page is settled first, then the log gets the traceback
            failed = (*now[:-1], replace(now[-1], phase="failed"))
            yield self._shown(failed, language) | {self.box: text}
            raise

    def again(self, past: Conversation, llm: str, language: Language) -> Iterator[Updates]:
        """Ask the last question again, in place of its answer."""
        if past:
            yield from self.ask(past[-1].question, past[:-1], llm, language)

    def halt(self, past: Conversation) -> None:
        """Stop the last exchange; the event that is answering it notices and shows so."""
        if past:
            past[-1].over.set()

    def empty(self, language: Language) -> Updates:
        """Start over."""
        return self._shown((), language)

    def arrive(self, request: gr.Request) -> Updates:
        """Choose the language of a visit: ``?lang=``, else what the browser prefers."""
        asked = request.query_params.get("lang")
        accepted = preferred(request.headers.get("accept-language", ""), self.default)
        return self._labels((), asked if asked in ("zh", "en") else accepted)

    def turn_language(self, past: Conversation, language: Language) -> Updates:
        """Change to the other language, conversation included."""
        return self._labels(past, "zh" if language == "en" else "en")

    def _shown(self, conversation: Conversation, language: Language) -> Updates:
        earlier, latest = conversation_html(conversation[:-1], language), ""
        if conversation:
            latest = exchange_html(conversation[-1], len(conversation), language)
        return {self.past: conversation, self.earlier: earlier, self.latest: latest} | self._controls(conversation)

    def _controls(self, conversation: Conversation) -> Updates:
        busy = bool(conversation) and conversation[-1].running
        settled = bool(conversation) and not busy
        return {
            self.send: gr.update(visible=not busy),
            self.stop: gr.update(visible=busy),
            self.retry: gr.update(visible=settled),
            self.clear: gr.update(visible=settled),
            self.welcome: gr.update(visible=not conversation),
        }

    def _labels(self, past: Conversation, language: Language) -> Updates:
        shown = self._shown(past, language)
        questions = self.answerer.now().example_questions()[:EXAMPLES]
        models = dict.fromkeys([self.answerer.settings.llm, *self.answerer.models()])
        return {
            self.language: language,
            self.header: _header(language),
            self.switch: gr.update(value=say("other_language", language)),
            self.earlier: shown[self.earlier],
            self.latest: shown[self.latest],
            self.invite: f"<p>{say('examples', language)}</p>" if questions else "",
            self.box: gr.update(placeholder=say("placeholder", language)),
            self.send: gr.update(value=say("send", language)),
            self.stop: gr.update(value=say("stop", language)),
            self.retry: gr.update(value=say("retry", language)),
            self.clear: gr.update(value=say("clear", language)),
            self.llm: gr.update(label=say("model", language), choices=list(models)),
        } | {
            button: gr.update(value=question, visible=True)
            for button, question in zip(self.examples, questions, strict=False)
        }


def _html(element: str) -> gr.HTML:
    return gr.HTML(elem_id=element, apply_default_css=False, js_on_load=None)


def _header(language: Language) -> str:
    """Return name, promise and the way to the articles; the script takes the reader's labels from here."""
    labels = {"reader": "reader", "close": "close", "tab": "new_tab"}
    data = "".join(f' data-{name}="{escape(say(key, language))}"' for name, key in labels.items())
    return (
        f'<div class="masthead" data-language="{language}"{data}><h1>{say("name", language)}</h1>'
        f"<p>{say('promise', language)}</p>"
        f'<a href="articles?lang={language}" target="reader">{say("articles", language)}</a></div>'
    )
