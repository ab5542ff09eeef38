# `make demo` runs the main job on a made-up class, `make test` proves the course sound. Both set up what they need.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test setup clean

demo: setup
	$(BIN)/course demo

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/course build --check
	$(BIN)/pytest --numprocesses auto --dist loadgroup

setup: .venv/ready

# Made anew when what it is made from has changed, otherwise used as it is.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

clean:
	rm -rf .venv demo .autograder
