# NOIR'EL. `make run` needs Python 3.11 or newer (with venv) and make, nothing else; `make test` proves the shop.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
ifeq ($(PYTHON),)
$(error Python 3.11 or newer with venv is needed (Debian: apt-get install python3-venv); or set PYTHON)
endif

# Paths may hold spaces: every recipe quotes them, and make's own functions for paths, which split at spaces, are not used.
RUN := $(if $(RUN_DIR),$(RUN_DIR),$(CURDIR)/.run)
VENV := $(CURDIR)/.venv/bin
BOOTSTRAP := @$(PYTHON) -m ops.bootstrap
export PATH := $(VENV):$(PATH)
export PYTHONPATH := $(CURDIR)
CHAOS_SECONDS ?= 600
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help run dev reset check test format lint types schema lock clean pictures
.PHONY: test-python test-crash crash-points diagrams chaos hot-drop fuzz test-web test-browser test-dev bench-checkout bench-catalogue ready ready-tests built test-api test-ops test-proof soak

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

run: ready ## the whole shop on http://localhost:8000
	@exec "$(VENV)/python" -m ops.run

dev: ## the same with hot reload
	$(BOOTSTRAP) node
	@exec "$(VENV)/python" -m ops.run --dev

reset: ## forget everything the shop has kept
	@$(PYTHON) -m ops.reset

# Two stages at a time: where one waits (for a killed shop, a socket, the disk), the other has the core. Each has a PostgreSQL of
# its own and tells what it has to tell when it is done. A make that can't keep two outputs apart (before 4.0) goes one by one.
TOGETHER := $(if $(filter output-sync,$(.FEATURES)),--jobs=2 --output-sync=target)

test: ready-tests ## check, Python and web tests, builds, stories in a real browser
	@$(MAKE) $(TOGETHER) CHAOS_SECONDS=35 HOT_UNITS=100 HOT_BUYERS=400 \
		test-api check test-web test-ops test-crash chaos test-proof hot-drop
	@$(MAKE) test-browser
	@$(MAKE) test-dev

check: ready-tests lint types ## format, lint, types, imports, migrations, schema, structure
	cd backend && lint-imports
	"$(VENV)/python" -m ops.check migrations schema diagrams
	"$(VENV)/python" -m ops.structure

lint: ready-tests ## format and lint
	ruff format --check backend gateway ops demo
	ruff check backend gateway ops demo
	cd web && npx --no-install biome check .

types: ready-tests ## strict types, in Python and TypeScript
	cd backend && mypy .
	mypy --config-file gateway/pyproject.toml
	mypy --config-file ops/pyproject.toml
	mypy --strict demo
	cd web && npm run types --silent

format: ready-tests ## put it all in order
	ruff check --fix backend gateway ops demo
	ruff format backend gateway ops demo
	cd web && npx --no-install biome check --write .

lock: ready-tests ## write the lock files from requirements*.in and package.json
	"$(VENV)/python" -m ops.lock

schema: ready-tests ## write openapi.yaml and schema.d.ts
	"$(VENV)/python" -m ops.check --write schema

diagrams: ready-tests ## write the parts of docs/integrity.md that are read from the code
	"$(VENV)/python" -m ops.check --write diagrams

# $(call pytest,ARGUMENTS): in backend, on an embedded PostgreSQL of this stage's own.
pytest = "$(VENV)/python" -m ops.postgres "$(RUN)/test-pg/$@" sh -c 'cd backend && $(2) python -m pytest $(1)'

test-python: test-api test-ops ## Python tests

test-api: ready-tests ## those of the API, on the embedded PostgreSQL
	$(call pytest,-n 2 --ignore=tests/crash)

test-ops: ready-tests built ## those of the gateway, the demo and ops, which start the whole shop
	"$(VENV)/python" -m pytest -c ops/pyproject.toml --rootdir=. gateway demo ops

test-crash: ready-tests ## every crash point from checkout to refund: killed there, started again, told again
	$(call pytest,-n 2 tests/crash)

crash-points: ready-tests ## the same, written down as docs/crash-points.md
	"$(VENV)/python" -m ops.postgres "$(RUN)/test-pg/$@" sh -c 'cd backend && python -m tests.crash.table'

hot-drop: ready-tests ## 2,000 buyers, 64 at a time, press for 500 bottles; HOT_UNITS, HOT_BUYERS
	HOT_UNITS=$(HOT_UNITS) HOT_BUYERS=$(HOT_BUYERS) "$(VENV)/python" -m ops.hot_drop

chaos: ready-tests ## shoppers buy while parts are killed; CHAOS_SECONDS (600), SEED, CHAOS_SHOPPERS
	CHAOS_SECONDS=$(CHAOS_SECONDS) "$(VENV)/python" -m ops.chaos

fuzz: ready-tests ## schemathesis over every operation of the API with new data; FUZZ_EXAMPLES (100) of each
	$(call pytest,-n 2 tests/contract/test_fuzzing.py,FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-100})

test-proof: ready-tests ## ten thousand random steps of a whole shop, all of it proved after each
	$(call pytest,-n 2 -m proof tests/proof)

soak: ready-tests ## the same with new seeds, as long as told: SECONDS=3600 or STEPS=50000, SEED=n to repeat
	$(call pytest,-s -m proof tests/proof -k soak,SECONDS=$${SECONDS:-600})

test-web: ready-tests ## Vitest
	cd web && npm run test --silent

test-browser: ready-tests built ## both builds, then Playwright against a really running shop
	"$(VENV)/python" -m ops.browser

test-dev: ready-tests ## `make dev` in a real browser: a first visit, and Fast Refresh of an edited page
	"$(VENV)/python" -m ops.dev_browser

bench-checkout: ready-tests ## purchases per second beside this machine's floor (about two minutes)
	"$(VENV)/python" -m ops.bench

bench-catalogue: ready-tests ## reads per second at 1,000 to 100,000 products beside two floors (ten minutes; BENCH=--short: two)
	"$(VENV)/python" -m ops.bench.catalogue $(BENCH)

pictures: ready-tests ## draw the demo house's pictures again (about five minutes; results are committed)
	"$(VENV)/python" -m demo.render
	"$(VENV)/python" -m demo.render --icons

clean: ## remove what was built and installed, not what the shop has kept
	rm -rf .venv web/node_modules web/*/node_modules web/storefront/build web/storefront/.react-router web/admin/dist
	find . -name __pycache__ -prune -exec rm -rf {} +

ready:
	$(BOOTSTRAP) builds

ready-tests:
	$(BOOTSTRAP) node --tests

built: ready-tests
	$(BOOTSTRAP) builds --tests
