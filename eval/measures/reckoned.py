"""Figures that a statement computes from the figures it shows: their difference, sum, ratio, or the time between."""

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import combinations, permutations

_PLACES = (0, 1, 2)  # to which a ratio may be rounded


def reckoned(told: Iterable[str], sources: frozenset[str]) -> set[str]:
    """Return which of the figures told, by value, are computed from others of them that the sources hold.

    A figure is a value of ``rag.figures.figures``. So 502 is told with 4238 and 3736 and not without them.
    """
    figures = set(told)
    operands = [each for each in map(_number, figures & sources) if each]
    plain = {value for value, percent in operands if not percent}
    found = set[str]()
    for figure in figures - sources:
        number = _number(figure)
        if not number:
            continue
        value, percent = number
        same = [each for each, other in operands if other == percent]
        if value in set(_sums(same, percent)) or (not percent and value in set(_months(plain))):
            found.add(figure)
        elif value in set(_ratios([each for each, _ in operands], percent)):
            found.add(figure)
    return found


def _number(figure: str) -> tuple[Decimal, bool] | None:
    try:
        return Decimal(figure.rstrip("%")), figure.endswith("%")
    except InvalidOperation:
        return None


def _sums(operands: list[Decimal], percent: bool) -> Iterator[Decimal]:
    for one, other in combinations(operands, 2):
        yield abs(one - other)
    for count in range(2, len(operands) + 1):
        for some in combinations(operands, count):
            yield sum(some, Decimal())
    for count in range(1, len(operands) + 1) if percent else ():
        for some in combinations(operands, count):
            yield 100 - sum(some, Decimal())


def _ratios(operands: list[Decimal], percent: bool) -> Iterator[Decimal]:
    for one, other in permutations(operands, 2):
        if other:
            for value in (one / other * 100, (one - other) / other * 100) if percent else (one / other,):
                yield from (round(abs(value), places).normalize() for places in _PLACES)


def _months(operands: set[Decimal]) -> Iterator[Decimal]:
    years = [each for each in operands if 1000 <= each <= 2999]
    months = [each for each in operands if 1 <= each <= 12]
    for first, last in permutations(years, 2):
        yield from (12 * (last - first) + late - early for early in months for late in months)
