"""The sheet on who is assessed: name, outsourcing types, circumstances, and records there are none of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.clauses.pack import Subject
from socap.errors import Text
from socap.rules.vocabulary import EvidenceItem, ValueType
from socap.workbook import styles
from socap.workbook.conditions import Circumstances
from socap.workbook.layout import NO, YES, say

if TYPE_CHECKING:
    from socap.workbook.page import Page
    from socap.workbook.scope import Scope
    from socap.workbook.values import Shown

HEAD_ROW = 4
_PERSON = Text("人员", "Person")
_NOTE = Text(
    "情形决定哪些要求适用：填写后，与之无关的问题会变灰。不知道的留空，不要猜。",
    "The circumstances decide what applies: questions that cannot matter turn grey. Leave blank what is not known.",
)
_BANDS = {
    "about": Text("基本信息", "Who is assessed"),
    "types": Text("外包类型（至少一种填“是”）", "Outsourcing types (yes for one at least)"),
    "flags": Text("情形", "Circumstances"),
    "none": Text("逐条填写的各表（另见其工作表）", "Records, each type on a sheet of its own"),
}
_ID = Text("标识", "Identifier")
_ID_HOW = Text(
    "本文件中该对象的简短标识，如 my-company",
    "a short name for files and reports, such as my-company",
)
_EMPLOYEES = Text("员工人数", "Number of employees")
_EMPLOYEES_HOW = Text("整数；审核人日由此计算", "a whole number; audit time is reckoned from it")
_TYPE_HOW = Text("提供这类服务的填“是”", "yes where services of this type are provided")
_NONE_HOW = Text(
    "确实一条也没有的填“是”；留空表示尚未填写，不等于没有",
    "yes where there is none at all; blank means not filled in yet, which is not the same",
)


def about(page: Page, asked: Scope) -> tuple[Circumstances, int]:
    """Write the sheet; return the cells that hold the circumstances, and the last row."""
    return _About(page, asked).write()


class _About:
    def __init__(self, page: Page, asked: Scope) -> None:
        self.page, self.asked, self.lang = page, asked, asked.lang
        self.row = HEAD_ROW

    def write(self) -> tuple[Circumstances, int]:
        self.page.line(3, _NOTE.in_language(self.lang))
        self.page.head(HEAD_ROW)
        self._who()
        types, flags = self._types(), self._flags()
        circumstances = Circumstances(types, flags, self.lang)
        for name, row in ((n, int(ref.rpartition("$")[2])) for n, ref in flags.items()):
            rules = [r.applies_when for r in self.asked.serving(f"profile.{name}")]
            self.page.grey(row, circumstances.idle(rules, open_flag=name))
        self._none(circumstances)
        styles.grey_out(self.page.sheet, f"B{HEAD_ROW + 1}:D{self.row}", f"$A{HEAD_ROW + 1}")
        return circumstances, self.row

    def _band(self, name: str) -> None:
        self.row += 1
        for code in self.page.numbers:
            told = say(_BANDS[name], self.lang) if code == "question" else None
            self.page.put(self.row, code, told, "band")

    def _ask(self, key: str, question: Text, how: Text, value: Shown | None, style: str) -> str:
        """Write one row; return the reference of its answer cell."""
        self.row += 1
        told = (("question", say(question, self.lang)), ("usual", say(how, self.lang)))
        for code, text in told:
            self.page.put(self.row, code, text, "told", key)
        self.page.put(self.row, "answer", value, style, key)
        for code in ("outcome", "remarks"):
            self.page.put(self.row, code, None, "outcome")
        self.page.put(self.row, "key", key, "key", key)
        title = self.page.sheet.title.replace("'", "''")
        return f"'{title}'!${self.page.letter('answer')}${self.row}"

    def _yes_no(self, key: str, question: Text, how: Text, value: bool | None) -> str:
        told = None if value is None else (YES if value else NO).in_language(self.lang)
        reference = self._ask(key, question, how, told, "choice")
        item = EvidenceItem(key, ValueType.BOOLEAN, question, how)
        self.page.accept(item, f"{self.page.letter('answer')}{self.row}")
        return reference

    def _who(self) -> None:
        organisation = self.asked.organisation
        person = self.asked.standard.pack.subject is Subject.PERSON
        who = _PERSON if person else Text("组织", "Organisation")
        self._band("about")
        usual_id = "staff-1" if person else "my-company"
        names = ("姓名", "Name") if person else ("我的公司", "My company")
        told = (
            (organisation.id, organisation.name.zh, organisation.name.en)
            if organisation
            else (usual_id, *names)
        )
        self._ask("id", _ID, _ID_HOW, told[0], "text")
        for language, shown, value in (("zh", "中文", told[1]), ("en", "英文", told[2])):
            english = {"zh": "in Chinese", "en": "in English"}[language]
            question = Text(f"{who.zh}名称（{shown}）", f"Name {english}")
            how = Text(
                "两种语言都要填写，可以相同", "both languages are needed; they may be the same"
            )
            self._ask(f"name.{language}", question, how, value, "text")
        if not person:
            count = organisation.employees if organisation else None
            self._ask("employees", _EMPLOYEES, _EMPLOYEES_HOW, count, "number")
            item = EvidenceItem("employees", ValueType.INTEGER, _EMPLOYEES, _EMPLOYEES_HOW)
            self.page.accept(item, f"{self.page.letter('answer')}{self.row}")

    def _types(self) -> dict[str, str]:
        types = self.asked.standard.vocabulary.types
        if types:
            self._band("types")
        found = {}
        for name, title in types.items():
            note = self.asked.standard.pack.type_notes.get(name)
            how = (
                Text(f"{_TYPE_HOW.zh}。{note.zh}", f"{_TYPE_HOW.en}. {note.en}")
                if note
                else _TYPE_HOW
            )
            label = Text(f"{name} {title.zh}", f"{name} {title.en}")
            found[name] = self._yes_no(f"type.{name}", label, how, name in self.asked.types)
        return found

    def _flags(self) -> dict[str, str]:
        flags = self.asked.standard.vocabulary.flags
        wanted = {n: f for n, f in flags.items() if f"profile.{n}" in self.asked.keys}
        if wanted:
            self._band("flags")
        organisation = self.asked.organisation
        given = organisation.profile.flags if organisation else {}
        return {
            n: self._yes_no(f"flag.{n}", f.question, f.definition, given.get(n))
            for n, f in wanted.items()
        }

    def _none(self, circumstances: Circumstances) -> None:
        kinds = self.asked.record_types()
        if kinds:
            self._band("none")
        organisation = self.asked.organisation
        for kind in kinds:
            stated = organisation is not None and organisation.records.get(kind.name) == ()
            question = Text(
                f"{kind.title.zh}：是否一条也没有？", f"{kind.title.en}: are there none at all?"
            )
            self._yes_no(f"none.{kind.name}", question, _NONE_HOW, True if stated else None)
            serving = self.asked.serving(f"records.{kind.name}")
            self.page.grey(self.row, circumstances.idle([r.applies_when for r in serving]))
