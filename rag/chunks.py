"""Sentences to chunks: neighbouring sentences of one section, up to a size in tokens of the embedder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rag.layout import Line, read_lines
from rag.records import Article, Chunk, Sentence

VERSION = 2  # raise it when the same article would be cut differently: old indexes are then refused
SIZE = 70  # tokens; what was measured is in eval/LOG.md
MOST = 320  # tokens of what is held together beyond ``SIZE``: with its context it is still read whole by the embedder
CONTEXT = 180  # characters of title, headings and columns that are embedded with a chunk
_BETWEEN = " > "  # of the headings above one another


@dataclass(frozen=True, slots=True)
class _Spot:
    """A sentence at its place in the article, and how it stands to the one before."""

    tokens: int
    marks: int  # signs between the sentence before and this one, which are tokens where both are in one chunk
    line: Line
    path: tuple[str, ...]  # of the headings it stands under, or is
    columns: str  # header of its table, of a row
    opens: bool  # the chunk before ends here
    tied: bool  # in one chunk with the one before where that fits the size
    glued: bool  # in one chunk with the one before even where it does not


def split_chunks(
    article: Article, sentences: Sequence[Sentence], *, count: Callable[[str], int], size: int = SIZE
) -> list[Chunk]:
    """Pack sentences greedily; a heading opens a chunk and names it and those that follow in its section.

    A heading, a question, a line that leads in a list and a table's header are never parted from what follows, up to
    ``MOST`` tokens. A list, a table and a block of code are one chunk where they fit. Prose never shares a chunk with
    a byline that stands within it, and no chunk spans boilerplate. A sentence longer than ``size`` is a chunk by
    itself. Chunks cover all sentences, in order, once.
    """
    spots = list(_spots(article, sentences, count))
    chunks: list[Chunk] = []
    first, tokens = 0, 0

    def close(last: int) -> None:
        nonlocal first, tokens
        if last > first:
            above, heading = spots[last - 1].path[:-1], "".join(spots[last - 1].path[-1:])
            span = (sentences[first].start, sentences[last - 1].end, first, last)
            columns = spots[first].columns
            chunks.append(Chunk(article.id, *span, heading, _BETWEEN.join(above), columns))
        first, tokens = last, 0

    for start, end in _groups(spots):
        length = sum(spot.tokens + spot.marks for spot in spots[start:end]) - (start == first) * spots[start].marks
        late = start > first and first > 0 and spots[start - 1].line.kind == "byline"
        if spots[start].opens or late or tokens + length > size:
            close(start)
        for position in range(start, end):
            spot = spots[position]
            if tokens + spot.marks + spot.tokens > (MOST if spot.glued else size):
                close(position)
            tokens += spot.tokens + (spot.marks if position > first else 0)
    close(len(spots))
    return chunks


def _spots(article: Article, sentences: Sequence[Sentence], count: Callable[[str], int]) -> Iterator[_Spot]:
    lines = iter(read_lines(article.text, markdown=article.markdown))
    line = before = Line(0, 0, "boilerplate")
    headings: list[tuple[int, str]] = []
    columns, reached = "", 0
    for sentence in sentences:
        cleared = True
        while line.end <= sentence.start:
            line = next(lines)
            cleared &= line.kind != "boilerplate"
        text = article.text[sentence.start : sentence.end]
        if sentence.heading:
            while headings and headings[-1][0] >= sentence.heading:
                headings.pop()
            headings.append((sentence.heading, text))
        columns = text if line.kind == "header" else columns if line.kind == "row" else ""
        marks = len("".join(article.text[reached : sentence.start].split()))
        glued = cleared and _leads(before, line, article.text)
        yield _Spot(
            tokens=count(text),
            marks=marks,
            line=line,
            path=tuple(heading for _, heading in headings),
            columns=columns if line.kind == "row" else "",
            opens=not cleared or (line.kind in ("heading", "byline") and before.kind not in ("heading", line.kind)),
            tied=glued or (cleared and _belongs(before, line)),
            glued=glued,
        )
        before, reached = line, sentence.end


def _leads(before: Line, line: Line, text: str) -> bool:
    """Tell whether what stands before says little without what follows it."""
    if before is line:
        return False
    if before.kind in ("heading", "question", "header"):
        return True
    return line.kind in ("item", "row", "header", "code") and before.kind == "prose" and text[before.end - 1] in "：:"


def _belongs(before: Line, line: Line) -> bool:
    if before is line:
        return line.kind in ("question", "item")
    return line.kind == before.kind and line.kind in ("item", "row", "code", "byline")


def _groups(spots: Sequence[_Spot]) -> Iterator[tuple[int, int]]:
    """Yield the ends of the runs of sentences that belong together."""
    start = 0
    for position in range(1, len(spots) + 1):
        if position == len(spots) or not spots[position].tied:
            yield start, position
            start = position


def embedded_text(article: Article, chunk: Chunk) -> str:
    """Return what is embedded and searched for a chunk: its text under its article's title and headings.

    Rows of a table whose header is in an earlier chunk have it here too.
    """
    text = article.text[chunk.start : chunk.end]
    parts = [*filter(None, chunk.above.split(_BETWEEN)), chunk.heading]
    path = [part for part in takewhile(lambda part: not _opens(text, part), parts) if part != article.title]
    title = article.title if not _opens(text, article.title) else ""
    context = "\n".join(filter(None, (title, _BETWEEN.join(filter(None, path)), chunk.columns)))
    return f"{context[:CONTEXT]}\n{text}" if context else text


def _opens(text: str, heading: str) -> bool:
    return f"{text}\n".startswith(f"{heading}\n")
