from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.postings import MOST, Postings, gather, ranges
from rag.terms import key, keys


def bags(postings: Postings) -> list[Counter[int]]:
    """Return which terms each text holds, and how often."""
    found: list[Counter[int]] = [Counter() for _ in postings.lengths]
    for number, term in enumerate(postings.keys.tolist()):
        held = slice(postings.starts[number], postings.starts[number + 1])
        assert np.all(np.diff(postings.texts[held]) > 0)
        for text, times in zip(postings.texts[held], postings.counts[held], strict=True):
            found[text][term] = int(times)
    return found


def turned(postings: Postings) -> list[Counter[int]]:
    """Return the same from the terms of each text."""
    found: list[Counter[int]] = []
    for first, last in pairwise(postings.begins):
        numbers = postings.terms[first:last]
        assert np.all(np.diff(numbers.astype(np.int64)) > 0)
        found.append(
            Counter(dict(zip(postings.keys[numbers].tolist(), postings.repeats[first:last].tolist(), strict=True)))
        )
    return found


@given(st.lists(st.text("茶水 a1"), max_size=12), st.integers(1, 40), st.integers(1, 40))
def test_blocks_of_any_size_give_the_same(texts: list[str], block: int, size: int) -> None:
    postings = gather(texts, block, size)
    assert bags(postings) == turned(postings) == [Counter(keys([text])[0].tolist()) for text in texts]
    assert postings.lengths.tolist() == [len(keys([text])[0]) for text in texts]
    whole = gather(iter(texts))
    for name, array in vars(whole).items():
        assert np.array_equal(array, getattr(postings, name))
        assert array.dtype == getattr(postings, name).dtype
    assert np.all(np.diff(postings.keys.astype(object)) > 0)


def test_a_term_counts_up_to_what_a_byte_holds() -> None:
    postings = gather(["tea " * 300, "tea"])
    assert (postings.keys.tolist(), postings.texts.tolist()) == ([key("tea")], [0, 1])
    assert postings.counts.tolist() == [MOST, 1]
    assert postings.lengths.tolist() == [300, 1]


@pytest.mark.parametrize(
    ("starts", "size", "cut"),
    [
        ([0], 3, []),
        ([0, 2], 3, [(0, 1)]),
        ([0, 2, 3, 9, 10], 3, [(0, 2), (2, 3), (3, 4)]),
        ([0, 1, 2, 3, 4], 2, [(0, 2), (2, 4)]),
        ([0, 9, 10], 3, [(0, 1), (1, 2)]),
    ],
)
def test_ranges_of_terms(starts: list[int], size: int, cut: list[tuple[int, int]]) -> None:
    assert list(ranges(np.array(starts), size)) == cut
