# Needs Python 3.11 or newer, pip and make. Everything else goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run
DEV := $(VENV)/.dev
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help run test test-thorough check format bench contract image-check chaos lock clean

help:
	@echo "make run            watch syncer work, on the embedded forge"
	@echo "make test           the tests, in a few minutes"
	@echo "make test-thorough  the long proofs as well"
	@echo "make check          lint, types, layering, lock file"
	@echo "make bench          measurements"
	@echo "make image-check    build and run the image (needs root, buildah and mmdebstrap)"
	@echo "make chaos          kill and restart everything under load, for ten minutes"
	@echo "make contract       recorded traffic against GitHub's own API description (needs npm)"

run: $(RUN)
	$(BIN)/syncer demo

test: $(DEV)
	SYNCER_HYPOTHESIS_PROFILE=ci $(BIN)/python -m pytest -q -n auto -m "not thorough"

test-thorough: $(DEV)
	SYNCER_HYPOTHESIS_PROFILE=thorough $(BIN)/python -m pytest -q -n auto
	$(BIN)/python -m tests.mutants

check: $(DEV)
	.ci/check $(BIN)

format: $(DEV)
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

bench: $(DEV)
	$(BIN)/python -m tests.benchmarks

contract: $(DEV)
	$(BIN)/python -m tests.contract_traffic

image-check: $(DEV)
	.ci/image-check $(BIN)

chaos: $(DEV)
	$(BIN)/python -m tests.chaos --minutes 10

lock: $(DEV)
	.ci/lock $(BIN)

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "syncer needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN): $(VENV)/bin/python requirements.lock pyproject.toml
	$(PIP) install --require-hashes --requirement requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUN) .ci/requirements-dev.lock
	$(PIP) install --require-hashes --requirement .ci/requirements-dev.lock
	@touch $@
