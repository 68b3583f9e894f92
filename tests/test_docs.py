"""The documents say what is so: commands parse, the file tree is whole, tables list what there is."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from string import Template

import pytest

from rag.generations import writing
from rag.index import Index
from rag.settings import Settings
from ui.cli import build_parser

ROOT = Path(__file__).resolve().parent.parent
READMES = ["README.md", "README.zh-CN.md"]
DERIVED = {
    "base_url",
    "api_key_file",
    "reranker",
    "indexes",
    "models",
    "model_sources",
    "feedback",
}  # defaults told in words
BRANCH = re.compile(r"^((?:│   )*)[├└]── (\S+)(.*)$", re.MULTILINE)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code(name: str) -> Iterator[str]:
    """Yield what a document shows as code: the lines of its blocks, and the words between backticks."""
    prose, *rest = re.split(r"^```\n", read(name), flags=re.MULTILINE)
    for block, after in zip(rest[::2], rest[1::2], strict=True):
        yield from block.splitlines()
        prose += after
    yield from re.findall(r"`([^`\n]+)`", prose)


def commands(name: str, program: str) -> list[list[str]]:
    """Return the words after ``program`` of every command of it, whatever variables are set before it."""
    found = (re.match(rf"(?:[A-Z_]+=\S* )*{program} (.+)", line) for line in code(name))
    return [shlex.split(match[1]) for match in found if match]


def rows(name: str, first: str) -> list[list[str]]:
    """Return the cells of the table rows whose first cell is code that matches ``first``."""
    lines = [line for line in read(name).splitlines() if re.match(rf"\| `{first}` \|", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("name", READMES)
def test_every_command_parses(name: str) -> None:
    shown = [words for words in commands(name, "suwen") if len(words) > 1]  # one word alone is only a mention
    assert len(shown) > 20
    for words in shown:
        build_parser().parse_args(words)


@pytest.mark.parametrize("name", READMES)
def test_every_make_target_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert {word for words in commands(name, "make") for word in words if "=" not in word} <= targets


def test_both_readmes_are_one_document() -> None:
    english, chinese = (re.findall(r"^(#+|\||```)", read(name), re.MULTILINE) for name in READMES)
    assert english == chinese  # the same headings, table rows and blocks, in the same order
    assert [commands(READMES[0], each) for each in ("suwen", "make")] == [
        commands(READMES[1], each) for each in ("suwen", "make")
    ]


@pytest.mark.parametrize(
    "name",
    [*READMES, "eval/gold/README.md", "eval/hostile/README.md"]
    + ["indexes/README.md", "indexes/MILVUS.md", "prompts/README.md"],
)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(((?!https?:)[^)#]+)\)", read(name))
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []


@pytest.mark.parametrize("name", READMES)
def test_the_file_tree_is_whole(name: str) -> None:
    shown, folders = set(), [""]
    for bars, entry, phrase in BRANCH.findall(read(name)):
        depth = len(bars) // 4
        folders[depth + 1 :] = [f"{folders[depth]}{entry}/"]
        shown.add(f"{folders[depth]}{entry}")
        assert phrase.strip(), f"{entry} has no phrase"
    assert {entry for entry in shown if not (ROOT / entry).exists()} == set()
    inside = [path for each in ("rag", "ui", "eval") for path in (ROOT / each).rglob("*.py")]
    modules = {path.relative_to(ROOT).as_posix() for path in inside if path.name != "__init__.py"}
    told_as_one = ("eval/bench/", "eval/peers/")
    assert {module for module in modules if not module.startswith(told_as_one)} - shown == set()


@pytest.mark.parametrize("name", READMES)
def test_the_settings_table_is_complete(name: str) -> None:
    settings = [row for row in rows(name, "[a-z_]+") if row[1].startswith("`SUWEN_")]
    assert [row[0] for row in settings] == [f"`{each.name}`" for each in fields(Settings)]
    for row, each in zip(settings, fields(Settings), strict=True):
        assert row[1] == f"`SUWEN_{each.name.upper()}`"
        assert each.name in DERIVED or row[2] == f"`{each.default}`"


def test_prompts_use_the_variables_their_table_lists() -> None:
    files = rows("prompts/README.md", r"\S+\.txt")
    listed = {row[0].strip("`"): set(re.findall(r"`\$(\w+)`", row[1])) for row in files}
    templates = {path.name: Template(path.read_text(encoding="utf-8")) for path in (ROOT / "prompts").glob("*.txt")}
    assert listed == {name: set(template.get_identifiers()) for name, template in templates.items()}
    explained = {row[0].strip("`$") for row in rows("prompts/README.md", r"\$\w+")}
    assert explained == set().union(*listed.values())


def test_the_index_format_is_described(index: Index, tmp_path: Path) -> None:
    with writing(tmp_path):
        generation = index.save(tmp_path)
    described = read("indexes/README.md")
    manifest = json.loads((generation / "manifest.json").read_text(encoding="utf-8"))
    entries = [path.name for folder in (tmp_path, generation) for path in folder.iterdir() if path != generation]
    assert [name for name in entries if f"── {name}" not in described] == []
    assert [key for key in manifest if f"`{key}`" not in described] == []
