PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python

NPM_PACKAGES := json-schema-to-typescript@16.0.0 typescript@7.0.2
JSON2TS := $(VENV)/node/node_modules/.bin/json2ts --no-additionalProperties

ASSESSMENT_PORT ?= 8000
IPA_GENERATION_PORT ?= 8001

MINUTES ?= 30
JOBS ?=

.PHONY: demo test lint serve soak fuzz audit schema bench bench-align bench-powsm bench-score powsm-mini clean

demo: $(VENV)/embedded  ## both workers on a recording of this repository
	@$(BIN)/python -m assessment.demo

test: $(VENV)/dev $(if $(shell command -v npm),$(VENV)/node)  ## every test
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

fuzz: $(VENV)/dev  ## 10,000 damaged files of every format through the decoders
	@$(BIN)/python -m tests.fuzz_audio 2>/dev/null

audit: $(VENV)/dev  ## installed packages against the database of known vulnerabilities, over the internet
	$(BIN)/uvx pip-audit --path $(VENV)/lib/python3.11/site-packages

schema: $(VENV)/dev $(VENV)/node  ## JSON schema and TypeScript of both workers' requests and answers
	$(BIN)/python -m schemas.write
	$(JSON2TS) schemas/pronunciation.json schemas/pronunciation.d.ts

bench: $(VENV)/dev  ## everything that is measured, in one table
	@$(BIN)/python -m tests.bench 2>/dev/null

bench-score: $(VENV)/dev  ## how well scores, errors and confidences agree with experts
	@$(BIN)/python -m tests.bench_score

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
	$(INSTALL) --compile-bytecode --editable '.[report]'
	@touch $@

$(VENV)/dev: $(VENV)/embedded
	$(INSTALL) --editable '.[dev,powsm,pictures]'
	@touch $@

$(VENV)/node: $(VENV)/uv
	npm install --silent --no-save --no-package-lock --prefix $@ $(NPM_PACKAGES)
	@touch $@
