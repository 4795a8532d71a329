PYTHON ?= python3
BIN := .venv/bin
SOURCES := constraints.txt pyproject.toml

.PHONY: run test fuzz coverage lint clean

run: .venv/installed
	$(BIN)/mllmu run --preset quick --out runs/quick

# Three processes with one thread each for two cores, as some tests wait: torch's threads gain little on models
# as small as the tests'. Files come as they are collected; by default those of one test come last, and the
# longest are among them.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

test: .venv/installed-dev
	$(PYTEST)

coverage: .venv/installed-dev
	$(PYTEST) --cov --cov-report=term

# EXAMPLES=500 tries fewer; what failed is tried first the next time.
EXAMPLES ?= 10000
fuzz: .venv/installed-dev
	MLLMU_FUZZ_PROFILE=deep MLLMU_FUZZ_EXAMPLES=$(EXAMPLES) $(PYTEST) tests/fuzz --hypothesis-show-statistics

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf runs build dist .coverage .pytest_cache .mypy_cache .ruff_cache src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip compiles what it installs on one core, and compileall on all of them. It prints and fails for files that
# are no Python, such as templates, which nobody imports. What is left out is nearly half of all, of which
# hardly anything is ever imported.
SELDOM := /(tests|transformers/models|plotly/graph_objs|torch/_inductor|torch/testing|openai/types|pip)/
INSTALL := $(BIN)/python -m pip install --quiet --no-compile -c constraints.txt
COMPILE := && { $(BIN)/python -m compileall -q -j 0 -x '$(SELDOM)' .venv/lib src > /dev/null 2>&1 || true; }

# pip comes last: what an interrupted `python -m venv` left has no pip, and is finished the next time.
$(BIN)/pip:
	$(PYTHON) -m venv .venv

.venv/installed: $(SOURCES) | $(BIN)/pip
	$(INSTALL) -e . $(COMPILE)
	touch $@

.venv/installed-dev: $(SOURCES) | $(BIN)/pip
	$(INSTALL) -e '.[dev]' $(COMPILE)
	touch $@ .venv/installed
