"""An answer as HTML. Everything that comes from articles, users and models is escaped text, nothing else.

No Markdown is interpreted: what the model wrote is shown as written, so nothing it writes can become
an element, an image or a link, in any part of a stream. The only links lead to our own article reader.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from rag.records import Answer, Article, Citation, Hit
from ui.reader import trace
from ui.text import Language, say

MARKER = re.compile(r"\[(\d{1,3})\]")
_HEADING = re.compile(r"^#{1,6}[ \t]+", re.MULTILINE)
_GAP = re.compile(r"\n\s*\n")
MARGIN = 100  # characters of the article shown on either side of a cited sentence
LEAD = 72  # characters of a passage shown before it is opened
LONGEST_CORRECTION = 2000  # characters
_THUMB = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 10.5 10.6 3c1.7 0 2.9 1.2 2.9 2.8V9h5a2 2 0 0 1 2 2.3'
    'l-1.1 7.2a2 2 0 0 1-2 1.7H7zM3.5 10.5H7v9.7H3.5z"/></svg>'
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands before and after a cited sentence in its article."""

    before: str
    after: str


def surroundings(article: Article, citation: Citation) -> Surroundings:
    """Return up to ``MARGIN`` characters on either side, with an ellipsis where the article goes on."""
    first, last = max(0, citation.start - MARGIN), citation.end + MARGIN
    before, after = article.text[first : citation.start], article.text[citation.end : last]
    return Surroundings(
        before=("…" if first > 0 else "") + before.lstrip(),
        after=after.rstrip() + ("…" if last < len(article.text) else ""),
    )


def article_url(place: Hit | Citation, language: Language) -> str:
    """Return the reader's address of a span, relative to the page so that it survives a proxy's prefix."""
    of = trace(place.quote if isinstance(place, Citation) else place.text)
    query = urlencode({"id": place.article, "start": place.start, "end": place.end, "of": of, "lang": language})
    return f"article?{query}#s"


def question_html(question: str) -> str:
    """Return what the user asked."""
    return f'<div class="question">{escape(question)}</div>'


def partial_html(text: str) -> str:
    """Return answer text whose citations are not known yet: markers are shown but lead nowhere."""
    return f'<div class="text">{_text(text, lambda marker: _chip(marker), ())}</div>'


def answer_html(
    answer: Answer,
    around: Mapping[int, Surroundings],
    titles: Mapping[str, str],
    language: Language,
    key: str,
) -> str:
    """Return a finished answer: notice, text, sources, passages.

    Args:
        answer: What to show.
        around: Surroundings by marker; a source without them shows its sentence alone.
        titles: Article titles by id, for the passages; without one the id is shown.
        language: Of the labels.
        key: Prefix that makes element ids unique on the page.

    """
    note = f'<p class="note">{escape(answer.note)}</p>' if answer.note else ""
    if answer.refused:
        body = f'<p class="label">{say("refused", language)}</p>' + partial_html(answer.text)
        nearest = passages_html(answer.hits, titles, language, key, say("nearest", language), True)
        return f'{note}<div class="refusal">{body}</div>{nearest}'
    cited = {citation.marker: citation for citation in answer.citations}
    text = _text(answer.text, lambda one: _chip(one, cited.get(one), language, key), answer.unsupported)
    label = f'<p class="label">{say("quoted", language)}</p>' if answer.model == "extractive" else ""
    heading = say("passages", language, count=len(answer.hits))
    return (
        f'{note}<div class="grounded">{label}<div class="text">{text}</div></div>'
        + _unsupported(answer, language)
        + _sources(answer.citations, around, language, key)
        + passages_html(answer.hits, titles, language, key, heading, False)
        + _meta(answer, language)
    )


def verdict_html(answer: Answer, language: Language, key: str, place: str) -> str:
    """Return the two buttons under an answer and the box for what would be right; the script brings them to life.

    Args:
        answer: What the verdict is on.
        language: Of the labels.
        key: The answer's id on the server.
        place: Prefix that makes element ids unique on the page.

    """
    texts = "".join(f' data-{name}="{escape(say(name, language))}"' for name in ("kept", "unsent"))
    up, down = _thumb("up", language), _thumb("down", language, f' aria-expanded="false" aria-controls="{place}-right"')
    nowhere = f'<button type="button" name="nowhere" aria-pressed="false">{say("nowhere", language)}</button>'
    return (
        f'<form class="verdict" data-key="{escape(key)}" data-lang="{language}"{texts}>'
        f'<div role="group" aria-label="{say("verdict", language)}">{up}{down}<span role="status"></span></div>'
        f'<div class="right" id="{place}-right" hidden>'
        f'<label for="{place}-correction">{say("correction", language)}</label>'
        f'<textarea id="{place}-correction" name="correction" rows="1" maxlength="{LONGEST_CORRECTION}"'
        f' placeholder="{say("optional", language)}"></textarea>'
        f'<p><button type="submit">{say("send", language)}</button>{"" if answer.refused else nowhere}</p></div></form>'
    )


def passages_html(
    hits: Iterable[Hit], titles: Mapping[str, str], language: Language, key: str, heading: str, opened: bool
) -> str:
    """Return what was retrieved as a list under ``heading``, each passage folded to its first words."""
    items = "".join(
        f'<li><details id="{key}-h{place}"><summary><b>{escape(titles.get(hit.article, hit.article))}</b>'
        f'<span class="lead">{escape(_lead(hit.text))}</span></summary>'
        f'<div class="context">{escape(_tidy(hit.text))}</div>'
        f"{_open(hit, language)}</details></li>"
        for place, hit in enumerate(hits, start=1)
    )
    if not items:
        return ""
    if opened:
        return f'<section class="passages"><h3>{escape(heading)}</h3><ol>{items}</ol></section>'
    return f'<details class="passages" id="{key}-hits"><summary>{escape(heading)}</summary><ol>{items}</ol></details>'


def _text(text: str, chip: Callable[[int], str], unsupported: Iterable[str]) -> str:
    """Escape ``text``, with its markers as chips and its unsupported parts flagged."""
    flagged = _flagged(text, unsupported)
    pieces, position = [], 0
    for match in MARKER.finditer(text):
        pieces += [_plain(text, position, match.start(), flagged), chip(int(match[1]))]
        position = match.end()
    return "".join([*pieces, _plain(text, position, len(text), flagged)])


def _plain(text: str, first: int, last: int, flagged: set[int]) -> str:
    pieces, position = [], first
    while position < last:
        flag, end = position in flagged, position
        while end < last and (end in flagged) == flag:
            end += 1
        piece = escape(text[position:end])
        pieces.append(f'<span class="unsupported">{piece}</span>' if flag else piece)
        position = end
    return "".join(pieces)


def _flagged(text: str, unsupported: Iterable[str]) -> set[int]:
    """Return the positions in ``text`` of all unsupported parts; markers in between do not matter."""
    markers = {place for match in MARKER.finditer(text) for place in range(*match.span())}
    kept = [place for place in range(len(text)) if place not in markers]
    bare = "".join(text[place] for place in kept)
    flagged: set[int] = set()
    for part in unsupported:
        wanted = MARKER.sub("", part).strip()
        if not wanted:
            continue
        # A figure must stand alone: "20" is not a part of "2026".
        pattern = re.escape(wanted)
        pattern = rf"(?<!\d){pattern}" if wanted[0].isdigit() else pattern
        pattern = rf"{pattern}(?!\d)" if wanted[-1].isdigit() else pattern
        for match in re.finditer(pattern, bare):
            flagged.update(kept[match.start() : match.end()])
    return flagged


def _chip(marker: int, citation: Citation | None = None, language: Language = "zh", key: str = "") -> str:
    face = f"<i>[</i>{marker}<i>]</i>"  # the brackets are not seen, but they are copied
    if citation is None:
        return f'<span class="cite">{face}</span>'
    label = escape(say("source", language, marker=marker, quote=citation.quote))
    url = escape(article_url(citation, language))
    return (
        f'<a class="cite" href="{url}" target="reader" data-opens="{key}-s{marker}"'
        f' title="{label}" aria-label="{label}">{face}</a>'
    )


def _sources(citations: Iterable[Citation], around: Mapping[int, Surroundings], language: Language, key: str) -> str:
    items = "".join(
        f'<li><details id="{key}-s{citation.marker}"><summary><span class="number">{citation.marker}</span>'
        f"<q>{escape(citation.quote)}</q><cite>{escape(citation.title)}</cite></summary>"
        f'<div class="context">{_context(citation, around.get(citation.marker))}</div>'
        f"{_open(citation, language)}</details></li>"
        for citation in citations
    )
    heading = say("sources", language)
    return f'<section class="sources"><h3>{heading}</h3><ol>{items}</ol></section>' if items else ""


def _context(citation: Citation, around: Surroundings | None) -> str:
    mark = f"<mark>{escape(citation.quote)}</mark>"
    if around is None:
        return mark
    return escape(_tidy(around.before)) + mark + escape(_tidy(around.after))


def _open(place: Hit | Citation, language: Language) -> str:
    url = escape(article_url(place, language))
    return f'<a class="open" href="{url}" target="reader">{say("open", language)}</a>'


def _unsupported(answer: Answer, language: Language) -> str:
    """Explain the underlined parts of the text, and list those parts that do not stand in it as they are."""
    if not answer.unsupported:
        return ""
    listed = "".join(f"<li>{escape(part)}</li>" for part in answer.unsupported if not _flagged(answer.text, (part,)))
    return f'<div class="caution"><p>{say("unsupported", language)}</p><ul>{listed}</ul></div>'


def _meta(answer: Answer, language: Language) -> str:
    seconds = say("seconds", language, seconds=f"{answer.timings.total_s:.1f}")
    return f'<p class="meta">{escape(answer.model)} · {seconds}</p>'


def _thumb(name: str, language: Language, more: str = "") -> str:
    label = say(name, language)
    return (
        f'<button type="button" name="{name}" aria-pressed="false" aria-label="{label}" title="{label}"{more}>{_THUMB}'
        "</button>"
    )


def _tidy(text: str) -> str:
    """Drop blank lines and the signs of Markdown headings, which only an article's layout needs."""
    return _GAP.sub("\n", _HEADING.sub("", text))


def _lead(text: str) -> str:
    line = " ".join(_HEADING.sub("", text).split())
    return line if len(line) <= LEAD else line[:LEAD] + "…"
