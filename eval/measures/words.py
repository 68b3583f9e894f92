"""Words of English text as NLTK's ``word_tokenize`` cuts them, which is after the Penn Treebank.

The published CMRC 2018 script gives it whatever is not Chinese, in lower case and without the punctuation that
the script takes out itself (hyphens, colons and others), so no rule here is about those or about capitals.
Where a full stop ends a sentence NLTK asks a trained model, of which little more than its abbreviations matters
in lower case; those listed here are the frequent ones among them.
"""

import re

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr st jr sr prof rep reps sen gen col lt maj adm messrs bros co cos corp inc ltd cie vs ave ft yr "
    "jan feb aug sep sept oct nov dec tues wed fri a.m p.m a.d h.m m.b.a ph.d u.s u.k u.n u.s.a u.s.s.r "
    "c d e f g h k l m n p r s t v w d.c n.c n.h n.j n.m n.y r.i s.a s.c j.p j.r h.c m.j r.j s.g "
    "ala ariz calif colo conn ct fla ga ill kan ky mich minn nev okla ore pa tenn va vt wash wis".split()
)
_CHUNK = re.compile(r"\S+")
_END = re.compile(r"[.?!](?=[\"')\]}‘’“”«»;@({\[?!]|$)")
_AFTER_END = re.compile(r"(?:\s*[\"')\]}‘’“”«»]+(?=\s|$))?\s*")
_LAST_WORD = re.compile(r"['‘’“”«»?!]?[^\s\"')\]}‘’“”«»;@({\[?!]*$")
_INITIAL_OR_NUMBER = re.compile(r"[^\W\d]|[.,]?[0-9][0-9.,]*")
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"([«‘„])", r" \1 "),
        (r'^"', r" `` "),
        (r"([ (\[{<])(?:\"|'')", r"\1 `` "),
        (r"(?i)(?<!\w)'(?!(?:re|ve|ll|m|t|s|d|n)\b)(?=\w)", r"' "),
        (r"(?<=[^.])\.([\])}>\"'» ]*)\s*$", r" . \1 "),
        (r",(\D)", r" , \1"),  # the character after it is spent: a second comma stays with its word
        (r",$", r" , "),
        (r"\.{2,}|[;@#$%&?!\u2012-\u2015]", r" \g<0> "),
        (r"(?<=[^.])\.([\])}>\"']*)\s*$", r" . \1 "),
        (r"([^'])' ", r"\1 ' "),
        (r"[\[\](){}<>]", r" \g<0> "),
        (r"''|\"", r" '' "),
        (r"»", r" » "),
        (r"^|\s+|$", r" "),
        (r"(?<=[^' ])('[smd]?) ", r" \1 "),
        (r"(?<=[^' ])('ll|'re|'ve|n't) ", r" \1 "),
        (
            r"(?i)\b(can(?=not)|gim(?=me)|gon(?=na)|got(?=ta)|lem(?=me)|wan(?=na\s)|d(?='ye)|more(?='n))"
            r"(not|me|na|ta|'ye|'n)\b",
            r" \1 \2 ",
        ),
        (r"(?i) ('t)(is)\b", r" \1 \2 "),
        (r"(?i) ('t)(was)\b", r" \1 \2 "),
    )
)
_SPLIT_WORDS = frozenset(("cannot", "gimme", "gonna", "gotta", "lemme", "wanna"))


def words(text: str) -> list[str]:
    """Cut lower-case text that holds no Chinese into words and punctuation."""
    if not text or (text.isalnum() and text not in _SPLIT_WORDS):
        return [text] if text else []
    return [word for sentence in _sentences(text) for word in _cut(sentence)]


def _cut(sentence: str) -> list[str]:
    for pattern, replacement in _RULES:
        sentence = pattern.sub(replacement, sentence)
    return sentence.split()


def _sentences(text: str) -> list[str]:
    """Cut at the last sentence end of each stretch without white space, quotes and brackets staying before the cut."""
    start, found = 0, []
    for chunk in _CHUNK.finditer(text):
        after = _CHUNK.search(text, chunk.end())
        ends = [end.end() for end in _END.finditer(chunk[0]) if after or end.end() < len(chunk[0])]
        if all(_goes_on(chunk[0][:end], chunk[0][end : end + 1] or (after[0] if after else "")) for end in ends):
            continue
        if cut := _AFTER_END.match(text, chunk.start() + ends[-1]):
            found.append(text[start : cut.end()].rstrip())
            start = cut.end()
    return [*found, text[start:].rstrip()]


def _goes_on(before: str, after: str) -> bool:
    """Tell whether the sentence goes on after ``before``, which ends in one of ``.?!``."""
    if before[-1] != ".":
        return False
    last = _LAST_WORD.search(before[:-1])
    word = last[0].lstrip("&#,") if last else ""
    if word.endswith(".") or word in _ABBREVIATIONS:
        return True
    within = after[0].islower() or after[0] in ";," or after in (".", "!", "?")
    return within and _INITIAL_OR_NUMBER.fullmatch(word) is not None
