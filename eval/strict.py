"""JSON as people write it to objects of known keys, or to one line that says what is wrong and what to do."""

import json
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias

Shapes: TypeAlias = Mapping[str, tuple[Callable[[object], object], str]]  # key: test of its value, what it must be


def read_object(line: str, shapes: Shapes, needed: Sequence[str]) -> dict[str, Any]:
    """Read one JSON object that has the ``needed`` keys, no others than those of ``shapes``, and fitting values.

    Raises:
        ValueError: it is none; says what is wrong and what to do.

    """
    row = _loads(line)
    if not isinstance(row, dict):
        raise ValueError(f"{shown(row)} is no JSON object; write {{...}} with the keys {', '.join(needed)}")
    for key in row:
        if key not in shapes:
            near = get_close_matches(key, shapes, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"the keys are {', '.join(shapes)}"
            raise ValueError(f"unknown key {shown(key)}; {hint}")
    for key in needed:
        if key not in row:
            raise ValueError(f'no "{key}"; add {shapes[key][1]}')
    for key, (fits, wanted) in shapes.items():
        if key in row and not fits(row[key]):
            raise ValueError(f'"{key}" is {shown(row[key])}; make it {wanted}')
    return row


def shown(value: object) -> str:
    """Return a value on one line, shortened, for an error."""
    text = " ".join(json.dumps(value, ensure_ascii=False).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def is_text(value: object) -> bool:
    """Tell whether it is a text that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def are_texts(value: object) -> bool:
    """Tell whether it is a list of texts, none blank; the list may be empty."""
    return isinstance(value, list) and all(map(is_text, value))


def _loads(line: str) -> object:
    try:
        value = json.loads(line, object_pairs_hook=_once, parse_constant=_refuse, parse_int=_whole)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair could not be written out again
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg}, character {error.colno}); write one JSON object a line") from error
    except UnicodeEncodeError as error:
        half = error.object[error.start : error.start + 1]
        raise ValueError(f"holds half a surrogate pair, {half!a}; write the whole character") from error
    except RecursionError as error:
        raise ValueError("brackets are nested too deeply; three levels are the most a key takes") from error
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"has the key {max(keys, key=keys.count)!a} more than once; keep one")
    return row


def _whole(digits: str) -> float:
    return int(digits) if len(digits) < 20 else float(digits)  # Python reads no number of thousands of digits


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value; write a text")
