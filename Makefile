# Everything a newcomer needs: `make demo` first, then `make test`. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV_VERSION := 0.13.8
# One more than cores: the tests wait for Terraform's provider more than they compute.
WORKERS = $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

# The environment is this folder's own: no interpreter is downloaded, nobody else's is touched.
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := $(VENV)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
# Terraform's version check and its prompts have no place in an automated run.
export CHECKPOINT_DISABLE := 1

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup
setup: $(STAMP) ## make .venv with everything the project needs

$(STAMP): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) is older than 3.11: name a newer one, e.g. make setup PYTHON=python3.12"; exit 1; }
	@echo "set-up: virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@echo "set-up: uv $(UV_VERSION)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@echo "set-up: packages of uv.lock (a minute or two when they are not cached)"
	@$(BIN)/uv sync --frozen --all-extras --inexact --compile-bytecode --quiet
	@touch $@

.PHONY: demo
demo: setup ## apply network, cluster and platform of dev on a local AWS, with no account
	@$(BIN)/ekp demo

.PHONY: check
check: setup ## format, lint, types, architecture
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: test
test: check ## the whole suite: check, then every test
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup

.PHONY: check-cdktn
check-cdktn: setup ## synthesize with cdktn and with AWS provider 6: the same JSON but for versions
	@$(BIN)/python -m tests.cdktn

.PHONY: drill
drill: setup ## drill production on what is synthesized; writes .ekp/drills.html
	@$(BIN)/ekp synth
	@$(BIN)/ekp drill all prod --html .ekp/drills.html

.PHONY: docs
docs: setup ## build the site of the documentation in .ekp/site
	@$(BIN)/mkdocs build --quiet --strict --site-dir .ekp/site

.PHONY: bench
bench: setup ## measure synth and plan; prints JSON
	@$(BIN)/python -m tests.bench

.PHONY: clean
clean: ## stop the local AWS and remove what was made here
	@if [ -x $(BIN)/ekp ]; then $(BIN)/ekp local stop; fi
	@rm -rf $(VENV) .ekp cdktf.out .mypy_cache .pytest_cache .ruff_cache .hypothesis
