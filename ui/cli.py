"""The command line ``suwen``: its words, and how errors end it. Commands are in ``ui.commands``."""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path

from rag.errors import SuwenError
from rag.settings import Settings
from ui.eval_options import CommandParser, add_actions

_SETTINGS = ("index", "llm", "base_url", "api_key_file", "embedder", "reranker", "timeout")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; exit status 0 done, 1 the work failed, 2 wrong use, 130 stopped with Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that knows no Chinese is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    options = build_parser().parse_args(arguments)
    try:
        settings = Settings.load({name: getattr(options, name, None) for name in _SETTINGS})
        from ui.commands import COMMANDS  # here, so that --help need not wait for it

        status = COMMANDS[options.command](settings, options)
        sys.stdout.flush()
        return status
    except SuwenError as error:
        return _end(options, str(error), error.exit_status)
    except KeyboardInterrupt:
        return _end(options, "stopped", 130)
    except BrokenPipeError:
        _drop_output()
        return 0
    except OSError as error:
        if not error.filename:
            _drop_output()
        where = f"{error.filename}: " if error.filename else ""
        return _end(options, f"{where}{error.strerror or error}; check the path, its permissions and the space", 1)


def _drop_output() -> None:
    """Let Python end without a complaint about output that nobody takes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end(options: argparse.Namespace, message: str, status: int) -> int:
    if options.debug:
        traceback.print_exc()
    sys.stderr.write(f"suwen: {message}\n")
    return status


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; the README shows its help."""
    parser = argparse.ArgumentParser(
        prog="suwen",
        description="Suwen 溯问 answers questions about articles and shows the sentence behind each answer.",
    )
    parser.add_argument("--version", action="version", version=f"suwen {version('suwen')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=CommandParser)

    def command(name: str, summary: str) -> CommandParser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.add_argument("--debug", action="store_true", help="show where an error came from")
        return added

    index = command("index", "Create an index of articles, or bring it up to date.")
    index.add_argument("paths", nargs="+", metavar="PATH|URL", help="files, folders of them, or web pages")
    index.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="PATTERN",
        help="leave out files, as a line of .gitignore does",
    )
    index.add_argument("--allow-private", action="store_true", help="fetch pages of the internal network as well")
    index.add_argument("--follow-redirects", action="store_true", help="go where a page leads, five times at most")
    index.add_argument(
        "--time-limit", type=positive, default=10, metavar="SECONDS", help="longest to convert a file (default 10)"
    )
    index.add_argument("--dry-run", action="store_true", help="only show what would change")
    index.add_argument("--rebuild", action="store_true", help="forget what the index holds and start anew")
    index.add_argument("--to", dest="index", metavar="ADDRESS", help="an index in Milvus: milvus://HOST:19530/NAME")
    _index(index)

    ask = command("ask", "Answer a question, or a file of questions.")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument("--json", action="store_true", help="print the answer as JSON")
    ask.add_argument("--stream", action="store_true", help="print the answer as it is written")
    _batch(ask)
    _finding(ask)
    _model(ask)

    search = command("search", "Find passages without asking a model.")
    search.add_argument("question", nargs="?", metavar="QUERY")
    search.add_argument("-k", type=positive, default=10, help="how many passages (default 10)")
    search.add_argument("--json", action="store_true", help="print the passages as JSON")
    _batch(search)
    _finding(search)

    chat = command("chat", "Serve the chat page.")
    chat.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    chat.add_argument("--port", type=int, default=7860, help="port to listen on (default 7860)")
    _finding(chat)
    _model(chat)

    evaluate = command("eval", "Measure answers against a gold set.")
    add_actions(evaluate, positive, _index, _finding, _model)

    models = command("models", "List, fetch or check models.")
    actions = models.add_subparsers(dest="action", required=True, metavar="list|pull|verify")
    actions.add_parser("list", help="the models of the catalogue and those on disk")
    pull = actions.add_parser("pull", help="fetch models into the user's cache folder")
    pull.add_argument("names", nargs="+", metavar="NAME")
    actions.add_parser("verify", help="compare every model on disk with its digest")

    _index(command("verify", "Check every file of an index against its digest."))

    doctor = command("doctor", "Show what is installed and whether it works.")
    doctor.add_argument(
        "--offline-proof",
        action="store_true",
        help="index, ask and chat, and count connections that leave this machine",
    )
    _finding(doctor)
    _model(doctor)
    return parser


def _index(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--index", metavar="NAME", help="index to use: a name in indexes/, a path or an address (default sample)"
    )
    parser.add_argument("--embedder", metavar="NAME", help="embedding model: a catalogue name or a folder")


def _finding(parser: argparse.ArgumentParser) -> None:
    _index(parser)
    parser.add_argument("--reranker", metavar="FOLDER", help="cross-encoder that reads the best passages again")


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--llm", metavar="SPEC", help="catalogue name, GGUF file, openai:MODEL or extractive")
    parser.add_argument("--base-url", metavar="URL", help="address of an OpenAI-compatible server")
    parser.add_argument("--api-key-file", metavar="FILE", help="file that holds the API key")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="longest silence of the model (default 120)")


def _batch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--batch", type=Path, metavar="IN.jsonl", help="one question a line")
    parser.add_argument("--out", type=Path, metavar="OUT.jsonl", help="where the results go, one a line")


def positive(text: str) -> int:
    """Read an option that counts something; its name is what argparse calls a wrong value."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
