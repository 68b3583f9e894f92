"""Keyword search (BM25) over memory-mapped inverted lists, exact, and quick because most postings are not read."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from rag.columns import mapped, write
from rag.postings import Postings, gather, ranges
from rag.terms import Term, keys

K1, B = 1.5, 0.75
SLACK = 4 * float(np.finfo(np.float32).eps)  # of the greatest score, for what single precision loses with each term
LOOK_UP = 4  # looking a text up costs as much as reading this many postings
COUNTING = 32  # so many texts are counted at the cost of reading one posting
FEW = 50_000  # postings that are sooner added up than chosen among
_ROUNDED = 1e-5  # of a score, more than rounding can make of it
_SIEVE = np.uint32((1 << 12) - 1)  # the bits by which most terms that were not asked for are left out
_FILES = tuple(field.name for field in fields(Postings)) + ("peaks",)


@dataclass(frozen=True)
class _Asked:
    """A term of a query: where its postings are, what the term weighs, and the most that one text gets of it."""

    postings: slice
    held: int  # by how many texts
    weight: float
    most: float


@dataclass(frozen=True)
class Lexical:
    """Inverted lists of texts; ``peaks`` is the greatest share of a term's weight that a text gets."""

    postings: Postings
    peaks: NDArray[np.float32]

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> Self:
        """Index texts, which are read once; the same texts give the same bytes on disk."""
        postings = gather(texts)
        bare = cls(postings, np.empty(0, np.float32))
        peaks = [bare.peaks]
        for first, last in ranges(postings.starts):
            starts = postings.starts[first:last]
            _, weights = bare._read(slice(starts[0], postings.starts[last]))
            peaks.append(np.maximum.reduceat(weights, starts - starts[0]))
        return cls(postings, np.concatenate(peaks))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what ``save`` wrote; the caller has checked that the files are what was written."""
        *lists, peaks = (mapped(folder / f"{name}.npy") for name in _FILES)
        return cls(Postings(*lists), peaks)

    def save(self, folder: Path) -> None:
        """Write the lists into a new folder."""
        folder.mkdir()
        for name in _FILES:
            write(folder / f"{name}.npy", self.peaks if name == "peaks" else getattr(self.postings, name))

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.postings.lengths)

    def best(
        self, query: str, k: int, within: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return positions and ``shares`` of the ``k`` >= 1 texts with the greatest, best first, then by position.

        Only texts that share a term with the query are returned, and only those ``within``, shape (n,), if given.
        Exact. Few postings are all added up. Of many, those of the rarest terms are, until no text without any of them
        can be among the best; the other terms are then looked up for what candidates remain (MaxScore, a term at a
        time: Turtle and Flood, Query evaluation: strategies and optimizations, 1995).
        """
        asked, weights = self._asked(query)
        terms = self._lists(asked, weights)
        few = sum(term.held for term in terms) <= FEW
        candidates = self._added_up(terms, k, within) if few else self._candidates(terms, k, within)
        shares = self._shares(asked, weights, candidates)
        order = np.argsort(-shares, kind="stable")[:k]
        return candidates[order], shares[order]

    def shares(self, query: str, positions: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return how much of the query the texts at ``positions`` hold, shape (len(positions),), from 0 to 1.

        It is the BM25 score divided by what a text full of every term would get; terms that no text holds
        count as the rarest. So a query in another language, whose few shared terms are common words, scores
        low everywhere instead of making its best text look good.
        """
        return self._shares(*self._asked(query), positions.astype(np.int64))

    def shares_of_runs(
        self, queries: Sequence[Sequence[Term]], firsts: NDArray[np.int64], lasts: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return how much of each query's terms each run of texts ``firsts[i]:lasts[i]`` holds as one text.

        The shares, from 0 to 1, have shape (queries, runs). A run is long if its texts are longer than others.
        """
        spread = np.repeat(firsts - np.cumsum(lasts - firsts) + lasts - firsts, lasts - firsts)
        members = np.unique(spread + np.arange(len(spread)))
        begins, ends = np.searchsorted(members, firsts), np.searchsorted(members, lasts)
        lengths = _summed(self.postings.lengths[members], begins, ends)
        norms = K1 * (1 - B + B * lengths / (self._mean * np.maximum(lasts - firsts, 1)))
        terms = [term for query in queries for term in query]
        asked = np.unique(np.array([key for term in terms for phrase in term for key in phrase], np.uint64))
        held, times = self._held(asked), self._times(asked, members)
        rows = {key: row for row, key in enumerate(asked.tolist())}
        holding, counts = np.zeros(len(terms), np.int64), np.zeros((len(terms), len(members)), np.int64)
        for place, term in enumerate(terms):
            for phrase in term:
                each = [rows[key] for key in phrase]
                holding[place] += held[each].min() if len(each) > 1 else held[each[0]]
                counts[place] += times[each].min(axis=0) if len(each) > 1 else times[each[0]]
        weights, times = idf(len(self), np.minimum(holding, len(self))), _summed(counts, begins, ends)
        shares, place = np.empty((len(queries), len(firsts)), np.float32), 0
        for row, query in enumerate(queries):
            own = slice(place, place := place + len(query))
            shares[row] = _share(weights[own], times[own], norms)
        return shares

    def _held(self, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return how many texts hold each term."""
        numbers, known = self._numbers(terms)
        held = np.zeros(len(terms), np.int64)
        held[known] = self.postings.starts[numbers[known] + 1] - self.postings.starts[numbers[known]]
        return held

    def _numbers(self, terms: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the number of each term, and which terms some text holds."""
        numbers = np.searchsorted(self.postings.keys, terms)
        return numbers, self.postings.keys.take(numbers, mode="clip") == terms if len(self.postings.keys) else terms < 0

    def _times(self, terms: NDArray[np.uint64], texts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how often each of some texts holds each of the terms, which ascend; shape (terms, texts)."""
        times = np.zeros((len(terms), len(texts)), np.int64)
        numbers, known = self._numbers(terms)
        if not len(texts) or not known.any():
            return times
        rows, numbers = np.flatnonzero(known), numbers[known].astype(np.uint32)
        begins, lasts = self.postings.begins[texts], self.postings.begins[texts + 1]
        gaps = np.flatnonzero(np.diff(texts) != 1) + 1
        runs = zip(begins[np.append(0, gaps)].tolist(), lasts[np.append(gaps, len(texts)) - 1].tolist(), strict=True)
        held = np.concatenate([self.postings.terms[first:last] for first, last in runs])
        likely = np.zeros(_SIEVE + 1, np.bool_)  # quicker than to look every term up among those asked for
        likely[numbers & _SIEVE] = True
        entries = np.flatnonzero(likely[held & _SIEVE])
        found = np.searchsorted(numbers, held[entries])
        hit = numbers.take(found, mode="clip") == held[entries]
        entries, found = entries[hit], found[hit]
        ends = np.cumsum(lasts - begins)
        owners = np.searchsorted(ends, entries, "right")
        times[rows[found], owners] = self.postings.repeats[entries + (lasts - ends)[owners]]
        return times

    def _asked(self, query: str) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
        """Return the terms of a query, ascending, and what each weighs."""
        asked, repeats = np.unique(keys([query])[0], return_counts=True)
        return asked, repeats * idf(len(self), self._held(asked))

    def _lists(self, asked: NDArray[np.uint64], weights: NDArray[np.float64]) -> list[_Asked]:
        """Return those of some terms that some text holds, the rarest first."""
        numbers, known = self._numbers(asked)
        numbers, starts = numbers[known], self.postings.starts
        places = zip(starts[numbers].tolist(), starts[numbers + 1].tolist(), strict=True)
        peaks = self.peaks[numbers].tolist()
        terms = [
            _Asked(slice(*place), place[1] - place[0], weight, weight * peak)
            for place, weight, peak in zip(places, weights[known].tolist(), peaks, strict=True)
        ]
        return sorted(terms, key=lambda term: term.held)

    def _added_up(self, terms: list[_Asked], k: int, within: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """Return positions, ascending, with the ``k`` best among them, from all postings of the terms."""
        if not terms:
            return np.empty(0, np.int64)
        texts = np.concatenate([self.postings.texts[term.postings] for term in terms])
        counts = np.concatenate([self.postings.counts[term.postings] for term in terms]).astype(np.float32)
        weights = np.repeat([term.weight for term in terms], [term.held for term in terms])
        scores = np.bincount(texts, weights * (counts / (counts + self._norms[texts])), len(self))
        if within is not None:
            scores[~within] = 0
        least = np.partition(scores, -k)[-k] if k < len(scores) else 0
        return np.flatnonzero((scores > 0) & (scores >= least * (1 - _ROUNDED)))

    def _candidates(self, terms: list[_Asked], k: int, within: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """Return positions, ascending, with the ``k`` best among them, of terms with the rarest first."""
        scores = np.zeros(len(self), np.float32)
        leaders = np.empty(0, np.int64)  # those with the k greatest scores so far
        floor, rest = 0.0, sum(term.most for term in terms)  # the least of them, and what the other terms may add
        slack = SLACK * rest * (len(terms) + 1)
        possible = len(self) if within is None else np.count_nonzero(within)
        waiting = deque(terms)
        while waiting:
            term = waiting[0]
            if floor > rest + slack and term.held * COUNTING > len(self):
                possible = np.count_nonzero(_above(scores, floor - rest - slack, within))
            if term.held > possible * LOOK_UP:
                break
            waiting.popleft()
            rest -= term.most
            texts, weights = self._read(term.postings)
            reached = scores[texts] + np.float32(term.weight) * weights
            scores[texts] = reached
            risen = np.flatnonzero(reached > floor)
            if within is not None:
                risen = risen[within[texts[risen]]]
            leaders = np.union1d(leaders, texts[risen[_greatest(reached[risen], k)]])
            leaders = leaders[_greatest(scores[leaders], k)]
            floor = float(scores[leaders].min()) if len(leaders) == k else 0.0
        found = np.flatnonzero(_above(scores, floor - rest - slack, within))
        reached = scores[found]
        for term in waiting:
            rest -= term.most
            known, weights = self._look_up(term.postings, found)
            reached[known] += np.float32(term.weight) * weights
            above = reached[reached > floor]
            floor = float(np.partition(above, -k)[-k]) if len(above) >= k else floor
            keep = reached > floor - rest - slack
            found, reached = found[keep], reached[keep]
        return found[reached > 0]

    def _shares(
        self, asked: NDArray[np.uint64], weights: NDArray[np.float64], positions: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        return _share(weights, self._times(asked, positions), self._norms[positions])

    def _read(self, postings: slice) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the texts of some postings, and what share of its term's weight each gives its text."""
        texts = self.postings.texts[postings].astype(np.int64)
        counts = self.postings.counts[postings].astype(np.float32)
        return texts, counts / (counts + self._norms[texts])

    def _look_up(self, postings: slice, texts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return which of some texts hold a term, and what share of its weight each gets."""
        holding = self.postings.texts[postings]
        places = np.searchsorted(holding, texts.astype(np.int32))
        known = np.flatnonzero(holding.take(places, mode="clip") == texts)
        counts = self.postings.counts[postings][places[known]].astype(np.float32)
        return known, counts / (counts + self._norms[texts[known]])

    @cached_property
    def _norms(self) -> NDArray[np.float32]:
        """Count of a term that gives a text half the term's weight, shape (n,): more for a long text."""
        return (K1 * (1 - B + B * self.postings.lengths / self._mean)).astype(np.float32)

    @cached_property
    def _mean(self) -> float:
        """Length of a text."""
        lengths = self.postings.lengths
        return max(int(lengths.sum()), 1) / max(len(lengths), 1)


def idf(texts: int, held: NDArray[np.int64] | int) -> Any:
    """Return what a term weighs that so many of the texts hold."""
    return np.log1p((texts - held + 0.5) / (held + 0.5))


def _share(weights: NDArray[np.float64], times: NDArray[np.int64], norms: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the share of the weight of all terms that each text gets; ``times`` has shape (terms, texts)."""
    # not by a matrix product, which adds up in an order that depends on how many texts there are
    return np.asarray((weights[:, None] * (times / (times + norms))).sum(axis=0) / max(weights.sum(), 1e-9), np.float32)


def _summed(each: NDArray[np.integer], begins: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sums of half-open ranges of the last axis."""
    sums = np.zeros((*each.shape[:-1], each.shape[-1] + 1), np.int64)
    np.cumsum(each, axis=-1, out=sums[..., 1:])
    return np.asarray(sums[..., ends] - sums[..., begins])


def _above(scores: NDArray[np.float32], least: float, within: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Return which texts, of those wanted, have a greater score."""
    above = scores > least
    return above if within is None else above & within


def _greatest(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return where the ``k`` greatest scores are, in no order; all if there are fewer."""
    return np.argpartition(scores, -k)[-k:] if len(scores) > k else np.arange(len(scores))
