from __future__ import annotations

import json
import os
import pty
import select
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from socap.company_edits import replace_file, with_answer
from socap.company_file import read, written
from socap.documents import parse_document
from socap.errors import EvidenceError, Text, UsageError
from socap.findings import ReasonKind
from socap.interview import Interview, run
from socap.prompts import safe
from socap.questionnaire import template
from socap.questions import Question, QuestionKind
from socap.replies import Names, cleaned, read_reply
from socap.rules.vocabulary import EvidenceItem, ValueType
from socap.standard import load

if TYPE_CHECKING:
    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.standard import Standard

ROOT = Path(__file__).parents[1]
AS_OF = date(2026, 11, 1)
HEAD = "organisation: {id: t, name: {zh: 甲, en: A}}\n"
ANSWERS = {
    "audit.last_date": "2026-10-01",
    "change.late_count": "没有",
    "profile.uses_external_suppliers": "是",
    "records.supplier": "acme，北方",
    "supplier.critical": "yes",
    "supplier.evaluated_on": "2026-09-09",
    "plan.parts": "1,2",
    "plan.kept": "y",
    "plan.state": "批准",
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    file = tmp_path / "company.yaml"
    file.write_text(HEAD + "profile: {types: [KPO]} # 甲\n", encoding="utf-8")
    return file


def script(lines: Iterable[str]) -> Callable[[str], str]:
    left = iter(lines)

    def ask(_prompt: str) -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return ask


def drive(
    place: Path, standard: Standard, lines: Iterable[str], lang: Lang = "en"
) -> tuple[Assessment, list[str]]:
    told: list[str] = []
    return run(place, standard, AS_OF, lang, script(lines), told.append), told


def interview(content: str, standard: Standard, lang: Lang = "en") -> Interview:
    return Interview(content.encode(), "c.yaml", standard, AS_OF, lang)


def answer_all(open_: Interview, answers: dict[str, str]) -> list[str]:
    told = []
    while not open_.over:
        assert open_.current is not None
        told.append(open_.answer(answers.get(open_.current.key, "skip")))
        if open_.show().startswith(("期内", "there was no case")):
            told.append(open_.answer("本期无变更 / none"))
    return told


def test_a_whole_interview_fills_the_file_and_decides_everything(tiny: Standard) -> None:
    open_ = interview(template(tiny, ["KPO"], "zh"), tiny, "zh")
    answer_all(open_, ANSWERS)
    assert open_.progress == (5, 5)
    assert [f.outcome.value for f in open_.assessment.findings.values()] == [
        "conforming",
        "not_applicable",
        "conforming",
        "conforming",
        "conforming",
    ]
    before = template(tiny, ["KPO"], "zh").splitlines()
    after = open_.content.decode().splitlines()
    assert [line for line in after if "#" in line] == [line for line in before if "#" in line]
    assert {line for line in after if line not in before} == {
        "  audit.last_date: 2026-10-01",
        '  change.late_count: {no_case: "本期无变更 / none"}',
        "  uses_external_suppliers: true",
        "  supplier:",
        "    - {id: acme, critical: true, evaluated_on: 2026-09-09}",
        '    - {id: "北方", critical: true, evaluated_on: 2026-09-09}',
        "  plan.parts: [risk, scope]",
        "  plan.kept: true",
        "  plan.state: approved",
    }


def test_every_answer_is_kept_before_the_next_question(place: Path, tiny: Standard) -> None:
    assessment, told = drive(place, tiny, ["２０２６－１０－０１", "quit"])
    assert place.read_text(encoding="utf-8") == (
        HEAD + "profile: {types: [KPO]} # 甲\nevidence:\n  audit.last_date: 2026-10-01\n"
    )
    assert assessment.findings["6.1-a"].outcome.value == "conforming"
    assert told[-1].startswith(f"Answers kept in {place}: 1. Requirements decided: 2 of 5.")
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.parametrize("stop", [EOFError, KeyboardInterrupt])
def test_an_interrupted_interview_keeps_its_answers(
    place: Path, tiny: Standard, stop: type[BaseException]
) -> None:
    lines = iter(["2026-10-01", "3"])

    def ask(_prompt: str) -> str:
        line = next(lines, None)
        if line is None:
            raise stop
        return line

    told: list[str] = []
    assessment = run(place, tiny, AS_OF, "zh", ask, told.append)
    assert read(place, tiny).evidence["change.late_count"][0].value == 3
    assert assessment.findings["6.1-c"].outcome.value == "nonconforming"
    assert told[-1].startswith(f"已保存 2 个答案：{place}。5 项要求中已判定 3 项。")


def test_an_interrupt_while_saving_leaves_the_old_file_whole(
    place: Path, tiny: Standard, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = place.read_bytes()

    def stopped(_path: Path, _content: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("socap.interview.replace_file", stopped)
    assessment, told = drive(place, tiny, ["2026-10-01", "3"])
    assert place.read_bytes() == before
    assert assessment.findings["6.1-a"].outcome.value == "undetermined"
    assert told[-1].startswith(f"Answers kept in {place}: 0.")


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("", "nothing typed; type skip to pass"),
        ("yes", "yes is not a date that exists; write it like 2026-03-31"),
        ("2026-02-29", "2026-02-29 is not a date that exists; write it like 2026-03-31"),
        ("2026/3/1", "write the date as 2026-03-01"),
        ("2026-11-02", "2026-11-02 is after the day of the assessment, 2026-11-01"),
        ("none", "this question takes no “none”"),
        ("x" * 5000, "this answer is too long"),
        ("\x1b[2J\x00", "[2J is not a date"),
        ("\ud800", "nothing typed"),
        ("back", "back is not a date"),
    ],
)
def test_what_does_not_fit_is_asked_again(tiny: Standard, typed: str, right: str) -> None:
    open_ = interview(HEAD + "profile: {types: [KPO]}\n", tiny)
    before = open_.current
    told = open_.answer(typed)
    assert told.startswith("not kept: ")
    assert right in told
    assert open_.current == before
    assert open_.kept == 0


def test_help_and_skip(tiny: Standard) -> None:
    open_ = interview(HEAD + "profile: {types: [KPO]}\n", tiny, "zh")
    first = open_.current
    assert "日期，YYYY-MM-DD" in open_.answer("?")
    assert open_.current == first
    assert open_.answer("跳过") == "已跳过"
    assert open_.current is not None and first is not None
    assert open_.current.key != first.key
    answer_all(open_, {})
    assert open_.closing() == (
        "已保存 0 个答案：c.yaml。5 项要求中已判定 1 项。\n还有 8 个问题未答，再次运行即可继续。"
    )


def test_a_reason_can_be_taken_back(tiny: Standard) -> None:
    open_ = interview(
        HEAD + "profile: {types: [KPO]}\nevidence: {audit.last_date: 2026-10-01}\n", tiny
    )
    assert open_.current is not None
    assert open_.current.key == "change.late_count"
    assert open_.answer("none") == ""
    assert open_.show().startswith("there was no case")
    assert open_.answer(" ").startswith("not kept: give the reason")
    assert open_.answer("back") == ""
    assert open_.answer("0") == "kept"


def test_no_for_an_answer_never_becomes_no_case() -> None:
    standard = load()
    text = HEAD + "profile: {types: [ITO]}\n"
    open_ = interview(text, standard)
    for key in ("delivery.secure_transfer_methods", "transition.plan_approved"):
        while open_.current is not None and open_.current.key != key:
            open_.answer("skip")
        assert open_.current is not None, key
        told = open_.answer("没有")
        assert told.startswith("not kept: ")
        assert "no_case if there was no case" in told
        assert open_.content.decode() == text
        open_ = interview(text, standard)


def test_a_list_is_followed_by_its_fields_record_by_record(tiny: Standard) -> None:
    open_ = interview(HEAD + "profile: {types: [KPO], uses_external_suppliers: true}\n", tiny)
    while open_.current is not None and open_.current.key != "records.supplier":
        open_.answer("skip")
    assert open_.answer("a, b,a").startswith("not kept: ")
    assert open_.answer("999999999").startswith("not kept: ")
    assert open_.answer("2") == "kept"
    seen = []
    while open_.current is not None and open_.current.record:
        seen.append((open_.current.key, open_.current.record))
        assert f"suppliers, {open_.current.record}: " in open_.show()
        boolean = open_.current.type is ValueType.BOOLEAN
        first = open_.current.record == "supplier-1"
        open_.answer(("yes" if first else "no") if boolean else "2026-09-09")
    assert seen == [
        ("supplier.critical", "supplier-1"),
        ("supplier.evaluated_on", "supplier-1"),
        ("supplier.critical", "supplier-2"),
    ]
    assert open_.assessment.findings["6.2-a"].outcome.value == "conforming"


def test_none_is_an_empty_list(tiny: Standard) -> None:
    open_ = interview(HEAD + "profile: {types: [KPO], uses_external_suppliers: true}\n", tiny)
    answer_all(open_, {"records.supplier": "没有"})
    assert "records:\n  supplier: []\n" in open_.content.decode()
    assert open_.assessment.findings["6.2-a"].outcome.value == "nonconforming"


AGAIN = (
    HEAD
    + """profile: {types: [ITO], uses_external_suppliers: false}
evidence:
  audit.last_date: {value: 2026-01-01, valid_until: 2026-05-01, status: verified, verified_by: L}
  test.pass_pct:   # two sources
  - {value: 90, source: a}
  - {value: 99, source: b}
  # kept
  plan.kept: {value: true, status: rejected}
  plan.parts: [scope, risk]
  plan.state: approved
  change.late_count: {no_case: none}
"""
)


def test_what_was_answered_is_asked_again_and_an_auditors_word_stays(tiny: Standard) -> None:
    open_ = interview(AGAIN, tiny)
    shown = {}
    while not open_.over:
        assert open_.current is not None
        shown[open_.current.key] = open_.show()
        open_.answer(
            {"audit.last_date": "2026-10-01", "test.pass_pct": "99%"}.get(open_.current.key, "yes")
        )
    assert "asked again: sources disagree" in shown["test.pass_pct"]
    assert open_.content.decode() == AGAIN.replace(
        "{value: 2026-01-01, valid_until: 2026-05-01, status: verified, verified_by: L}",
        "\n    - {value: 2026-01-01, valid_until: 2026-05-01, status: verified, verified_by: L}"
        "\n    - {value: 2026-10-01}",
    ).replace("audit.last_date: \n", "audit.last_date:\n").replace(
        "test.pass_pct:   # two sources\n  - {value: 90, source: a}\n  - {value: 99, source: b}",
        "test.pass_pct: {value: 99, source: b}",
    ).replace(
        "{value: true, status: rejected}",
        "\n    - {value: true, status: rejected}\n    - {value: true}",
    ).replace("plan.kept: \n", "plan.kept:\n")
    assert open_.assessment.findings["6.1-a"].outcome.value == "conforming"
    assert open_.assessment.findings["6.2-b"].outcome.value == "undetermined"


def test_a_part_above_its_total_is_kept_and_both_are_asked_again(tiny: Standard) -> None:
    open_ = interview(
        HEAD
        + "profile: {types: [KPO]}\nevidence: {change.total_count: 2, audit.last_date: 2026-10-01}\n",
        tiny,
    )
    assert open_.answer("3") == "kept, but it does not count: implausible"
    left = {open_.current.key if open_.current else ""}
    open_.answer("0")
    assert left == {"change.late_count"}
    assert open_.assessment.findings["6.1-c"].outcome.value == "conforming"


def test_a_rejected_field_is_left_to_the_file(tiny: Standard) -> None:
    body = (
        HEAD
        + """profile: {types: [KPO], uses_external_suppliers: true}
records:
  supplier:
  - {id: acme, critical: {value: true, status: rejected}, evaluated_on: {value: 2026-01-01, status: rejected}}
"""
    )
    open_ = interview(body, tiny)
    answer_all(open_, {})
    assert open_.content.decode() == body
    assert (
        "to be cleared in the file: supplier.critical acme (rejected by an auditor)"
        in open_.closing()
    )


def test_what_others_write_meanwhile_is_kept(place: Path, tiny: Standard) -> None:
    def lines() -> Iterable[str]:
        with place.open("a", encoding="utf-8") as file:
            file.write("evidence: {plan.kept: false} # by hand\n")
        yield "2026-10-01"
        with place.open("a", encoding="utf-8") as file:
            file.write("exclusions: []\n")
        text = place.read_text(encoding="utf-8")
        place.write_text(
            text.replace(
                "plan.kept: false", "plan.kept: true, change.late_count: 0, change.total_count: 1"
            ),
            encoding="utf-8",
        )
        yield "5"

    _, told = drive(place, tiny, lines())
    assert place.read_text(encoding="utf-8") == HEAD + (
        "profile: {types: [KPO]} # 甲\n"
        "evidence: {plan.kept: true, change.late_count: 0, change.total_count: 1, audit.last_date: 2026-10-01}"
        " # by hand\nexclusions: []\n"
    )
    assert "the file has changed; this is no longer asked" in told


def test_a_file_spoilt_meanwhile_ends_the_interview_and_is_left_alone(
    place: Path, tiny: Standard
) -> None:
    def lines() -> Iterable[str]:
        yield "2026-10-01"
        place.write_text("organisation: [", encoding="utf-8")
        yield "5"

    told: list[str] = []
    with pytest.raises(EvidenceError):
        run(place, tiny, AS_OF, "en", script(lines()), told.append)
    assert place.read_text(encoding="utf-8") == "organisation: ["
    assert told[-1].startswith(f"Answers kept in {place}: 1.")


@pytest.mark.parametrize("name", ["company.json", "company.xlsx", "company"])
def test_other_kinds_of_file_are_refused(tmp_path: Path, tiny: Standard, name: str) -> None:
    with pytest.raises(UsageError, match="YAML files only"):
        drive(tmp_path / name, tiny, [])


def test_a_missing_or_wrong_file_says_what_is_wrong(tmp_path: Path, tiny: Standard) -> None:
    with pytest.raises(EvidenceError, match="does not exist"):
        drive(tmp_path / "no.yaml", tiny, [])
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(HEAD + "profile: {types: [XYZ]}\n", encoding="utf-8")
    with pytest.raises(EvidenceError, match="no outsourcing type XYZ"):
        drive(wrong, tiny, [])


def test_a_finished_company_is_asked_nothing(tiny: Standard, tmp_path: Path) -> None:
    open_ = interview(template(tiny, ["KPO"], "en"), tiny)
    answer_all(open_, ANSWERS)
    place = tmp_path / "done.yaml"
    place.write_bytes(open_.content)
    _, told = drive(place, tiny, ["never read"])
    assert told == [f"Answers kept in {place}: 0. Requirements decided: 5 of 5."]


def item(kind: ValueType, **of: object) -> EvidenceItem:
    nothing = Text("", "")
    return EvidenceItem("a.b", kind, nothing, nothing, **of)  # type: ignore[arg-type]


MEMBERS = {
    "scope": Text("范围", "the scope"),
    "risk": Text("风险", "risk, all kinds"),
    "cost": Text("成本", "cost"),
}
CLAUSES = {
    "4": Text("第四章", "clause 4"),
    "5": Text("第五章", "clause 5"),
    "A": Text("附录", "annex"),
}


@pytest.mark.parametrize(
    ("typed", "asked", "value"),
    [
        ("是", item(ValueType.BOOLEAN), True),
        ("ＮＯ", item(ValueType.BOOLEAN), False),
        ("没有", item(ValueType.BOOLEAN), False),
        ("１２", item(ValueType.INTEGER), 12),
        ("1,234", item(ValueType.INTEGER), 1234),
        ("９５．５％", item(ValueType.PERCENT), 95.5),
        ("95 %", item(ValueType.PERCENT), 95),
        ("4.0", item(ValueType.NUMBER), 4.0),
        ("2024-02-29", item(ValueType.DATE), date(2024, 2, 29)),
        ("2", item(ValueType.ENUM, members=MEMBERS), "risk"),
        ("Scope", item(ValueType.ENUM, members=MEMBERS), "scope"),
        ("1,3", item(ValueType.SET, members=MEMBERS), frozenset({"scope", "cost"})),
        ("范围、成本", item(ValueType.SET, members=MEMBERS), frozenset({"scope", "cost"})),
        ("risk, all kinds", item(ValueType.SET, members=MEMBERS), frozenset({"risk"})),
        ("0", item(ValueType.SET, members=MEMBERS), frozenset()),
        ("4,A", item(ValueType.SET, members=CLAUSES), frozenset({"4", "A"})),
    ],
)
def test_answers_as_people_type_them(typed: str, asked: EvidenceItem, value: object) -> None:
    found = read_reply(cleaned(typed), question(asked), asked, AS_OF)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("typed", "asked", "right"),
    [
        ("maybe", item(ValueType.BOOLEAN), "yes or no"),
        ("4.5", item(ValueType.INTEGER), "a whole number"),
        ("-1", item(ValueType.INTEGER), "0 or more"),
        ("9" * 30, item(ValueType.INTEGER), "a whole number"),
        ("١٢", item(ValueType.INTEGER), "a whole number"),
        ("101", item(ValueType.PERCENT), "0 to 100"),
        (".", item(ValueType.NUMBER), "a number"),
        ("nan", item(ValueType.NUMBER), "a number"),
        ("1e999", item(ValueType.NUMBER), "a number"),
        ("4", item(ValueType.ENUM, members=MEMBERS), "no choice 4; there are 3"),
        (
            "²",
            item(ValueType.ENUM, members=MEMBERS),
            "is not one of the choices|the scope|no choice",
        ),
        ("1,9", item(ValueType.SET, members=MEMBERS), "no choice 9"),
        (",,", item(ValueType.SET, members=MEMBERS), "not one of the choices"),
        ("1", item(ValueType.SET, members=CLAUSES), "not one of the choices"),
        ("1900-02-29", item(ValueType.DATE), "not a date"),
    ],
)
def test_answers_that_do_not_fit(typed: str, asked: EvidenceItem, right: str) -> None:
    if typed == "²":
        assert read_reply(cleaned(typed), question(asked), asked, AS_OF) == "risk"
        return
    with pytest.raises(UsageError, match=right):
        read_reply(cleaned(typed), question(asked), asked, AS_OF)


def question(asked: EvidenceItem | None, key: str = "a.b") -> Question:
    nothing = Text("", "")
    kind = QuestionKind.RECORDS if asked is None else QuestionKind.ITEM
    return Question(
        key, "", kind, nothing, asked.type if asked else None, "", asked.members if asked else {},
        0.0, (), nothing, False, (), ReasonKind.MISSING, nothing,
    )  # fmt: skip


def test_names_of_records() -> None:
    listed = question(None, "records.site")
    assert read_reply("2", listed, None, AS_OF) == Names(("site-1", "site-2"))
    assert read_reply("总部;b,c", listed, None, AS_OF) == Names(("总部", "b", "c"))
    assert read_reply("0", listed, None, AS_OF) == Names(())
    for word in ("否", "yes", "a,No"):
        with pytest.raises(UsageError, match="names separated by commas"):
            read_reply(word, listed, None, AS_OF)


EDITS = [
    ("e:\n  a: null  # q\n  # c\n  d: 1\n", ("e", "a"), True, "e:\n  a: true  # q\n  # c\n  d: 1\n"),
    ("e:\n  a:   # q\n  d: 1\n", ("e", "a"), 1.5, "e:\n  a: 1.5   # q\n  d: 1\n"),
    ("e:\n  a: 1 # q\n\n# r\nz: 1", ("e", "new"), "x y", 'e:\n  a: 1 # q\n  new: "x y"\n\n# r\nz: 1'),
    ("e: {a: 1, }\n", ("e", "new"), "yes", 'e: {a: 1, new: "yes", }\n'),
    ("e: {} # c\n", ("e", "new"), 1, "e:\n  new: 1 # c\n"),
    ("{e: {a: 1}}", ("f", "new"), 1, "{e: {a: 1}, f: {new: 1}}"),
    ("e: 1\r\nf:\r\n  a: 1\r\n", ("f", "new"), 2, "e: 1\r\nf:\r\n  a: 1\r\n  new: 2\r\n"),
    ("\ufeffe: 1\n", ("f", "new"), 2, "\ufeffe: 1\nf:\n  new: 2\n"),
    ("e:\n  l: |\n    text\n\n  # d\nz: 1\n", ("e", "new"), 2, "e:\n  l: |\n    text\n  new: 2\n\n  # d\nz: 1\n"),
    ("e: 😀\nf:\n  a: null\n...\n", ("f", "a"), 2, "e: 😀\nf:\n  a: 2\n...\n"),
    ("r:\n  s:\n  - {id: a,\n    k: 1}\n  - id: b\n    k: 2 # c\n", ("r", "s", 0, "new"), 3, "r:\n  s:\n  - {id: a,\n    k: 1, new: 3}\n  - id: b\n    k: 2 # c\n"),
    ("r:\n  s:\n  - id: b\n    k: 2 # c\n  # d\n", ("r", "s", 0, "new"), 3, "r:\n  s:\n  - id: b\n    k: 2 # c\n    new: 3\n  # d\n"),
    ("r:\n  s: [{id: a}, {id: b}]\n", ("r", "s", 1, "new"), [], "r:\n  s: [{id: a}, {id: b, new: []}]\n"),
    ("r:\n  s: null\n  #  - id: x\n", ("r", "s"), [{"id": "甲"}], 'r:\n  s:\n    - {id: "甲"}\n  #  - id: x\n'),
    ("e:\n  ? a\n  : 2\n", ("e", "a"), 3, "e:\n  ? a\n  : 3\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "path", "value", "expected"), EDITS)
def test_only_the_answer_changes(
    text: str, path: tuple[str | int, ...], value: object, expected: str
) -> None:
    assert with_answer(text.encode(), "f", path, value).decode() == expected  # type: ignore[arg-type]


def test_an_edit_that_does_not_read_back_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socap.company_edits._edited", lambda *_: "e: {a: 2}\n")
    with pytest.raises(UsageError, match=r"write it yourself: a: 3"):
        with_answer(b"e: {a: 1}\n", "f", ("e", "a"), 3)


@pytest.mark.parametrize("name", [p.name for p in sorted((ROOT / "examples").glob("*.yaml"))])
def test_every_answer_of_the_examples_can_be_replaced_in_place(name: str) -> None:
    content = (ROOT / "examples" / name).read_bytes()
    data = parse_document(content, name, EvidenceError).data
    comments = [line for line in content.decode().splitlines() if line.startswith("#")]
    for group in ("profile", "evidence"):
        for key in list(data[group])[::7]:
            made = with_answer(content, name, (group, key), "new")
            told = parse_document(made, name, EvidenceError).data
            assert json.dumps(told) == json.dumps({**data, group: {**data[group], key: "new"}})
            assert [line for line in made.decode().splitlines() if line.startswith("#")] == comments


@pytest.mark.parametrize(
    "value",
    ["2026-01-01", "4", "no", "a: b", "#x", "甲'\"\\", "", "-", "true", "1e3", "~", "\u2028x"],
)
def test_written_values_read_back(value: str) -> None:
    line = f"k: {written({'v': [value]})}\n"
    assert parse_document(line.encode(), "f", EvidenceError).data == {"k": {"v": [value]}}


def test_saving_keeps_permissions_and_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    real.write_text("a", encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)
    replace_file(link, b"b")
    assert real.read_bytes() == b"b"
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    with pytest.raises(UsageError, match="cannot write"):
        replace_file(tmp_path / "no" / "x.yaml", b"c")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.yaml", "real.yaml"]


def test_nothing_shown_steers_the_terminal() -> None:
    assert safe("a\x1b[2J甲\nb\x07") == "a\ufffd[2J甲\nb\ufffd"


PROGRAM = """
import sys
from datetime import date
from socap.interview import run
from socap.standard import load
def ask(prompt):
    sys.stderr.write(prompt); sys.stderr.flush()
    line = sys.stdin.readline()
    if not line: raise EOFError
    return line
run(sys.argv[1], load(sys.argv[2]), date(2026, 11, 1), "zh", ask, lambda s: print(s, file=sys.stderr))
"""


def _command(place: Path) -> list[str]:
    return [sys.executable, "-c", PROGRAM, str(place), str(ROOT / "tests" / "packs" / "tiny")]


def test_answers_piped_in(place: Path, tiny: Standard) -> None:
    done = subprocess.run(
        _command(place),
        input="乱写\n2026-10-01\n没有\n没有变更\n".encode(),
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    told = done.stderr.decode()
    assert done.returncode == 0, told
    assert done.stdout == b""
    assert "未记录: 乱写 不是有效日期" in told
    assert "已保存 2 个答案" in told
    assert read(place, tiny).evidence["change.late_count"][0].no_case == "没有变更"


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_ctrl_c_at_a_terminal(place: Path, tiny: Standard) -> None:
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(ROOT)
        os.execve(sys.executable, _command(place), {**os.environ, "PYTHONIOENCODING": "utf-8"})  # noqa: S606
    told = _until(terminal, "> ")
    os.write(terminal, b"2026-10-01\n")
    told += _until(terminal, "> ")
    os.write(terminal, b"\x03")
    told += _until(terminal, None)
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0, told
    assert "已保存 1 个答案" in told
    assert read(place, tiny).evidence["audit.last_date"][0].value == date(2026, 10, 1)


def _until(terminal: int, end: str | None) -> str:
    told = b""
    while end is None or not told.endswith(end.encode()):
        assert select.select([terminal], [], [], 60)[0], told
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        told += part
    return told.decode("utf-8", errors="replace")
