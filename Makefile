PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python

LOCKS := assessment/requirements.lock ipa_generation/requirements.lock tests/requirements.lock
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --no-annotate --no-emit-index-url \
	--custom-compile-command 'make lock' --python-version 3.11

IMAGE_PLATFORM := x86_64-manylinux_2_28
# moonshine-voice has no wheel for an older platform.
EMBEDDED_PLATFORM := x86_64-manylinux_2_34

NPM_PACKAGES := json-schema-to-typescript@16.0.0 typescript@7.0.2 runpod-sdk@1.1.2
JSON2TS := $(VENV)/node/node_modules/.bin/json2ts --no-additionalProperties

ASSESSMENT_PORT ?= 8000
IPA_GENERATION_PORT ?= 8001
HOST ?= localhost
PLAYGROUND_PORT ?= 8002

# Two processes, each with a thread: libraries that take all cores would wait for each other.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist loadfile

# What is absent has no types, and classes, decorators and results of its kind none either: `make types` has them.
WITHOUT_PYTORCH := --disable-error-code import-not-found --allow-subclassing-any --allow-untyped-decorators \
	--no-warn-return-any --no-warn-unused-ignores

MINUTES ?= 30
RECOGNIZER ?= moonshine
SCORED ?= $(or $(PRONUNCIATION_DATA),../shared)/so762_dev
JOBS ?=

REGISTRY ?= ucede
ENGINE ?= powsm
WORKERS ?= assessment $(if $(filter powsm,$(ENGINE)),ipa_generation)
TAG ?= v$(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
BAKE_POWSM ?=
image = $(REGISTRY)/nonce-$(patsubst ipa_%,%,$(1))
engine_image = $(image)$(if $(filter embedded,$(ENGINE)),-embedded)
BUILDS := $(WORKERS:%=build-%)
PUSHES := $(WORKERS:%=push-%)

.PHONY: demo play help test test-fast lint types serve soak fuzz audit schema docs screenshot network
.PHONY: calibrate train-embedded bench bench-align bench-powsm bench-score bench-g2p bench-accents bench-start powsm-mini clean
.PHONY: lock build push tag version test-image deploy deploy-config digests $(BUILDS) $(PUSHES)

demo: $(VENV)/embedded  ## both workers on a recording of this repository
	@$(BIN)/python -m assessment.report.demo

play: $(VENV)/embedded  ## a local page to speak into, which shows the report
	@$(BIN)/python -m assessment.playground --port $(PLAYGROUND_PORT)

help:  ## this list
	@sed -nE 's/^([a-z0-9-]+):.*  ## (.*)/\1\t\2/p' Makefile | expand --tabs 15

test: types $(if $(shell command -v npm),$(VENV)/node)  ## every type and every test
	$(PYTEST)

test-fast: $(VENV)/test  ## the tests that take little time and need no PyTorch
	$(PYTEST) -m "not slow" --ignore=shared/recognizers/powsm

lint: $(VENV)/test  ## style, and types as far as they need no PyTorch
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(WITHOUT_PYTORCH)
	$(BIN)/mypy .runpod/endpoints.py

types: $(VENV)/dev  ## every type
	$(BIN)/mypy

serve: $(VENV)/embedded  ## both workers over HTTP, with the routes that RunPod has; HOST=0.0.0.0 for other machines
	@$(BIN)/python -m shared.serving.local \
		assessment=$(ASSESSMENT_PORT) ipa_generation=$(IPA_GENERATION_PORT) --host $(HOST)

soak: $(VENV)/embedded  ## good and hostile jobs through a worker: MINUTES of them, or JOBS if that is sooner
	@$(BIN)/python -m tests.benchmarks.soak --minutes $(MINUTES) $(if $(JOBS),--jobs $(JOBS))

fuzz: $(VENV)/dev  ## 10,000 damaged files of every format through the decoders
	@$(BIN)/python -m tests.benchmarks.fuzz_audio 2>/dev/null

audit: $(VENV)/dev  ## installed packages against the database of known vulnerabilities, over the internet
	$(BIN)/uvx pip-audit --path $(VENV)/lib/python3.11/site-packages

schema: $(VENV)/dev $(VENV)/node  ## JSON schema and TypeScript of both workers' requests and answers
	$(BIN)/python -m tests.support.write_schema
	$(JSON2TS) shared/schemas/pronunciation.json shared/schemas/pronunciation.d.ts

docs: $(VENV)/embedded  ## the tables of the pages that are made from code
	@$(BIN)/python -m tests.support.write_docs

screenshot: $(VENV)/dev  ## the picture of the playground in the README
	@$(BIN)/python -m tests.support.write_screenshot

network: $(VENV)/embedded  ## the picture of a decoding network in CONTRIBUTING
	@$(BIN)/python -m tests.support.write_network

bench: $(VENV)/dev  ## everything that is measured, in one table
	@$(BIN)/python -m tests.benchmarks.overview 2>/dev/null

calibrate: $(VENV)/dev  ## fits RECOGNIZER's constants to the experts' scores in the folder SCORED, and writes them
	@RECOGNIZER=$(RECOGNIZER) $(BIN)/python -m tests.benchmarks.calibrate $(SCORED)

bench-score: $(VENV)/dev  ## how well scores, errors and confidences agree with experts
	@$(BIN)/python -m tests.benchmarks.score

bench-align: $(VENV)/dev  ## speed and agreement of every aligner
	@$(BIN)/python -m tests.benchmarks.alignment 2>/dev/null

bench-powsm: $(VENV)/dev  ## POWSM in its real size against ESPnet's own inference
	@$(BIN)/python -m tests.benchmarks.powsm

bench-g2p: $(VENV)/dev  ## the IPA of texts against CMUdict and gruut alone
	@$(BIN)/python -m tests.benchmarks.g2p

bench-accents: $(VENV)/dev  ## British and American: rules, native words, changed phones
	@$(BIN)/python -m tests.benchmarks.accents

bench-start: $(VENV)/dev  ## seconds from the start of each worker's process to its first answer
	@$(BIN)/python -m tests.benchmarks.start

train-embedded: $(VENV)/dev  ## trains the embedded engine's head on: LEARNERS and NATIVE are folders, MARKS and OUTPUT files
	$(BIN)/uv pip install --quiet --python $(BIN)/python onnx
	$(BIN)/python -m tests.training.embedded_head --learners $(LEARNERS) --native $(NATIVE) --marks $(MARKS) \
		--output $(OUTPUT)

powsm-mini: $(VENV)/dev  ## trains the small POWSMs of the tests again
	$(BIN)/python -m tests.powsm_mini.train
	$(BIN)/python -m tests.powsm_ctc_mini.train

lock: $(VENV)/uv  ## every requirements.lock, from the requirements.txt and pyproject.toml; what still fits is kept
	$(LOCK) --python-platform $(IMAGE_PLATFORM) ipa_generation/requirements.txt --output-file ipa_generation/requirements.lock
	$(LOCK) --python-platform $(IMAGE_PLATFORM) assessment/requirements.txt --constraints ipa_generation/requirements.lock \
		--output-file assessment/requirements.lock
	$(LOCK) --python-platform $(EMBEDDED_PLATFORM) pyproject.toml --constraints ipa_generation/requirements.lock \
		--output-file assessment/embedded.lock
	$(LOCK) --python-platform $(EMBEDDED_PLATFORM) pyproject.toml --all-extras --constraints ipa_generation/requirements.lock \
		--output-file tests/requirements.lock

build: $(BUILDS)  ## both images; WORKERS=assessment for one; BAKE_POWSM=espnet/powsm with the model; ENGINE=embedded for CPUs

$(BUILDS): build-%:
	docker build --file $*/Dockerfile --tag $(call engine_image,$*):$(TAG) --tag $(call engine_image,$*):latest \
		--build-arg VERSION=$(TAG) --build-arg REVISION=$(shell git rev-parse HEAD) --build-arg BAKE_POWSM=$(BAKE_POWSM) \
		$(if $(filter embedded,$(ENGINE)),--build-arg ENGINE=embedded )--build-arg BUILDKIT_INLINE_CACHE=1 \
		--cache-from $(call engine_image,$*):latest .

push: $(PUSHES)  ## both images, tagged with the version in pyproject.toml; TAG=latest for another tag

$(PUSHES): push-%:
	docker push $(call engine_image,$*):$(TAG)

test-image:  ## the tests that need Kaldi, in the assessment image
	docker run --rm --user root --volume $(CURDIR):/repository:ro --workdir /repository --env PYTHONPATH=/repository \
		$(call image,assessment):$(TAG) \
		sh -c 'pip install --quiet --require-hashes --requirement tests/requirements.lock && \
			python -m pytest -m image -p no:cacheprovider'

tag: $(VENV)/uv  ## make tag VERSION=v1.0.0: the version in pyproject.toml and the changelog, a commit and a git tag
	@echo '$(VERSION)' | grep -Eqx 'v[0-9]+\.[0-9]+\.[0-9]+' || { echo 'make tag VERSION=v1.0.0' >&2; exit 1; }
	@git diff --quiet HEAD || { echo 'there are changes that are not committed' >&2; exit 1; }
	@! git rev-parse --quiet --verify refs/tags/$(VERSION) >/dev/null || { echo 'there is a tag $(VERSION)' >&2; exit 1; }
	@git var GIT_COMMITTER_IDENT >/dev/null
	$(BIN)/uv version --frozen --quiet $(VERSION:v%=%)
	perl -pi -e 's/^## \[Unreleased\]$$/$$&\n\n## [$(VERSION:v%=%)] - '"$$(date +%F)"'/' CHANGELOG.md
	git commit --quiet --message 'Version $(VERSION)' pyproject.toml CHANGELOG.md
	git tag --annotate $(VERSION) --message $(VERSION)

version:  ## the version of both images
	@echo $(TAG)

ENDPOINTS = $(PYTHON) .runpod/endpoints.py \
	--image assessment=$(call image,assessment):$(TAG) --image ipa_generation=$(call image,ipa_generation):$(TAG) \
	--image assessment_embedded=$(call image,assessment)-embedded:$(TAG)

deploy-config:  ## the endpoints' settings, as RunPod's REST API takes them
	@$(ENDPOINTS)

deploy:  ## creates both endpoints on RunPod, with the key in RUNPOD_API_KEY; WORKERS=assessment for one
	@$(ENDPOINTS) --create $(WORKERS)

digests:  ## the newest base images, by digest, in the Dockerfiles; over the internet
	@for image in $$(sed -n 's/^FROM \([a-z][^ @]*\).*/\1/p' */Dockerfile | sort -u); do \
		digest=$$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' $$image) || exit 1; \
		sed -i "s|^FROM $$image[^ ]*|FROM $$image@$$digest|" */Dockerfile .runpod/Dockerfile; \
	done

clean:  ## removes what was installed here
	rm -rf $(VENV)

$(VENV)/uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	@touch $@

$(VENV)/embedded: $(VENV)/uv pyproject.toml tests/requirements.lock
	$(INSTALL) --compile-bytecode --constraints tests/requirements.lock --editable '.[report]'
	@touch $@

$(VENV)/test: $(VENV)/embedded
	$(INSTALL) --compile-bytecode --constraints tests/requirements.lock --editable '.[report,test]'
	@touch $@

$(VENV)/dev: $(VENV)/embedded $(LOCKS)
	$(INSTALL) --require-hashes $(LOCKS:%=--requirement %)
	@touch $@

$(VENV)/node: $(VENV)/uv Makefile
	npm install --silent --no-save --no-package-lock --prefix $@ $(NPM_PACKAGES)
	@touch $@
