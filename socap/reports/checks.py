"""What the checks of a pack found, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.errors import Text
from socap.lint import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socap.cases import Case, Expected
    from socap.errors import Lang
    from socap.lint import Lint
    from socap.mutation import MutationReport
    from socap.standard import Standard

_LEVELS = {Level.ERROR: Text("错误", "error"), Level.WARNING: Text("提示", "warning")}


def lint_report(standard: Standard, found: Sequence[Lint], lang: Lang) -> str:
    """Return one line a finding, and the totals."""
    lines = [f"{_LEVELS[f.level].in_language(lang)}: {f.problem.render(lang)}" for f in found]
    errors = sum(f.level is Level.ERROR for f in found)
    warnings = len(found) - errors
    asked, items = len(standard.requirements), len(standard.vocabulary.items)
    total = Text(
        f"{standard.title.zh}：{asked} 项要求，{items} 个证据项；错误 {errors} 处，提示 {warnings} 处",
        f"{standard.title.en}: {asked} requirements, {items} evidence items; "
        f"{errors} errors, {warnings} warnings",
    )
    return "\n".join([*lines, total.in_language(lang)]) + "\n"


def checks_report(failed: Sequence[tuple[Case, Expected]], lang: Lang) -> str:
    """Return one line a case that did not come out as expected."""
    if not failed:
        return Text("案例全部符合预期", "every case comes out as expected").in_language(lang) + "\n"
    lines = []
    for case, found in failed:
        told = Text(
            f"{case.of} {case.name}：预期 {case.expected.value}，实际 {found.value}",
            f"{case.of} {case.name}: expected {case.expected.value}, found {found.value}",
        )
        lines.append(f"{case.file}:{case.line}: {told.in_language(lang)}")
    return "\n".join(lines) + "\n"


def mutation_report(made: MutationReport, lang: Lang) -> str:
    """Return the share of mutants killed and every survivor, with its reason where it has one."""
    total = Text(
        f"案例 {made.cases} 个；规则变异 {made.mutants} 个，被发现 {made.killed} 个，占 {made.share:.1f}%"
        f"（要求不低于 {made.required:g}%，其余须有理由）",
        f"{made.cases} cases; {made.mutants} mutants of the rules, {made.killed} killed, {made.share:.1f}% "
        f"(at least {made.required:g}% wanted, and a reason for each other)",
    )
    lines = [total.in_language(lang)]
    none = Text("没有理由", "no reason given").in_language(lang)
    lines += [f"  {s.of} {s.rule}: {s.mutant}: {s.reason or none}" for s in made.survivors]
    head = Text("列为幸存但已被发现", "listed as a survivor, but killed").in_language(lang)
    lines += [f"  {head}: {s.of} {s.rule}: {s.mutant}" for s in made.idle]
    return "\n".join(lines) + "\n"
