"""A language model that is asked whether an answer is right. Optional: every other column does without it.

What needs no judgement is not asked: a refusal, an error, an answer to what has none. A reply that is no verdict
counts as not judged, never as right or wrong.
"""

import re
import threading
import time
from collections.abc import Sequence
from typing import Protocol

from eval.gold import Gold
from eval.runs.cache import key_of
from rag.citations import without_markers
from rag.errors import ModelError, UsageError
from rag.language import language_of
from rag.llm import ChatModel, Message, open_model
from rag.models import locate, model_fingerprint
from rag.prompt import fill
from rag.records import Json
from rag.settings import PROMPTS, Settings

MAX_TOKENS = 4  # of a verdict: a word and what a model may put around it
FAILURES = 3  # in a row, after which the model is taken to be gone

_VERDICT = re.compile(r"\W*(对|错|right|wrong)[的误了]?(?!\w|\s*/|\s*or\b|\s*或)", re.IGNORECASE)
_CHOICE = re.compile(r"\W*(?:(?:answer|答案)\s*)?([AB])(?=\W*$|[.,:;，。：；\n]| is\b|更)", re.IGNORECASE)
_RIGHT = {"对": 1.0, "right": 1.0, "错": 0.0, "wrong": 0.0}


class Replies(Protocol):
    """Where replies are kept; ``eval.runs.cache.Cache`` is one."""

    def get(self, key: str) -> Json | None: ...  # noqa: D102
    def put(self, key: str, body: Json) -> None: ...  # noqa: D102


class Judge:
    """Call it with a question and its answer. Replies are kept, so that a stopped evaluation goes on."""

    def __init__(self, model: ChatModel, model_fingerprint: str, replies: Replies | None = None) -> None:
        self.name = model.name
        self.seconds = 0.0  # of all replies used, those from the cache as long as they took when they were given
        self._model = model
        self._model_fingerprint = model_fingerprint
        self._replies = replies
        self._failed = 0
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what can change a verdict: the model, the prompts, the length of a reply."""
        files = sorted(path for name in ("judge", "prefer") for path in PROMPTS.glob(f"{name}.*.txt"))
        prompts = [[path.name, path.read_text(encoding="utf-8")] for path in files]
        return key_of("judge", self._model_fingerprint, prompts, MAX_TOKENS)

    def __call__(self, gold: Gold, answer: Json) -> float | None:
        """Return 1 for a right answer, 0 for a wrong one, None where the model gave no verdict.

        Raises:
            ModelError: the model failed several times in a row.

        """
        if "error" in answer:
            return 0.0
        if answer["refused"] or not gold.answerable:
            return float(answer["refused"] and not gold.answerable)
        return self.verdict(gold, answer["answer"])

    def verdict(self, gold: Gold, answer: str) -> float | None:
        """Ask whether an answer is right; None where the reply is no verdict, or nothing says what is right."""
        if not gold.required:
            return None
        values = {"question": gold.question, "reference": reference(gold), "answer": without_markers(answer)}
        said = _VERDICT.match(self._ask("judge", values))
        return _RIGHT[said[1].lower()] if said else None

    def prefer(self, gold: Gold, first: str, second: str) -> int | None:
        """Ask which answer is better: 0 for the first, 1 for the second, None where the reply names neither."""
        values = {"question": gold.question, "reference": reference(gold), "first": first, "second": second}
        said = _CHOICE.match(self._ask("prefer", values))
        return "AB".index(said[1].upper()) if said else None

    def _ask(self, prompt: str, values: dict[str, str]) -> str:
        messages = [Message("user", fill(prompt, language_of(values["question"]), **values))]
        key = key_of("judge", self._model_fingerprint, [[each.role, each.text] for each in messages], MAX_TOKENS)
        reply = self._replies.get(key) if self._replies else None
        if reply is None:
            started = time.perf_counter()
            text = self._reply(messages)
            if text is None:
                return ""
            reply = {"reply": text, "seconds": round(time.perf_counter() - started, 4)}
            if self._replies:
                self._replies.put(key, reply)
        with self._lock:
            self.seconds += reply["seconds"]
        return str(reply["reply"])

    def _reply(self, messages: Sequence[Message]) -> str | None:
        """Return the model's words; None after a failure, which is not kept and may go better next time."""
        try:
            text = "".join(self._model.stream(messages, max_tokens=MAX_TOKENS, fresh=True))
        except ModelError:
            with self._lock:
                self._failed += 1
                if self._failed >= FAILURES:
                    raise
            return None
        with self._lock:
            self._failed = 0
        return text


def open_judge(settings: Settings, spec: str, replies: Replies | None) -> Judge:
    """Open the model that ``spec`` names, as the setting ``llm`` does, as a judge.

    Raises:
        UsageError: it names no language model.
        ModelMissing: a local model is not on disk.

    """
    model = open_model(settings, spec, lambda name: locate(name, settings))
    if model is None:
        raise UsageError(f"{spec} cannot judge; name a language model: --judge qwen2.5-coder-1.5b, openai:MODEL, ...")
    return Judge(model, model_fingerprint(spec, settings), replies)


def reference(gold: Gold) -> str:
    """Return what a right answer tells: a line for each required fact, its wordings divided by slashes."""
    return "\n".join(" / ".join(wordings) for wordings in gold.required)
