"""The colours of a workbook and the legend that explains them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.applicability_matrix import APPLICABILITY_TITLES, Applicability
from socap.clauses.requirement import Grade, Obligation
from socap.errors import Text
from socap.findings import GRADE_TITLES, KIND_TITLES, OUTCOME_TITLES, Outcome, ReasonKind
from socap.reports.wording import OBLIGATIONS, TITLES
from socap.reports.xlsx.book import Colour, Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from socap.reports.xlsx.book import Book

GREEN = Colour("#C6EFCE", "#0B5319", "#4E9A51")
RED = Colour("#FFC7CE", "#8B0000", "#C0392B")
YELLOW = Colour("#FFEB9C", "#5C4400", "#E0A800")
GREY = Colour("#EDEDED", "#4D4D4D", "#BFBFBF")
BLUE = Colour("#D9E1F2", "#1F3864", "#7F9CC9")
BY_OUTCOME = {
    Outcome.CONFORMING: GREEN,
    Outcome.NONCONFORMING: RED,
    Outcome.UNDETERMINED: YELLOW,
    Outcome.NOT_APPLICABLE: GREY,
    Outcome.EXCLUDED: BLUE,
}
_BY_GRADE = {
    Grade.MAJOR: Colour("#B00020", "#FFFFFF"),
    Grade.MINOR: Colour("#F8CBAD", "#6B2A00"),
    Grade.OPPORTUNITY: Colour("#DDEBF7", "#1F3864"),
}
_BY_APPLICABILITY = {
    Applicability.APPLIES: GREEN,
    Applicability.DOES_NOT_APPLY: GREY,
    Applicability.APPLIES_IF: YELLOW,
}
IF = Text("若：", "if ")
OUTCOMES = {OUTCOME_TITLES[o]: colour for o, colour in BY_OUTCOME.items()}
GRADES = {GRADE_TITLES[g]: colour for g, colour in _BY_GRADE.items()}
APPLICABILITY = {
    IF if a is Applicability.APPLIES_IF else APPLICABILITY_TITLES[a]: colour
    for a, colour in _BY_APPLICABILITY.items()
}
_DOUBTS = (
    ReasonKind.MISSING,
    ReasonKind.EXPIRED,
    ReasonKind.CONFLICTING,
    ReasonKind.REJECTED,
    ReasonKind.IMPLAUSIBLE,
    ReasonKind.UNVERIFIED,
    ReasonKind.DISPUTED,
)
DOUBTS = {KIND_TITLES[kind]: YELLOW for kind in _DOUBTS}

_OUTCOMES_MEAN = {
    Outcome.CONFORMING: Text(
        "要求适用，证据表明已满足。", "The requirement applies, and the evidence shows it is met."
    ),
    Outcome.NONCONFORMING: Text(
        "要求适用，证据表明未满足；分级见下。",
        "The requirement applies, and the evidence shows it is not met; the grades are below.",
    ),
    Outcome.UNDETERMINED: Text(
        "证据不足以判断要求是否适用或是否满足；既不算符合，也不算不符合。",
        "The evidence does not settle whether it applies or is met; it counts neither way.",
    ),
    Outcome.NOT_APPLICABLE: Text(
        "按组织的外包类型或情形，要求不适用。",
        "By the organisation's types or circumstances the requirement does not apply.",
    ),
    Outcome.EXCLUDED: Text(
        "组织说明理由后删减，且删减条件成立。",
        "Left out by the organisation with a justification, as the standard allows.",
    ),
}
_GRADES_MEAN = {
    Grade.MAJOR: Text(
        "影响管理体系实现预期结果的能力；纠正措施须先得到验证。",
        "It affects what the system is able to achieve; corrective action has to be verified first.",
    ),
    Grade.MINOR: Text(
        "不影响管理体系实现预期结果的能力；须有纠正措施计划。",
        "It does not affect what the system is able to achieve; a corrective action plan is needed.",
    ),
    Grade.OPPORTUNITY: Text(
        "“宜”类要求未满足，不影响认证建议。",
        "An unmet “should”; it does not bear on certification.",
    ),
}
_APPLICABILITY_MEANS = {
    Applicability.APPLIES: Text(
        "该列所列类型的组织都须满足。", "Every provider of the types of the column has to meet it."
    ),
    Applicability.DOES_NOT_APPLY: Text(
        "该列所列类型的组织不涉及。", "It does not concern a provider of the types of the column."
    ),
    Applicability.APPLIES_IF: Text(
        "具备所写情形的组织才须满足；单元格以“若：”开头。",
        "Only where the circumstance that follows is given; the cell begins with “if”.",
    ),
}
_OBLIGATIONS_MEAN = {
    Obligation.SHALL: Text(
        "必须满足；未满足即为不符合。", "Mandatory; unmet, it is a nonconformity."
    ),
    Obligation.SHOULD: Text(
        "建议满足；未满足为改进机会。", "Advised; unmet, it is an opportunity for improvement."
    ),
}
_DOUBT = Text(
    "因此没有可计入的答案，所涉要求可能待定。",
    "So there is no answer that counts, and what rests on it may be undetermined.",
)
_OTHER_WORDS = (
    (
        Text("根本原因", "root cause"),
        Text(
            "该不符合不依赖其他不符合，宜先行纠正。",
            "A nonconformity that rests on no other one: put it right first.",
        ),
    ),
    (
        Text("强度", "strength"),
        Text(
            "与其他标准条款的对应强度，0 至 10；10 为完全对应。",
            "How close a requirement is to a reference of another standard, 0 to 10; 10 is a full match.",
        ),
    ),
    (
        Text("依据", "provenance"),
        Text(
            "该要求由何而来：公开的目录标题、适用范围、编制说明，或行业通行做法。",
            "What the requirement was drawn from: public headings, scope, drafting note, or practice.",
        ),
    ),
)
_LEGEND, _WORD, _MEANING = (
    Text("图例", "Legend"),
    Text("用语", "Word"),
    Text("含义", "Meaning"),
)
_KIND, _STATE, _OBLIGATION, _OTHER = (
    Text("类别", "Kind"),
    Text("证据状态", "State of evidence"),
    Text("约束程度", "Obligation"),
    Text("其他", "Other"),
)
_APPLIES = Text("适用性", "Applicability")


def findings_legend(book: Book) -> None:
    """Add the sheet that explains the words and colours of the findings."""
    rows = [
        *((TITLES["outcome"], OUTCOME_TITLES[o], told) for o, told in _OUTCOMES_MEAN.items()),
        *((TITLES["grade"], GRADE_TITLES[g], told) for g, told in _GRADES_MEAN.items()),
        *((_OBLIGATION, OBLIGATIONS[o], told) for o, told in _OBLIGATIONS_MEAN.items()),
        *((_STATE, word, _DOUBT) for word in DOUBTS),
        *((_OTHER, word, told) for word, told in _OTHER_WORDS),
    ]
    _legend(book, rows, {**OUTCOMES, **GRADES, **DOUBTS})


def matrix_legend(book: Book) -> None:
    """Add the sheet that explains the words and colours of the matrix."""
    rows = [(_APPLIES, APPLICABILITY_TITLES[a], told) for a, told in _APPLICABILITY_MEANS.items()]
    words = {APPLICABILITY_TITLES[a]: colour for a, colour in _BY_APPLICABILITY.items()}
    _legend(book, rows, dict(reversed(words.items())))


def _legend(
    book: Book, rows: Iterable[tuple[Text, Text, Text]], colours: Mapping[Text, Colour]
) -> None:
    columns = [Column(_KIND, 22), Column(_WORD, 30, colours), Column(_MEANING, 90)]
    sheet = book.sheet(_LEGEND, columns)
    sheet.heading(_LEGEND)
    sheet.table("legend", list(rows))
