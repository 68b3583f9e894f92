from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.tokens import COMPARED, NEAR, Gathered, Rows, Tokens, pick, sides

COUNTS = st.lists(st.integers(0, 4), max_size=12)


def unit(rows: Sequence[Sequence[float]] | np.ndarray) -> Rows:
    made = np.array(rows, np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=-1, keepdims=True))


def made(counts: list[int], first: int = 0, width: int = 2) -> Tokens:
    """Texts with so many tokens each, whose bytes count up from ``first``."""
    gathered = Gathered(8 * width)
    for count in counts:
        gathered.add([np.arange(first, first + count * width, dtype=np.uint8).reshape(count, width)])
        first += count * width
    return gathered.done()


def of(tokens: Tokens, number: int) -> list[list[int]]:
    return tokens.bits[tokens.starts[number] : tokens.starts[number + 1]].tolist()  # type: ignore[no-any-return]


def test_sides_by_arithmetic() -> None:
    vector = unit([[1] * 10])[0]  # .316 in each dimension, .288 of which count
    near, far = [0.316] * 10, [0.9, 0.287, 0.289, -0.1, 0, 0, 0, 0, 0, 1]
    assert sides(np.array([near, far], np.float32), vector).tolist() == [
        [0b11111111, 0b11000000],
        [0b10100000, 0b01000000],
    ]


def test_similarities_by_arithmetic() -> None:
    """Two tokens of a question, one of which is nearer to the first text's only token."""
    vectors = unit([[1] * 8, [1, -1] * 4])
    tokens = Gathered(8)
    tokens.add([np.array([[0b11110000]], np.uint8), np.array([[0b10101010], [0b11001100]], np.uint8)])
    query = unit([[1] * 4 + [-1] * 4, [1] * 8])
    step = (2 / np.pi * (1 - NEAR**2)) ** 0.5 / 8**0.5

    def rebuilt(vector: Rows, *signs: list[int]) -> Rows:
        return unit([(NEAR * vector + step * np.array(each)).tolist() for each in signs])

    first = rebuilt(vectors[0], [1] * 4 + [-1] * 4)
    second = rebuilt(vectors[1], [1, -1] * 4, [1, 1, -1, -1] * 2)
    expected = [
        (query @ first.T).max(axis=1).mean(),
        (query @ second.T).max(axis=1).mean(),
    ]  # both as far from the mean
    assert tokens.done().similarities(query, vectors, np.array([0, 1])) == pytest.approx(expected, abs=1e-6)


@given(st.integers(0, 2**32 - 1), st.integers(2, 20), st.integers(1, COMPARED + 5), COUNTS.filter(len))
def test_similarities_are_those_of_tokens_rebuilt_one_by_one(
    seed: int, dimension: int, asked: int, counts: list[int]
) -> None:
    random = np.random.default_rng(seed)
    vectors, query = (unit(random.standard_normal((count, dimension))) for count in (len(counts), asked))
    bits = [random.random((count, dimension)) < 0.5 for count in counts]
    tokens = Gathered(dimension)
    tokens.add([np.packbits(each, axis=1) for each in bits])
    mean = unit(query.mean(axis=0))
    weights = np.sort(np.maximum(1 - query @ mean, 1e-6))[::-1][:COMPARED]
    query = query[np.argsort(query @ mean, kind="stable")]
    step = (2 / np.pi * (1 - NEAR**2)) ** 0.5 / dimension**0.5
    expected = []
    for vector, each in zip(vectors, bits, strict=True):
        rebuilt = unit(NEAR * vector + step * (2 * each - 1.0))
        nearest = (query[:COMPARED] @ rebuilt.T).max(axis=1) if len(each) else []
        expected.append(np.dot(nearest, weights) / weights.sum() if len(each) else vector @ mean)
    positions = random.integers(len(counts), size=9)  # in any order, and some twice
    found = tokens.done().similarities(query, vectors[positions], positions)
    assert found == pytest.approx(np.array(expected)[positions], abs=1e-4)


def test_what_the_tokens_of_a_question_share_counts_for_little() -> None:
    """Three say the same and one differs: the text that has what differs is nearer."""
    query = unit(
        [[1, 0, 0, 0, 0, 0, 0, 0], [1, 0.1, 0, 0, 0, 0, 0, 0], [1, 0, 0.1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0]]
    )
    vectors = unit([[1, 0, 0, 1, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0, 0]])
    tokens = Gathered(8)
    tokens.add([np.array([[0b10000000]], np.uint8), np.array([[0b00010000]], np.uint8)])
    same, different = tokens.done().similarities(query, vectors, np.array([0, 1]))
    assert different > same


def test_a_text_without_tokens_is_as_near_as_its_vector() -> None:
    vectors = unit([[1, 2, 0, 0], [0, 1, 0, 0]])
    tokens = made([0, 0], width=1)
    assert tokens.similarities(vectors[:1], vectors, np.array([0, 1])) == pytest.approx([1, 2 / 5**0.5])


def test_one_token_of_a_question_is_compared_all_the_same() -> None:
    vector = unit([[1] * 8])
    tokens = Gathered(8)
    tokens.add([sides(vector, vector[0])])
    assert tokens.done().similarities(vector, vector, np.array([0])) == pytest.approx([1], abs=1e-6)


@given(COUNTS, COUNTS, st.data())
def test_picked_tokens_are_those_of_the_parts(ones: list[int], others: list[int], data: st.DataObject) -> None:
    parts = [made(ones), made(others, 100)]
    every = [of(part, number) for part in parts for number in range(len(part.starts) - 1)]
    numbers = data.draw(st.lists(st.integers(0, len(every) - 1), max_size=30)) if every else []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.tokens.BLOCK", 7)
        picked = pick(parts, np.array(numbers, np.int64))
    assert [of(picked, place) for place in range(len(numbers))] == [every[number] for number in numbers]


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    tokens = made([2, 0, 1])
    tokens.save(tmp_path / "tokens")
    loaded = Tokens.load(tmp_path / "tokens")
    assert [of(loaded, number) for number in range(3)] == [[[0, 1], [2, 3]], [], [[4, 5]]]
    assert [loaded.bits.dtype.name, loaded.starts.dtype.name] == ["uint8", "int64"]
