"""A pack read compiled is the pack read from its files, and never one of other files."""

from __future__ import annotations

from pathlib import Path

import pytest

from socap import packs
from socap.documents import parse_document
from socap.lint import lint
from socap.packs import BUNDLED, compile_bundled, source
from socap.standard import load

ROOT = Path(__file__).parents[1]


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(packs, "_COMPILED", tmp_path / "compiled")
    compile_bundled()
    return tmp_path / "compiled"


def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []

    def spy(content: bytes, file: str, *rest: object) -> object:
        seen.append(file)
        return parse_document(content, file, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(packs, "parse_document", spy)
    return seen


def test_every_bundled_pack_is_the_same_compiled(
    compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = {name: source(name) for name in BUNDLED}
    monkeypatch.setattr(packs, "_COMPILED", compiled / "none")
    for name, found in quick.items():
        plain = source(name)
        assert found.hash == plain.hash
        for mine, theirs in (
            (found.documents, plain.documents),
            (
                {one.file.name: one.document() for one in found.crosswalk},
                {one.file.name: one.document() for one in plain.crosswalk},
            ),
        ):
            assert list(mine) == list(theirs)
            for stem, document in theirs.items():
                assert mine[stem].file == document.file
                assert mine[stem].data == document.data
                assert dict(mine[stem].lines) == dict(document.lines)


def test_compiled_packs_are_loaded_without_parsing(
    compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = parsed(monkeypatch)
    source("staff-duties")
    assert seen == []
    (compiled / "staff-duties.hash").write_text("0" * 64)
    source("staff-duties")
    folder = BUNDLED["staff-duties"][0]
    assert sorted(seen) == sorted(map(str, folder.glob("*.yaml")))


@pytest.mark.usefixtures("compiled")
def test_a_place_in_a_compiled_pack_still_has_its_line() -> None:
    document = source("staff-duties").documents["pack"]
    problem = document.problem(("id",), load().title)
    assert problem.line is not None
    assert "id:" in Path(document.file).read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert not lint(load("staff-duties"))
