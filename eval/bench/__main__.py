"""``python -m eval.bench``: time the product, its usual parts or those that are named."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module

from eval.bench.timing import Row
from rag.errors import SuwenError
from rag.settings import Settings

PARTS = ("harness", "indexing", "searching", "answering")  # each a module beside this one, with ``rows``
NAMED = ("retrieval", "size", "dense", "lexical", "durability")  # likewise, but minutes long: only when named


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a Markdown table; exit status 1 when a part cannot be timed here, which is said in one line."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join((*PARTS, *NAMED)))
    parts = parser.parse_args(arguments).parts or PARTS
    if unknown := [part for part in parts if part not in (*PARTS, *NAMED)]:
        parser.error(f"no part {unknown[0]!r}; parts are {', '.join((*PARTS, *NAMED))}")
    try:
        settings = Settings.load({})
    except SuwenError as error:
        parser.error(str(error))
    _say("| what | Suwen | plain way | ratio |\n|---|---|---|---|")
    status = 0
    for part in parts:
        rows: Callable[[Settings], Iterable[Row]] = import_module(f"eval.bench.{part}").rows
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
