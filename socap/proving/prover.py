"""Everything that is proved about a pack, in one call."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from socap.cases import USUAL_DAY
from socap.errors import MissingExtraError
from socap.proving.report import ProofFinding, ProofReport, Waiver
from socap.proving.waivers import read_waivers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from socap.proving.checks import Checks
    from socap.rules.vocabulary import Parameter
    from socap.standard import Standard


def prove(
    standard: Standard, *, waivers: Path | None = None, as_of: date = USUAL_DAY
) -> ProofReport:
    """Prove that a pack's requirements each ask something, can be met, and agree.

    What is proved holds for every company whose circumstances are all answered, undisputed and
    plausible; rules are read with the parameters' defaults (the middle of its range for one that
    has none) on the day `as_of`.
    Raises PackError for a file of waivers that is wrong, MissingExtraError without the solver,
    UsageError where the solver comes to no conclusion.
    """
    accepted = read_waivers(waivers, standard) if waivers is not None else ()
    checks = _checks(standard, as_of)
    found: list[ProofFinding] = []
    waived: list[tuple[ProofFinding, Waiver]] = []
    for proof in _proofs(checks):
        waiver = next((w for w in accepted if w.covers(proof)), None)
        if waiver is None:
            found.append(proof)
        else:
            waived.append((proof, waiver))
    used = [waiver for _, waiver in waived]
    return ProofReport(
        standard.id,
        standard.title,
        standard.hash,
        as_of,
        len(standard.requirements),
        checks.solver.asked,
        tuple(found),
        tuple(waived),
        tuple(w for w in accepted if w not in used),
    )


def _checks(standard: Standard, as_of: date) -> Checks:
    try:
        import_module("z3")
    except ImportError:
        raise MissingExtraError("prove") from None
    checks, solver = (import_module(f"socap.proving.{n}") for n in ("checks", "solver"))
    assumed = {
        name: _middle(p) for name, p in standard.vocabulary.parameters.items() if p.default is None
    }
    made = solver.Solver(
        standard.vocabulary,
        [rule.contradicted_when for rule in standard.consistency],
        as_of,
        {**standard.parameters(), **assumed},
        [e for r in standard.requirements.values() for e in (r.applies_when, r.satisfied_when)],
    )
    found: Checks = checks.Checks(standard, made, assumed)
    return found


def _middle(p: Parameter) -> int | float:
    if p.minimum is None or p.maximum is None:
        return p.minimum or p.maximum or 0
    return (p.minimum + p.maximum) // 2


def _proofs(checks: Checks) -> Iterator[ProofFinding]:
    made, ranges = import_module("socap.proving.checks"), import_module("socap.proving.ranges")
    standard = checks.standard
    alone = {r.id: list(checks.one(r)) for r in standard.requirements.values()}
    for found in alone.values():
        yield from found
    sound = [r for r in standard.requirements.values() if not alone[r.id]]
    pairs = made.sharing(sound, standard.vocabulary)
    yield from checks.implied(pairs)
    known: set[frozenset[str]] = set()
    for group in ([r] for r in sound):
        yield from checks.conflicts(group, known)
    for pair in pairs:
        yield from checks.conflicts(pair, known)
    for group in made.joined(sound, pairs):
        yield from checks.conflicts(group, known)
    rules = [e for r in sound for e in (r.applies_when, r.satisfied_when)]
    bits = made.circumstances(rules, standard.vocabulary)
    yield from checks.together(sound, bits, known)
    for clause in dict.fromkeys(r.clause for r in standard.requirements.values()):
        inside = [r for r in standard.requirements.values() if r.clause == clause]
        yield from checks.emptied(clause, inside)
    for r in sound:
        yield from ranges.ranges(checks, r)
