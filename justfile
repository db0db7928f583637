# Each recipe is one plain command that also works without just; ./run makes the environment.
check: lint types test

lint:
    ruff format --check .
    ruff check .
    lint-imports

types:
    mypy

test *args:
    python -m pytest -n 2 --dist loadscope {{args}}

# what is generated from the data: handbooks and JSON Schemas
generated:
    python docs/generate.py

# the rules against their cases
mutation:
    socap check --mutation

bench:
    python benchmarks/all.py
