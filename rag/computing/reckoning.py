"""The arithmetic itself: operands to a result, in the unit and magnitude they are written in."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TypeAlias

from rag.computing.amounts import Amount, Date
from rag.evidence import Evidence
from rag.language import Language

Unit: TypeAlias = str

PRECISION = 60  # digits, more than any article writes
LEAST = Decimal("0.000001")  # of a unit is shown: three minutes less 17 seconds is 163 seconds, not 2.716... minutes
LARGEST_SHARE = 100  # per cent
_WIDE = Decimal("0.1")  # of its value may an amount be away that is told as about, nearly, over or under


@dataclass(frozen=True, slots=True)
class Operand:
    """An amount or date of the evidence: ``text`` as written, and a phrase of its sentence to tell what it is ``of``.

    ``named`` tells whether that is what the question calls it, whole.
    """

    evidence: Evidence
    what: Amount | Date
    text: str
    of: str
    named: bool


@dataclass(frozen=True, slots=True)
class Result:
    """``value`` in ``unit``, and how that is shown; ``approximate`` where an operand is, or it was rounded."""

    value: Decimal
    unit: Unit
    shown: str
    approximate: bool


def difference(operands: Sequence[Operand], language: Language) -> Result | None:
    """Return by how much the first and the second differ; None where they are told too loosely to say."""
    one, other = _amounts(operands)
    apart = abs(one.value - other.value)
    if not apart or (_vague(one, other) and apart < _WIDE * max(one.value, other.value)):
        return None
    if one.kind == "%":
        points = {"zh": "个百分点", "en": " percentage points"}[language]
        return Result(apart, points.strip(), f"{plain(apart)}{points}", _vague(one, other))
    return _in_unit(apart, (one, other))


def total(operands: Sequence[Operand]) -> Result | None:
    """Return the sum; None for shares that are more than the whole."""
    parts = _amounts(operands)
    value = sum((each.value for each in parts), Decimal())
    if parts[0].kind == "%":
        return _percent(value, _vague(*parts)) if value <= LARGEST_SHARE else None
    return _in_unit(value, parts)


def remainder(operands: Sequence[Operand]) -> Result | None:
    """Return what is left of a hundred per cent; None where nothing is."""
    parts = _amounts(operands)
    value = LARGEST_SHARE - sum((each.value for each in parts), Decimal())
    return _percent(value, _vague(*parts)) if value > 0 else None


def ratio(operands: Sequence[Operand], language: Language) -> Result | None:
    """Return how many times the second the first is, with two decimals at most; None where it is less than that."""
    one, other = _amounts(operands)
    if not other.value or one.value <= other.value:
        return None
    value, rounded = _divided(one.value, other.value)
    unit = {"zh": "倍", "en": " times"}[language]
    return Result(value, unit.strip(), f"{plain(value)}{unit}", rounded or _vague(one, other))


def share(operands: Sequence[Operand]) -> Result | None:
    """Return how many per cent of the second the first is; None where it is more than all."""
    one, other = _amounts(operands)
    if not other.value or one.value >= other.value:
        return None
    value, rounded = _divided(100 * one.value, other.value)
    return _percent(value, rounded or _vague(one, other))


def change(operands: Sequence[Operand]) -> Result | None:
    """Return by how many per cent the second is more than the first, negative where it is less."""
    old, new = _amounts(operands)
    if not old.value or old.value == new.value:
        return None
    value, rounded = _divided(100 * (new.value - old.value), old.value)
    return _percent(value, rounded or _vague(old, new))


def time_between(operands: Sequence[Operand], unit: str, language: Language) -> Result | None:
    """Return the years, months or days between two dates, in years and months where no unit is asked for.

    None where the dates are not told as exactly as that.
    """
    early, late = sorted(_dates(operands), key=lambda each: (each.year, each.month, each.day))
    months = 12 * (late.year - early.year) + late.month - early.month
    vague = early.vague or late.vague
    if unit == "day":
        if (
            not (early.day and late.day)
            or (early.year, early.month) == (late.year, late.month)
            and early.day == late.day
        ):
            return None
        days = (_ordinal(late) - _ordinal(early)) if early.year and late.year else 0
        return _lasting(days, "day", vague, language)
    if not (early.month and late.month):
        years = late.year - early.year
        is_rough = vague or bool(early.month or late.month)
        return None if unit == "month" or not years else _lasting(years, "year", is_rough, language)
    if early.day and late.day:
        months -= late.day < early.day
        vague = vague or early.day != late.day
    if months <= 0:
        return None
    if unit == "month" or months % 12:
        return _lasting(months, "month", vague, language, spell=unit != "month")
    return _lasting(months // 12, "year", vague, language)


def is_more(operands: Sequence[Operand]) -> bool | None:
    """Tell whether the first is more, or later, than the second; None where they are told too loosely to say."""
    one, other = (each.what for each in operands)
    if isinstance(one, Date) and isinstance(other, Date):
        first, second = ((each.year, each.month, each.day) for each in (one, other))
        known = next(((a, b) for a, b in zip(first, second, strict=True) if a != b or not a), (0, 0))
        return None if 0 in known or known[0] == known[1] or one.vague or other.vague else known[0] > known[1]
    apart = difference(operands, "en")
    values = [each.value for each in _amounts(operands)]
    return None if apart is None else values[0] > values[1]


def plain(value: Decimal) -> str:
    """Return a number in digits without needless zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _amounts(operands: Sequence[Operand]) -> list[Amount]:
    return [each.what for each in operands if isinstance(each.what, Amount)]


def _dates(operands: Sequence[Operand]) -> list[Date]:
    return [each.what for each in operands if isinstance(each.what, Date)]


def _vague(*parts: Amount) -> bool:
    return any(each.vague for each in parts)


def _divided(value: Decimal, by: Decimal) -> tuple[Decimal, bool]:
    """Return a quotient with two decimals at most, and whether that is rounded."""
    with localcontext(prec=PRECISION):
        exact = value / by
        near = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
        return near.normalize() if near else exact, near * by != value


def _percent(value: Decimal, approximate: bool) -> Result:
    return Result(value, "%", f"{plain(value)}%", approximate)


def _in_unit(value: Decimal, parts: Sequence[Amount]) -> Result:
    """Show a value in the larger of the magnitudes it was written in, in the smaller where it is less than one."""
    by_scale = sorted(parts, key=lambda each: (-each.scale, -len(each.unit)))
    with localcontext(prec=PRECISION):
        like = next(
            (each for each in by_scale if value >= each.scale and not value % (each.scale * LEAST)), by_scale[-1]
        )
        scaled = value / like.scale
    named = [each.unit for each in parts if each.size == like.size and each.unit]
    unit = max(named, key=len) if named and (like.kind != "count" or len(set(named)) == 1) else ""
    if scaled == 1 and not like.magnitude and unit.isascii():
        unit = unit.removesuffix("s")
    magnitude = f" {like.magnitude}" if like.magnitude.isascii() and like.magnitude else like.magnitude
    written = magnitude + (f" {unit}" if unit.isascii() and unit and like.spaced else unit)
    sign = next((each.sign for each in parts if each.sign), "") if not unit else ""
    digits = f"{scaled.normalize():,f}" if written[:2].isascii() else plain(scaled)
    return Result(scaled, written.strip() or sign, f"{sign}{digits}{written}", _vague(*parts))


def _lasting(count: int, unit: str, approximate: bool, language: Language, *, spell: bool = False) -> Result:
    """Show a time; ``spell`` puts months as years and months."""
    names = {"year": ("年", "year"), "month": ("个月", "month"), "day": ("天", "day")}
    whole = [(count // 12, "year"), (count % 12, "month")] if spell and unit == "month" else [(count, unit)]
    told = [
        f"{number}{names[name][0]}" if language == "zh" else f"{number} {names[name][1]}{'s' * (number != 1)}"
        for number, name in whole
        if number
    ]
    shown = "".join(told) if language == "zh" else " and ".join(told)
    return Result(Decimal(count), names[unit][0] if language == "zh" else f"{names[unit][1]}s", shown, approximate)


def _ordinal(each: Date) -> int:
    from datetime import date

    return date(each.year, each.month, each.day).toordinal()
