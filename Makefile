# Everything runs in .venv; the only thing needed beforehand is Python 3.11 or newer.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: help sandbox init run doctor test coverage check lint types contract crash soak bench pictures page lock clean
.DEFAULT_GOAL := help

help:
	@echo "make sandbox   try Dialtone in the browser, without Slack and without spending money"
	@echo "make init      ask for the settings, check each, and write .env"
	@echo "make run       the bot, with the settings of .env"
	@echo "make doctor    whether everything the bot needs is set up, changing nothing"
	@echo "make test      all tests but the slow ones (two to three minutes)"
	@echo "make coverage  the same tests, and which lines of everything they run"
	@echo "make check     tests, lint, types and the import contract"
	@echo "make crash     kill the bot at every point of a purchase and watch it recover (minutes)"
	@echo "make soak      thousands of purchases with faults on two replicas (ten minutes and more)"
	@echo "make page      build the sandbox's page from its sources (needs Node)"
	@echo "make bench     how fast it is here, in at most ten minutes (ARGS=--quick: about one)"
	@echo "make lock      compile requirements*.txt from pyproject.toml"

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Dialtone needs Python 3.11 or newer; say which one to use: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	    { echo "This Python cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.run: requirements.txt | $(BIN)/pip
	@echo "Installing what Dialtone needs into $(VENV) (once; about half a minute)…"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

sandbox: $(VENV)/.run
	@$(BIN)/python -m bot sandbox $(ARGS)

init: $(VENV)/.run
	@$(BIN)/python -m bot init

run: $(VENV)/.run
	@$(BIN)/python -m bot run

doctor: $(VENV)/.run
	@$(BIN)/python -m bot doctor

# The rules that decide about money are tested in every branch, by their own tests.
test: $(VENV)/.dev
	$(BIN)/pytest -m "not slow" -n auto --dist loadfile tests/domain tests/use_cases \
	    --cov=bot.domain --cov=bot.use_cases --cov-report=term-missing --cov-fail-under=100
	$(BIN)/pytest -m "not slow" -n auto --dist loadfile \
	    --ignore=tests/domain --ignore=tests/use_cases

coverage: $(VENV)/.dev
	$(BIN)/pytest -m "not slow" -n auto --dist loadfile --cov --cov-report=term-missing

crash: $(VENV)/.dev
	$(BIN)/pytest -m slow -s -o faulthandler_timeout=900 $(ARGS)

soak: $(VENV)/.dev
	$(BIN)/python -W ignore -m tests.soak.soak $(ARGS)

bench: $(VENV)/.dev
	$(BIN)/python -W ignore -m tests.bench $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contract: $(VENV)/.dev
	$(BIN)/lint-imports

check: test lint types contract

pictures: $(VENV)/.dev
	$(BIN)/python -m docs.pictures

# Only after changing the page's sources: what is built is kept in the repository.
page:
	@cd bot/sandbox/page && npm ci --no-audit --no-fund --loglevel=error && node build.mjs

# uv resolves once for every supported Python and platform; no index address is written.
lock:
	@test -x $(VENV)/uv/bin/uv || ($(PYTHON) -m venv $(VENV)/uv && $(VENV)/uv/bin/pip install --quiet uv)
	$(VENV)/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --custom-compile-command "make lock" pyproject.toml -o requirements.txt
	$(VENV)/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --custom-compile-command "make lock" pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage
