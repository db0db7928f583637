"""Where packs lie: the bundled ones by name, anybody else's by folder."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from socap.documents import Document, parse_document, read_bytes
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
_CROSSWALKS = {MAIN: _ROOT / "crosswalk" / "data"}
REQUIRED = ("pack", "headings", "vocabulary", "profile", "parameters")
OPTIONAL = ("consistency", "grading", "scoring")


@dataclass(frozen=True, slots=True)
class Source:
    """The files of a pack: documents by name, crosswalk files unparsed, and the hash of all."""

    documents: dict[str, Document]
    crosswalk: tuple[tuple[str, bytes], ...]
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
    """Read the files of a pack. Raises PackError with every problem found in them."""
    folders, crosswalk = find(place)
    files = [file for folder in folders for file in sorted(folder.glob("*.yaml"))]
    contents = {file: read_bytes(file, PackError) for file in files}
    relations = {file: read_bytes(file, PackError) for file in sorted(crosswalk.glob("*.yaml"))}
    documents = {f.stem: parse_document(c, str(f), PackError) for f, c in contents.items()}
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
    digest = sha256()
    for file, content in (*contents.items(), *relations.items()):
        digest.update(file.name.encode() + b"\0" + str(len(content)).encode() + b"\0" + content)
    named = tuple((str(file), content) for file, content in relations.items())
    return Source(documents, named, digest.hexdigest())
