"""Keyword search (BM25) over memory-mapped inverted lists, exact, and quick because most postings are not read."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from rag.postings import Postings, gather, ranges
from rag.terms import Term, keys

K1, B = 1.5, 0.75
SLACK = 4 * float(np.finfo(np.float32).eps)  # of the greatest score, for what single precision loses with each term
LOOK_UP = 4  # looking a text up costs as much as reading this many postings
COUNTING = 32  # so many texts are counted at the cost of reading one posting
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
        *lists, peaks = (
            np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)) for name in _FILES
        )
        return cls(Postings(*lists), peaks)

    def save(self, folder: Path) -> None:
        """Write the lists into a new folder.

        Not by ``numpy.save``: on a full disk it can lose a file's end without an error.
        """
        folder.mkdir()
        for name in _FILES:
            array = self.peaks if name == "peaks" else getattr(self.postings, name)
            with (folder / f"{name}.npy").open("wb") as file:
                np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
                file.write(array.data)

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.postings.lengths)

    def best(
        self, query: str, k: int, within: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return positions and ``shares`` of the ``k`` >= 1 texts with the greatest, best first, then by position.

        Only texts that share a term with the query are returned, and only those ``within``, shape (n,), if given.
        Exact: the rarest terms are added up until no text without any of them can be among the best; the other
        terms are then looked up for what candidates remain (MaxScore, a term at a time: Turtle and Flood, Query
        evaluation: strategies and optimizations, 1995).
        """
        terms, most = self._asked(query)
        candidates = self._candidates(terms, k, within)
        shares = self._shares(terms, most, candidates)
        order = np.argsort(-shares, kind="stable")[:k]
        return candidates[order].astype(np.int64), shares[order]

    def shares(self, query: str, positions: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return how much of the query the texts at ``positions`` hold, shape (len(positions),), from 0 to 1.

        It is the BM25 score divided by what a text full of every term would get; terms that no text holds
        count as the rarest. So a query in another language, whose few shared terms are common words, scores
        low everywhere instead of making its best text look good.
        """
        return self._shares(*self._asked(query), positions.astype(np.int32))

    def shares_of_runs(
        self, terms: Sequence[Term], firsts: NDArray[np.int64], lasts: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return how much of some terms each run of texts ``firsts[i]:lasts[i]`` holds as one text, from 0 to 1.

        A run is long if its texts are longer than others.
        """
        members = np.unique(np.concatenate([np.arange(*each) for each in zip(firsts, lasts, strict=True)] or [firsts]))
        begins, ends = np.searchsorted(members, firsts), np.searchsorted(members, lasts)

        def summed(each: NDArray[np.integer]) -> NDArray[np.int64]:
            sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(each)))
            return np.asarray(sums[ends] - sums[begins])

        norms = K1 * (1 - B + B * summed(self.postings.lengths[members]) / (self._mean * np.maximum(lasts - firsts, 1)))
        scores, most = np.zeros(len(firsts)), 1e-9
        for term in terms:
            held, counts = self._held(term, members)
            weight = idf(len(self), held)
            times = summed(counts)
            scores += weight * times / (times + norms)
            most += weight
        return (scores / most).astype(np.float32)

    def _held(self, term: Term, texts: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
        """Return how many texts hold a term at most, and how often each of ``texts`` does."""
        held, counts = 0, np.zeros(len(texts), np.int64)
        for alternative in term:
            numbers = np.searchsorted(self.postings.keys, np.array(alternative, np.uint64))
            if not np.array_equal(self.postings.keys[numbers[numbers < len(self.postings.keys)]], alternative):
                continue
            lists = [slice(*self.postings.starts[number : number + 2].tolist()) for number in numbers]
            held += min(each.stop - each.start for each in lists)
            counts += np.min([self._counts(each, texts) for each in lists], axis=0)
        return min(held, len(self)), counts

    def _counts(self, postings: slice, texts: NDArray[np.int64]) -> NDArray[np.int64]:
        counts = np.zeros(len(texts), np.int64)
        known, places = self._places(postings, texts)
        counts[known] = self.postings.counts[postings][places]
        return counts

    def _asked(self, query: str) -> tuple[list[_Asked], float]:
        """Return the terms of a query that some text holds, the rarest first, and the score of a text full of all."""
        asked, repeats = np.unique(keys([query])[0], return_counts=True)
        starts = self.postings.starts
        numbers = np.searchsorted(self.postings.keys, asked)
        known = self.postings.keys.take(numbers, mode="clip") == asked if len(self.peaks) else asked < 0
        held = np.zeros(len(asked), np.int64)
        held[known] = starts[numbers[known] + 1] - starts[numbers[known]]
        weights = repeats * idf(len(self), held)
        terms = [
            _Asked(slice(starts[number], starts[number + 1]), texts, weight, weight * float(self.peaks[number]))
            for number, texts, weight in zip(numbers[known], held[known].tolist(), weights[known].tolist(), strict=True)
        ]
        return sorted(terms, key=lambda term: term.held), float(weights.sum())

    def _candidates(self, terms: list[_Asked], k: int, within: NDArray[np.bool_] | None) -> NDArray[np.int32]:
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
        found = np.flatnonzero(_above(scores, floor - rest - slack, within)).astype(np.int32)
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

    def _shares(self, terms: list[_Asked], most: float, positions: NDArray[np.int32]) -> NDArray[np.float32]:
        scores = np.zeros(len(positions))
        for term in terms:
            known, weights = self._look_up(term.postings, positions)
            scores[known] += term.weight * weights
        return (scores / max(most, 1e-9)).astype(np.float32)

    def _read(self, postings: slice) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the texts of some postings, and what share of its term's weight each gives its text."""
        texts = self.postings.texts[postings].astype(np.int64)
        counts = self.postings.counts[postings].astype(np.float32)
        return texts, counts / (counts + self._norms[texts])

    def _look_up(self, postings: slice, texts: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return which of some texts hold a term, and what share of its weight each gets."""
        known, places = self._places(postings, texts)
        counts = self.postings.counts[postings][places].astype(np.float32)
        return known, counts / (counts + self._norms[texts[known]])

    def _places(self, postings: slice, texts: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return which of some texts hold a term, and where in its postings."""
        holding = self.postings.texts[postings]
        places = np.searchsorted(holding, texts.astype(np.int32, copy=False))
        known = np.flatnonzero(holding.take(places, mode="clip") == texts)
        return known, places[known]

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


def _above(scores: NDArray[np.float32], least: float, within: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Return which texts, of those wanted, have a greater score."""
    above = scores > least
    return above if within is None else above & within


def _greatest(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return where the ``k`` greatest scores are, in no order; all if there are fewer."""
    return np.argpartition(scores, -k)[-k:] if len(scores) > k else np.arange(len(scores))
