# Verbs. Each sets up what it needs in .venv.
.PHONY: demo demo-stack test test-quick test-wheel test-deps lint lock generate audit bench growth counts faults servers costs outages docs screenshots clean

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

test-quick: $(READY) ## what a change needs before it is pushed: static checks and the quick tests
	@checks=$$(mktemp); scripts/lint.sh > "$$checks" 2>&1 & lint=$$!; status=0; \
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n auto --dist loadfile --hypothesis-profile quick \
	  -m "not slow and not stack" tests/unit tests/architecture || status=1; \
	wait $$lint || status=1; cat "$$checks"; rm -f "$$checks"; exit $$status

test-wheel:          ## the unit tests against a built wheel: make test-wheel WHEEL=dist/….whl
	PYTHON=$(PYTHON) scripts/test-wheel.sh $(WHEEL)

test-deps: $(READY)  ## get every program that the tests run, Debian packages included (needs root)
	$(BIN)/python -m tests.programs --system

lint: $(READY)
	scripts/lint.sh

lock: $(READY)       ## pin every dependency anew, with hashes
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/lock.sh

generate: $(READY)   ## render everything that is generated from the policy and committed
	$(BIN)/python -m scripts.generate

audit: $(READY)
	$(BIN)/pazpaz-otel audit $(ARGS)

bench: $(READY)
	$(BIN)/python -m bench $(ARGS)

growth: $(READY)     ## what a thousand routes, 100,000 workspaces and ten million distinct values cost; minutes
	$(BIN)/python -m bench.growth $(ARGS)

counts: $(READY)     ## truth beside measurement, under faults; fails past the bounds
	$(BIN)/python -m tests.faults counts $(ARGS)

faults: $(READY)     ## what each fault does; writes the table of docs/reliability.md
	$(BIN)/python -m tests.faults faults $(ARGS)

servers: $(READY)    ## many servers on loopback, a gateway killed: truth beside measurement
	$(BIN)/python -m tests.faults servers $(ARGS)

costs: $(READY)      ## what a span and a series cost on many servers; writes the tables of docs/operations/scaling.md
	$(BIN)/python -m tests.faults costs $(ARGS)

outages: $(READY)    ## who is told of which outage, by the rules and routes; writes docs/operations/outages.md
	$(BIN)/python -m monitoring.outages $$($(BIN)/python -c "from tests import programs; \
	  print('--promtool', programs.promtool_binary(), '--amtool', programs.amtool_binary())") $(ARGS)

docs: $(READY)       ## the documentation as a site, in site/; a broken link fails it
	$(BIN)/python -m scripts.generate --check --only docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --clean --site-dir site

screenshots: $(READY) ## the dashboards as pictures, from the real stack under load; about seven minutes
	scripts/screenshots.sh $(BIN)/python docs/images/boards

clean:
	rm -rf $(VENV)

$(READY): pyproject.toml requirements.lock scripts/setup.sh
	PYTHON=$(PYTHON) scripts/setup.sh $(VENV)
	touch $@
