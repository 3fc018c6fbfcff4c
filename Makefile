# SPDX-FileCopyrightText: The Evernormal contributors
# SPDX-License-Identifier: Apache-2.0
#
# `make` alone prints what there is. Nothing here needs more than python3 3.11, make and git.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := targets
.DELETE_ON_ERROR:

# The same text comes out whatever language the machine speaks.
export PYTHONUTF8 := 1
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy

VENV := .venv
BIN := $(VENV)/bin
UV := VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/uv
EXAMPLES := beijing-2023 nanning-2025 guizhou-2026 \
	mode-d-capacity mode-e-match mode-f-discount mode-g-in-kind mode-h-credits
CLUSTER := var/postgres
# One worker more than cores: some tests wait for services. Each has its own database.
PYTEST := $(BIN)/pytest -q -n 3 --dist worksteal
# Debian's own Python first: a service account can run it, which it cannot do with one under /root.
PYTHON ?= $(shell for p in /usr/bin/python3 python3.11 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo "$$p" && break; done)

.PHONY: targets
targets: ## print these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(VENV)/.runtime ## make .venv with all that running it needs

.PHONY: setup-dev
setup-dev: $(VENV)/.tools ## the same, and all that testing it needs

$(BIN)/uv: requirements-uv.txt
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 is needed: on Debian 12, apt-get install python3 python3-venv" >&2; exit 1; fi
	@if ! "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "python3-venv is missing: installing it"; \
			apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends python3-venv; \
		else echo "Python's venv module is missing: as root, apt-get install python3-venv" >&2; exit 1; fi; fi
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@touch $@

# A `sync` takes out what the file does not name, this package included: so that is installed after it.
INSTALL_PACKAGE = $(UV) pip install -q --no-deps --no-build-isolation --editable .

# Whoever has the tools keeps them: then the longer list, which holds the shorter, is the one to follow.
$(VENV)/.runtime: requirements.txt pyproject.toml $(BIN)/uv
	list=requirements.txt; if [ -e $(VENV)/.tools ]; then list=requirements-dev.txt; fi; \
	$(UV) pip sync -q --compile-bytecode --require-hashes "$$list"
	$(INSTALL_PACKAGE)
	@touch $@

$(VENV)/.tools: requirements-dev.txt $(VENV)/.runtime
	$(UV) pip sync -q --compile-bytecode --require-hashes requirements-dev.txt
	$(INSTALL_PACKAGE)
	@touch $@

.PHONY: run
run: setup ## set up, settle the example years into out/, re-check every figure of them
	@for example in $(EXAMPLES); do \
		echo; echo "== $$example"; \
		$(BIN)/evernormal run "examples/$$example" --out "out/$$example"; \
		$(BIN)/evernormal verify "out/$$example"; \
	done

.PHONY: check
check: setup-dev ## the quick ones: format, lint, types, direction of imports
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: test
test: check ## all that .ci/run asks: check, licences, tests on SQLite and PostgreSQL, docs
	$(BIN)/reuse lint --lines
	@trap 'tools/postgres.sh stop $(CLUSTER)' EXIT; \
	tools/postgres.sh start $(CLUSTER); \
	echo "tests on SQLite"; \
	$(PYTEST) --cov --cov-report=; \
	echo "the same tests on PostgreSQL"; \
	EVERNORMAL_DATABASE_URL="$$(tools/postgres.sh url $(CLUSTER))" $(PYTEST) -m "not one_database"
	@$(MAKE) --no-print-directory reach docs

.PHONY: laws
laws: setup-dev ## the laws of ARCHITECTURE.md, each on thousands of generated cases
	HYPOTHESIS_PROFILE=laws $(PYTEST) tests/laws

.PHONY: ray
ray: setup ## make .venv-ray with what rating on a Ray cluster needs (docs/how-to/rate-a-billion-records.md)
	"$(PYTHON)" -m venv .venv-ray
	.venv-ray/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-ray.txt
	.venv-ray/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .

.PHONY: mutate
mutate: setup-dev ## change each figure of each scheme by one step: does a worked case fail?
	$(BIN)/python tools/mutate_schemes.py --list

.PHONY: coverage
coverage: setup-dev ## how much of the code the tests reach
	$(PYTEST) --cov --cov-report=
	@$(MAKE) --no-print-directory reach

.PHONY: reach
reach:
	$(BIN)/coverage report --skip-covered --include='src/evernormal/domain/*' --fail-under=100
	$(BIN)/coverage report --skip-covered --omit='src/evernormal/domain/*' --fail-under=90 | tail -n 3

.PHONY: docs
docs: setup-dev ## the documentation as web pages, in var/docs
	$(BIN)/sphinx-build -W -n --keep-going -q -b html docs var/docs
	@echo "open var/docs/index.html"

.PHONY: lock
lock: setup-dev ## pin the newest versions, with hashes and without the name of any host
	@pin() { $(UV) pip compile -q --upgrade --python-version 3.11 --generate-hashes --no-annotate --no-header "$$@"; }; \
	pin requirements.in -o requirements.txt; \
	pin -c requirements.txt requirements-dev.in -o requirements-dev.txt; \
	pin -c requirements.txt requirements-ray.in -o requirements-ray.txt; \
	echo uv | pin - -o requirements-uv.txt

.PHONY: clean
clean: ## remove what the other targets made, .venv too
	-@if [ -d $(CLUSTER) ]; then tools/postgres.sh stop $(CLUSTER); fi
	rm -rf $(VENV) .venv-ray out var .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
