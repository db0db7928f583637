"""Where packs lie: the bundled ones by name, anybody else's by folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from socap.documents import Document, Positions, parse_document, read_bytes
from socap.errors import PackError, Problem, Text, did_you_mean

_ROOT = Path(__file__).parent
MAIN = "services-outsourcing-capabilities"
_COMPANIONS = _ROOT / "companions"
BUNDLED: dict[str, tuple[Path, ...]] = {
    MAIN: (_ROOT / "clauses" / "data", _ROOT / "annex_c" / "data"),
    "post-specification-1": (_COMPANIONS / "post_specification_1",),
    "post-specification-2": (_COMPANIONS / "post_specification_2",),
    "post-specification-3": (_COMPANIONS / "post_specification_3",),
    "bpo-post-competencies": (_COMPANIONS / "bpo_post_competencies",),
    "staff-duties": (_COMPANIONS / "staff_duties",),
    "it-outsourcing-assessment": (_COMPANIONS / "it_outsourcing_assessment",),
    "municipal-recognition": (_COMPANIONS / "municipal_recognition",),
}
_COMPILED = _ROOT / "compiled"
_CROSSWALKS = {MAIN: _ROOT / "crosswalk" / "data"}
REQUIRED = ("pack", "headings", "vocabulary", "profile", "parameters")
OPTIONAL = ("consistency", "grading", "scoring")


@dataclass(frozen=True, slots=True)
class Written:
    """One file of a pack as it is written, and where its values lie compiled, if they do."""

    file: Path
    content: bytes
    compiled: Path | None

    def document(self) -> Document:
        """Return the values of the file. Raises PackError with every problem found in it."""
        if self.compiled is None:
            return parse_document(self.content, str(self.file), PackError)
        data = json.loads(self.compiled.read_bytes())["files"][self.file.name]
        return Document(str(self.file), data, Positions(self.content, str(self.file)))


@dataclass(frozen=True, slots=True)
class Source:
    """The files of a pack: documents by name, crosswalk files unparsed, and the hash of all."""

    documents: dict[str, Document]
    crosswalk: tuple[Written, ...]
    hash: str


def find(place: str | Path) -> tuple[tuple[Path, ...], Path]:
    """Return the folders of a pack, and the folder of its crosswalk.

    Raises PackError, with the closest name, where there is neither such a pack nor such a folder.
    """
    if isinstance(place, str) and place in BUNDLED:
        return BUNDLED[place], _CROSSWALKS.get(place, BUNDLED[place][0] / "crosswalk")
    folder = Path(place)
    if not folder.is_dir():
        message = Text(
            "既不是随附标准的名称，也不是标准目录",
            "this is neither a bundled pack nor a pack folder",
        )
        raise PackError([Problem(message, file=str(place), hint=did_you_mean(str(place), BUNDLED))])
    return (folder,), folder / "crosswalk"


def source(place: str | Path) -> Source:
    """Read the files of a pack. Raises PackError with every problem found in them.

    A bundled pack's values are read compiled where they were compiled from exactly these files.
    """
    folders, crosswalk = find(place)
    files = [file for folder in folders for file in sorted(folder.glob("*.yaml"))]
    contents = {file: read_bytes(file, PackError) for file in files}
    relations = {file: read_bytes(file, PackError) for file in sorted(crosswalk.glob("*.yaml"))}
    digest = sha256()
    for file, content in (*contents.items(), *relations.items()):
        digest.update(file.name.encode() + b"\0" + str(len(content)).encode() + b"\0" + content)
    made = digest.hexdigest()
    compiled = _compiled(place, made)
    documents = _documents(contents, compiled)
    missing = [name for name in REQUIRED if name not in documents]
    if missing:
        raise PackError(
            [
                Problem(
                    Text(f"缺少文件 {n}.yaml", f"the file {n}.yaml is missing"), file=str(place)
                )
                for n in missing
            ]
        )
    unparsed = (Written(f, c, compiled and _crosswalk_of(compiled)) for f, c in relations.items())
    return Source(documents, tuple(unparsed), made)


def _documents(contents: dict[Path, bytes], compiled: Path | None) -> dict[str, Document]:
    if compiled is None:
        return {f.stem: Written(f, c, None).document() for f, c in contents.items()}
    held = json.loads(compiled.read_bytes())["files"]
    return {
        f.stem: Document(str(f), held[f.name], Positions(c, str(f))) for f, c in contents.items()
    }


def _compiled(place: str | Path, digest: str) -> Path | None:
    if not isinstance(place, str) or place not in BUNDLED:
        return None
    try:
        stamp = (_COMPILED / f"{place}.hash").read_text(encoding="ascii")
    except OSError:
        return None
    return _COMPILED / f"{place}.json" if stamp == digest else None


def _crosswalk_of(compiled: Path) -> Path:
    return compiled.with_suffix(".crosswalk.json")


def compile_bundled() -> None:
    """Write every bundled pack's values as JSON beside the package's code, for a quick start.

    This is what a build does; the package itself writes nothing. Raises PackError.
    """
    _COMPILED.mkdir(exist_ok=True)
    for name in BUNDLED:
        stamp = _COMPILED / f"{name}.hash"
        stamp.unlink(missing_ok=True)
        made = source(name)
        values: dict[str, Any] = {Path(d.file).name: d.data for d in made.documents.values()}
        relations = {one.file.name: one.document().data for one in made.crosswalk}
        target = _COMPILED / f"{name}.json"
        for file, held in ((target, values), (_crosswalk_of(target), relations)):
            told = json.dumps({"files": held}, ensure_ascii=False, separators=(",", ":"))
            file.write_text(told, encoding="utf-8")
        stamp.write_text(made.hash, encoding="ascii")
