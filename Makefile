# `make demo` runs the main job on a made-up class, `make test` proves the course sound. Both set up what they need.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test slow browser docs setup clean

demo: setup
	$(BIN)/course demo

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/course build --check
	$(BIN)/pytest --numprocesses auto --dist loadfile --durations 15 --ignore tests/browser -m 'not slow'

# What starts many processes and kills some of them, a cluster, PostgreSQL, the demo's class graded in two ways.
slow: setup
	$(BIN)/pytest --numprocesses auto --dist loadfile --durations 15 --ignore tests/browser -m slow

# What students and instructors do, in a real browser (Debian's chromium).
browser: setup
	$(BIN)/pytest tests/browser

# The site, in site/: a broken link, a missing page or anchor is an error.
docs: setup
	$(BIN)/sphinx-build --quiet --fresh-env --fail-on-warning --keep-going docs site

setup: .venv/ready

# Made anew when what it is made from has changed, otherwise used as it is.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

clean:
	rm -rf .venv demo site .autograder
