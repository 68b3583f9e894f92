# Everything is one word: `make chat` to use Suwen, `make test` to check it. POSIX shell, GNU make 3.81 or newer.
#
#   make chat PORT=8000 LLM=openai:qwen-plus INDEX=mine      the same as options of `suwen chat`
#   make install PYTHON=python3.12                           another Python than `python3`
#   make peers LIMIT=20                                      a short comparison, spread over the kinds of questions

PYTHON ?= python3
UV ?= uv
BIN := .venv/bin
INSTALLED := .venv/.installed
TOOLS := .venv/.tools
PEERS := .venv-peers/.installed
SAMPLE := indexes/sample/CURRENT
GOLD := eval/gold/qwen-app.jsonl eval/gold/channel-tunnel.jsonl

# The models that the given settings name, where the catalogue has them and the disk does not: none for an API,
# a GGUF file or `extractive`.
define pull
	@absent=$$($(BIN)/python -c 'from rag.models import table; from rag.settings import Settings; \
	settings = Settings.load({"llm": "$(LLM)" or None}); \
	names = [getattr(settings, key) for key in "$(1)".split()]; \
	print(*(row.name for row in table(settings) if row.name in names and not row.on_disk))') && \
	if [ -n "$$absent" ]; then echo "fetching $$absent"; $(BIN)/suwen models pull $$absent; fi
endef

.PHONY: help install models embedder index chat test lint format eval peers bench lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

install: $(INSTALLED) ## a virtual environment in .venv with the command `suwen`

models: $(INSTALLED) ## fetch the embedder and the language model that are set, unless they are on disk
	$(call pull,embedder llm)

embedder: $(INSTALLED)
	$(call pull,embedder)

index: $(SAMPLE) ## index the sample articles in eval/articles

chat: models $(if $(INDEX),,$(SAMPLE)) ## all of the above, then the chat page until Ctrl-C
	@exec $(BIN)/suwen chat $(if $(PORT),--port $(PORT)) $(if $(LLM),--llm "$(LLM)") $(if $(INDEX),--index "$(INDEX)")

test: $(TOOLS) ## every test this machine can run; at the end, what was skipped and the command that enables it
	@$(BIN)/python -m pytest

lint: $(TOOLS) ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(TOOLS) ## put the code into the one format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

eval: models $(SAMPLE) ## ask both gold sets and score the answers
	@$(BIN)/suwen eval $(GOLD) --index sample $(if $(LLM),--llm "$(LLM)")

peers: models $(PEERS) ## ask both gold sets of Suwen and of four other pipelines, side by side (hours; goes on if stopped)
	@$(BIN)/python -m eval.peers $(GOLD) --out runs/peers$(LIMIT) $(if $(LIMIT),--limit $(LIMIT)) $(if $(LLM),--llm "$(LLM)")

bench: models $(SAMPLE) ## time the harness, indexing and search, and try what an index withstands; answers too, once `make peers` has installed its part
	@$(BIN)/python -m eval.bench

# Resolved for macOS, where torch names no CUDA packages; the same versions are installed on Linux. Without hashes,
# because torch is another file on each platform, and for the CPU on Linux one outside the package index.
lock: ## pin the dependencies of pyproject.toml anew (needs uv)
	@for out in "requirements.lock" "requirements-dev.lock --group dev --constraint requirements.lock"; do \
		MACOSX_DEPLOYMENT_TARGET=14.0 $(UV) pip compile pyproject.toml --quiet --upgrade --no-annotate \
			--python-version 3.11 --python-platform aarch64-apple-darwin \
			--custom-compile-command "make lock" --output-file $$out || exit 1; \
	done

clean: ## remove .venv and caches; indexes and models stay
	rm -rf .venv .venv-peers .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv reads none of pip's settings, so those that say where packages come from are handed on.
define packages
	@if command -v $(UV) >/dev/null; then \
		if [ -n "$$PIP_INDEX_URL" ]; then export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$PIP_INDEX_URL}"; fi; \
		if [ -n "$$PIP_FIND_LINKS" ]; then export UV_FIND_LINKS="$${UV_FIND_LINKS:-$$PIP_FIND_LINKS}"; fi; \
		$(UV) pip install --python $(BIN)/python $(1); \
	else \
		$(BIN)/python -m pip install --disable-pip-version-check $(1); \
	fi
endef

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(f"Suwen needs Python 3.11 or newer, $(PYTHON) is {sys.version.split()[0]}; \
	run: make install PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@if command -v $(UV) >/dev/null; then $(UV) venv --quiet --allow-existing --python $(PYTHON) .venv; \
	else $(PYTHON) -m venv .venv; fi
	$(call packages,-r requirements.lock)
	$(call packages,--no-deps --editable .)
	@touch $@

$(TOOLS): requirements-dev.lock $(INSTALLED)
	$(call packages,-r requirements-dev.lock)
	@touch $@

# Its own environment: the pipelines need other versions of what Suwen uses, and Suwen needs none of them.
$(PEERS): eval/peers/requirements.txt
	@$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --disable-pip-version-check -r $<
	@touch $@

# Only new articles are embedded, unless the code that fixes the format of an index is newer than the index.
$(SAMPLE): $(wildcard eval/articles/*) rag/chunks.py rag/index.py | embedder
	@$(BIN)/suwen index eval/articles --index sample $(if $(filter rag/%,$?),--rebuild)
	@touch $@
