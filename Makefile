# From nothing but Python >= 3.11 and make: `make report` is the main job, `make test` the tests.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# Two workers on two cores; BLAS is kept to one thread each so that they do not fight.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1

.PHONY: help report test docs browser lint seeds fuzz interrupted dist deep mutation lowest newest reference clean
help:            ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0) if v >= (3, 11) else sys.exit(f"gsae_theory needs Python 3.11 or newer, this is {v.major}.{v.minor}; try: make PYTHON=python3.11 $(MAKECMDGOALS)")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test]"
	@touch $@

report: $(STAMP)  ## set up, check the proofs, verify the theory, write reports/latest/index.html
	@mkdir -p reports/latest
	$(BIN)/gsae prove --slack --json > reports/latest/proofs.part || test $$? -eq 3   # 3: a theorem is open; the page says which
	@mv reports/latest/proofs.part reports/latest/proofs.json
	$(BIN)/gsae report --out reports/latest

reference: report  ## keep the latest report's record and overview as this version's reference
	@version=$$($(BIN)/python -c 'import gsae_theory; print(gsae_theory.__version__)'); \
	mkdir -p reports/reference/$$version && \
	cp reports/latest/report.json reports/latest/figures/overview.png reports/latest/figures/overview.svg reports/reference/$$version/ && \
	echo "reports/reference/$$version written"

test: $(STAMP)    ## set up and run the tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

docs: $(STAMP)    ## build the documentation site, build/site/index.html
	@$(BIN)/python -c 'import material, mkdocstrings' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[docs]"
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict -f docs/site/mkdocs.yml

browser: $(STAMP) ## a headless Chromium for the test of the page: Debian's, or Playwright's own
	@command -v chromium >/dev/null \
	|| timeout 300 sh -c 'apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium' >/dev/null 2>&1 \
	|| timeout 300 $(BIN)/python -m playwright install chromium || echo "no Chromium here: tests/browser will be skipped"

lint: $(STAMP)    ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd tests/typed && ../../$(BIN)/mypy --strict --config-file= client.py

seeds: $(STAMP)   ## 20 differently seeded runs of everything random: no false alarm (10 minutes)
	$(BIN)/python tests/tools/seeds.py

deep: $(STAMP)    ## half an hour of search for the tightest slack of every theorem
	HYPOTHESIS_PROFILE=deep GSAE_MINUTES=30 $(BIN)/python -m pytest tests/properties --hypothesis-seed=1 --tightest reports/reference/tightest.json

mutation: $(STAMP) ## small wrong changes of the code: which share do the tests notice? (hours; goes on when run again)
	@$(BIN)/python -c 'import coverage' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[mutation]"
	$(BIN)/python -m tests.tools.mutation.run

fuzz: $(STAMP)    ## 10,000 damaged files per reader; writes reports/reference/fuzz.json (half an hour)
	$(BIN)/python tests/fuzz/run.py --out reports/reference/fuzz.json > /dev/null

interrupted: $(STAMP) ## Ctrl-C at many moments of every long command; writes reports/reference/interrupted.json (an hour)
	$(BIN)/python tests/tools/interrupted.py

dist: $(STAMP)    ## build wheel and sdist, install each into an empty environment, use it from another folder
	$(BIN)/python -m pip install --quiet --disable-pip-version-check build
	bash tests/tools/dist.sh $(abspath $(BIN))/python

lowest: pyproject.toml  ## the test suite on the oldest dependency versions that pyproject.toml admits
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet uv
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct -e ".[test]"
	.venv-lowest/bin/python -m pytest -n 2 --dist loadgroup -W default

newest: pyproject.toml  ## the test suite on the newest versions there are, warnings as errors; make newest PYTHON=python3.13
	$(PYTHON) -m venv --clear .venv-newest
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --upgrade-strategy eager -e ".[test]"
	.venv-newest/bin/python -m pytest -n 2 --dist loadgroup

clean:           ## remove the environments and the latest report
	rm -rf $(VENV) .venv-lowest .venv-newest reports/latest build
