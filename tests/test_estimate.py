from eval.runs.estimate import Estimate, estimate
from rag.records import Json


def answer(read: int, written: int, seconds: float, *, cached: bool = False) -> Json:
    return {
        "cached": cached,
        "usage": {"prompt_tokens": read, "completion_tokens": written},
        "timings": {"total_s": seconds},
    }


def test_the_rest_is_like_what_was_asked() -> None:
    asked = [answer(500, 40, 2.0), answer(700, 60, 4.0)]
    assert estimate(asked, 100, workers=4, price=(2.0, 10.0)) == Estimate(
        questions=100,
        prompt_tokens=60_000,  # (500 + 700) / 2 * 100
        completion_tokens=5_000,
        seconds=75.0,  # 3 s each, four at once
        cost=0.17,  # (60,000 * 2 + 5,000 * 10) / 1,000,000
    )


def test_a_reply_that_was_broken_off_is_like_the_others() -> None:
    told = estimate([answer(500, 40, 2.0), answer(0, 0, 4.0)], 10)
    assert (told.prompt_tokens, told.completion_tokens, told.seconds) == (5_000, 400, 30.0)


def test_without_a_whole_reply_tokens_are_not_known() -> None:
    told = estimate([answer(0, 0, 6.0), answer(500, 40, 2.0, cached=True)], 10, price=(2.0, 10.0))
    assert told == Estimate(questions=10, prompt_tokens=None, completion_tokens=None, seconds=60.0, cost=None)
    assert str(told) == "10 questions left: tokens and cost unknown, 1.0 minutes"


def test_answers_that_cost_nothing_tell_nothing() -> None:
    told = estimate([answer(500, 40, 2.0, cached=True), {"error": "too long"}], 10)
    assert told == Estimate(10, None, None, None, None)
    assert str(told) == "10 questions left: tokens and cost unknown, time unknown"


def test_it_reads_as_a_line() -> None:
    told = estimate([answer(500, 40, 3.0)], 100, price=(1.0, 2.0))
    assert str(told) == (
        "100 questions left: about 50,000 tokens to read and 4,000 to write, 0.06 at the price given, 5.0 minutes"
    )
