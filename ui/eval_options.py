"""The words of ``suwen eval``: a gold set to ask, or one of its actions."""

import argparse
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Any

FORMATS = ("cmrc2018", "drcd", "xquad", "squad", "rgb", "corpus", "hostile")
ACTIONS = {
    "run": "Ask the questions of gold sets and measure the answers (what `suwen eval GOLD.jsonl` does).",
    "compare": "Compare runs: what is better, for which questions, and whether that is luck.",
    "report": "Score a run's answers anew and write its report again.",
    "check": "Check gold sets, and that their evidence is in the articles.",
    "new": "Write a starter gold set from an index, or from the page's feedback.",
    "import": "Turn a public question set that is on disk into a gold set.",
    "judge": "Measure how far a judge model agrees with people.",
}
_GATE = 'exit with 1 if this holds: "right < .9", "right[why] < .5", "worse(right)" or "worse(right) > .02"'


class CommandParser(argparse.ArgumentParser):
    """Lets a command that has actions be used without naming one: ``default`` is put before its words then."""

    default = ""

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """See ``argparse``."""
        words = list(args or [])
        if self.default and words and words[0] not in {*ACTIONS, "-h", "--help"}:
            words.insert(0, self.default)
        return super().parse_known_args(words, namespace)


def add_actions(
    parser: CommandParser,
    positive: Callable[[str], int],
    index: Callable[[argparse.ArgumentParser], None],
    finding: Callable[[argparse.ArgumentParser], None],
    model: Callable[[argparse.ArgumentParser], None],
) -> None:
    """Add the actions of ``suwen eval``; the functions after ``positive`` add options that other commands share."""
    parser.default = "run"
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="ACTION", parser_class=argparse.ArgumentParser
    )

    def action(name: str) -> argparse.ArgumentParser:
        added = actions.add_parser(name, help=ACTIONS[name], description=ACTIONS[name])
        added.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        return added

    run = action("run")
    run.add_argument("gold", nargs="+", type=Path, metavar="GOLD.jsonl")
    run.add_argument("--out", type=Path, metavar="DIR", help="folder of the run; one that was stopped goes on")
    run.add_argument("--limit", type=positive, help="ask only so many questions, spread over the categories")
    run.add_argument("--category", action="append", default=[], help="ask only this category; can be repeated")
    run.add_argument("--repeat", type=positive, default=1, help="ask each question so many times")
    run.add_argument("--workers", type=positive, default=1, help="questions asked of an API at once")
    run.add_argument("--no-cache", action="store_true", help="ask again what an earlier run was told")
    run.add_argument("--judge", metavar="SPEC", help="also let this model judge the answers")
    run.add_argument(
        "--price",
        type=_price,
        metavar="IN/OUT",
        help="of a million tokens read and written, such as 0.8/2: for the estimate of an API",
    )
    run.add_argument("--yes", action="store_true", help="go on after the estimate without asking")
    _gates(run)
    finding(run)
    model(run)

    compare = action("compare")
    compare.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folders of runs, the baseline first")
    compare.add_argument("--html", type=Path, metavar="FILE", help="the page (default: in the last run's folder)")
    compare.add_argument("--markdown", type=Path, metavar="FILE", help="also write a block for a pull request")
    _gates(compare)

    report = action("report")
    report.add_argument("runs", nargs="+", type=Path, metavar="RUN")

    check = action("check")
    check.add_argument("gold", nargs="+", type=Path, metavar="GOLD.jsonl")
    index(check)

    new = action("new")
    new.add_argument("--out", type=Path, required=True, metavar="GOLD.jsonl")
    new.add_argument("--count", type=positive, default=30, help="how many questions (default 30)")
    new.add_argument("--feedback", action="store_true", help="from corrections that readers left on the page")
    index(new)
    model(new)

    bring = action("import")
    bring.add_argument("format", choices=FORMATS)
    bring.add_argument(
        "source",
        type=Path,
        metavar="FILE",
        help="the set's own file; of corpus, the folder of corpus.jsonl and questions.jsonl; of hostile, eval/hostile",
    )
    bring.add_argument("--out", type=Path, required=True, metavar="GOLD.jsonl")
    bring.add_argument("--articles", type=Path, metavar="DIR", help="write its texts here, to be indexed")
    bring.add_argument("--holdout", action="store_true", help="leave out what the set's holdout.json lists")
    bring.add_argument("--limit", type=positive, help="take only so many questions")
    bring.add_argument("--noise", type=float, help="rgb: share of passages without the answer (default 0)")
    bring.add_argument("--negatives-only", action="store_true", help="rgb: no passage with the answer")
    bring.add_argument("--seed", type=int, help="rgb: which passages, in which order (default 0)")

    judge = action("judge")
    judge.add_argument("labels", type=Path, metavar="FILE", help="RAGChecker's human_labeled_data.json")
    judge.add_argument("--judge", required=True, metavar="SPEC", help="the model: as --llm elsewhere")
    judge.add_argument("--limit", type=positive, help="only so many pairs")
    model(judge)


def _gates(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fail-if", action="append", default=[], metavar="GATE", help=_GATE)


def _price(text: str) -> tuple[float, float]:
    """Read what a million tokens cost that are read, and that are written."""
    with suppress(ValueError):
        read, written = map(float, text.split("/"))
        if 0 <= read < inf and 0 <= written < inf:
            return read, written
    raise argparse.ArgumentTypeError(f"{text!r} is no price; write IN/OUT, as in 0.8/2")
