# One command to run (`make run`), one to pass the tests (`make test`). Nothing but Python 3.11+ is needed.
.DEFAULT_GOAL := help
.PHONY: help run test bench crash thorough lint assets browser clean
.DELETE_ON_ERROR:

# OFX is a dozen processes: where none keeps its compiled modules, each compiles two thousand of them at every start.
unexport PYTHONDONTWRITEBYTECODE

PY := .venv/bin/python
READY := .venv/.installed .venv/.assets
PYTEST := $(PY) -m pytest -q
# Three processes on two cores, since much is waiting; a file each, the browser's first and in one: they share a product.
WORKERS ?= 3

# Public data and the official API files stand beside the checkout on some machines (ARCHITECTURE 9).
ifneq ($(wildcard ../shared/data),)
export OFX_DATA ?= $(abspath ../shared/data)
endif
ifneq ($(wildcard ../shared/tmf),)
export OFX_TMF ?= $(abspath ../shared/tmf)
endif

help:
	@echo "make run     start everything: database, broker, web, worker, scheduler, partner sandbox"
	@echo "make test    install what the tests need and run them all, the browser tests included"
	@echo "make bench   print the benchmark table (BENCH_SIZES=10000 for a quick run)"
	@echo "make crash   the long crash tests (CRASH_ORDERS=500)"
	@echo "make thorough  isolation, queries and looks of every page for every role, pictures kept"
	@echo "make lint    linters, type check, import contract, migrations, deployment check"
	@echo "make clean   remove what was installed; the data in .ofx stays"

run: $(READY)
	$(PY) manage.py up $(UP)

test: $(READY) .venv/.installed-dev browser
	$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

bench: $(READY) .venv/.installed-dev
	$(PY) -m tests.benchmarks

CRASH_ORDERS ?= 500
crash: $(READY) .venv/.installed-dev
	$(PYTEST) -m crash --crash-orders=$(CRASH_ORDERS) tests

thorough: $(READY) .venv/.installed-dev browser
	OFX_THOROUGH=1 OFX_SHOTS=1 $(PYTEST) tests/test_isolation.py tests/test_page_queries.py tests/browser/test_every_page_looks.py

lint: .venv/.installed .venv/.installed-dev
	sh scripts/lint.sh

assets: .venv/.assets

browser: .venv/.installed-dev
	@$(PY) -m ofx.embedded.browser 2>/dev/null || sh scripts/browser.sh

# The stamps make later starts skip all of this.
.venv/.installed: requirements.txt requirements-nodeps.txt scripts/install.sh
	sh scripts/install.sh
	@touch $@

.venv/.installed-dev: requirements-dev.txt | .venv/.installed
	sh scripts/install.sh -r requirements-dev.txt
	@touch $@

.venv/.assets: package.json package-lock.json static/icons.txt scripts/assets.py | .venv/.installed
	sh scripts/npm.sh ci
	$(PY) scripts/assets.py
	@touch $@

# A checkout whose assets were removed makes them again, whatever the stamp says.
ifeq ($(wildcard static/vendor/icons/sprite.svg),)
.PHONY: .venv/.assets
endif

clean:
	rm -rf .venv node_modules static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
