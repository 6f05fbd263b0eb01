#!/usr/bin/env bash
# A stranger's first hour: a wheel in a clean environment, every verb, every page, every example for a few steps.
# Usage: tests/first_hour.sh [FOLDER]; needs Rust, Python 3.11+, a C compiler and a package index.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
at=${1:-$(mktemp -d)}
export HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false
step() { printf '\n== %s\n' "$*"; }

step "a wheel"
make wheel
step "a clean environment in $at"
python3 -m venv "$at/venv"
"$at/venv/bin/pip" install --quiet --constraint constraints.txt dist/avrgym-*.whl
export PATH="$at/venv/bin:$PATH"

step "without extras: the package works, the command names what lacks"
python -c "import avrgym; print(avrgym.__version__, avrgym.Source('grid_navigation', 'rung0')[0].question)"
if avrgym list 2>"$at/said"; then exit 1; fi
cat "$at/said"
grep -q "pip install 'avrgym\[data\]'" "$at/said"

step "with extras, by the command that it names"
pip install --quiet --constraint constraints.txt 'avrgym[bench,data,dev,docs,ray,rl,serve,train]'
pip install --quiet --no-deps --requirement tests/consumers.txt

mkdir -p "$at/work"
cd "$at/work"
step "every verb"
avrgym doctor
avrgym bench
avrgym list
avrgym show 'grid_navigation/simple#train:0:0'
avrgym generate 'grid_navigation/rung0#test:0:0-9' --to data
avrgym data check data
avrgym train --dry-run

step "OpenEnv has an environment of its own: it wants another mcp than verifiers"
python3 -m venv "$at/openenv"
"$at/openenv/bin/pip" install --quiet --constraint "$root/constraints.txt" "$root"/dist/avrgym-*.whl pillow openenv

step "every example, a few steps"
for example in "$root"/examples/*.py; do
    name=$(basename "$example" .py) python=python left=
    case $name in
    openai_server) left="it asks a server; tests/test_examples_clients.py, below, has one" ;;
    openenv_board) options=(--steps 2) python="$at/openenv/bin/python" ;;
    ppo_rllib)
        options=(--iterations 1)
        python -c "import ray.rllib.algorithms.ppo" 2>"$at/said" || left="RLlib lacks: $(tail -n 1 "$at/said")"
        ;;
    ppo_torch) options=(--steps 4096) ;;
    ppo_sb3) options=(--steps 512 --boards 8) ;;
    ppo_torchrl) options=(--steps 256 --turns 128) ;;
    reasoning_gym_curriculum) options=(--steps 4) ;;
    verl_rows) options=(--steps 3) ;;
    *) options=(--steps 2) ;;
    esac
    if [ -n "$left" ]; then
        step "$name: left out, $left"
        continue
    fi
    step "$name ${options[*]}"
    "$python" "$example" "${options[@]}"
done

step "README and docs, block by block"
cd "$root"
python -m pytest -q tests/test_readme.py tests/test_pages.py tests/test_examples_clients.py
