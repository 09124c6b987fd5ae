PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python

ASSESSMENT_PORT ?= 8000
IPA_GENERATION_PORT ?= 8001

MINUTES ?= 30
JOBS ?=

.PHONY: demo test lint serve soak bench-align bench-powsm powsm-mini clean

demo: $(VENV)/embedded  ## both workers on a recording of this repository
	@$(BIN)/python -m assessment.demo

test: $(VENV)/dev  ## every test
	$(BIN)/pytest

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

serve: $(VENV)/embedded  ## both workers over HTTP, as the SDK serves them on a laptop
	@trap 'kill 0' EXIT; \
	$(BIN)/python assessment/handler.py --rp_serve_api --rp_api_port $(ASSESSMENT_PORT) & \
	$(BIN)/python ipa_generation/handler.py --rp_serve_api --rp_api_port $(IPA_GENERATION_PORT) & \
	wait

soak: $(VENV)/embedded  ## good and hostile jobs through a worker: MINUTES of them, or JOBS if that is sooner
	@$(BIN)/python -m tests.soak --minutes $(MINUTES) $(if $(JOBS),--jobs $(JOBS))

bench-align: $(VENV)/dev  ## time and agreement of every way to place phones in time
	@$(BIN)/python -m tests.bench_alignment 2>/dev/null

bench-powsm: $(VENV)/dev  ## POWSM in its real size against ESPnet's own inference
	@$(BIN)/python -m tests.bench_powsm

powsm-mini: $(VENV)/dev  ## trains the small POWSM of the tests again
	$(BIN)/python -m tests.powsm_mini.train

clean:
	rm -rf $(VENV)

$(VENV)/uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	@touch $@

$(VENV)/embedded: $(VENV)/uv pyproject.toml
	$(INSTALL) --compile-bytecode --editable .
	@touch $@

$(VENV)/dev: $(VENV)/embedded
	$(INSTALL) --editable '.[dev,powsm]'
	@touch $@
