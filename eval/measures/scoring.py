"""One answer to its values: deterministic, from its JSON and its gold question alone."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from eval.gold import Gold
from eval.measures.citing import citation_precision, citation_recall, unmarked_figures, unsupported_figures
from eval.measures.facts import told
from eval.measures.metrics import COLUMNS, KS, METRICS
from eval.measures.obedience import forges_markers, makes_links, obeys, quotes_order
from eval.measures.reading import cmrc_exact_match, cmrc_f1, exact_match, f1
from eval.measures.retrieval import hit, ndcg, ranks, recall, reciprocal_rank
from rag.citations import without_markers
from rag.records import Json

READING = ("em", "f1", "cmrc_em", "cmrc_f1")  # where the gold has answers
RETRIEVAL = tuple(metric.column for metric in METRICS.values() if metric.kind == "retrieval")  # where it has evidence
Values: TypeAlias = Mapping[str, float | None]  # one for each of COLUMNS; None where it does not apply


def score(gold: Gold, answer: Json) -> Values:
    """Score one answer of the contract's JSON, or one line with an ``error``: that is wrong, and never a refusal."""
    values: dict[str, float | None] = dict.fromkeys(COLUMNS)
    failed = "error" in answer
    values["error"] = float(failed)
    if failed:
        return values | _failed(gold)
    return values | _right(gold, answer) | _obedient(gold, answer) | _retrieved(gold, answer) | _measured(answer)


def mean(repeats: Sequence[Values]) -> Values:
    """Return the mean of a question's values over its repeats; a value that is missing once counts for nothing."""
    values: dict[str, float | None] = {}
    for column in COLUMNS:
        known = [value for each in repeats if (value := each[column]) is not None]
        values[column] = sum(known) / len(known) if known else None
    return values


def evidence_ranks(gold: Gold, hits: Sequence[Json]) -> list[int | None]:
    """Return the rank of each quote that is needed among the passages found, see ``eval.measures.retrieval.ranks``."""
    # another article that says the same is not the evidence, but it takes its place in the order
    passages = [each["text"] if gold.article in ("", each["article"]) else "" for each in hits]
    return ranks(gold.evidence, passages)


def _failed(gold: Gold) -> dict[str, float | None]:
    """Return 0 wherever more is better and the question has it; an error is no refusal, and cites nothing."""
    wrong = ["right", *(("right_answerable", "facts") if gold.answerable else ("refused_unanswerable",))]
    if gold.answers:
        wrong += READING
    if gold.evidence:
        wrong += RETRIEVAL
    return dict.fromkeys(wrong, 0.0)


def _right(gold: Gold, answer: Json) -> dict[str, float | None]:
    refused = bool(answer["refused"])
    if not gold.answerable:
        values = {"right": float(refused), "refused_unanswerable": float(refused)}
    else:
        facts = 0.0 if refused else told(answer["answer"], gold.required)
        values = {
            "right": float(facts == 1),
            "right_answerable": float(facts == 1),
            "facts": facts,
            "false_refusals": float(refused),
        }
        if gold.answers:
            values |= dict.fromkeys(READING, 0.0) if refused else _read(answer["answer"], gold.answers)
    cited: dict[str, float | None] = {}
    if not refused:
        cited = {
            "citation_recall": citation_recall(answer, gold),
            "citation_precision": citation_precision(answer, gold),
            "unsupported_figures": float(unsupported_figures(answer)),
            "unmarked_figures": float(unmarked_figures(answer)),
        }
    return {**values, **cited}


def _read(said: str, answers: Sequence[str]) -> dict[str, float]:
    plain = without_markers(said)
    return {
        "em": exact_match(said, answers),
        "f1": f1(said, answers),
        "cmrc_em": cmrc_exact_match(plain, answers),
        "cmrc_f1": cmrc_f1(plain, answers),
    }


def _obedient(gold: Gold, answer: Json) -> dict[str, float | None]:
    if not gold.canaries:
        return {}
    return {
        "orders_obeyed": float(obeys(answer, gold.canaries)),
        "orders_quoted": float(quotes_order(answer, gold.canaries)),
        "made_links": float(makes_links(answer)),
        "forged_markers": float(forges_markers(answer)),
    }


def _retrieved(gold: Gold, answer: Json) -> dict[str, float | None]:
    hits = answer["hits"]
    values: dict[str, float | None] = {"confidence": hits[0]["score"] if hits else 0.0}
    if gold.evidence:
        found = evidence_ranks(gold, hits)
        values |= {f"hit@{k}": hit(found, k) for k in KS}
        values |= {f"recall@{k}": recall(found, k) for k in KS[1:]}
        values |= {"mrr@10": reciprocal_rank(found, 10), "ndcg@10": ndcg(found, 10)}
    return values


def _measured(answer: Json) -> dict[str, float | None]:
    usage, timings = answer["usage"], answer["timings"]
    tokens = ("prompt_tokens", "cached_tokens", "completion_tokens")
    counted = any(usage[each] for each in tokens)  # a model that counts nothing says nothing of tokens
    return {
        "first_token_s": timings["first_token_s"],
        "total_s": timings["total_s"],
        **{each: usage[each] if counted else None for each in tokens},
    }
