"""What a language model was asked, word for word, for each answer."""

import threading
from collections.abc import Generator, Sequence
from typing import Any

from rag.llm import ChatModel, Message
from rag.records import Usage


class Heard(threading.local):
    """The prompts of the question that this thread is at; a question is asked in one thread from start to end."""

    def __init__(self) -> None:
        self.prompts: list[list[dict[str, Any]]] = []

    def take(self) -> list[list[dict[str, Any]]]:
        """Return the prompts since the last time, and forget them."""
        prompts, self.prompts = self.prompts, []
        return prompts


class Recorded:
    """A chat model that says what another does, and lets its prompts be heard."""

    def __init__(self, model: ChatModel, heard: Heard) -> None:
        self.name = model.name
        self._model = model
        self._heard = heard

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, fresh: bool = False
    ) -> Generator[str, None, Usage]:
        """See ``ChatModel.stream``.

        The first prompt of a question is read anew, so that no answer depends on which question came before:
        a run then gives the same answers in any order, also when it was stopped and taken up.
        """
        first = not self._heard.prompts
        self._heard.prompts.append([{"role": message.role, "text": message.text} for message in messages])
        return (yield from self._model.stream(messages, max_tokens=max_tokens, fresh=fresh or first))
