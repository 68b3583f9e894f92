"""What asking the rest of a run will take, told by the answers that have come."""

from collections.abc import Iterable
from dataclasses import dataclass

from rag.records import Json

PROBE = 3  # questions asked before the estimate is made


@dataclass(frozen=True, slots=True)
class Estimate:
    """For ``questions`` still to be asked; ``cost`` in the currency of the price, None without one."""

    questions: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    cost: float | None

    def __str__(self) -> str:
        tokens = f"about {self.prompt_tokens:,} tokens to read and {self.completion_tokens:,} to write"
        cost = "" if self.cost is None else f", {self.cost:,.2f} at the price given"
        return f"{self.questions} questions left: {tokens}{cost}, {max(self.seconds / 60, 0.1):.1f} minutes"


def estimate(
    answers: Iterable[Json], questions: int, workers: int = 1, price: tuple[float, float] | None = None
) -> Estimate | None:
    """Return the estimate for ``questions`` more like those answered; None where nothing was asked anew.

    ``price`` is what a million tokens read, and written, cost.
    """
    asked = [answer for answer in answers if "error" not in answer and not answer["cached"]]
    # a reply that was broken off, as before a refusal, was not counted: it is taken to be like the others
    counted = [answer["usage"] for answer in asked if answer["usage"]["prompt_tokens"]]
    if not asked:
        return None
    read, written = (
        round(questions * sum(usage[name] for usage in counted) / max(len(counted), 1))
        for name in ("prompt_tokens", "completion_tokens")
    )
    seconds = questions / len(asked) * sum(answer["timings"]["total_s"] for answer in asked) / workers
    cost = None if price is None else (read * price[0] + written * price[1]) / 1e6
    return Estimate(questions, read, written, seconds, cost)
