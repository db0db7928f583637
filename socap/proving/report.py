"""What the proofs about a pack found, what of it was accepted, and which acceptance is idle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from socap.errors import Text

if TYPE_CHECKING:
    from socap.errors import Lang


class Kind(StrEnum):
    """What can be wrong with rules that are each well formed."""

    NEVER_SATISFIABLE = "never_satisfiable"
    ALWAYS_SATISFIED = "always_satisfied"
    NEVER_APPLIES = "never_applies"
    ALWAYS_APPLIES = "always_applies_though_conditional"
    IMPLIED_BY = "implied_by"
    CONTRADICTS = "contradicts"
    EXCLUSION_EMPTIES_CLAUSE = "exclusion_empties_clause"
    PARAMETER_RANGE = "parameter_range"


KIND_TITLES = {
    Kind.NEVER_SATISFIABLE: Text("无法满足", "never satisfiable"),
    Kind.ALWAYS_SATISFIED: Text("总是满足", "always satisfied"),
    Kind.NEVER_APPLIES: Text("永不适用", "never applies"),
    Kind.ALWAYS_APPLIES: Text("条件形同虚设", "applies always though conditional"),
    Kind.IMPLIED_BY: Text("重复要求", "implied by another"),
    Kind.CONTRADICTS: Text("互相矛盾", "contradiction"),
    Kind.EXCLUSION_EMPTIES_CLAUSE: Text("条款可被删空", "exclusions empty a clause"),
    Kind.PARAMETER_RANGE: Text("参数范围不当", "parameter range"),
}


@dataclass(frozen=True, slots=True)
class ProofFinding:
    """One thing proved, with a company that shows it.

    `requirements` are in the order in which the sentence names them: of `implied_by` the first
    follows from the second. `company` is a company file; it is to be assessed with `parameters`
    on the report's date; it is empty where no company's circumstances can be undisputed.
    `parameter` is the one whose range is at fault.
    """

    kind: Kind
    requirements: tuple[str, ...]
    text: Text
    company: str
    parameters: tuple[tuple[str, int | float], ...] = ()
    parameter: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the proof as plain JSON values."""
        return {
            "kind": self.kind.value,
            "requirements": list(self.requirements),
            "parameter": self.parameter or None,
            "text": self.text.to_dict(),
            "parameters": dict(self.parameters),
            "company": self.company,
        }


@dataclass(frozen=True, slots=True)
class Waiver:
    """That a proof is accepted as it is, with the reason; of one parameter where it names one."""

    kind: Kind
    requirements: tuple[str, ...]
    reason: str
    parameter: str = ""

    def covers(self, proof: ProofFinding) -> bool:
        """Return whether a proof is the one accepted here."""
        same = (self.kind, self.requirements) == (proof.kind, proof.requirements)
        return same and self.parameter in ("", proof.parameter)

    def to_dict(self) -> dict[str, Any]:
        """Return the waiver as it is written."""
        return {
            "kind": self.kind.value,
            "requirements": list(self.requirements),
            "parameter": self.parameter or None,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class ProofReport:
    """Everything proved about a pack: `findings` to mend or waive, `waived`, and `idle` waivers.

    `questions` is how many questions the solver answered.
    """

    standard: str
    title: Text
    hash: str
    as_of: date
    requirements: int
    questions: int
    findings: tuple[ProofFinding, ...]
    waived: tuple[tuple[ProofFinding, Waiver], ...]
    idle: tuple[Waiver, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing was found that is not waived, and every waiver is needed."""
        return not self.findings and not self.idle

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            "standard": {"id": self.standard, "hash": self.hash},
            "as_of": self.as_of.isoformat(),
            "requirements": self.requirements,
            "questions": self.questions,
            "passed": self.passed,
            "findings": [proof.to_dict() for proof in self.findings],
            "waived": [{**proof.to_dict(), "reason": w.reason} for proof, w in self.waived],
            "idle_waivers": [waiver.to_dict() for waiver in self.idle],
        }

    def to_text(self, lang: Lang) -> str:
        """Return the findings with their companies, what is waived and why, and the totals."""
        lines: list[str] = []
        for proof in self.findings:
            lines += [
                f"{KIND_TITLES[proof.kind].in_language(lang)}: {proof.text.in_language(lang)}"
            ]
            lines += [f"    {name} = {value}" for name, value in proof.parameters]
            lines += [f"    {line}" for line in proof.company.splitlines()]
        waived = Text("已豁免", "waived").in_language(lang)
        reason = Text("理由", "reason").in_language(lang)
        for proof, waiver in self.waived:
            lines.append(f"{waived}: {proof.text.in_language(lang)} ({reason}: {waiver.reason})")
        idle = Text("豁免已无对象", "idle waiver").in_language(lang)
        for waiver in self.idle:
            named = " ".join((*waiver.requirements, waiver.parameter)).strip()
            lines.append(f"{idle}: {waiver.kind.value} {named}")
        total = Text(
            f"{self.title.zh}：{self.requirements} 项要求，求解 {self.questions} 个问题；"
            f"发现 {len(self.findings)} 处，已豁免 {len(self.waived)} 处，无对象的豁免 {len(self.idle)} 处",
            f"{self.title.en}: {self.requirements} requirements, {self.questions} questions solved; "
            f"{len(self.findings)} findings, {len(self.waived)} waived, {len(self.idle)} idle waivers",
        )
        return "\n".join([*lines, total.in_language(lang)]) + "\n"
