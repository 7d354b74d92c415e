# The book's commands; `make` or `make help` lists them.
# Variables: PYTHON (3.11 to 3.13), VENV (.venv), PORT (8000), N (a chapter), AGAIN=1 (rerun),
# PAPER (a4 or letter), BENCH (.venv-bench), OPTIONS (of the benchmark, e.g. OPTIONS=--full).

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
AGAIN ?=
PAPER ?= a4
BENCH ?= .venv-bench
OPTIONS ?=
N ?=

EXPLICIT := $(if $(filter file,$(origin PYTHON)),,--explicit)
DO := $(VENV)/bin/python -m book_build

.DEFAULT_GOAL := help
.PHONY: help book test chapter pdf lab serve bench lint clean lock environment

help: ## this list
	@echo "Adam and Beyond, an executable book. Commands (usual duration on two cores):"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)$$/  make \1|\2/p' $(MAKEFILE_LIST) | \
		awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'
	@echo "Nothing to prepare: each command first makes $(VENV) (half a minute to a few minutes, once)."

# A name on PATH may be a shim that fails, so the names are tried and not looked up.
CANDIDATES := $(PYTHON) $(if $(EXPLICIT),,python3.13 python3.12 python3.11)

environment:
	@for python in $(CANDIDATES); do \
		if "$$python" -c "" >/dev/null 2>&1; then \
			exec "$$python" src/book_build/bootstrap.py --venv "$(VENV)" $(EXPLICIT); \
		fi; \
	done; \
	echo "No Python was found under the name $(PYTHON): install Python 3.11, 3.12 or 3.13 (on Debian\
	 or Ubuntu: sudo apt-get install python3 python3-venv), or name one, as in\
	 'make book PYTHON=/usr/bin/python3.12'." >&2; exit 1

book: environment ## build the site and print the file to open (5 min; 1 s without a change)
	@$(DO) book $(if $(AGAIN),--again)

test: environment ## run the tests (20 min; 1 s without a change; AGAIN=1 reruns)
	@$(DO) test $(if $(AGAIN),--again)

chapter: environment ## execute and build one chapter, N=1 or N=theorem-1 (half a minute)
	@$(DO) chapter "$(N)"

pdf: environment ## build the PDF, PAPER=a4 or letter, and print its path; needs TeX (3 min)
	@$(DO) pdf --paper "$(PAPER)" $(if $(AGAIN),--again)

lab: environment ## open JupyterLab, the chapters as notebooks (5 s)
	@$(DO) lab

serve: environment ## serve the built site on 127.0.0.1, PORT=8000 (1 s)
	@$(DO) serve --port $(PORT)

# The peers (numba, torch) have an environment of their own, made when its pins change.
bench: environment ## measure the engine beside C, numba, NumPy, optax and torch (5 min; needs cc)
	@cmp -s benchmarks/requirements.txt $(BENCH)/requirements.txt || { \
		echo "Making $(BENCH) for the benchmark (torch is a large download, once)" >&2; \
		$(VENV)/bin/python -m venv --clear $(BENCH) && \
		$(BENCH)/bin/python -m pip install --quiet -r benchmarks/requirements.txt && \
		cp benchmarks/requirements.txt $(BENCH)/requirements.txt; }
	@$(BENCH)/bin/python -m benchmarks $(OPTIONS)

# Those of JavaScript have no wheel for every machine.
JAVASCRIPT := src/adam_and_beyond/explorers/browser src/book_build/static tests/explorer_driver.mjs

lint: environment ## check the style of the code, and that imports point one way (1 s)
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .
	@if [ -x $(VENV)/bin/oxfmt ]; then \
		$(VENV)/bin/oxlint --deny-warnings $(JAVASCRIPT) && \
		$(VENV)/bin/oxfmt --check $(JAVASCRIPT); fi
	@$(DO) structure

clean: ## remove everything that was built, keep the environment (1 s)
	rm -rf _build .pytest_cache .ruff_cache .hypothesis

lock: ## renew the pins of requirements.txt; needs uv (10 s)
	uv pip compile --universal --fork-strategy fewest --python-version 3.11 --upgrade --quiet \
		--extra book --extra test --no-header --no-annotate pyproject.toml -o requirements.part
	{ echo '# Exact versions for Python 3.11 to 3.13, written by `make lock`.'; \
		cat requirements.part; echo '-e .'; } > requirements.txt
	rm requirements.part
