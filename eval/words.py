"""Words of English text as NLTK's ``word_tokenize`` cuts them, which is after the Penn Treebank.

The published CMRC 2018 script gives it whatever is not Chinese, in lower case and without the punctuation that
the script takes out itself (hyphens, colons and others), so no rule here is about those or about capitals.
Where a full stop ends a sentence NLTK asks a trained model, of which little more than its abbreviations matters
in lower case; those listed here are the frequent ones.
"""

import re

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr st jr sr vs co corp inc ltd cie col gen lt rep sen gov adm prof messrs bros "
    "jan feb aug sept oct nov dec u.s u.k u.n u.s.a a.m p.m d.c ph.d e.g i.e".split()
)
_SENTENCE_END = re.compile(r"[.?!](?:[\"')\]}‘’“”«»]+(?=\s)|(?=[\"')\]}‘’“”«»;@({\[?!])|(?=\s))\s*")
_LAST_WORD = re.compile(r"[^\s\"')\]}‘’“”«»;@({\[?!&#,]*$")
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
    if text.isalnum() and text not in _SPLIT_WORDS:
        return [text]
    return [word for sentence in _sentences(text) for word in _cut(sentence)]


def _cut(sentence: str) -> list[str]:
    for pattern, replacement in _RULES:
        sentence = pattern.sub(replacement, sentence)
    return sentence.split()


def _sentences(text: str) -> list[str]:
    start, found = 0, []
    for end in _SENTENCE_END.finditer(text):
        if end[0][0] != "." or not _goes_on(text[start : end.start()], text[end.end() : end.end() + 1]):
            found.append(text[start : end.end()].rstrip())
            start = end.end()
    return [*found, text[start:].rstrip()]


def _goes_on(before: str, following: str) -> bool:
    last = _LAST_WORD.search(before)
    word = last[0] if last else ""
    if word.endswith(".") or word in _ABBREVIATIONS:
        return True
    return bool(_INITIAL_OR_NUMBER.fullmatch(word)) and (following.islower() or following in ";,.!?")
