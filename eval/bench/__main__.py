"""``python -m eval.bench``: time the product: the parts that are named, or all but the heavy ones."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from eval.bench.timing import Row
from rag.errors import SuwenError
from rag.settings import Settings

PARTS = ("harness", "indexing", "searching", "answering", "dense")  # each a module beside this one, with ``rows``
HEAVY = {"dense"}  # minutes of both cores and gigabytes: timed only when named


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a Markdown table; exit status 1 when a part cannot be timed here, which is said in one line."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parts = parser.parse_args(arguments).parts or [part for part in PARTS if part not in HEAVY]
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"no part {unknown[0]!r}; parts are {', '.join(PARTS)}")
    try:
        settings = Settings.load({})
    except SuwenError as error:
        parser.error(str(error))
    _say("| what | Suwen | plain way | ratio |\n|---|---|---|---|")
    status = 0
    for part in parts:
        rows: Callable[[Settings], list[Row]] = import_module(f"eval.bench.{part}").rows
        try:
            for row in rows(settings):
                _say(f"| {row.what} | {row.ours} | {row.other} | {row.ratio} |")
        except SuwenError as error:
            sys.stderr.write(f"{part}: {error}\n")
            status = 1
    return status


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
