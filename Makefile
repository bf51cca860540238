# Verbs. Each sets up what it needs in .venv.
.PHONY: demo demo-stack test test-deps lint lock generate audit bench docs clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

demo: $(READY)       ## the reference backend, its telemetry, and the audit of what left
	$(BIN)/python -m examples.demo $(ARGS)

demo-stack: $(READY) ## the same through a real Collector and Prometheus
	$(BIN)/python -m examples.demo --stack $(ARGS)

test: $(READY)       ## everything: lint, quick tests, then those with real programs
	scripts/test.sh $(ARGS)

test-deps: $(READY)  ## get every program that the tests run, Debian packages included (needs root)
	$(BIN)/python -m tests.programs --system

lint: $(READY)
	scripts/lint.sh

lock:                ## pin every dependency anew, with hashes (needs uv)
	scripts/lock.sh

generate: $(READY)   ## render everything that is generated from the policy and committed
	$(BIN)/python -m scripts.generate

audit: $(READY)
	$(BIN)/pazpaz-otel audit $(ARGS)

bench: $(READY)
	$(BIN)/python -m bench $(ARGS)

docs: $(READY)
	$(BIN)/python -m scripts.generate --only docs

clean:
	rm -rf $(VENV)

$(READY): pyproject.toml requirements.lock scripts/setup.sh
	PYTHON=$(PYTHON) scripts/setup.sh $(VENV)
	touch $@
