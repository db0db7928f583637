"""Every command and program of the README runs as it stands."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)
COMMANDS = [
    [line.partition("#")[0].strip() for line in block.splitlines() if line.startswith("socap ")]
    for kind, block in BLOCKS
    if kind == "sh"
]
PROGRAMS = [block for kind, block in BLOCKS if kind == "python"]


def test_there_is_something_to_run() -> None:
    assert sum(map(len, COMMANDS)) >= 20
    assert PROGRAMS


@pytest.mark.parametrize("block", [block for block in COMMANDS if block])
def test_the_commands_of_a_block_run_one_after_another(block: list[str], tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copytree(ROOT / "tests" / "cases", tmp_path / "tests" / "cases")
    for command in block:
        program, *arguments = shlex.split(command)
        done = subprocess.run(
            [sys.executable, "-m", program, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode in (0, 1, 3), (command, done.stderr)
        if "-o" in arguments:
            assert (tmp_path / arguments[arguments.index("-o") + 1]).exists(), command
        else:
            assert done.stdout, command
        assert arguments[0] != "check" or done.returncode == 0, done.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_runs(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
