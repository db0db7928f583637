from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "socap"
VAGUE = {"utils", "util", "helpers", "common", "misc", "base", "core", "types", "models"}
HEAVY = {
    "click",
    "jinja2",
    "openpyxl",
    "numpy",
    "pyarrow",
    "vl_convert",
    "durable",
    "durable_rules_engine",
    "networkx",
    "pydantic",
    "rich",
    "yaml",
}


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.name))
def test_file_is_short_shallow_and_named_by_what_it_holds(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 400
    assert len(path.relative_to(SOURCE).parts) <= 3
    assert path.stem.strip("_") not in VAGUE


def test_folders_are_named_by_what_they_hold() -> None:
    folders = {p.name for p in SOURCE.rglob("*") if p.is_dir()}
    assert not folders & VAGUE


def test_imports_go_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_import_loads_nothing_heavy_and_starts_no_thread() -> None:
    loaded, threads = run_python(
        "import sys, threading, os, socap\n"
        "print(' '.join(name for name in sys.modules if '.' not in name))\n"
        "print(threading.active_count())"
    ).splitlines()
    assert not HEAVY & set(loaded.split())
    assert threads == "1"


def test_every_public_name_is_there() -> None:
    run_python("import socap\nfor name in socap.__all__: getattr(socap, name)")
