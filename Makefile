# Every target installs what it needs into .venv first; a second run installs nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ESL_HOME ?= .esl
export ESL_HOME

.DEFAULT_GOAL := help
.PHONY: help demo dev test check bench load chaos crash-matrix format install wheels clean

help:  ## what can be done here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable . --group dev
	@touch $@

install: $(VENV)/.installed-dev  ## install the project and the tools of its developers

demo: $(VENV)/.installed  ## publish the three example lessons into the sandbox, and say where to look
	$(BIN)/esl demo

dev: $(VENV)/.installed  ## start the sandbox and Dagster's web server and daemon; Ctrl-C stops all
	$(BIN)/esl dev

test: $(VENV)/.installed-dev  ## run the tests
	$(BIN)/pytest -n auto --dist loadgroup

check: $(VENV)/.installed-dev  ## format, lint, import rules, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -n auto --dist loadgroup

format: $(VENV)/.installed-dev  ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev  ## measure lessons against the sandbox with realistic delays
	$(BIN)/python -m esl_pipeline_tests.bench $(ARGS)

load: $(VENV)/.installed-dev  ## publish 1,000 lessons of 20 tenants through sensor, queue, daemon and sandbox; two hours at most
	$(BIN)/python -m esl_pipeline_tests.load $(ARGS)

chaos: $(VENV)/.installed-dev  ## publish lessons while daemon, code server, workers and Postgres are killed at random
	$(BIN)/python -m esl_pipeline_tests.load.chaos $(ARGS)

wheels: $(VENV)/.installed  ## show that every dependency comes as a wheel, for each Python and platform
	@for python in 3.11 3.12 3.13; do for platform in x86_64-manylinux_2_28 aarch64-manylinux_2_28 aarch64-apple-darwin; do \
		MACOSX_DEPLOYMENT_TARGET=14.0 $(BIN)/uv pip compile --quiet pyproject.toml --group dev --constraint constraints.txt \
			--only-binary :all: --python-version $$python --python-platform $$platform --output-file /dev/null || exit 1; \
		echo "wheels for Python $$python on $$platform"; \
	done; done

crash-matrix: $(VENV)/.installed-dev  ## disturb every Notion request of five lessons in every way; 17 minutes of processor time
	$(BIN)/python -m esl_pipeline_tests.crash_matrix $(ARGS)

clean:  ## remove the virtual environment and the local state
	rm -rf $(VENV) $(ESL_HOME)
