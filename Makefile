# The commands of this project; `make help` lists them. Each one sets up what it needs.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/requirements.lock
DEV_READY := $(VENV)/requirements-dev.lock

# make run PORT=8600 ADDRESS=0.0.0.0; Streamlit's own defaults otherwise.
SERVER_OPTIONS = $(if $(PORT),--server.port=$(PORT)) $(if $(ADDRESS),--server.address=$(ADDRESS))
# make test TESTS=tests/store ARGS="-k undo" WORKERS=0: three processes share the files, 0 keeps to one (for a debugger).
WORKERS ?= 3
TESTS ?= tests
PYTEST = $(BIN)/python -m pytest $(if $(WORKERS),-n $(WORKERS) --dist loadfile) $(TESTS) $(ARGS)

# Two set-ups at once would write the same environment.
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help run demo test test-long check lint types layers format bench lock sbom audit screenshots clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUN_READY) ## start the app (PORT=8600, OPENROUTER_API_KEY=... are passed on)
	$(BIN)/python -m streamlit run streamlit_app.py $(SERVER_OPTIONS) $(ARGS)

demo: $(RUN_READY) ## start the embedded OpenRouter by itself (PORT=8700)
	$(BIN)/python -m orchat.demo $(if $(PORT),--port $(PORT)) $(ARGS)

test: $(DEV_READY) ## run every test that takes seconds (TESTS=tests/store, ARGS="-k undo")
	$(PYTEST) -m "not long"

test-long: $(DEV_READY) ## run the tests that take minutes
	$(PYTEST) -m long --timeout=1800

check: lint types layers ## all three of the following; -k goes on after a failure

lint: $(DEV_READY) ## ruff: rules and formatting
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

types: $(DEV_READY) ## mypy, strict
	$(BIN)/python -m mypy --strict orchat

layers: $(DEV_READY) ## the import contracts of pyproject.toml
	$(BIN)/lint-imports --no-logo

format: $(DEV_READY) ## put the code into shape
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

bench: $(DEV_READY) ## measure, beside peers
	$(BIN)/python benchmarks/run.py $(ARGS)

screenshots: $(DEV_READY) ## take the pictures of the README from the running app
	$(BIN)/python scripts/screenshots.py $(ARGS)

lock: $(DEV_READY) ## resolve the newest versions that the requirements allow (ARGS=--no-upgrade keeps what it can)
	UV=$(BIN)/uv sh scripts/lock.sh $(ARGS)

sbom: $(DEV_READY) ## write bills of materials (CycloneDX) of the lock files to build/sbom
	CYCLONEDX=$(BIN)/cyclonedx-py sh scripts/sbom.sh

audit: $(DEV_READY) ## look up known vulnerabilities of the locked versions (needs the internet)
	PIP_AUDIT=$(BIN)/pip-audit sh scripts/audit.sh

clean: ## remove the environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment keeps a copy of the lock it was made from: set-up is redone when the lock changes, and only then.
$(VENV)/%.lock: %.lock scripts/set_up.sh
	@PYTHON='$(PYTHON)' VENV='$(VENV)' sh scripts/set_up.sh $<
