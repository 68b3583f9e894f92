"""The lists of a keyword index, built block by block in memory that hardly grows with the number of texts.

Each block of texts gives a sorted run, which waits in a temporary file; once all are there they are merged, some
millions of postings at a time (Heinz and Zobel, Efficient single-pass index construction for text databases, 2003).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.columns import Growing
from rag.terms import keys

BLOCK = 1 << 21  # characters of the texts in a run
SLICE = 1 << 22  # postings merged at a time
MOST = 255  # a text that holds a term more often counts as holding it this often

_Part: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]  # of a run: its terms, where the postings of each begin


@dataclass(frozen=True)
class Postings:
    """Both ways: the texts that hold the term of ``keys[t]``, and the terms that text ``i`` holds.

    The texts are ``texts[starts[t]:starts[t + 1]]``, ascending, with ``counts``, how often each holds it. The terms,
    by number, are ``terms[begins[i]:begins[i + 1]]``, ascending, with the same counts in ``repeats``.
    """

    keys: NDArray[np.uint64]  # ascending
    starts: NDArray[np.int64]
    texts: NDArray[np.int32]
    counts: NDArray[np.uint8]
    begins: NDArray[np.int64]
    terms: NDArray[np.uint32]
    repeats: NDArray[np.uint8]
    lengths: NDArray[np.int32]  # terms in each text, with repeats


def gather(texts: Iterable[str], block: int = BLOCK, size: int = SLICE) -> Postings:
    """Return the postings of texts: runs of ``block`` characters, merged ``size`` postings at a time."""
    runs: list[tuple[NDArray[np.uint64], NDArray[np.int64]]] = []
    lengths = [np.empty(0, np.int32)]
    holders, counts, first = Growing(np.int32), Growing(np.uint8), 0
    for each in _blocks(texts, block):
        found, owners = keys(each)
        distinct, held, holding, often = _run(found, owners)
        runs.append((distinct, held))
        holders.add(holding + np.int32(first))
        counts.add(often)
        lengths.append(np.bincount(owners, minlength=len(each)).astype(np.int32))
        first += len(each)
    everything = np.unique(np.concatenate([np.empty(0, np.uint64), *(distinct for distinct, _ in runs)]))
    parts, base = [], 0
    for distinct, held in runs:
        parts.append((np.searchsorted(everything, distinct), base + _cumulated(held)))
        base += int(held.sum())
    every, often = holders.mapped(), counts.mapped()
    by_term, by_text = _by_term(parts, len(everything), every, often, size), _by_text(parts, first, every, often)
    return Postings(everything, *by_term, *by_text, np.concatenate(lengths))


def ranges(starts: NDArray[np.int64], size: int = SLICE) -> Iterator[tuple[int, int]]:
    """Yield ranges of terms, half open, with about ``size`` postings each."""
    cuts = np.searchsorted(starts, np.arange(0, starts[-1], size), "right") - 1
    bounds = np.append(np.unique(cuts), len(starts) - 1).tolist()
    yield from zip(bounds, bounds[1:], strict=False)


def _blocks(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    block: list[str] = []
    characters = 0
    for text in texts:
        block.append(text)
        characters += len(text)
        if characters >= size:
            yield block
            block, characters = [], 0
    if block:
        yield block


def _run(
    found: NDArray[np.uint64], owners: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8]]:
    """Return the distinct terms of a block, how many texts hold each, and these with how often each holds it."""
    distinct, numbers = np.unique(found, return_inverse=True)
    pairs = numbers.astype(np.uint64) << np.uint64(32) | owners.astype(np.uint64)
    pairs.sort()
    edges = np.flatnonzero(np.diff(pairs, prepend=~pairs[:1], append=~pairs[-1:]))
    pairs = pairs[edges[:-1]]
    held = np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=len(distinct))
    holding = (pairs & np.uint64(0xFFFFFFFF)).astype(np.int32)
    return distinct, held, holding, np.minimum(np.diff(edges), MOST).astype(np.uint8)


def _by_term(
    parts: Sequence[_Part], count: int, holders: NDArray[np.int32], counts: NDArray[np.uint8], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8]]:
    """Return starts, texts and counts of all ``count`` terms from the postings of the runs, one after the other."""
    starts = np.zeros(count + 1, np.int64)
    for numbers, begins in parts:
        starts[1:][numbers] += np.diff(begins)
    np.cumsum(starts, out=starts)
    texts, often = Growing(np.int32), Growing(np.uint8)
    for low, high in ranges(starts, size):
        free = starts[low:high] - starts[low]  # where the next run's postings of each term go
        slots = np.empty(starts[high] - starts[low], np.int64)  # which posting of the runs each is
        for numbers, begins in parts:
            first, last = np.searchsorted(numbers, (low, high))
            terms, held = numbers[first:last] - low, np.diff(begins[first : last + 1])
            sources = np.arange(begins[first], begins[last])
            slots[np.repeat(free[terms] - begins[first:last], held) + sources] = sources
            free[terms] += held
        texts.add(holders[slots])
        often.add(counts[slots])
    return starts, texts.mapped(), often.mapped()


def _by_text(
    parts: Sequence[_Part], count: int, holders: NDArray[np.int32], counts: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint8]]:
    """Return begins, terms and repeats of all ``count`` texts; a run is of texts that no other run has."""
    distinct = np.zeros(count, np.int64)
    terms, often = Growing(np.uint32), Growing(np.uint8)
    for numbers, begins in parts:
        run = slice(begins[0], begins[-1])
        order = np.argsort(holders[run], kind="stable")
        terms.add(np.repeat(numbers.astype(np.uint32), np.diff(begins))[order])
        often.add(counts[run][order])
        distinct += np.bincount(holders[run], minlength=count)
    return _cumulated(distinct), terms.mapped(), often.mapped()


def _cumulated(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
