# Everything runs in .venv, which is made on first use and refreshed when setup.cfg changes.
# PYTHON=… chooses the interpreter, ARGS=… is handed on to pytest: make test ARGS="-k sweep -x"

.DEFAULT_GOAL := help
.NOTPARALLEL:

VENV := .venv
BIN := $(VENV)/bin
CANDIDATES := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
# Each child that is measured writes a file: with thousands of children that is all that they do.
TOO_MANY_CHILDREN := \
	tests/process/test_jobs_in_children.py::test_two_workers_run_many_jobs_each_exactly_once
OLD_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

# pytest rewrites each test file before it imports it: kept, that is done once, and not in each process.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.installed-plain ## run a few dozen real jobs in real workers and show what became of them
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python examples/first_jobs/run.py

.PHONY: site
site: $(VENV)/.installed-web ## a small Django site: order at http://127.0.0.1:8000/, look at the monitor in its admin
	@$(BIN)/python examples/demo/start.py $(ARGS)

.PHONY: test
test: $(VENV)/.installed-test ## the suite, on six processes: many a test waits
	$(BIN)/pytest -n 6 --dist worksteal -m "not thorough" $(ARGS)

.PHONY: soak
soak: $(VENV)/.installed-soak ## the rest of the suite, and many times more of what repeats itself (minutes)
	RESQUE_SOAK=1 $(BIN)/pytest -n 3 --dist worksteal -m "soak or thorough" $(ARGS)

.PHONY: faults
faults: $(VENV)/.installed-test ## kill, freeze and cut off a worker at every point of every store
	RESQUE_FAULTS=all $(BIN)/pytest -n 3 --dist worksteal -o faulthandler_timeout=1800 tests/faults $(ARGS)

.PHONY: chaos
chaos: $(VENV)/.installed-test ## storms of kills and outages over real workers: is anything lost? (minutes)
	@PYTHONPATH=chaos:tests/support $(BIN)/python -m storm $(ARGS)

.PHONY: ticks
ticks: $(VENV)/.installed-test ## kill schedulers and workers at random: is each tick carried out once? (2 minutes)
	@PYTHONPATH=chaos $(BIN)/python -m ticks $(ARGS)

.PHONY: poolstorm
poolstorm: $(VENV)/.installed-test ## kill the workers of a pool of eight for a minute: is it eight again within 5 s, each time?
	RESQUE_POOL_STORM=60 $(BIN)/pytest -s tests/process/test_pool_storm.py $(ARGS)

.PHONY: publish
publish: $(VENV)/.installed-test ## put what chaos/reports/*.json say on the page about the guarantee
	@PYTHONPATH=chaos:tests/support $(BIN)/python -m storm.publish

.PHONY: mutants
mutants: $(VENV)/.installed-test ## make the mistakes that would break the promise: does a test notice each? (minutes)
	@PYTHONPATH=chaos $(BIN)/python -m mutants $(ARGS)

.PHONY: servers
servers: $(VENV)/.installed-test ## run a redis-server and a mongod until ctrl-c, and print their URLs
	@PYTHONPATH=tests/support $(BIN)/python -m servers

.PHONY: check
check: lint types imports test ## everything that must be green before a change is merged

.PHONY: lint
lint: $(VENV)/.installed-check ## ruff: rules and format; yamllint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/yamllint --strict .

.PHONY: types
types: $(VENV)/.installed-check ## mypy, strict, over the whole tree
	$(BIN)/mypy

.PHONY: imports
imports: $(VENV)/.installed-check ## import-linter: who may import whom
	$(BIN)/lint-imports

.PHONY: coverage
coverage: $(VENV)/.installed-soak ## the whole suite, measured in every process it starts
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 3 --dist worksteal --deselect $(TOO_MANY_CHILDREN) $(ARGS)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

.PHONY: bench
bench: $(VENV)/.installed-bench ## measure enqueueing and workers on this machine, beside other libraries and the floors
	@PYTHONPATH=benchmarks:tests/support $(BIN)/python -m bench $(ARGS)

.PHONY: bench-memory
bench-memory: $(VENV)/.installed-bench ## ten workers with Django: how much memory a pool shares that ten workers apart do not
	@$(BIN)/python benchmarks/pool_memory.py $(ARGS)

.PHONY: bench-monitor
bench-monitor: $(VENV)/.installed-bench ## the monitor's pages on Redis with a million failed jobs (minutes)
	@PYTHONPATH=benchmarks:tests/support $(BIN)/python benchmarks/monitor_pages.py $(ARGS)

.PHONY: docs
docs: $(VENV)/.installed-docs ## build the pages into build/docs, every warning an error
	$(BIN)/sphinx-build -W -n -q -b html docs build/docs
	@echo "Read them at build/docs/index.html"

.PHONY: venv
venv: $(VENV)/.installed-check ## .venv with everything a contributor needs

.PHONY: clean
clean: ## back to a fresh clone: remove .venv and all that was built
	rm -rf $(VENV) .demo build dist *.egg-info .coverage .coverage.* htmlcov .tox .servers .hypothesis \
		.mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each set of extras: "plain" is what a user installs, "check" is a contributor's all.
$(VENV)/.installed-plain: EXTRAS :=
$(VENV)/.installed-web: EXTRAS := [web,redis]
$(VENV)/.installed-test: EXTRAS := [test]
$(VENV)/.installed-soak: EXTRAS := [test,soak]
$(VENV)/.installed-check: EXTRAS := [test,check]
$(VENV)/.installed-docs: EXTRAS := [test,docs]
$(VENV)/.installed-bench: EXTRAS := [test,bench]

$(VENV)/.installed-%: setup.cfg pyproject.toml | $(BIN)/python
	@# Most modules of what is installed are never imported: those that are get their bytecode then.
	@# What setuptools warns of, an editable installation, is what is wanted.
	@echo "Installing resque-core$(EXTRAS) into $(VENV) …"
	@PYTHONWARNINGS="ignore:Editable installation" $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable ".$(EXTRAS)"
	@touch $@

# The newest pip needs half of the time of the one that Python brings. The system's pip fetches it, where there is
# one: ensurepip (which Debian keeps in another package, python3-venv) would install an old one first.
$(BIN)/python:
	@python=""; \
	for name in $(CANDIDATES); do \
		if "$$name" -c "$(OLD_ENOUGH)" >/dev/null 2>&1; then python="$$name"; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer is needed; none of these is: $(CANDIDATES)." >&2; \
		echo "Install it (Debian: apt install python3 python3-pip), or name it: make PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	if "$$python" -m pip --version >/dev/null 2>&1; then \
		"$$python" -m venv --clear --without-pip $(VENV) && set -- "$$python" -m pip --python $(BIN)/python; \
	elif "$$python" -c "import ensurepip" >/dev/null 2>&1; then \
		"$$python" -m venv --clear $(VENV) && set -- $(BIN)/python -m pip; \
	else \
		echo "$$python has neither ensurepip nor pip. Debian: apt install python3-pip (or python3-venv)." >&2; \
		exit 1; \
	fi && \
	"$$@" install --quiet --disable-pip-version-check --no-compile --upgrade pip || { rm -rf $(VENV); exit 1; }
