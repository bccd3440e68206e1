# Everything a contributor needs. `make` alone lists the targets.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test fast lint types docs pictures bench lock clean property

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Firstbell needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(STAMP)  ## make .venv with everything in it (the other targets do this too)

demo: $(STAMP)  ## write a small invented school, work out its figures, and say where the page is
	$(BIN)/firstbell demo --out build/demo --replace $(ARGS)

test: $(STAMP)  ## everything: style, types, layers, all tests, generated docs current
	$(MAKE) --no-print-directory lint types
	$(BIN)/pytest -n 2 $(ARGS)

fast: $(STAMP)  ## the inner loop, under a minute: style, types, pure tests
	$(MAKE) --no-print-directory lint types
	$(BIN)/pytest -n 2 -m "not browser and not slow" $(ARGS)

lint: $(STAMP)  ## ruff and the layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(STAMP)  ## mypy, strict
	$(BIN)/mypy

property: $(STAMP)  ## the property tests with many more examples
	HYPOTHESIS_PROFILE=many $(BIN)/pytest tests/property $(ARGS)

pictures: $(STAMP)  ## take the pictures of the README anew, with Chromium
	$(BIN)/python -m docs.pictures

docs: $(STAMP)  ## write docs/reference anew from the tables, the tests and the commands
	$(BIN)/python docs/build.py

bench: $(STAMP)  ## the benchmark of the review at 50,000 pupils, as JSON lines
	$(BIN)/firstbell bench review --pupils 50000

lock: $(STAMP)  ## write requirements.lock anew (after a change of dependencies)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --all-extras --no-emit-index-url \
		--python-version 3.11 pyproject.toml build-requirements.in -o requirements.lock

clean:  ## remove what was built
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis $(VENV)
