"""Credit in words, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.crosswalk.relation import Coverage
from socap.errors import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.crediting.credit import Credit, RequirementCredit
    from socap.errors import Lang

COVERAGE_TITLES = {
    Coverage.FULL: Text("已覆盖", "covered"),
    Coverage.PARTIAL: Text("部分覆盖", "partly covered"),
    Coverage.NONE: Text("未覆盖", "not covered"),
}
_TITLE = Text("证书采信", "Credit for certificates")
_NO_CERTIFICATE = Text("企业文件未列证书", "the company file lists no certificate")
_COUNTS_AS = Text("予以采信", "counts")
_GIVES_NONE = Text("不予采信", "gives no credit")
_TO_CONFIRM = Text("待审核员确认", "for an auditor to confirm")
_STILL = Text("仍须出示", "still to be shown")
_WITHHELD = Text("因证据不予采信的要求", "Requirements that evidence bars from credit")
_RESIDUAL = Text("仍须出示的证据项", "Evidence items still to be shown")
_MOST = Text(
    "再取得哪项证书最有用（下列数字按范围、认可与有效期均满足计）",
    "Which further certificate would settle most (given that scope, accreditation and dates hold)",
)


def credit_text(made: Credit, lang: Lang) -> str:
    """Return the credit as lines of plain text."""
    return "\n".join(printable(line) for line in _lines(made, lang)) + "\n"


def _lines(made: Credit, lang: Lang) -> Iterator[str]:
    def word(text: Text) -> str:
        return text.in_language(lang)

    yield f"{word(_TITLE)}  {made.organisation.name.in_language(lang)}  [{made.as_of.isoformat()}]"
    yield word(_summary(made))
    yield ""
    if not made.holdings:
        yield word(_NO_CERTIFICATE)
    for held in made.holdings:
        state = word(_COUNTS_AS if held.counts else _GIVES_NONE)
        yield f"{held.number}. {held.certificate.standard}: {state}"
        yield from (f"   - {word(reason)}" for reason in held.refused)
        yield from (f"   - {word(_TO_CONFIRM)}: {word(c)}" for c in held.conditions)
    for coverage in (Coverage.FULL, Coverage.PARTIAL):
        found = made.having(coverage)
        if found:
            yield from ("", f"{word(COVERAGE_TITLES[coverage])} ({len(found)})")
        for one in found:
            yield _one(one, made, lang)
            if one.residual:
                yield f"    {word(_STILL)}: {', '.join(one.residual)}"
    withheld = [one for one in made.requirements.values() if _bars(one, made)]
    if withheld:
        yield from ("", f"{word(_WITHHELD)} ({len(withheld)})")
        for one in withheld:
            assert one.withheld is not None
            yield f"  {one.requirement}  {word(one.withheld)}"
    yield from ("", f"{word(_RESIDUAL)} ({len(made.residual)})")
    for key, names in made.residual.items():
        yield f"  {key}: {', '.join(names)}"
    if made.most_settling:
        yield from ("", word(_MOST))
    for p in made.most_settling:
        yield f"  {p.standard} {word(p.title)}: " + word(
            Text(
                f"新增覆盖 {p.covered} 条，部分覆盖 {p.partly} 条，少出示证据 {p.items} 项",
                f"{p.covered} more covered, {p.partly} partly, {p.items} items fewer to be shown",
            )
        )


def _summary(made: Credit) -> Text:
    full, part, none = (
        len(made.having(c)) for c in (Coverage.FULL, Coverage.PARTIAL, Coverage.NONE)
    )
    settled, left = len(made.items_settled), len(made.residual)
    undecided = len(made.undecided)
    return Text(
        f"适用要求 {len(made.requirements)} 条：已覆盖 {full}，部分覆盖 {part}，未覆盖 {none}"
        f"（另有 {undecided} 条是否适用尚未确定）；"
        f"所涉证据 {settled + left} 项，其中 {settled} 项不必再出示",
        f"of {len(made.requirements)} applicable requirements {full} are covered, {part} partly and "
        f"{none} not ({undecided} more may apply); of {settled + left} evidence items {settled} no "
        "longer have to be shown",
    )


def _one(one: RequirementCredit, made: Credit, lang: Lang) -> str:
    title = made.standard.requirements[one.requirement].title.in_language(lang)
    by = ", ".join(
        f"{b.relation.standard} {b.relation.reference} [{b.certificate}]" for b in one.by
    )
    return f"  {one.requirement}  {title}: {by}"


def _bars(one: RequirementCredit, made: Credit) -> bool:
    counting = {h.standard for h in made.holdings if h.counts}
    relations = made.standard.crosswalk.of(one.requirement)
    covering = (r for r in relations if r.coverage is not Coverage.NONE)
    return one.withheld is not None and any(r.standard in counting for r in covering)


def printable(line: str) -> str:
    r"""Return a line without control and direction characters.

    >>> printable("a\x1b[31m\u202eb")
    'a [31m b'
    """
    return "".join(c if c.isprintable() else " " for c in line)
