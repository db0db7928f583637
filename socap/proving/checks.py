"""What is asked of a pack: of each requirement, of pairs, of clauses and of all together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from socap.clauses.requirement import Grade
from socap.proving import sentences
from socap.proving.report import Kind, ProofFinding
from socap.proving.solver import Claim, Solver
from socap.proving.witness import company
from socap.rules import expressions as x
from socap.rules.vocabulary import TYPES_KEY, Vocabulary

if TYPE_CHECKING:
    from socap.clauses.requirement import Requirement
    from socap.errors import Text
    from socap.standard import Standard

_RANK = {Grade.OPPORTUNITY: 0, Grade.MINOR: 1, Grade.MAJOR: 2}
Profile = tuple[Claim, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Checks:
    """The questions about one pack; `assumed` are values for parameters that have none."""

    standard: Standard
    solver: Solver
    assumed: dict[str, int | float]

    def proof(
        self,
        kind: Kind,
        asked: Sequence[Requirement],
        text: Text,
        claims: Sequence[Claim],
        excluded: Sequence[str] = (),
    ) -> ProofFinding:
        """Return what was found, with a company of which the claims hold."""
        found = self.solver.find(*claims)
        rules = [rule for r in asked for rule in (r.applies_when, r.satisfied_when)]
        read = [*rules, *(claim.expression for claim in claims)]
        names = tuple(r.id for r in asked)
        needed = {name for rule in read for name in x.parameters_read(rule)}
        values = tuple((n, v) for n, v in sorted(self.assumed.items()) if n in needed)
        written = "" if found is None else company(found, self.standard, read, excluded)
        return ProofFinding(kind, names, text, written, values)

    def one(self, r: Requirement) -> Iterator[ProofFinding]:
        """Yield what is wrong with one requirement by itself."""
        ask = self.solver.ask
        applies = Claim(r.applies_when)
        met, unmet = Claim(r.satisfied_when), Claim(r.satisfied_when, holds=False)
        if not ask(applies):
            yield self.proof(Kind.NEVER_APPLIES, [r], sentences.never_applies(r), [])
            return
        possible = ask(applies, met)
        shown = [applies, met] if possible else [applies]
        if not isinstance(r.applies_when, x.Always) and not ask(Claim(r.applies_when, holds=False)):
            yield self.proof(Kind.ALWAYS_APPLIES, [r], sentences.always_applies(r), shown)
        if not possible:
            text = sentences.never_satisfiable(r)
            shown = [applies, unmet] if ask(applies, unmet) else [applies]
            yield self.proof(Kind.NEVER_SATISFIABLE, [r], text, shown)
        elif not ask(applies, unmet):
            yield self.proof(Kind.ALWAYS_SATISFIED, [r], sentences.always_satisfied(r), shown)

    def implied(self, pairs: Iterable[tuple[Requirement, Requirement]]) -> Iterator[ProofFinding]:
        """Yield each requirement that another one makes redundant.

        The other applies wherever it does, cannot be left out where it cannot, and weighs as much.
        """
        for pair in pairs:
            for a, b in (pair, pair[::-1]):
                spared = b.exclusion is not None and a.exclusion is None
                if not spared and _RANK[b.severity] >= _RANK[a.severity] and self._follows(a, b):
                    shown = [Claim(r) for r in (a.applies_when, a.satisfied_when, b.satisfied_when)]
                    yield self.proof(Kind.IMPLIED_BY, [a, b], sentences.implied(a, b), shown)

    def _follows(self, a: Requirement, b: Requirement) -> bool:
        ask, applies, met = self.solver.ask, Claim(a.applies_when), Claim(b.satisfied_when)
        return (
            not ask(applies, met, Claim(a.satisfied_when, holds=False))
            and not ask(applies, Claim(b.applies_when, holds=False))
            and ask(applies, met)
        )

    def conflicts(
        self, group: Sequence[Requirement], known: set[frozenset[str]]
    ) -> list[ProofFinding]:
        """Return the smallest sets that cannot be met together, under each profile they read.

        `known` are sets found before, which are not told again; what is found is added.
        """
        bits = circumstances(
            [e for r in group for e in (r.applies_when, r.satisfied_when)], self.standard.vocabulary
        )
        found = []
        for profile in self.profiles(bits, []):
            found += self.under(profile, group, known)
        return found

    def under(
        self, profile: Profile, group: Sequence[Requirement], known: set[frozenset[str]]
    ) -> list[ProofFinding]:
        """Return the smallest sets of a group that cannot be met together under one profile."""
        found: list[ProofFinding] = []
        left = list(group)
        while True:
            core = self._core(profile, left)
            if not core:
                return found
            names = frozenset(r.id for r in core)
            if names not in known:
                known.add(names)
                found.append(self._conflict(profile, core))
            left.remove(core[-1])

    def _core(self, profile: Profile, group: Sequence[Requirement]) -> list[Requirement]:
        """Return a smallest set that cannot be met under a profile; empty where all can."""
        clash = self.solver.clash([*profile, *map(_met, group)]) or ()
        core = [group[i - len(profile)] for i in clash if i >= len(profile)]
        for r in tuple(core):
            rest = [other for other in core if other is not r]
            if not self.solver.ask(*profile, *map(_met, rest)):
                core = rest
        return core

    def _conflict(self, profile: Profile, core: Sequence[Requirement]) -> ProofFinding:
        told = sentences.profile(profile, self.standard.vocabulary)
        shown = [*profile, *map(_met, core[:-1]), Claim(_met(core[-1]).expression, holds=False)]
        if not self.solver.ask(*shown):
            shown = [*profile, *map(_met, core[:-1])]
        if len(core) == 1:
            text = sentences.never_satisfiable(core[0], told)
            return self.proof(Kind.NEVER_SATISFIABLE, core, text, shown)
        return self.proof(Kind.CONTRADICTS, core, sentences.conflict(core, told), shown)

    def profiles(self, bits: Sequence[x.Expression], claims: Sequence[Claim]) -> Iterator[Profile]:
        """Yield every undisputed combination of circumstances for which the claims hold."""
        seen: list[Claim] = []
        while True:
            found = self.solver.find(*claims, *seen, plain=False)
            if found is None:
                return
            profile = tuple(Claim(bit, found.holds(bit)) for bit in bits)
            yield profile
            if not bits:
                return
            same = tuple(c.expression if c.holds else x.Not(c.expression) for c in profile)
            seen.append(Claim(x.All(same), holds=False))

    def together(
        self, group: Sequence[Requirement], bits: Sequence[x.Condition], known: set[frozenset[str]]
    ) -> Iterator[ProofFinding]:
        """Yield what cannot be met together: for every set of types, and with each flag both ways."""
        types = [bit for bit in bits if bit.item == TYPES_KEY]
        flags = [bit for bit in bits if bit.item != TYPES_KEY]
        chosen = [*self.profiles(types, [])]
        for flag in flags:
            either = [Claim(flag, holds) for holds in (True, False)]
            chosen += [(claim,) for claim in either if self.solver.ask(claim)]
        for profile in chosen:
            yield from self.under(profile, group, known)

    def emptied(self, clause: str, group: Sequence[Requirement]) -> Iterator[ProofFinding]:
        """Yield a clause of which exclusions and circumstances can leave nothing to audit."""
        left_out = {r: r.exclusion.allowed_when for r in group if r.exclusion is not None}
        if not left_out:
            return
        every = [
            x.Any((x.Not(r.applies_when), *((left_out[r],) if r in left_out else ())))
            for r in group
        ]
        some = x.Any(tuple(x.All((r.applies_when, rule)) for r, rule in left_out.items()))
        claims = [*map(Claim, every), Claim(some)]
        found = self.solver.find(*claims)
        if found is not None:
            excluded = [r.id for r in left_out if found.holds(r.applies_when)]
            text = sentences.emptied(clause, excluded)
            kind = Kind.EXCLUSION_EMPTIES_CLAUSE
            yield self.proof(kind, group, text, claims, excluded)


def _met(r: Requirement) -> Claim:
    return Claim(x.Any((x.Not(r.applies_when), r.satisfied_when)))


def circumstances(rules: Iterable[x.Expression], words: Vocabulary) -> tuple[x.Condition, ...]:
    """Return the single circumstances that rules read: each flag, each type that they name."""
    types: set[str] = set()
    flags: set[str] = set()
    for node in (node for rule in rules for node in x.walk(rule)):
        if not isinstance(node, x.Condition):
            continue
        if node.item == TYPES_KEY:
            named = node.operand.values if isinstance(node.operand, x.Members) else words.types
            types.update(named)
        keys = [node.item, *([node.operand.key] if isinstance(node.operand, x.ItemRef) else ())]
        flags.update(k for k in keys if k.startswith("profile.") and k != TYPES_KEY)
    return (
        *(x.Condition(TYPES_KEY, x.Operator.INCLUDES, x.Members((t,))) for t in sorted(types)),
        *(x.Condition(key, x.Operator.IS, x.Literal(True)) for key in sorted(flags)),
    )


def sharing(
    requirements: Sequence[Requirement], words: Vocabulary
) -> list[tuple[Requirement, Requirement]]:
    """Return the pairs whose satisfaction rules read a common answer, computed ones expanded."""
    read = {
        r.id: {k for k in words.expanded(r.evidence_keys) if not k.startswith("profile.")}
        for r in requirements
    }
    return [(a, b) for a, b in combinations(requirements, 2) if read[a.id] & read[b.id]]


def joined(
    requirements: Sequence[Requirement], pairs: Iterable[tuple[Requirement, Requirement]]
) -> list[list[Requirement]]:
    """Return the groups of two or more that pairs connect."""
    group = {r.id: [r] for r in requirements}
    for a, b in pairs:
        if group[a.id] is not group[b.id]:
            group[a.id] += group[b.id]
            for r in group[b.id]:
                group[r.id] = group[a.id]
    found = {id(made): made for made in group.values() if len(made) > 1}
    order = {r.id: i for i, r in enumerate(requirements)}
    return [sorted(made, key=lambda r: order[r.id]) for made in found.values()]
