"""What writer and reader of the workbook share: sheets, columns, machine marks and words.

Every sheet of the questionnaire carries a hidden machine row: one cell names the sheet, the cells
beside it name the columns. A second mark stands in the row of the visible headers; what lies below
it is data. Sheets, columns and rows are found by these marks, so they may be renamed and moved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from socap.answers import Status
from socap.errors import Lang, Problem, Text, UsageError

MARK = re.compile(r"socap-workbook-1:(?P<kind>(?!head\Z|pack:)[a-z]+)(:(?P<name>.*))?\Z", re.DOTALL)
HEAD = "socap-workbook-1:head"
PACK = "socap-workbook-1:pack:"
CELL_LIMIT = 32_767
PREPARED_ROWS = 50
COVER, ABOUT, ITEMS, RECORDS = "cover", "about", "items", "records"
CERTIFICATES, EXCLUSIONS, DETAILS = "certificates", "exclusions", "details"
LISTS, RESULTS = "lists", "results"
IGNORED = (LISTS, RESULTS)

YES, NO = Text("是", "yes"), Text("否", "no")
NONE = Text("（无）", "(none)")
STATUSES = {
    Status.DECLARED.value: Text("自行声明", "declared"),
    Status.VERIFIED.value: Text("已核实", "verified"),
    Status.REJECTED.value: Text("已否决", "rejected"),
}
UNITS = {
    "count": Text("个（项）", "count"),
    "days": Text("天", "days"),
    "working_days": Text("工作日", "working days"),
    "hours": Text("小时", "hours"),
    "years": Text("年", "years"),
    "people": Text("人", "people"),
    "level": Text("级", "level"),
    "ratio": Text("比值", "ratio"),
    "percent": Text("%", "%"),
    "CNY 10k": Text("万元", "CNY 10,000"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its machine code, visible header, width, whether it is filled in, and how."""

    code: str
    title: Text
    width: float
    style: str = "told"
    hidden: bool = False


KEY = Column("key", Text("键", "Key"), 26, "key")
SERVES = Column("serves", Text("要求", "Serves"), 9)
QUESTION = Column("question", Text("问题", "Question"), 40)
KIND = Column("kind", Text("答案形式", "Kind of answer"), 19)
UNIT = Column("unit", Text("单位", "Unit"), 7)
USUAL = Column("usual", Text("通常证据", "Usual evidence"), 16)
ANSWER = Column("answer", Text("答案", "Answer"), 16, "entry")
NO_CASE = Column("no_case", Text("期内无此情形的理由", "No case: reason"), 13, "text")
OUTCOME = Column("outcome", Text("评价结论", "Outcome"), 16, "outcome", hidden=True)
REMARKS = Column("remarks", Text("评价说明", "Remarks"), 38, "outcome", hidden=True)
BACKING = (
    Column("source", Text("来源", "Source"), 14, "text"),
    Column("collected_on", Text("取证日期", "Date collected"), 12, "date"),
    Column("valid_until", Text("有效期至", "Valid until"), 12, "date"),
    Column("status", Text("状态", "Status"), 10, "choice"),
    Column("verified_by", Text("核实人", "Verified by"), 10, "text"),
    Column("note", Text("备注", "Note"), 14, "text"),
)
COLUMNS: dict[str, tuple[Column, ...]] = {
    ABOUT: (
        Column("question", Text("内容", "Item"), 52),
        Column("usual", Text("定义与填写说明", "Definition and how to answer"), 60),
        Column("answer", Text("答案", "Answer"), 34, "entry"),
        OUTCOME,
        REMARKS,
        KEY,
    ),
    ITEMS: (SERVES, QUESTION, KIND, UNIT, USUAL, ANSWER, NO_CASE, *BACKING, OUTCOME, REMARKS, KEY),
    CERTIFICATES: (
        Column("standard", Text("标准", "Standard"), 28, "text"),
        Column("accredited", Text("经认可", "Accredited"), 12, "choice"),
        Column("sites", Text("覆盖场所（每行一个）", "Sites (one a line)"), 34, "text"),
        Column("services", Text("覆盖服务（每行一个）", "Services (one a line)"), 34, "text"),
        Column("valid_until", Text("有效期至", "Valid until"), 14, "date"),
        Column("level", Text("等级", "Level"), 9, "number"),
    ),
    EXCLUSIONS: (
        Column("requirement", Text("删减的要求", "Requirement left out"), 22, "choice"),
        Column("justification", Text("理由", "Justification"), 90, "text"),
    ),
    DETAILS: (
        Column("record", Text("记录类型", "Record type"), 20, "choice"),
        Column("id", Text("记录编号", "Record id"), 18, "text"),
        Column("field", Text("栏目", "Field"), 30, "text"),
        NO_CASE,
        *BACKING,
    ),
    COVER: (
        Column("title", Text("工作表", "Sheet"), 100, "told"),
        Column("count", Text("问题数", "Questions"), 12, "told"),
        Column("answered", Text("已填", "Answered"), 12, "told"),
        Column("key", Text("", ""), 12, "key", hidden=True),
    ),
}
RECORD_ID = Column("id", Text("编号", "Id"), 20, "text")
FIELD = "field:"


def mark(kind: str, name: str = "") -> str:
    """Return the machine mark of a sheet.

    >>> mark("items", "4")
    'socap-workbook-1:items:4'
    """
    return f"socap-workbook-1:{kind}:{name}" if name else f"socap-workbook-1:{kind}"


class SheetNames:
    """Names of sheets within the limits of Excel: 31 characters, some forbidden, none twice."""

    def __init__(self) -> None:
        self.taken: set[str] = {"history"}

    def name(self, wanted: str) -> str:
        """Return a free name close to the one wanted.

        >>> names = SheetNames(); names.name("a/b: c"), names.name("A b c")
        ('a b c', 'A b c 2')
        """
        base = " ".join(re.sub(r"[\[\]:*?/\\']|[\x00-\x1f]", " ", wanted).split()) or "-"
        for short in re.split(r" for | \(|（", base)[:1] if _units(base) > 31 else ():
            base = short
        while _units(base) > 31:
            base = base.rpartition(" ")[0] or base[:-1]
        made, number = base, 2
        while made.casefold() in self.taken:
            cut = base[: 31 - len(f" {number}")].rstrip()
            while _units(cut) > 31 - len(f" {number}"):
                cut = cut[:-1]
            made, number = f"{cut} {number}", number + 1
        self.taken.add(made.casefold())
        return made


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_x[0-9A-Fa-f]{4}_|x005F_")


def held(text: str, name: str) -> str:
    """Return a text a cell can hold as it is. Raises UsageError, naming where it stands, else."""
    problem = unholdable(text, name)
    if problem is not None:
        raise UsageError([problem])
    return text


def unholdable(text: str, name: str) -> Problem | None:
    """Return what keeps a cell from holding a text, or None.

    That is length, control characters, and escapes such as `_x000D_`, which spreadsheet programs
    change in reading.
    """
    length = _units(text)
    found = _ILLEGAL.search(text) or _ESCAPE.search(text)
    if length > CELL_LIMIT:
        message = Text(
            f"文字有 {length} 个字符，单元格最多容纳 {CELL_LIMIT} 个",
            f"the text has {length} characters, a cell holds {CELL_LIMIT}",
        )
    elif found is not None:
        shown = f"U+{ord(found[0]):04X}" if len(found[0]) == 1 else found[0]
        message = Text(f"工作簿存不下 {shown}", f"a workbook cannot hold {shown}")
    else:
        return None
    return Problem(message, path=name, hint=_OTHERWISE)


def refused(name: str, message: Text, hint: Text | None = None) -> UsageError:
    """Return the error for an answer that a workbook cannot hold."""
    return UsageError([Problem(message, path=name, hint=hint)])


_OTHERWISE = Text("请缩短或改写，或改用 YAML、JSON", "shorten or change it, or use YAML or JSON")


def say(text: Text, lang: Lang) -> str:
    """Return the wording in the language of the workbook, on one line."""
    return " ".join(text.in_language(lang).split())
