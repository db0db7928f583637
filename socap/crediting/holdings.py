"""Which certificates of an organisation count on a date, and every reason for which one does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from socap.crediting.acceptance import acceptance
from socap.crosswalk.relation import ReferenceKind
from socap.errors import Text
from socap.evidence import Assurance
from socap.explanation import some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from socap.crosswalk.relation import Crosswalk
    from socap.organisation import Certificate, Organisation

LEVELS = range(1, 6)
_SCOPES = {
    "site": (Text("场所", "site"), Text("场所", "sites")),
    "service": (Text("服务", "service"), Text("服务", "services")),
}


@dataclass(frozen=True, slots=True)
class Holding:
    """One certificate: the crosswalk standard it is of, and why it gives nothing, if so.

    `number` counts the certificates of the company file from 1. `conditions` are what a company
    file cannot show and an auditor has to confirm.
    """

    number: int
    certificate: Certificate
    standard: str | None
    refused: tuple[Text, ...]
    conditions: tuple[Text, ...]

    @property
    def counts(self) -> bool:
        """Whether the certificate gives credit."""
        return not self.refused


def holdings(
    organisation: Organisation, crosswalk: Crosswalk, as_of: date, assurance: Assurance
) -> tuple[Holding, ...]:
    """Return every certificate of a company file, judged on a date.

    A certificate counts only if it is in date (the last day included), stated to be accredited, of
    an edition the crosswalk is for, and names every site and service that the company file lists.
    """
    terms = acceptance()
    found = []
    for number, held in enumerate(organisation.certificates, 1):
        standard, unknown = terms.identify(held.standard, crosswalk.standards)
        reasons = [] if unknown is None else [unknown]
        reasons += _dates(held, as_of)
        reasons += _standing(held, assurance)
        reasons += _scope(held, organisation)
        if standard is not None and crosswalk.standard(standard).kind is ReferenceKind.APPRAISAL:
            reasons += _level(held, terms.minimum_level, terms.level_basis)
        conditions = () if reasons or standard is None else terms.conditions_of(standard)
        found.append(Holding(number, held, standard, tuple(reasons), conditions))
    return tuple(found)


def _dates(held: Certificate, as_of: date) -> Iterator[Text]:
    if held.valid_until is None:
        yield Text("未写有效期（valid_until）", "valid_until is not stated")
    elif held.valid_until < as_of:
        day = held.valid_until.isoformat()
        yield Text(f"已于 {day} 到期", f"it expired on {day}")


def _standing(held: Certificate, assurance: Assurance) -> Iterator[Text]:
    if not held.accredited:
        yield Text(
            "未说明由经认可的机构颁发（accredited 不为 true）",
            "it is not stated to be accredited (accredited is not true)",
        )
    if assurance is Assurance.VERIFIED:
        yield Text(
            "只计入经核实的证据，而证书只是企业声明持有",
            "only verified evidence counts, and a certificate is only declared",
        )


def _scope(held: Certificate, organisation: Organisation) -> Iterator[Text]:
    for kind, named in (("site", held.sites), ("service", held.services)):
        one, many = _SCOPES[kind]
        listed = [record.id for record in organisation.records.get(kind, ())]
        if not listed:
            yield Text(
                f"范围无从核对：企业文件未列{one.zh}记录（records.{kind}）",
                f"its scope cannot be checked: the company file lists no {one.en} (records.{kind})",
            )
        if not named:
            yield Text(
                f"范围无从核对：证书未写{one.zh}（{many.en}）",
                f"its scope cannot be checked: it names no {many.en}",
            )
        outside = tuple(identifier for identifier in listed if identifier not in named)
        if named and outside:
            yield Text(
                f"范围不含{one.zh}：{some(outside, 'zh')}",
                f"its scope leaves out the {one.en if len(outside) == 1 else many.en} {some(outside, 'en')}",
            )


def _level(held: Certificate, minimum: int, basis: Text) -> Iterator[Text]:
    if held.level is None:
        yield Text("评定未写级别（level）", "the level of the appraisal is not stated")
    elif held.level not in LEVELS:
        yield Text(
            f"级别 {held.level} 不存在，应为 1 到 5",
            f"there is no level {held.level}; levels go from 1 to 5",
        )
    elif held.level < minimum:
        yield Text(
            f"级别 {held.level} 低于 {minimum}：{basis.zh}",
            f"level {held.level} is below {minimum}: {basis.en}",
        )
