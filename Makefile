# Needs GNU make and Python 3.11 or newer with venv; everything else is set up in .venv from locks.
PYTHON   ?= python3
QUESTION ?= Which routing rules keep the load of experts balanced without an auxiliary loss?
PORT     ?= 8000
WORKERS  ?= 2
VENV     := .venv
BIN      := $(VENV)/bin
REGISTRY := .

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup setup-dev setup-bench python browser sandbox judges site serve test lint bench lock clean
# By environment, so that no shell reads what a question holds.
export QUESTION

# Wheels only and every file by its hash: nothing runs code of its own while it is installed.
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -qq \
           --require-hashes --only-binary :all: -r
STEP     = @printf '== %s\n'

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- set-up: each stamp stands for one lock; it is stale when its lock is newer ------------------

setup: $(VENV)/.research $(VENV)/.package  ## install what `site` and `serve` need into .venv
setup-dev: $(VENV)/.dev $(VENV)/.package  ## the same, and what `test` and `lint` need
setup-bench: $(VENV)/.bench $(VENV)/.package  ## the same, and what `bench` needs

python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo 'make: no $(PYTHON) here; install Python 3.11 or newer, or name one: make PYTHON=python3.12' >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $$($(PYTHON) -V) is too old; Python 3.11 or newer is needed: make PYTHON=python3.12" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo 'make: $(PYTHON) has no venv module; on Debian and Ubuntu: apt-get install python3-venv' >&2; \
	  exit 1; }

$(BIN)/python: | python
	$(STEP) 'venv: create $(VENV)'
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.research $(VENV)/.dev $(VENV)/.bench: $(VENV)/.%: requirements/%.txt | $(BIN)/python
	$(STEP) 'install: $<'
	@$(INSTALL) $<
	@touch $@

# The build backend comes from the lock, so no isolated build environment fetches another.
$(VENV)/.package: pyproject.toml | $(VENV)/.research
	$(STEP) 'install: sovereign-registry, editable'
	@$(BIN)/python -m pip install --disable-pip-version-check -qq \
	  --no-build-isolation --no-deps --editable .
	@touch $@

# --- what a user asks for ------------------------------------------------------------------------

site: setup  ## answer a question (QUESTION="..." or the bundled one) and build the site into output/
	$(STEP) 'run: question to record'
	@$(BIN)/sovereign-registry run "$$QUESTION" --registry $(REGISTRY)
	$(STEP) 'build: manifests to output/'
	@$(BIN)/sovereign-registry build --registry $(REGISTRY)
	@echo 'Look at output/index.html, or serve it at http://127.0.0.1:$(PORT)/: make serve'

serve: setup  ## show the built site on this machine (PORT=8000)
	@$(BIN)/sovereign-registry serve --registry $(REGISTRY) --port $(PORT)

# --- what a contributor asks for -----------------------------------------------------------------

browser:  ## find Chromium, or install it where apt-get and root allow
	$(STEP) 'browser: find or install Chromium'
	@sh scripts/system-packages.sh browser

sandbox:  ## find bubblewrap, or install it where apt-get and root allow
	$(STEP) 'sandbox: find or install bubblewrap'
	@sh scripts/system-packages.sh sandbox

judges: $(BIN)/python  ## find Node and Java, and install Lighthouse and the Nu HTML checker by lock
	$(STEP) 'judges: find or install Lighthouse and the Nu HTML checker'
	@sh scripts/system-packages.sh node java
	@sh scripts/judges.sh $(VENV)/judges

test: setup-dev browser sandbox judges  ## run all tests, those in a headless Chromium included
	$(STEP) 'pytest'
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: setup-dev  ## check style, types, floors and workflows
	$(STEP) 'ruff check'
	@$(BIN)/ruff check .
	$(STEP) 'ruff format --check'
	@$(BIN)/ruff format --check .
	$(STEP) 'mypy --strict'
	@$(BIN)/mypy
	$(STEP) 'import-linter: floors'
	@$(BIN)/lint-imports --no-logo
	$(STEP) 'zizmor: workflows are safe'
	@$(BIN)/zizmor --offline --no-progress .github starter/pages.yml
	$(STEP) 'check-jsonschema: workflows are well-formed'
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml \
	  starter/pages.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml starter/dependabot.yml

bench: setup-bench  ## measure against peers in one run (see benchmarks/)
	$(STEP) 'benchmarks'
	@$(BIN)/python -m benchmarks

# bench.txt is the union of the other locks and is solved first; they take its versions.
UV_COMPILE = $(BIN)/uv pip compile pyproject.toml --no-config --quiet --universal \
             --python-version 3.11 --fork-strategy fewest --generate-hashes --no-header \
             --no-annotate --no-emit-index-url --no-emit-find-links
LOCK_FLAGS ?=
lock: $(BIN)/python  ## rewrite requirements/ after a change in pyproject.toml (LOCK_FLAGS=--upgrade)
	$(STEP) 'lock'
	@test -x $(BIN)/uv || $(INSTALL) requirements/dev.txt
	@$(UV_COMPILE) $(LOCK_FLAGS) --extra research --group dev --group bench \
	  -o requirements/bench.txt
	@$(UV_COMPILE) -c requirements/bench.txt --extra research --group dev -o requirements/dev.txt
	@$(UV_COMPILE) -c requirements/bench.txt --extra research --group build \
	  -o requirements/research.txt
	@$(UV_COMPILE) -c requirements/bench.txt --group build -o requirements/site.txt
	@npm install --prefix requirements/judges --package-lock-only --ignore-scripts --no-audit \
	  --no-fund --loglevel error --omit-lockfile-registry-resolved

clean:  ## remove everything that a target makes (manifests/ and .sovereign/ stay)
	rm -rf $(VENV) output .cache dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
