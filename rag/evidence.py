"""Retrieved chunks to numbered sentences: what the model is shown, and what an answer can cite."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.records import Sentence
from rag.retrieval import Found
from rag.searchable import Searchable

BUDGET = 400  # tokens of article text shown to the model: reading a prompt is what takes the time on a CPU
PASSAGES_BUDGET = 1600  # likewise, where the question brought its own passages: those are meant to be read


@dataclass(frozen=True, slots=True)
class Evidence:
    """A citable sentence under its number in the prompt, from 1.

    ``heading`` is that of its chunk, with the columns of the table whose rows that goes on with.
    """

    number: int
    article: str
    sentence: Sentence
    text: str
    heading: str


def select_evidence(
    found: Sequence[Found], index: Searchable, count: Callable[[str], int], budget: int = BUDGET
) -> list[Evidence]:
    """Take whole chunks, best first, while they fit the budget (the first always does), in reading order.

    Articles come in the order of their best chunk; headings are context, not evidence.
    """
    chosen: list[Found] = []
    left = budget
    for each in found:
        left -= count(index.text(each.chunk))
        if left < 0 and chosen:
            break
        chosen.append(each)
    article_order = list(dict.fromkeys(each.chunk.article for each in chosen))
    chosen.sort(key=lambda each: (article_order.index(each.chunk.article), each.chunk.start))
    evidence: list[Evidence] = []
    for chunk in (each.chunk for each in chosen):
        heading = "\n".join(filter(None, (chunk.heading, chunk.columns)))
        text = index.articles[chunk.article].text
        for sentence in index.sentences[chunk.article][chunk.first : chunk.last]:
            if not sentence.heading:
                quote = text[sentence.start : sentence.end]
                evidence.append(Evidence(len(evidence) + 1, chunk.article, sentence, quote, heading))
    return evidence
