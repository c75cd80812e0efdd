# Every target works by itself on a machine that has Python 3.11 or newer, make and git.
#   make test PYTHON=python3.13     with another interpreter
#   make test ARGS="-k graph -x"    arguments for pytest

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test fuzz faults races check bench curves reference docs screens stubs format clean FORCE

PYTHON ?=
ARGS ?=
BIN := .venv/bin
SOURCES := src tests tools examples benchmarks noxfile.py docs

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

demo: .venv/.with-core ## watch an example shop go through its first migrations
	@$(BIN)/limbeck demo

test: .venv/.with-test ## run the whole test suite, in parallel
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

fuzz: .venv/.with-test ## 2,000 malformed files, a quarter as many histories for each law of the graph, 5,000 SQLite rebuilds, 2,000 pairs of schemas a database
	LIMBECK_FUZZ=$${LIMBECK_FUZZ:-2000} $(BIN)/python -m pytest -q -n auto --dist worksteal tests/properties/test_malformed.py \
		tests/properties/test_graph_model.py tests/properties/test_sqlite_rebuild.py \
		tests/properties/test_round_trips.py tests/properties/test_glances.py $(ARGS)

faults: .venv/.with-test ## kill runs before and after each of their statements, cut them off, refuse statements; then run them again
	LIMBECK_FAULTS=$${LIMBECK_FAULTS:-all} $(BIN)/python -m pytest -q -n auto --dist worksteal tests/faults $(ARGS)

races: .venv/.with-test ## 50 rounds in which 8 processes migrate one database at once, of each kind, on each database and behind PgBouncer
	$(BIN)/python -m tests.races.race $(ARGS)

check: .venv/.with-check ## ruff, mypy, pyright, the laws of the house
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/python tools/stubs.py --check
	$(BIN)/python tools/reference.py --check
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/python -m pytest -q tests/house tests/typing
	@$(BIN)/python tools/largest.py

bench: .venv/.with-bench ## measure, and compare with the budgets
	$(BIN)/python benchmarks/run.py $(ARGS)

curves: .venv/.with-bench ## measure how time grows with revisions and tables, and draw it into the documentation
	$(BIN)/python benchmarks/growth.py
	$(BIN)/python benchmarks/draw.py

docs: .venv/.with-docs ## build the documentation
	$(BIN)/python tools/reference.py
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

screens: .venv/.with-core ## draw what commands show on a terminal, for the documentation
	$(BIN)/python tools/screens.py

reference: .venv/.with-core ## install the reference, in an environment of its own, for `make bench`
	$(BIN)/python -m venv .venv-reference
	.venv-reference/bin/python -m pip install --quiet --disable-pip-version-check alembic 'psycopg[binary]' pymysql

stubs: .venv/.with-check ## write what follows from the code: op.pyi, context.pyi, reference pages
	$(BIN)/python tools/stubs.py
	$(BIN)/python tools/reference.py

format: .venv/.with-check ## let ruff format everything and mend what it can
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

clean: ## remove the environment and everything that was built
	rm -rf .venv build dist docs/_build benchmarks/results .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/.with-%: pyproject.toml tools/environment.sh
	@PYTHON='$(PYTHON)' sh tools/environment.sh $*

# A named interpreter that is not the one the environment was made with makes it anew.
ifneq ($(PYTHON),)
ifneq ($(PYTHON),$(shell cat .venv/.python 2>/dev/null))
.venv/.with-core .venv/.with-test .venv/.with-check .venv/.with-bench .venv/.with-docs: FORCE
endif
endif
FORCE:
