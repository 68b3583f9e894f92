"""Questions to show who has not asked one yet."""

from rag.language import language_of
from rag.searchable import Searchable

MOST = 6  # made of headings


def example_questions(index: Searchable, groups: frozenset[str] | None = None) -> list[str]:
    """Return questions worth asking: those the articles suggest, or one for each of their first headings.

    Articles that readers of these ``groups`` may not see suggest nothing; None is who may see all.
    """
    return index.suggested(groups) or [
        f"关于“{heading}”，文章说了什么？" if language_of(heading) == "zh" else f"What about {heading}?"
        for heading in index.headings(MOST, groups)
    ]
