# `make run` starts a shop, `make test` runs every test. Both need Python 3.11 to 3.13, git and make, nothing else.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# Tests run in as many processes as there are cores.
JOBS ?= auto

.PHONY: help run test check format lint types boundaries fits bench bench-search bench-catalog bench-growth bench-import \
	bench-recommend bench-pages screenshots soak wheels reference events client storefront lock env clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /	/' | expand -t 14

run: env ## start everything (make run ARGS="--port 0 --data DIR --no-demo")
	@exec $(BIN)/feria run $(ARGS)

test: env ## run the whole suite
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadscope $(ARGS)

check: env format lint types boundaries fits ## format, lint, types, boundaries, dependencies

format:
	@$(BIN)/ruff format --check .

lint:
	@$(BIN)/ruff check .

types:
	@$(BIN)/mypy core/feria_core workers/feria_workers $(wildcard modules/*/feria_*) $(wildcard examples/*/feria_*) tests/benchmarks

boundaries:
	@$(BIN)/lint-imports --no-cache

fits:
	@$(BIN)/uv pip check --quiet --python $(BIN)/python

bench: env ## measure speed and memory; prints a table, writes bench-results.json
	@$(BIN)/python -m tests.benchmarks $(ARGS)

bench-search: env ## measure how well products are found, on the rated queries of ../shared/data
	@$(BIN)/python -m tests.benchmarks.search_quality $(ARGS)

bench-catalog: env ## measure lists, pages and searches with facets over 100,000 products
	@$(BIN)/python -m tests.benchmarks.catalog $(ARGS)

bench-growth: env ## measure how much longer these take from 10,000 to 1,000,000 products; 15 GB
	@$(BIN)/python -m tests.benchmarks.catalog --grow 10000,100000,1000000 $(ARGS)

bench-import: env ## measure an import of 100,000 rows: new, changed and the same again
	@$(BIN)/python -m tests.benchmarks.importing $(ARGS)

bench-recommend: env ## measure how well purchases are foretold, and what learning and serving take
	@$(BIN)/python -m tests.benchmarks.recommend_quality $(ARGS)

bench-pages: env ## measure how soon the staff's pages answer with 100,000 products and orders
	@$(BIN)/python -m tests.benchmarks.staff_pages $(ARGS)

screenshots: env ## a picture of every page of the staff, in screenshots/ (make screenshots ARGS="FOLDER")
	@$(BIN)/python tests/journeys/screenshots.py $(ARGS)

soak: env ## the long tests that are apart from the suite
	@$(BIN)/python -m pytest -m soak $(ARGS)

wheels: env ## build wheels, sdists and the lock of each profile into dist/
	@$(BIN)/python tools/wheels.py $(ARGS)

reference: env ## write docs/reference from the code
	@$(BIN)/python tools/reference.py

events: env ## record the shapes of new versions of events
	@$(BIN)/python -m feria_core.testing.event_schemas core/feria_core/contracts/events.json

env: ## make .venv from requirements.lock
	@$(PYTHON) tools/bootstrap.py

client: env ## write the TypeScript client's types from the server's description (needs Node)
	@$(BIN)/python tools/frontend.py client

storefront: env ## build the shop that `make run` shows at / (needs Node)
	@$(BIN)/python tools/frontend.py storefront

lock: env ## resolve requirements.lock anew
	@$(BIN)/python tools/lock.py

clean: ## remove what was made
	rm -rf .venv .feria .mypy_cache .ruff_cache .pytest_cache dist
