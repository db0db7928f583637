"""Whether every value that a parameter may take leaves a requirement something to ask."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from socap.errors import Text
from socap.proving import sentences
from socap.proving.report import Kind, ProofFinding
from socap.proving.solver import Claim
from socap.proving.witness import company
from socap.rules import expressions as x

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.clauses.requirement import Requirement
    from socap.proving.checks import Checks
    from socap.proving.solver import Found
    from socap.rules.vocabulary import Parameter

_NEVER_APPLIES = Text("永不适用", "never applies")
_NEVER = Text("没有任何组织能够满足", "can be met by no company to which it applies")
_ALWAYS = Text("不可能不满足", "can be failed by no company to which it applies")


def ranges(checks: Checks, r: Requirement) -> Iterator[ProofFinding]:
    """Yield each value of a parameter that makes a requirement impossible or idle.

    The others keep their values. Both ends of the range are tried: what a rule allows only grows,
    or only shrinks, with a parameter it reads once. Where it is read more often, so are its values
    next to every number in the requirement.
    """
    for name in r.parameter_names:
        parameter = checks.standard.vocabulary.parameters[name]
        for value in _values(r, parameter):
            if value == checks.solver.parameters[name]:
                continue
            found = _effect(checks, r, {**checks.assumed, name: value})
            if found is None:
                continue
            effect, shown = found
            text = sentences.out_of_range(r, parameter, value, effect)
            read = [r.applies_when, r.satisfied_when]
            assumed = {n: v for n, v in checks.assumed.items() if n in r.parameter_names}
            values = tuple(sorted({**assumed, name: value}.items()))
            written = company(shown, checks.standard, read)
            yield ProofFinding(Kind.PARAMETER_RANGE, (r.id,), text, written, values, name)


def _effect(
    checks: Checks, r: Requirement, values: dict[str, int | float]
) -> tuple[Text, Found] | None:
    find, applies, met = checks.solver.find, Claim(r.applies_when), Claim(r.satisfied_when)
    cases = [
        (_ALWAYS, [applies, met], [applies, replace(met, holds=False)]),
        (_NEVER, [applies, replace(met, holds=False)], [applies, met]),
        (_NEVER, [applies], [applies, met]),
        (_NEVER_APPLIES, [replace(applies, holds=False)], [applies]),
    ]
    for effect, shown, impossible in cases:
        if not checks.solver.ask(*impossible, parameters=values):
            found = find(*shown, parameters=values)
            if found is not None:
                return effect, found
    return None


def _values(r: Requirement, parameter: Parameter) -> tuple[int | float, ...]:
    low, high = parameter.minimum, parameter.maximum
    ends = [end for end in (low, high) if end is not None]
    near: list[int | float] = []
    if _times(r, parameter.name) > 1:
        for node in (n for rule in (r.applies_when, r.satisfied_when) for n in x.walk(rule)):
            operand = node.operand if isinstance(node, x.Condition) else None
            if isinstance(node, x.Quantified):
                operand = node.limit
            if isinstance(operand, x.Literal) and type(operand.value) in (int, float):
                assert isinstance(operand.value, (int, float))
                near += [operand.value - 1, operand.value, operand.value + 1]
    inside = [v for v in near if (low is None or v >= low) and (high is None or v <= high)]
    return tuple(sorted({*ends, *inside}))


def _times(r: Requirement, name: str) -> int:
    count = 0
    for node in (n for rule in (r.applies_when, r.satisfied_when) for n in x.walk(rule)):
        operand = node.operand if isinstance(node, x.Condition) else None
        limit = node.limit if isinstance(node, x.Quantified) else None
        count += x.ParameterRef(name) in (operand, limit)
    return count
