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
EXAMPLE = ROOT / "examples" / "huaqiao-software.yaml"
SPARED = {
    "difflib",
    "networkx",
    "rich",
    "shutil",
    "socap.crosswalk.catalogue",
    "socap.graph",
    "socap.proof",
    "socap.reports.record",
    "socap.scoring",
    "tempfile",
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


def test_a_plain_assessment_loads_only_what_it_uses() -> None:
    loaded = run_python(
        "import io, sys\n"
        "from contextlib import redirect_stdout\n"
        "from socap.cli import run\n"
        "with redirect_stdout(io.StringIO()):\n"
        f"    run(['assess', {str(EXAMPLE)!r}, '--as-of', '2026-11-01', '--format', 'json'])\n"
        "print(' '.join(sys.modules))"
    ).split()
    assert not SPARED & set(loaded)


def test_garbage_waits_in_the_command_line_only() -> None:
    run_python(
        "import gc, sys\n"
        "usual = gc.get_threshold()\n"
        "import socap, socap.cli\n"
        "socap.load()\n"
        "assert gc.get_threshold() == usual and gc.get_freeze_count() == 0\n"
        "sys.argv = ['socap', '--version']\n"
        "try:\n"
        "    socap.cli.main()\n"
        "except SystemExit:\n"
        "    pass\n"
        "assert gc.get_threshold()[0] == socap.cli.OBJECTS_BEFORE_COLLECTING\n"
        "assert gc.isenabled() and gc.get_freeze_count() > 0"
    )


def test_every_public_name_is_there() -> None:
    run_python("import socap\nfor name in socap.__all__: getattr(socap, name)")
