"""Answers shown lately, each under an id that nobody can guess, and what readers thought of them.

A browser sends the id and never the answer: so a verdict is on what was really said.
"""

import secrets
import threading
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path

from rag.feedback import Feedback, Verdict, record
from rag.records import Answer, Question

HELD = 1000  # answers, of all visitors


class Verdicts:
    """The answers that can be judged now, and the file that keeps what is thought of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: OrderedDict[str, tuple[Question, Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def hold(self, question: Question, answer: Answer) -> str:
        """Make an answer one that can be judged, until ``HELD`` others came after it; return its id."""
        key = secrets.token_urlsafe(16)
        with self._lock:
            self._held[key] = question, answer
            if len(self._held) > HELD:
                self._held.popitem(last=False)
        return key

    def judge(self, key: str, verdict: Verdict, correction: str = "", unanswerable: bool = False) -> bool:
        """Keep a verdict in place of any earlier one on that answer; return whether the answer is held.

        Raises:
            SuwenError: it cannot be kept; see ``rag.feedback.record``.

        """
        with self._lock:
            if key not in self._held:
                return False
            question, answer = self._held[key]
        down = verdict == "down"
        feedback = Feedback(
            id=key,
            time=datetime.now(UTC),
            verdict=verdict,
            question=question.text,
            history=question.history,
            answer=answer.to_json(),
            correction=_text(correction) if down and not unanswerable else "",
            unanswerable=down and unanswerable,
            index=answer.index,
            generation=answer.generation,
        )
        record(self._path, feedback)
        return True


def _text(sent: str) -> str:
    """Return what a reader typed; JSON may hold half characters, which no file of text can."""
    return sent.strip().encode("utf-8", "replace").decode()
