# ajour: what one types. Every target makes the virtual environment when it is missing or stale.
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.made-from-requirements.lock

# The newest Python that runs and can make environments; `make PYTHON3=/path/to/python` overrides.
PYTHON3 ?= $(or $(shell tools/find-python.sh),$(error No Python to make $(VENV) with))

.PHONY: help demo test test-matrix crash check rule bench bench-embedded docs lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: $(READY) ## apply the example's migrations to an embedded PostgreSQL
	@tools/demo.sh

test: $(READY) ## run all tests; make test ARGS="tests/unit -k files" runs some
	$(BIN)/python -m pytest -n 2 -rs $(ARGS)

test-matrix: $(READY) ## run the PostgreSQL tests on the majors 13 to 17; ARGS="--quick 13" runs some
	$(BIN)/python tools/matrix.py $(ARGS)

crash: $(READY) ## end runs at random moments; make crash ARGS="--rounds 1000 --seed 7"
	PYTHONPATH=tests $(BIN)/python tools/crash.py $(ARGS)

check: $(READY) ## lint, format, types, layers and documents
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy src tests tools bench
	$(BIN)/python -m pytest tests/tidy tests/docs

rule: $(READY) ## begin a rule; make rule NAME=index-not-concurrent
	@$(BIN)/python tools/rule.py $(NAME)

bench: $(READY) ## measure ajour, beside its peers where it has some; make bench ARGS="--quick" takes a minute
	$(BIN)/python bench/run.py $(ARGS)

bench-embedded: $(READY) ## measure the embedded server, from an empty cache to a project applied
	$(BIN)/python bench/embedded.py $(ARGS)

docs: $(READY) ## write the generated pages again
	$(BIN)/python tools/docs.py

lock: ## choose the newest versions and write requirements.lock (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-annotate --upgrade --group dev --output-file requirements.lock pyproject.toml

clean: ## remove what the other targets made; your .env stays
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .hypothesis
	cd examples/midpicture && rm -rf node_modules dist

$(READY): requirements.lock
	$(PYTHON3) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
