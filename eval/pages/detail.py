"""One question with all its answers, as the JSON that a page shows it from.

Texts of articles are not repeated: a passage or a citation is a place in an article that the page holds once, or in
a passage that came with the question. Sentences of a prompt are places in the passages found.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from eval.gold import Gold
from eval.measures.facts import contains_fact
from eval.measures.scoring import Values, evidence_ranks
from rag.records import Json

Verdict = Literal["right", "wrong", "declined", "missed", "error"]

_NUMBERED = re.compile(r"\[\d+\] ")
_LEAST = 12  # characters of a prompt's line that are worth a reference


@dataclass
class Texts:
    """What the page holds once: the places of its articles, and the system prompts met so far."""

    articles: dict[str, int] = field(default_factory=dict)
    systems: dict[str, int] = field(default_factory=dict)


def verdict(gold: Gold, answer: Json) -> Verdict:
    """Return what an answer is; whether a refusal is right depends on the question alone."""
    if "error" in answer:
        return "error"
    if answer["refused"]:
        return "missed" if gold.answerable else "declined"
    return "right" if gold.answerable and all(told(gold, answer)) else "wrong"


def told(gold: Gold, answer: Json) -> list[bool]:
    """Return which of the required facts an answer tells; a refusal tells none."""
    return [not answer["refused"] and contains_fact(answer["answer"], fact) for fact in gold.required]


def brief(gold: Gold, answers: Sequence[Json], values: Values) -> dict[str, Any]:
    """Return what a list of questions shows, filters and sorts by.

    A question is right as most of its repeats are. Its verdict is the most frequent one of those that agree with
    that, and the first of these is shown.
    """
    verdicts = [verdict(gold, each) for each in answers]
    right = [each in ("right", "declined") for each in verdicts]
    mostly = 2 * sum(right) > len(right)
    usual = Counter(each for each, is_right in zip(verdicts, right, strict=True) if is_right == mostly)
    kind = usual.most_common(1)[0][0]
    shown = verdicts.index(kind)
    return {
        "id": gold.id,
        "category": gold.category,
        "question": gold.question,
        "answer": answers[shown].get("answer", answers[shown].get("error", "")),
        "gold": wanted(gold),
        "verdict": kind,
        "failed": "error" in verdicts,
        "repeats": len(answers),
        "shown": shown,
        "right": sum(right),
        "seconds": values.get("total_s"),
        "confidence": values.get("confidence"),
    }


def wanted(gold: Gold) -> str:
    """Return a right answer in short; empty where a refusal is right."""
    if gold.answers:
        return gold.answers[0]
    return " · ".join(fact[0] for fact in gold.facts)


def detail(gold: Gold, answers: Sequence[Json], values: Values, texts: Texts) -> dict[str, Any]:
    """Return everything there is to see about a question."""
    body: dict[str, Any] = {
        "history": [[turn.question, turn.answer] for turn in gold.history],
        "answerable": gold.answerable,
        "answers": gold.answers,
        "facts": gold.facts,
        "evidence": gold.evidence,
        "article": gold.article,
        "values": {name: value for name, value in values.items() if value is not None},
        "repeats": [_repeat(gold, answer, texts) for answer in answers],
    }
    if gold.passages is not None:
        body["passages"] = gold.passages
    return body


def _repeat(gold: Gold, answer: Json, texts: Texts) -> dict[str, Any]:
    body: dict[str, Any] = {key: answer[key] for key in ("error", "note", "model", "cached") if answer.get(key)}
    hits = answer.get("hits", ())
    body["prompts"] = [[_message(each, hits, texts) for each in prompt] for prompt in answer.get("prompts", ())]
    if "error" in answer:
        return body
    return body | {
        "answer": answer["answer"],
        "refused": answer["refused"],
        "citations": [
            {"marker": each["marker"], **_place(each, each["quote"], gold, texts)} for each in answer["citations"]
        ],
        "hits": [{"score": each["score"], **_place(each, each["text"], gold, texts)} for each in hits],
        "unsupported": answer.get("unsupported", ()),
        "usage": answer["usage"],
        "timings": answer["timings"],
        "told": told(gold, answer),
        "ranks": evidence_ranks(gold, hits),
    }


def _place(each: Json, text: str, gold: Gold, texts: Texts) -> dict[str, Any]:
    """Return where a text is; the text itself where its article is not in the page."""
    number = texts.articles.get(each["article"])
    if gold.passages is not None:
        found = re.fullmatch(r"passage-(\d+)", each["article"])
        number = int(found[1]) - 1 if found and 0 < int(found[1]) <= len(gold.passages) else None
    place = {"start": each["start"], "end": each["end"]}
    if number is None:
        return {"name": each["article"], "text": text, **place}
    return {"article": number, **place}


def _message(message: Json, hits: Sequence[Json], texts: Texts) -> dict[str, Any]:
    """Return a message of a prompt in parts: strings, and ``[hit, start, end]`` for what a passage says."""
    text = message["text"]
    if message["role"] == "system":
        return {"role": "system", "system": texts.systems.setdefault(text, len(texts.systems))}
    parts: list[Any] = [""]
    for line, bare in zip(text.splitlines(keepends=True), text.splitlines(), strict=True):
        head = found.end() if (found := _NUMBERED.match(line)) else 0
        said = bare[head:]
        number, start = _within(said, hits) if len(said) >= _LEAST else (-1, -1)
        if start < 0:
            _extend(parts, line)
        else:
            _extend(parts, line[:head])
            parts += [[number, start, start + len(said)], line[head + len(said) :]]
    return {"role": message["role"], "parts": parts}


def _extend(parts: list[Any], text: str) -> None:
    if isinstance(parts[-1], str):
        parts[-1] += text
    else:
        parts.append(text)


def _within(said: str, hits: Sequence[Json]) -> tuple[int, int]:
    for number, hit in enumerate(hits):
        if (start := hit["text"].find(said)) >= 0:
            return number, start
    return -1, -1
