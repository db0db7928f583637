"""What applies, as an OSCAL profile: a selection of the catalog's controls.

Source: NIST OSCAL 1.2.1, profile model. A requirement that applies under a condition not decided
by the types is selected, and its control says so: leaving it out would claim that it does not
apply. What is excluded with a justification is a finding, not applicability: see `results`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.applicability_matrix import Applicability, Cell, matrix
from socap.errors import Problem, Text, UsageError
from socap.oscal import identifiers as ids
from socap.oscal.document import (
    UNDATED,
    Json,
    line,
    metadata,
    midnight,
    named,
    own_part,
    prop,
    version,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard


def profile(
    standard: Standard,
    types: Iterable[str] | None = None,
    *,
    organisation: Organisation | None = None,
    as_of: date | None = None,
    lang: Lang = "zh",
) -> Json:
    """Return the controls that apply to a provider of all the types, by default of every type.

    With an organisation (and `as_of`) its own types and circumstances decide instead. Raises
    UsageError as `socap.matrix` does, for types beside an organisation, and where nothing applies.
    """
    if organisation is not None and types is not None:
        message = Text(
            "类型与企业只能给出其一", "give outsourcing types or an organisation, not both"
        )
        raise UsageError([Problem(message)])
    made = matrix(standard, types, organisation=organisation, as_of=as_of)
    cells = {row.requirement: row.cells[-1] for row in made.rows}
    chosen = [r for r, c in cells.items() if c.decision is not Applicability.DOES_NOT_APPLY]
    if not chosen:
        raise UsageError([Problem(Text("没有适用的要求", "no requirement applies"))])
    column = sorted(made.columns[-1])
    whose = Text("、".join(column), ", ".join(column))
    if organisation is not None:
        whose = organisation.name
    title = Text(
        f"{named(standard).zh}：适用的要求（{whose.zh}）",
        f"{named(standard).en}: what applies ({whose.en})",
    )
    who = "" if organisation is None else organisation.id
    when = "" if as_of is None else as_of.isoformat()
    resource = ids.identify("catalog file", *ids.edition(standard))
    document: Json = {
        "uuid": ids.identify("profile", *ids.edition(standard), who, when, *column, lang),
        "metadata": metadata(
            standard,
            title,
            lang,
            modified=UNDATED if as_of is None else midnight(as_of),
            version=version(standard),
        ),
        "imports": [
            {
                "href": f"#{resource}",
                "include-controls": [{"with-ids": [ids.control(name) for name in chosen]}],
            }
        ],
        "merge": {"as-is": True},
    }
    document["metadata"]["props"] += [prop("type", name) for name in column]
    conditional = [(name, cells[name]) for name in chosen if cells[name].condition is not None]
    if conditional:
        document["modify"] = {"alters": [_condition(name, c, lang) for name, c in conditional]}
    document["back-matter"] = {"resources": [catalog_resource(standard, lang)]}
    return {"profile": document}


def _condition(name: str, cell: Cell, lang: Lang) -> Json:
    assert cell.condition is not None
    return {
        "control-id": ids.control(name),
        "adds": [
            {
                "position": "ending",
                "props": [prop("applicability", cell.decision.value)],
                "parts": [own_part("applies-if", cell.condition, lang)],
            }
        ],
    }


def catalog_resource(standard: Standard, lang: Lang) -> Json:
    """Return the back-matter entry that stands for the catalog, a file beside the document."""
    return {
        "uuid": ids.identify("catalog file", *ids.edition(standard)),
        "title": line(named(standard).in_language(lang)),
        "props": [prop("catalog", ids.catalog_uuid(standard, lang)), prop("hash", standard.hash)],
        "rlinks": [{"href": ids.catalog_file(standard), "media-type": "application/json"}],
    }
