"""How well passages were found: at which ranks the quotes stand that prove an answer, and what that is worth."""

from collections import Counter
from collections.abc import Sequence
from math import log2


def ranks(evidence: Sequence[Sequence[str]], passages: Sequence[str]) -> list[int | None]:
    """Return for each quote that is needed the rank, from 1, of the first passage that holds it, or None.

    Every inner sequence is one quote in its alternatives, any of which will do. White space does not count.
    """
    texts = [_fold(text) for text in passages]
    return [_first({_fold(quote) for quote in quotes} - {""}, texts) for quotes in evidence]


def hit(found: Sequence[int | None], k: int) -> float:
    """Return 1 if the first ``k`` passages hold any quote, else 0."""
    return float(any(rank <= k for rank in found if rank))


def recall(found: Sequence[int | None], k: int) -> float:
    """Return the share of the quotes, of which there is at least one, that the first ``k`` passages hold."""
    return sum(rank <= k for rank in found if rank) / len(found)


def reciprocal_rank(found: Sequence[int | None], k: int) -> float:
    """Return one over the rank of the first passage with a quote, 0 if it is beyond ``k`` or there is none."""
    first = min((rank for rank in found if rank), default=k + 1)
    return 1 / first if first <= k else 0.0


def ndcg(found: Sequence[int | None], k: int) -> float:
    """Return the discounted gain of the first ``k`` passages, divided by that of the best order.

    A passage gains one for each quote that it is the first to hold. In the best order the greatest gains come
    first, and each quote that was not found has a passage of its own. There is at least one quote.
    """
    gains = Counter(rank for rank in found if rank)
    reached = sum(gain / log2(rank + 1) for rank, gain in gains.items() if rank <= k)
    best = sorted([*gains.values(), *(1 for rank in found if not rank)], reverse=True)[:k]
    return reached / sum(gain / log2(rank + 1) for rank, gain in enumerate(best, start=1))


def _first(quotes: set[str], texts: Sequence[str]) -> int | None:
    return next((rank for rank, text in enumerate(texts, start=1) if any(quote in text for quote in quotes)), None)


def _fold(text: str) -> str:
    return "".join(text.split())
