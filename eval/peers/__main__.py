"""The command: ``python -m eval.peers GOLD.jsonl ... --out DIR [--limit N] [--systems a,b]``."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tqdm import tqdm

from eval.gold import read_gold, stratified
from eval.peers.asking import Contest, ask_all, prepare
from eval.peers.keeping import fingerprints, start
from eval.peers.processes import SYSTEMS
from eval.peers.table import markdown, standings
from eval.runs.answers import read_rows
from rag.errors import SuwenError, UsageError
from rag.settings import ROOT, Settings


def main(arguments: Sequence[str]) -> int:
    """Compare, write and print the table; an error is one line, as of ``suwen``."""
    options = _parser().parse_args(arguments)
    try:
        sys.stdout.write(compare(options))
    except SuwenError as error:
        _warn(str(error))
        return error.exit_status
    return 0


def compare(options: argparse.Namespace) -> str:
    """Run the comparison, or what is left of it, and return the table as Markdown.

    Raises:
        UsageError: a gold set or system is none, or the folder holds another comparison.
        ModelMissing, ModelDamaged: the language model or the embedder is not there.

    """
    read = read_gold(options.gold)
    if read.errors:
        raise read.errors[0]
    if any(each.passages is not None for each in read.items):
        raise UsageError(f"{options.gold[0]}: its questions bring their own passages; compare on sets about articles")
    gold = stratified(read.items, options.limit)
    unknown = sorted(set(options.systems) - SYSTEMS.keys())
    if unknown:
        raise UsageError(f"no system {unknown[0]!r}; systems are {', '.join(SYSTEMS)}")
    settings = Settings.load({"llm": options.llm})
    setup = prepare(settings, options.articles)
    folder: Path = options.out
    start(folder, fingerprints(settings, setup, gold))
    contest = Contest(folder, gold, setup, _commands(options.systems))
    with tqdm(unit="answer", file=sys.stderr, smoothing=0, mininterval=1 if sys.stderr.isatty() else 60) as bar:

        def progress(done: int, total: int) -> None:
            if bar.total is None or done == bar.initial:  # no answer yet: those from before take none of the time
                bar.reset(total)
                bar.initial = bar.n = done
            bar.update(done - bar.n)

        about = ask_all(contest, progress, _warn)
    table = standings(gold, read_rows(contest.answers.path), about)
    body = {
        "gold": [str(path) for path in options.gold],
        "questions": len(gold),
        "model": settings.llm,
        "embedder": settings.embedder,
        "machine": {"cores": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()},
        "systems": [each.to_json() for each in table],
    }
    (folder / "table.json").write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    text = markdown(table)
    (folder / "table.md").write_text(text, encoding="utf-8")
    return text


def _commands(names: Sequence[str]) -> dict[str, Sequence[str]]:
    return {name: SYSTEMS[name] for name in names}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m eval.peers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("gold", nargs="+", type=Path, help="gold sets")
    parser.add_argument("--out", required=True, type=Path, help="folder of the answers and the table; a run goes on")
    parser.add_argument("--articles", nargs="+", type=Path, default=[ROOT / "eval" / "articles"])
    parser.add_argument("--limit", type=_positive, help="ask only so many questions, spread over the categories")
    parser.add_argument("--systems", type=lambda text: text.split(","), default=list(SYSTEMS), help="a comma list")
    parser.add_argument("--llm", help="a local model, by catalogue name or path")
    return parser


def _positive(text: str) -> int:
    with suppress(ValueError):
        if (number := int(text)) > 0:
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 up")


def _warn(line: str) -> None:
    sys.stderr.write(f"eval.peers: {line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
