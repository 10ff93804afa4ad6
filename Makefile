# make setup   a virtual environment in .venv with everything pinned
# make demo    drawn faces -> frame store -> leave one subject out -> prediction, in demo/
# make test    the tests that take seconds; make test-all runs the slow ones too, make coverage shows what they cover
# make lint    ruff and mypy
# make docs    these pages and the API's as HTML, in docs/_build/html; a warning is an error
# make release-check   installs the wheel elsewhere and uses it, then builds wheel and sdist in dist/

IN_RANGE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))
PYTHON ?= $(shell for p in python3 python3.12 python3.11; do $$p -c "$(IN_RANGE)" 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
DEMO ?= demo
# folds at a time: one a core, as far as memory holds a gigabyte for each
JOBS ?= $(shell $(BIN)/python -c "import psutil; from atm_gcn.machine import available_cores; \
	print(max(1, min(available_cores(), 8, psutil.virtual_memory().available >> 30)))" 2>/dev/null || echo 1)
# tests share the cores: a process each, which computes with one thread (tests/conftest.py)
PYTEST = $(BIN)/python -m pytest -n auto --dist worksteal
SPECIAL = not cuda and not scatter and not ray and not browser and not ffmpeg and not fuzz

.PHONY: setup demo test test-all coverage lint docs release-check clean

setup: .venv/installed

.venv/installed: setup.cfg pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "atm-gcn needs Python 3.11 or 3.12: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: setup
	rm -rf $(DEMO)
	$(BIN)/atm-gcn synth $(DEMO)/clips --subjects 6 --clips-per-subject 12 --num-classes 3 --seed 0
	$(BIN)/atm-gcn prepare manifest $(DEMO)/clips $(DEMO)/store --preset demo
	$(BIN)/atm-gcn train $(DEMO)/store $(DEMO)/run --preset demo --jobs $(JOBS)
	$(BIN)/atm-gcn predict $(DEMO)/clips/s01/$$(ls $(DEMO)/clips/s01 | head -1) --fps 60 --model $(DEMO)/run

test: setup
	$(PYTEST) -m "not slow and $(SPECIAL)"

test-all: setup
	$(PYTEST) -m "$(SPECIAL)"

coverage: setup
	$(PYTEST) -m "not slow and $(SPECIAL)" --cov --cov-report=term

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

release-check: setup
	$(BIN)/python -m pytest -m slow tests/packaging
	rm -rf build dist
	$(BIN)/python -m build --no-isolation --outdir dist .

clean:
	rm -rf .venv $(DEMO) build dist docs/_build *.egg-info
