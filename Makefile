# Two commands: `make run` and `make test`. Everything they need is made in .venv and .data.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Tests and checks start hundreds of processes: without what was compiled once, each compiles the project again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help run test test-parallel test-serial lint lint-types lint-code lint-served lint-django audit bench growth soak drill fuzz schema translations screenshots requirements clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || { \
	  echo "Python 3.11, 3.12 or 3.13 is needed, and '$(PYTHON)' is not one. Install it, or name it: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "'$(PYTHON) -m venv' does not work here. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.run: requirements.txt | $(BIN)/python
	@echo "Installing requirements.txt"
	@$(PIP) --requirement requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(BIN)/python
	@echo "Installing requirements-dev.txt"
	@$(PIP) --requirement requirements-dev.txt
	@touch $(VENV)/.run $@

run: $(VENV)/.run  ## Start everything: servers, web, worker, scheduler
	@$(BIN)/python manage.py run

test: test-parallel test-serial  ## Run the whole test suite

test-parallel: $(VENV)/.dev
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder -m "not serial"

# Three at a time, however few cores: half of their time they wait for the processes that they start.
test-serial: $(VENV)/.dev
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder -m serial

# Two at a time: the types take as long as everything else together.
lint: $(VENV)/.dev  ## Check style, types, imports, migrations, deployment, schema, known vulnerabilities
	@$(MAKE) --jobs=2 lint-types lint-code lint-served audit

lint-types: $(VENV)/.dev
	$(BIN)/mypy .

lint-code: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

lint-served: $(VENV)/.dev
	@MAKEFLAGS=--no-print-directory $(BIN)/python -m config.embedded $(MAKE) lint-django

# Run with servers of its own by `lint-served`. The keys are made for this one check; the rest is what production sets.
lint-django: export SECRET_KEY = $(shell $(BIN)/python -c "import secrets; print(secrets.token_urlsafe(50))")
lint-django: export JWT_SIGNING_KEY = $(shell $(BIN)/python -c "import secrets; print(secrets.token_urlsafe(50))")
lint-django: export HTTPS = 1
lint-django: export DEBUG = 0
lint-django: export ALLOWED_HOSTS = prompts.example.com
lint-django:
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file "$$DATA_DIR/openapi.yaml"
	diff docs/openapi.yaml "$$DATA_DIR/openapi.yaml"

audit: $(VENV)/.dev  ## Look for known vulnerabilities in what is installed
	$(BIN)/python .ci/audit.py

bench: $(VENV)/.run  ## Measure each path against its floor: ONLY="accept drain" REPEAT=3 COMPARE=old.json
	@$(BIN)/python -m benchmarks $(ONLY) $(if $(REPEAT),--repeat "$(REPEAT)") $(if $(COMPARE),--compare "$(COMPARE)")

growth: $(VENV)/.run  ## Measure lists, searches and pages of a filling database: ROWS="10000 1000000" KEEP=folder ONLY=search
	@$(BIN)/python -m benchmarks.growth $(ROWS) $(if $(ONLY),--only "$(ONLY)") $(if $(KEEP),--keep "$(KEEP)")
	@$(BIN)/python -m benchmarks.migrating

soak: $(VENV)/.run  ## Work for MINUTES=30 with a fault every minute, then check everything
	@$(BIN)/python -m benchmarks.soak --minutes $(or $(MINUTES),30) $(if $(SEED),--seed $(SEED)) $(if $(KEEP),--keep "$(KEEP)")

drill: $(VENV)/.dev  ## Spread an installation over network namespaces, cut its hosts off, kill them, check everything (root)
	@$(BIN)/python -m config.tests.machines.drill $(ONLY)

fuzz: $(VENV)/.dev  ## Try what reads foreign texts and files with random ones, MINUTES=10 of them
	@$(BIN)/python -m config.tests.fuzz $(or $(MINUTES),10)

schema: $(VENV)/.run  ## Write the API's schema to docs/openapi.yaml, after a change of the API
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

translations: $(VENV)/.dev  ## Bring locale/ to the texts of the code, and compile it
	@$(BIN)/python manage.py translations

screenshots: $(VENV)/.dev  ## Pictures of every page in every language and theme, in .data/screenshots
	@rm -rf .data/screenshots && mkdir -p .data/screenshots
	@SCREENSHOTS="$(CURDIR)/.data/screenshots" REQUIRE_BROWSER=1 $(BIN)/python -m pytest -q config/tests/browser/test_every_page*.py
	@echo "See .data/screenshots"

requirements: $(VENV)/.dev  ## Pin what requirements*.in name, with hashes
	@$(BIN)/python -m pip install --quiet uv
	@for name in requirements requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make requirements" --output-file $$name.txt $$name.in; done

clean:  ## Remove the environment and caches; your data in .data stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
