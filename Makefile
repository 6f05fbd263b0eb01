# Every target works from a clean clone with Rust, Python 3.11+ and a C compiler; all share one .venv.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)
# Small models and shared machines: more threads make training slower, and hubs are not needed.
export OMP_NUM_THREADS ?= 1
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: help dev docs quickstart test lint lint-rust lint-python test-rust test-python test-vllm test-vllm-server promises golden bench tables pictures wheel wheelhouse clean
.DEFAULT_GOAL := help

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | column -t -s "$$(printf '\t')"
	@echo
	@echo "ARGS is handed to the command behind a target, quoted as one word:"
	@echo "  make quickstart ARGS='quickstart_table_readout --name mine'    avrgym train: a run file, then its options"
	@echo "  make wheelhouse ARGS='--python 3.11'                           scripts/wheelhouse.py: --help lists them"

# Each step adds to the one before: a wheel needs maturin alone, a run data and train, tests and benchmarks the rest.
# Python compiles what it imports, a tenth of what is there; pip would compile all of it, two minutes of a core.
.venv/begun:
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt maturin
	touch $@

.venv/made: .venv/begun pyproject.toml constraints.txt
	$(BIN)/python -m pip install --no-compile --constraint constraints.txt --no-build-isolation --editable '.[data,train]'
	touch $@

.venv/whole: .venv/made tests/consumers.txt
	$(BIN)/python -m pip install --no-compile --constraint constraints.txt --no-build-isolation --editable '.[bench,data,dev,docs,ray,rl,serve,train]'
	$(BIN)/python -m pip install --no-deps --requirement tests/consumers.txt
	touch $@

.venv-vllm/made: .venv/built constraints-vllm.txt
	test -x .venv-vllm/bin/python || $(PYTHON) -m venv .venv-vllm
	.venv-vllm/bin/python -m pip install --quiet --constraint constraints-vllm.txt maturin
	.venv-vllm/bin/python -m pip install --constraint constraints-vllm.txt --no-build-isolation --editable '.[data,dev,train]' torchvision
	touch $@

RUST := $(shell find rust_core envs -type f) Cargo.toml Cargo.lock
.venv/built: .venv/made $(RUST)
	$(BIN)/maturin develop --release --skip-install
	touch $@

dev: .venv/built .venv/whole ## Make .venv with all that tests need, and build the core into it

quickstart: .venv/built ## Train a small vision-language model on the grid, SFT then GRPO, and write a report (ARGS: of avrgym train)
	$(BIN)/avrgym train $(ARGS)

# Packages are unpacked beside the core's own tests, which need none of them and two cores, and types looked at beside the
# package's.
test: ## Everything that must hold
	$(MAKE) --jobs=3 .venv/whole lint-rust test-rust
	$(MAKE) --jobs=2 lint-python test-python

lint: lint-rust lint-python ## Formatting, clippy, ruff, mypy, stubs

# Without the feature python there is the same code less the bindings; that it stands alone, its tests show.
lint-rust:
	cargo fmt --check
	cargo clippy --workspace --all-targets --features python -- -D warnings

lint-python: .venv/built .venv/whole
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest avrgym._core

test-rust: ## Tests of the core
ifeq ($(NEXTEST),yes)
	cargo nextest run --workspace
else
	cargo test --workspace --lib --bins --tests
endif
	cargo test --workspace --doc

test-python: .venv/built .venv/whole ## Tests of the package
	$(BIN)/pytest -n auto

test-vllm: .venv-vllm/made ## Tests of models and training on the versions that vLLM needs; vLLM itself is not
	.venv-vllm/bin/pytest -n auto tests/test_credit.py tests/test_models*.py tests/test_train*.py

.venv-vllm/served: .venv-vllm/made scripts/vllm_server.py
	.venv-vllm/bin/python scripts/vllm_server.py
	touch $@

test-vllm-server: .venv-vllm/served ## Tests against a server of vLLM's CPU build, on two cores in some minutes (1 GB is fetched)
	.venv-vllm/bin/pytest tests/test_vllm_server.py

promises: ## A million addresses per task and level against every promise (most of an hour of CPU time)
	AVRGYM_ADDRESSES=1000000 cargo test --release -p avrgym-core --test promises -- --nocapture

golden: .venv/built ## Rewrite the golden files; look at every difference, and at the contact sheets
	INSTA_UPDATE=always cargo test --test golden
	$(BIN)/python tests/golden_pictures.py
	$(MAKE) pictures

docs: .venv/built .venv/whole ## The docs site in build/site; whatever is wrong with a page is an error
	$(BIN)/python scripts/docs/build.py

bench: .venv/built .venv/whole ## Speed, side by side with what it is compared to
	cargo bench --workspace
	$(BIN)/pytest benches --benchmark-only --benchmark-columns=median,iqr,ops
	$(BIN)/python benches/table.py
	$(BIN)/python benches/data.py

tables: .venv/built ## Rewrite the table of level statistics and shortcuts
	$(BIN)/python scripts/level_statistics.py

pictures: .venv/built ## Contact sheets of all tasks, levels, themes and sizes
	$(BIN)/python scripts/contact_sheets.py

# Zig links against any glibc; the machine's own would tie the wheel to systems as young as itself. Maturin asks the
# first Python on the path for it.
ifeq ($(shell uname -s),Linux)
WHEEL := $(BIN)/python -m pip install --quiet --constraint constraints.txt ziglang && \
	PATH="$(abspath $(BIN)):$$PATH" maturin build --release --zig --compatibility manylinux_2_28 --out
else
WHEEL := $(BIN)/maturin build --release --out
endif

wheel: .venv/begun ## A wheel for this platform; on Linux one that glibc 2.28 takes
	$(WHEEL) dist

wheelhouse: .venv/made ## Wheels for a machine that has torch and transformers but no network (ARGS: of scripts/wheelhouse.py)
	rm -rf wheelhouse
	$(WHEEL) wheelhouse
	$(BIN)/python scripts/wheelhouse.py $(ARGS)

clean: ## Remove what was built, keep .venv
	cargo clean
	rm -rf dist runs wheelhouse
