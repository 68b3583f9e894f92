"""Sentences to chunks: neighbouring sentences of one section, up to a size in tokens of the embedder."""

from collections.abc import Callable, Sequence

from rag.records import Article, Chunk, Sentence

VERSION = 1  # raise it when the same article would be cut differently: old indexes are then refused
SIZE = 70  # tokens; what was measured is in eval/LOG.md


def split_chunks(
    article: Article, sentences: Sequence[Sentence], *, count: Callable[[str], int], size: int = SIZE
) -> list[Chunk]:
    """Pack sentences greedily; a heading opens a chunk and names it and those that follow in its section.

    A sentence longer than ``size`` is a chunk by itself. Chunks cover all sentences, in order, once.
    """
    chunks: list[Chunk] = []
    heading, first, tokens = "", 0, 0

    def close(last: int) -> None:
        if last > first:
            chunks.append(Chunk(article.id, sentences[first].start, sentences[last - 1].end, first, last, heading))

    for position, sentence in enumerate(sentences):
        text = article.text[sentence.start : sentence.end]
        length = count(text)
        only_headings = all(each.heading for each in sentences[first:position])
        if (sentence.heading and not only_headings) or (tokens + length > size and not only_headings):
            close(position)
            first, tokens = position, 0
        if sentence.heading:
            heading = text
        tokens += length
    close(len(sentences))
    return chunks


def embedded_text(article: Article, chunk: Chunk) -> str:
    """Return what is embedded and searched for a chunk: its text under its article's title and heading."""
    text = article.text[chunk.start : chunk.end]
    return "\n".join([*_context(article, chunk, text), text])


def _context(article: Article, chunk: Chunk, text: str) -> list[str]:
    return [line for line in dict.fromkeys((article.title, chunk.heading)) if line and not text.startswith(line)]
