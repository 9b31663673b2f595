# Every verb sets up what it needs; nothing has to be installed by hand but python3 (3.11+) and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
COMPILE = CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe \
          --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check
TOOLS  := openapi/tools
PRISM  := tests/prism
NPM_CI = npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
TEXTS  := $(wildcard src/checkin/locale/*/LC_MESSAGES/*.po)
# Every file of the tree, and what the tests were told: the same twice, and they need not run twice.
TREE    = { git rev-parse HEAD || date +%s%N; git ls-files -co --exclude-standard -z | xargs -0 sha256sum; env | grep ^CHECKIN_ | sort; } 2>/dev/null | sha256sum

.DEFAULT_GOAL := help
.PHONY: help demo test chaos prism prism-tools check format bench bench-alerts bench-nudges bench-readings danger-points migrate openapi openapi-tools openapi-lint openapi-clients fuzz schema texts lock clean

help: ## Show what make can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime $(VENV)/.texts ## Play the main job with pretend phones: http://127.0.0.1:8000/sandbox
	$(BIN)/checkin demo

test: $(VENV)/.dev $(VENV)/.texts ## Run the tests on an embedded PostgreSQL
	$(BIN)/pytest -q
	@$(TREE) > $(VENV)/.tested

chaos: $(VENV)/.dev $(VENV)/.texts ## Kill and stop senders in the middle of 3,000 messages, and account for each
	$(BIN)/python -m tests.chaos

prism: prism-tools $(VENV)/.dev $(VENV)/.texts ## Let Prism judge every request we make of Twilio by Twilio's own OpenAPI document
	$(BIN)/pytest -q -rP tests/faults/test_prism.py

prism-tools: $(PRISM)/node_modules/.installed ## Install what it needs: Node.js must be there

check: $(VENV)/.dev $(VENV)/.texts ## Format and lint, types, import contracts, then the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if [ "$$(cat $(VENV)/.tested 2>/dev/null)" = "$$($(TREE))" ]; then echo "the tests have passed on this very tree"; else $(MAKE) test; fi

format: $(VENV)/.dev ## Put the code in its one shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.bench ## Measure durable check-ins against pgbench and a FastAPI + SQLAlchemy peer
	$(BIN)/python benchmarks/check_ins.py

bench-nudges: $(VENV)/.runtime $(VENV)/.texts ## Measure how fast a worker plans a million nudges due in the same minute, against COPY
	$(BIN)/python benchmarks/nudges.py

bench-alerts: $(VENV)/.dev $(VENV)/.texts ## Measure how soon a mentor hears of danger and of falls while nudges wait
	$(BIN)/python benchmarks/alerts.py

bench-readings: $(VENV)/.runtime ## Measure how many texts a second one core screens and reads, and the worst text
	$(BIN)/python benchmarks/readings.py

danger-points: $(VENV)/.dev ## Learn the points of the danger screen from the labelled texts, and show what they find
	$(BIN)/python benchmarks/danger_points.py --write

migrate: $(VENV)/.runtime ## Bring the database (CHECKIN_DATABASE_URL, or the embedded one) to this version
	$(BIN)/checkin migrate

openapi: $(VENV)/.dev ## Write openapi/openapi.json from the code
	$(BIN)/checkin openapi

openapi-tools: $(TOOLS)/node_modules/.installed $(VENV)/.clients ## Install what the next two need: Node.js and a JDK must be there

openapi-lint: $(TOOLS)/node_modules/.installed ## Judge openapi/openapi.json: Redocly recommended-strict, Spectral with OWASP
	cd $(TOOLS) && REDOCLY_TELEMETRY=off node_modules/.bin/redocly lint --config redocly.yaml ../openapi.json
	cd $(TOOLS) && node_modules/.bin/spectral lint -r .spectral.yaml --fail-severity=hint ../openapi.json

openapi-clients: openapi-tools ## Generate six clients, and play a scenario with them against a real server
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.clients

fuzz: $(VENV)/.dev $(VENV)/.texts ## Make up 200 calls of each kind for every operation and role, twenty-five times what make test does
	CHECKIN_FUZZ_EXAMPLES=200 $(BIN)/pytest -q --durations=3 tests/api/test_fuzz.py

schema: $(VENV)/.dev ## Write db/schema.sql from the migrations
	$(BIN)/checkin migrate --schema db/schema.sql

texts: $(VENV)/.runtime ## Bring the catalogues of texts up to the code, and compile them
	$(BIN)/python hatch_build.py
	@touch $(VENV)/.texts

lock: | $(BIN)/python ## Pin every dependency again, with hashes
	$(PIP) install pip-tools
	$(COMPILE) --extra build --extra embedded -o requirements.txt pyproject.toml
	$(COMPILE) --extra build --extra embedded --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	$(COMPILE) --extra build --extra embedded --extra clients -c requirements-dev.txt -o requirements-clients.txt pyproject.toml
	$(COMPILE) --extra build --extra embedded --extra bench -c requirements-dev.txt -o requirements-bench.txt pyproject.toml

clean: ## Remove the virtual environment and the embedded database under ./var
	rm -rf $(VENV) var openapi/clients $(TOOLS)/node_modules $(PRISM)/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

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

$(VENV)/.clients: requirements-clients.txt $(VENV)/.dev $(VENV)/.texts
	@command -v java >/dev/null || { echo "no JDK: the generators need one, 17 or newer (apt-get install openjdk-17-jdk-headless)" >&2; exit 1; }
	@echo "installing the generators of clients (once)"
	$(PIP) install --require-hashes --only-binary :all: -r requirements-clients.txt
	@touch $@

$(TOOLS)/node_modules/.installed: $(TOOLS)/package-lock.json
	@command -v npm >/dev/null || { echo "no Node.js: the OpenAPI tools need it, 20 or newer (apt-get install nodejs npm)" >&2; exit 1; }
	@echo "installing the OpenAPI tools into $(TOOLS)/node_modules (once)"
	cd $(TOOLS) && $(NPM_CI)
	@touch $@

$(PRISM)/node_modules/.installed: $(PRISM)/package-lock.json $(PRISM)/twilio.sha256
	@command -v npm >/dev/null || { echo "no Node.js: Prism needs it, 20 or newer (apt-get install nodejs npm)" >&2; exit 1; }
	@echo "installing Prism and Twilio's document, which Twilio's command line carries, into $(PRISM)/node_modules (once)"
	cd $(PRISM) && $(NPM_CI)
	cd $(PRISM)/node_modules && npm pack --silent @twilio/cli-core@8.3.2 && sha256sum --quiet -c ../twilio.sha256
	cd $(PRISM)/node_modules && tar -xzf twilio-cli-core-*.tgz --strip-components=4 package/src/services/twilio-api/twilio_api_v2010.json
	@touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.dev
	@echo "installing the peers to measure against (once)"
	$(PIP) install --require-hashes --only-binary :all: -r requirements-bench.txt
	@touch $@
