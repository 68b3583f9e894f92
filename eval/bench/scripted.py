"""Questions and answers of a realistic size, made up without a model: what the harness itself costs."""

from collections.abc import Iterator
from typing import Any

from eval.gold import Gold
from rag.records import Json

MANIFEST: Json = {
    "version": 1,
    "data_sha256": "",
    "repeat": 1,
    "gold": [],
    "settings": {},
    "model": {"spec": "scripted", "fingerprint": ""},
}
_TEXT = "云雾茶厂{n}年产茶{n}吨，比上一年多40吨。其中绿茶占六成，其余是红茶和白茶，价格比上年高一成左右。"
_CATEGORIES = ("single-fact", "several-facts", "why", "unanswerable")


def questions(count: int) -> Iterator[Gold]:
    """Yield gold questions; every fourth cannot be answered."""
    for n in range(count):
        category = _CATEGORIES[n % 4]
        answerable = category != "unanswerable"
        yield Gold(
            id=f"q{n}",
            question=f"云雾茶厂{n}年的产量是多少，比上一年多了多少？",
            answerable=answerable,
            category=category,
            facts=((f"{n}吨",), ("40吨",)) if answerable else (),
            answers=(f"产茶{n}吨，比上一年多40吨。",) if answerable else (),
            evidence=((f"云雾茶厂{n}年产茶{n}吨，比上一年多40吨。",),) if answerable else (),
            article=f"tea-{n % 50}.md",
        )


def answer(gold: Gold) -> Json:
    """Return an answer as large as the product's: ten passages, two citations, one prompt; some wrong, some refused."""
    n = int(gold.id[1:])
    quote = _TEXT.format(n=n).partition("。")[0] + "。"
    refused = n % 7 == 0
    text = "文章没有提到。" if refused else f"云雾茶厂{n}年产茶{n + (n % 11 == 0)}吨[1]，比上一年多40吨[1]。"
    place: dict[str, Any] = {
        "article": gold.article,
        "source": f"/articles/{gold.article}",
        "start": n,
        "end": n + len(quote),
    }
    passages = [_TEXT.format(n=n + rank) for rank in range(10)]
    hits = [{**place, "score": 1 / (rank + n % 5 + 1), "text": said} for rank, said in enumerate(passages)]
    prompt = "\n".join(passages) + gold.question
    return {
        "question": gold.question,
        "answer": text,
        "refused": refused,
        "citations": [] if refused else [{**place, "marker": 1, "title": "茶", "quote": quote}],
        "hits": hits,
        "unsupported": [],
        "model": "scripted",
        "index": {"name": "scripted", "generation": "1"},
        "usage": {"prompt_tokens": 600, "cached_tokens": 30, "completion_tokens": 40},
        "timings": {"retrieve_s": 0.01, "first_token_s": 1 + n % 10 / 10, "total_s": 2 + n % 10 / 10},
        "prompts": [[{"role": "user", "text": prompt}]],
    }


def article(identity: str) -> Json:
    """Return the article of that id, as long as what is cited of it needs."""
    return {"id": identity, "title": "茶", "source": f"/articles/{identity}", "text": _TEXT * 250}
