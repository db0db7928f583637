"""An audit plan in words, for the terminal, and its parts as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socap.auditing.days import FactorState
from socap.auditing.figures import stated, written
from socap.auditing.programme import Visit
from socap.clauses.requirement import Phase
from socap.crediting.wording import COVERAGE_TITLES, printable
from socap.crosswalk.relation import Coverage
from socap.errors import Text
from socap.findings import OUTCOME_TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from socap.audit_plan import AuditPlan
    from socap.auditing.days import AuditDays
    from socap.auditing.programme import Step
    from socap.auditing.sampling import Sample, SiteSample
    from socap.errors import Lang
    from socap.organisation import Organisation

PHASE_TITLES = {
    Phase.PLAN: Text("策划", "plan"),
    Phase.DO: Text("实施", "do"),
    Phase.CHECK: Text("检查", "check"),
    Phase.ACT: Text("改进", "act"),
}
VISIT_TITLES = {
    Visit.STAGE_1: Text("一阶段", "stage 1"),
    Visit.STAGE_2: Text("二阶段", "stage 2"),
    Visit.SURVEILLANCE_1: Text("监督一", "surveillance 1"),
    Visit.SURVEILLANCE_2: Text("监督二", "surveillance 2"),
    Visit.RECERTIFICATION: Text("再认证", "recertification"),
}
STATE_TITLES = {
    FactorState.APPLIES: Text("计入", "applies"),
    FactorState.DOES_NOT_APPLY: Text("不计入", "does not apply"),
    FactorState.OPEN: Text("未答，未计入", "not answered, not counted"),
}


def step_dict(step: Step) -> dict[str, Any]:
    """Return one step of the programme as plain values."""
    guide = step.verification
    return {
        "requirement": step.requirement,
        "clause": step.clause,
        "phase": step.phase.value,
        "outcome": step.outcome.value,
        "applies": step.applies,
        "coverage": step.coverage.value,
        "sampling": (stated().credit_rules[step.coverage]).to_dict(),
        "items": list(step.items),
        "settled": list(step.settled),
        "visits": [visit.value for visit in step.visits],
        "verification": None
        if guide is None
        else {
            "examine": guide.examine.to_dict(),
            "interview": guide.interview.to_dict(),
            "sample": guide.sample.to_dict(),
        },
    }


def notes(
    organisation: Organisation,
    employees: int | None,
    sites: int | None,
    visited: SiteSample,
    central_site: str | None,
    days: AuditDays,
    steps: Sequence[Step],
) -> tuple[Text, ...]:
    """Return what a plan takes for granted, and what is still open in it."""
    found = []
    if employees is None:
        found.append(
            Text(
                "人数取自企业文件，按范围内全时人员计",
                "the number of employees is the company file's, taken as full-time equivalents in scope",
            )
        )
    if "site" not in organisation.records and sites is None:
        found.append(
            Text(
                "企业文件未列场所，按一个场所计", "the company file lists no sites: one is assumed"
            )
        )
    elif central_site is None and visited.central and visited.initial.population > 1:
        found.append(
            Text(
                f"未指明中心场所，取所列第一个：{visited.central}",
                f"no central site is named: the first one listed is taken, {visited.central}",
            )
        )
    if visited.floor_unnamed:
        found.append(
            Text(
                "未指明哪个场所设有数据中心或资金作业区（floor_sites），所列场所全部走访",
                "nobody says which site has a data centre or payment floor (floor_sites), so every listed site is visited",
            )
        )
    unanswered = [f.title for f in days.factors if f.state is FactorState.OPEN]
    if unanswered:
        found.append(
            Text(
                f"下列情形未答，未计入人日：{'、'.join(t.zh for t in unanswered)}",
                f"not answered, so not counted in the days: {', '.join(t.en for t in unanswered)}",
            )
        )
    unsettled = [s.requirement for s in steps if not s.applies]
    if unsettled:
        found.append(
            Text(
                f"下列要求是否适用尚未确定，仍列入方案：{'、'.join(unsettled)}",
                f"it is open whether these apply; they stay in the programme: {', '.join(unsettled)}",
            )
        )
    if any(s.coverage is not Coverage.NONE for s in steps):
        found.append(
            Text(
                "凭证书减少的抽样，以审核员核实证书及其条件为前提",
                "less is sampled for certificates only once an auditor has confirmed them and their conditions",
            )
        )
    return tuple(found)


def plan_text(plan: AuditPlan, lang: Lang) -> str:
    """Return the plan as lines of plain text."""
    parts = (_head, _days, _samples, _programme)
    return "\n".join(printable(line) for part in parts for line in part(plan, lang)) + "\n"


def _head(plan: AuditPlan, lang: Lang) -> Iterator[str]:
    title = Text("审核计划", "Audit plan").in_language(lang)
    name = plan.organisation.name.in_language(lang)
    yield f"{title}  {name}  [{plan.as_of.isoformat()}]"
    yield stated().statement.in_language(lang)
    yield from (f"- {note.in_language(lang)}" for note in plan.notes)
    for o in plan.overrides:
        who = o.by or Text("未署名", "nobody named").in_language(lang)
        yield Text(
            f"- 已更改：{o.name} 由 {o.default} 改为 {o.value}（{who}）",
            f"- replaced: {o.name} was {o.default}, is {o.value} ({who})",
        ).in_language(lang)


def _days(plan: AuditPlan, lang: Lang) -> Iterator[str]:
    d = plan.days
    yield from ("", Text("审核人日", "Audit days").in_language(lang))
    posts = ", ".join(str(n) for n in d.repetitive) or "0"
    rows = [
        Text(
            f"有效人数 {d.effective}（总数 {d.employees}，其中同一工作的岗位 {posts}）",
            f"effective personnel {d.effective} (of {d.employees}; posts of one same task: {posts})",
        ),
        Text(f"基数 {written(d.base)}", f"base {written(d.base)}"),
    ]
    for f in d.factors:
        percent, state = f"{written(f.percent * max(1, f.times))}%", STATE_TITLES[f.state]
        rows.append(
            Text(f"{f.title.zh} {percent}：{state.zh}", f"{f.title.en} {percent}: {state.en}")
        )
    total, limited = written(d.sum_pct), written(d.limited_pct)
    rows += [
        Text(f"系数合计 {total}%，限定为 {limited}%", f"sum {total}%, limited to {limited}%"),
        Text(
            f"初次审核 {written(d.initial)}：第一阶段 {written(d.stage_1)}，第二阶段 {written(d.stage_2)}",
            f"initial audit {written(d.initial)}: stage 1 {written(d.stage_1)}, stage 2 {written(d.stage_2)}",
        ),
        Text(
            f"每次监督 {written(d.surveillance)}，再认证 {written(d.recertification)}",
            f"each surveillance {written(d.surveillance)}, recertification {written(d.recertification)}",
        ),
        Text(
            f"其中用于实际审核不少于 {written(d.on_site)}，远程 {written(d.remote)}",
            f"at least {written(d.on_site)} on audit work, {written(d.remote)} remotely",
        ),
    ]
    if d.initial_if_open != d.initial:
        days = written(d.initial_if_open)
        rows.append(
            Text(
                f"未答情形若均成立，初次审核为 {days}",
                f"{days} for the initial audit if all that is not answered holds",
            )
        )
    if plan.remote_reason:
        rows.append(
            Text(f"远程理由：{plan.remote_reason}", f"reason to be remote: {plan.remote_reason}")
        )
    yield from (f"  {row.in_language(lang)}" for row in rows)


def _samples(plan: AuditPlan, lang: Lang) -> Iterator[str]:
    yield from ("", Text("场所", "Sites").in_language(lang))
    yield f"  {stated().site_rule.in_language(lang)}"
    for title, sample in (
        (Text("初次审核与再认证", "initial audit and recertification"), plan.sites.initial),
        (Text("监督审核", "surveillance"), plan.sites.surveillance),
    ):
        yield f"  {title.in_language(lang)} {_shown(sample, lang)}"
    yield from ("", Text("记录抽样", "Records to sample").in_language(lang))
    yield f"  {stated().record_rule.in_language(lang)}"
    for r in plan.records:
        yield f"  {r.title.in_language(lang)} ({r.record}) {_shown(r.sample, lang)}"
        if r.failing:
            word = Text("不满足", "failing").in_language(lang)
            yield f"    {word}: {', '.join(r.failing)}"
        if r.open:
            word = Text("未明", "open").in_language(lang)
            yield f"    {word}: {', '.join(r.open)}"
        if r.spared:
            word = Text("由证书证据代替", "replaced by certificate evidence").in_language(lang)
            yield f"    {word}: {', '.join(r.spared)}"


def _shown(sample: Sample, lang: Lang) -> str:
    rest = ""
    if sample.unnamed:
        rest = Text(
            f"，另选 {sample.unnamed} 个", f" and {sample.unnamed} to be chosen"
        ).in_language(lang)
    return f"{sample.size}/{sample.population}: {', '.join(sample.named)}{rest}"


def _programme(plan: AuditPlan, lang: Lang) -> Iterator[str]:
    asked, headings = plan.standard.requirements, plan.standard.headings
    yield from ("", Text("审核方案", "Programme").in_language(lang))
    for basis in (stated().stage_1_basis, stated().surveillance_basis):
        yield f"  {basis.in_language(lang)}"
    clause = ""
    for step in plan.programme:
        if step.clause != clause:
            clause = step.clause
            yield from ("", f"{clause} {headings[clause].title.in_language(lang)}")
        visits = ", ".join(VISIT_TITLES[v].in_language(lang) for v in step.visits)
        state = OUTCOME_TITLES[step.outcome].in_language(lang)
        phase = PHASE_TITLES[step.phase].in_language(lang)
        title = asked[step.requirement].title.in_language(lang)
        yield f"  {step.requirement} {title} [{phase}] {state}; {visits}"
        if step.coverage is not Coverage.NONE:
            rule = stated().credit_rules[step.coverage].in_language(lang)
            yield f"    {COVERAGE_TITLES[step.coverage].in_language(lang)}: {rule}"
        if step.verification is not None and step.coverage is not Coverage.FULL:
            guide = step.verification
            for text in (guide.examine, guide.interview, guide.sample):
                yield f"    - {text.in_language(lang)}"
