# Habits of development. Each recipe is plain commands that can be copied; .venv/bin/just comes with the extra 'test'.

# these recipes
default:
    @just --justfile {{justfile()}} --list

# the environment that the others use
setup:
    python3 -m venv .venv
    .venv/bin/pip install -q -c constraints.txt -e '.[limits,notebook,service,test,dev]'

# the fast tests: less than a minute of CPU
test:
    .venv/bin/python -m pytest -q --fast

# linters, types, links of the pages
check:
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/mypy
    .venv/bin/python -m pytest -q tests/test_pages.py

# the documentation site, into build/site; a warning fails it
docs:
    .venv/bin/pip install -q -c constraints.txt -e '.[docs,limits]'
    .venv/bin/python docs/site/build.py

# the code of the site's own pages, as a reader would type it
docs-run:
    .venv/bin/python docs/site/run_blocks.py

# everything, in a fresh clone and fresh environments
all:
    .ci/run

# further seeds of the kill and damage tests, and the longest reproductions
long:
    .venv/bin/python -m pytest -q -n 2 -m long

# measure again what each test costs (tests/costs.txt), by which 'test' chooses
measure:
    .venv/bin/python -m pytest -q --measure
