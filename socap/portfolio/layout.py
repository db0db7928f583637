"""The columns of a portfolio: one row an organisation, one column a question.

`id` names the organisation, `profile.types` and `profile.<flag>` its profile, `<key>` holds the
answer to an evidence item, `records.<type>` a list of structs (`id` and the fields under their
short names) and `exclusions` the ids of requirements left out. Beside an answer may stand what is
behind it: `<key>#no_case`, `#collected_on`, `#valid_until`, `#status`, `#decimals` (how many were
given, where a floating point column cannot tell) or, instead of all of them, `#sources`. Inside a
record the same stand beside a field, and `collected_on`, `valid_until` and `status` beside all.
A column that is absent is unanswered for everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from socap.portfolio.columns import ID, layout, refuse, without
from socap.portfolio.decoding import decode

if TYPE_CHECKING:
    from collections.abc import Collection

    from socap.errors import Problem
    from socap.rules.planes import Flags
    from socap.standard import Standard


def schema(standard: Standard, *, backing: bool = False) -> pa.Schema:
    """Return the Arrow schema of a standard's portfolio; with `backing` every column it may have.

    >>> from socap.standard import load
    >>> str(schema(load()).field("profile.offshore").type)
    'bool'
    """
    made = layout(standard).columns()
    return pa.schema([(name, kind) for name, kind in made.items() if backing or "#" not in name])


def check(
    batch: pa.RecordBatch,
    standard: Standard,
    *,
    ignore: Collection[str] = (),
    strict: bool = False,
    before: int = 0,
) -> tuple[Flags, tuple[Problem, ...]]:
    """Return which rows of a batch cannot be assessed, and every problem.

    `ignore` names columns that are about something else, `before` the number of rows in earlier
    batches. Raises EvidenceError where the columns themselves are wrong (missing, unknown, of a
    wrong type) and, if `strict`, for any problem in a row.
    """
    wanted = layout(standard)
    refuse(wanted.problems(batch.schema, ignore))
    faults = decode(without(batch, ignore), wanted).faults
    ids = batch.column(batch.schema.get_field_index(ID)).to_pylist() if faults.found else []
    problems = tuple(fault.problem(ids, before) for fault in faults.found)
    if strict:
        refuse(problems)
    return faults.bad, problems
