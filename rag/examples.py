"""Questions to show who has not asked one yet."""

from rag.index import Index
from rag.language import language_of

MOST = 6  # made of headings


def example_questions(index: Index) -> list[str]:
    """Return questions worth asking: those the articles suggest, or one for each of their first headings."""
    suggested = [each for number in index.articles.suggesting.tolist() for each in index.articles.at(number).questions]
    if suggested:
        return suggested
    headings = index.chunks.headings(MOST)
    return [
        f"关于“{heading}”，文章说了什么？" if language_of(heading) == "zh" else f"What about {heading}?"
        for heading in headings
    ]
