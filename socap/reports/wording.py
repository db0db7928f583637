"""Words that several report formats share."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from socap.answers import Status
from socap.clauses.pack import Subject
from socap.clauses.requirement import Obligation
from socap.crosswalk.relation import SetRelation
from socap.errors import Text

if TYPE_CHECKING:
    from socap.errors import Lang
    from socap.reports.record import GroupRow

TITLES = {
    "assessment": Text("符合性评价报告", "Assessment report"),
    "matrix": Text("适用性矩阵", "Applicability matrix"),
    "organisation": Text("组织", "Organisation"),
    "person": Text("人员", "Person"),
    "standard": Text("标准", "Standard"),
    "overlay": Text("叠加", "Overlay"),
    "as_of": Text("评价日", "As of"),
    "assurance": Text("证据级别", "Assurance"),
    "types": Text("类型", "Types"),
    "status": Text("总体结论", "Status"),
    "score": Text("得分", "Score"),
    "score_reason": Text("得分说明", "How it is made up"),
    "recommendation": Text("建议", "Recommendation"),
    "recommendation_reason": Text("建议的理由", "Why"),
    "parameters": Text("调整过的参数", "Parameters changed"),
    "disputed": Text("存在争议的情形", "Disputed circumstances"),
    "by_clause": Text("按条款汇总", "By clause"),
    "by_aspect": Text("按方面汇总", "By aspect"),
    "by_pdca": Text("按 PDCA 阶段汇总", "By PDCA phase"),
    "undetermined": Text("待定的要求及所缺证据", "Undetermined, and what is missing"),
    "excluded": Text("删减", "Excluded"),
    "refused": Text("不予接受的删减", "Exclusions refused"),
    "requirement": Text("要求", "Requirement"),
    "clause": Text("条款", "Clause"),
    "title": Text("名称", "Title"),
    "outcome": Text("结论", "Outcome"),
    "grade": Text("分级", "Grade"),
    "reasons": Text("理由", "Reasons"),
    "evidence": Text("证据项", "Evidence"),
    "records": Text("记录", "Records"),
    "statement": Text("要求内容", "Statement"),
}
COUNTS = {
    "conforming": Text("符合", "Conf."),
    "nonconforming": Text("不符合", "Nonc."),
    "undetermined": Text("待定", "Undet."),
    "not_applicable": Text("不适用", "N/A"),
    "excluded": Text("删减", "Excl."),
}
GROUPS = {
    "quality": Text("质量", "Quality"),
    "security": Text("安全", "Security"),
    "capability": Text("能力", "Capability"),
    "plan": Text("策划", "Plan"),
    "do": Text("实施", "Do"),
    "check": Text("检查", "Check"),
    "act": Text("改进", "Act"),
}
OBLIGATIONS = {
    Obligation.SHALL: Text("应", "shall"),
    Obligation.SHOULD: Text("宜", "should"),
}
RELATIONS = {
    SetRelation.EQUAL: Text("等同于", "equals"),
    SetRelation.SUBSET_OF: Text("包含于", "is contained in"),
    SetRelation.SUPERSET_OF: Text("包含", "contains"),
    SetRelation.INTERSECTS_WITH: Text("交叉于", "intersects with"),
    SetRelation.NO_RELATIONSHIP: Text("无关系", "no relationship"),
}
SUBJECTS = {
    Subject.ORGANISATION: Text("企业", "organisation"),
    Subject.PERSON: Text("人员", "person"),
}
STATUSES = {
    Status.DECLARED: Text("自行声明", "declared"),
    Status.VERIFIED: Text("已核实", "verified"),
    Status.REJECTED: Text("已否决", "rejected"),
}
ASSURANCE = {
    "declared": Text("自行声明的证据亦计入", "declared evidence counts"),
    "verified": Text("仅计入经审核员核实的证据", "only verified evidence counts"),
}


def row_title(row: GroupRow, lang: Lang) -> str:
    """Return the title of a clause with its number, or of an aspect or phase."""
    title = row.title.in_language(lang)
    return title if row.id in GROUPS else f"{row.id} {title}"


def plain(text: str) -> str:
    r"""Return text without control and direction characters, on one line.

    >>> plain("a\x1b[31mb")
    'a [31mb'
    """
    return "".join(
        " " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") else c for c in text
    )
