# Works with GNU make 3.81 (macOS) and newer; everything longer than a line lives in scripts/.

PYTHON_FOUND := sh scripts/python.sh
VENV_PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench docs format wheel clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv and install Keptword into it; does nothing where nothing changed
	@$(PYTHON_FOUND) scripts/set_up.py --tell

demo: ## set up, then open the invented shop's books in the browser
	@$(PYTHON_FOUND) scripts/set_up.py
	@.venv/bin/keptword demo

test: ## set up, then lint, types, layers and all tests
	@$(PYTHON_FOUND) scripts/set_up.py --test
	@$(VENV_PYTHON) scripts/check.py

bench: ## set up, then measure speed, memory and size (minutes)
	@$(PYTHON_FOUND) scripts/set_up.py --test
	@$(VENV_PYTHON) -m benchmarks

docs: ## write docs/commands.md and docs/glossary.md anew from the help and the schema
	@$(PYTHON_FOUND) scripts/set_up.py --test
	@$(VENV_PYTHON) scripts/commands_page.py
	@$(VENV_PYTHON) scripts/glossary_page.py
	@$(VENV_PYTHON) scripts/picture.py
	@$(VENV_PYTHON) scripts/desk_picture.py

format: ## put the code into the house format
	@$(PYTHON_FOUND) scripts/set_up.py --test
	@.venv/bin/ruff check --fix --quiet . && .venv/bin/ruff format --quiet .

wheel: ## build the wheel into dist/
	@$(PYTHON_FOUND) scripts/set_up.py --test
	@$(VENV_PYTHON) -m hatchling build --target wheel --directory dist

clean: ## remove what was built and cached; .venv stays
	@rm -rf build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
