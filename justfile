# Each recipe is one plain command that also works without just; ./run makes the environment.
check: lint types test

lint:
    ruff format --check .
    ruff check .
    lint-imports

types:
    mypy

test *args:
    python -m pytest -n 2 {{args}}

bench:
    python benchmarks/single.py
