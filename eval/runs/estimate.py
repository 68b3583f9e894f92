"""What asking the rest of a run will take, told by the answers that have come."""

from collections.abc import Iterable
from dataclasses import dataclass

from rag.records import Json

PROBE = 3  # questions asked before the estimate is made


@dataclass(frozen=True, slots=True)
class Estimate:
    """For ``questions`` still to be asked; ``cost`` in the currency of the price, None without one.

    Tokens are None, and with them the cost, when none were counted; the time is when nothing was asked anew.
    """

    questions: int
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float | None
    cost: float | None

    def __str__(self) -> str:
        tokens, time = "tokens and cost unknown", "time unknown"
        if self.prompt_tokens is not None:
            tokens = f"about {self.prompt_tokens:,} tokens to read and {self.completion_tokens:,} to write"
        cost = "" if self.cost is None else f", {self.cost:,.2f} at the price given"
        if self.seconds is not None:
            time = f"{max(self.seconds / 60, 0.1):.1f} minutes"
        return f"{self.questions} questions left: {tokens}{cost}, {time}"


def estimate(
    answers: Iterable[Json], questions: int, workers: int = 1, price: tuple[float, float] | None = None
) -> Estimate:
    """Return the estimate for ``questions`` more like those answered anew.

    ``price`` is what a million tokens read, and written, cost.
    """
    asked = [answer for answer in answers if "error" not in answer and not answer["cached"]]
    # a reply that was broken off, as before a refusal, was not counted: it is taken to be like the others
    usages = [answer["usage"] for answer in asked if answer["usage"]["prompt_tokens"]]
    read, written, cost, seconds = None, None, None, None
    if usages:
        read, written = (
            round(questions * sum(usage[name] for usage in usages) / len(usages))
            for name in ("prompt_tokens", "completion_tokens")
        )
        cost = None if price is None else (read * price[0] + written * price[1]) / 1e6
    if asked:
        seconds = questions / len(asked) * sum(answer["timings"]["total_s"] for answer in asked) / workers
    return Estimate(questions, read, written, seconds, cost)
