"""Questions to show who has not asked one yet."""

from rag.corpus import may_read
from rag.index import Index
from rag.language import language_of

MOST = 6  # made of headings


def example_questions(index: Index, groups: frozenset[str] | None = None) -> list[str]:
    """Return questions worth asking: those the articles suggest, or one for each of their first headings.

    Articles that readers of these ``groups`` may not see suggest nothing; None is who may see all.
    """
    suggesting = (index.articles.at(number) for number in index.articles.suggesting.tolist())
    readable = (each for each in suggesting if groups is None or may_read(groups, each.groups))
    suggested = [question for each in readable for question in each.questions]
    if suggested:
        return suggested
    headings = index.chunks.headings(MOST, index.allowed(groups))
    return [
        f"关于“{heading}”，文章说了什么？" if language_of(heading) == "zh" else f"What about {heading}?"
        for heading in headings
    ]
