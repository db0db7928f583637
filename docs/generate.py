"""Write what is generated from the data: the handbook in two languages and the JSON Schemas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from socap.packs import BUNDLED
from socap.reports.handbook import handbook
from socap.schemas.catalogue import MAKERS, as_json, schema
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.errors import Lang

ROOT = Path(__file__).parents[1]
LANGS: tuple[Lang, ...] = ("zh", "en")


def generated() -> Iterator[tuple[Path, str]]:
    """Yield each generated file and its content."""
    for lang in LANGS:
        yield ROOT / "docs" / f"handbook.{lang}.md", handbook(load(), lang)
    for kind in MAKERS:
        yield ROOT / "socap" / "schemas" / "data" / f"{kind}.json", as_json(schema(kind, load()))
    for name in BUNDLED:
        file = ROOT / "socap" / "schemas" / "data" / f"company-{name}.json"
        yield file, as_json(schema("company", load(name)))


if __name__ == "__main__":
    for target, content in generated():
        target.parent.mkdir(exist_ok=True)
        target.write_text(content, encoding="utf-8")
