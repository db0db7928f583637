"""The interview: open questions one by one, every answer kept in the company file at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from socap.answers import Answer, Backing, Status
from socap.assessment import Assessment, assess
from socap.company_edits import replace_file, with_answer
from socap.documents import parse_document, read_bytes
from socap.errors import EvidenceError, Problem, SocapError, Text, UsageError
from socap.evidence import set_aside
from socap.findings import KIND_TITLES, Outcome, ReasonKind
from socap.organisation import from_document
from socap.prompts import help_text, question_text, safe
from socap.questions import Question, QuestionKind, questions
from socap.replies import Command, Names, cleaned, command, read_reply, refused
from socap.rules.vocabulary import EvidenceItem, ValueType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from socap.documents import Step
    from socap.errors import Lang
    from socap.rules.facts import Fact
    from socap.rules.implicant import FactRef
    from socap.standard import Standard

LONGEST_REASON = 500


class Interview:
    """One interview over the text of a company file; nothing here reads or writes a file.

    `show()` is what to put before the person, `answer()` takes what was typed and returns what to
    say to it; `content` is then what the file has to hold. `over` is true when nothing is left to
    ask, or the person has left. Each open fact is asked once for each reason for which it is open.
    """

    def __init__(
        self,
        content: bytes,
        file: str,
        standard: Standard,
        as_of: date,
        lang: Lang,
        parameters: Mapping[str, int | float] | None = None,
    ) -> None:
        self.content, self.file, self.standard, self.as_of = content, file, standard, as_of
        self.lang, self.parameters = lang, parameters
        self.kept = 0
        self.over = False
        self.assessment: Assessment = self._assessed(content)
        self._asked: set[tuple[FactRef, ReasonKind]] = set()
        self._list = ""
        self._wants_reason = False
        self._open: tuple[Question, ...] = ()
        self.current: Question | None = None
        self._advance()

    def _say(self, zh: str, en: str) -> str:
        return safe(Text(zh, en).in_language(self.lang))

    def _assessed(self, content: bytes) -> Assessment:
        document = parse_document(content, self.file, EvidenceError)
        return assess(
            from_document(document, self.standard),
            self.standard,
            as_of=self.as_of,
            parameters=self.parameters,
            reader="reference",
        )

    def _advance(self) -> None:
        self._wants_reason = False
        self._open = questions(self.assessment)
        left = [q for q in self._open if (q.ref, q.reason) not in self._asked and self._takes(q)]
        fields = [q for q in left if q.record and q.key.startswith(f"{self._list}.")]
        if fields:
            records = [r.id for r in self.assessment.organisation.records[self._list]]
            self.current = min(fields, key=lambda q: records.index(q.record))
            return
        self._list = ""
        self.current = left[0] if left else None
        self.over = self.over or self.current is None

    def _takes(self, question: Question) -> bool:
        """Return whether an answer here can count: an auditor's word on a record cannot be undone."""
        if question.kind is QuestionKind.RECORD:
            return False
        old = self._old(question)
        return question.kind is not QuestionKind.FIELD or all(
            answer.backing.status is Status.DECLARED for answer in old
        )

    def _old(self, question: Question) -> tuple[Answer, ...]:
        organisation = self.assessment.organisation
        if question.kind is QuestionKind.FIELD:
            listed = organisation.records[question.key.split(".", maxsplit=1)[0]]
            told = next(r for r in listed if r.id == question.record).answers.get(question.key)
            return () if told is None else (told,)
        return organisation.evidence.get(question.key, ())

    @property
    def progress(self) -> tuple[int, int]:
        """How many findings are decided, and how many there are."""
        found = self.assessment.findings.values()
        return sum(f.outcome is not Outcome.UNDETERMINED for f in found), len(found)

    def reload(self, content: bytes) -> bool:
        """Take over a file that someone else has changed; return whether the question still stands.

        Raises EvidenceError where it cannot be read any more.
        """
        before = self.current
        self.assessment, self.content = self._assessed(content), content
        now = {(q.ref, q.reason) for q in questions(self.assessment)}
        if before is not None and (before.ref, before.reason) in now:
            return True
        self._advance()
        return False

    def show(self) -> str:
        """Return the question as a person reads it."""
        if self.current is None:
            return self.closing()
        if self._wants_reason:
            return self._say(
                "期内确实没有发生过这种情况？请写明理由（输入 返回 重答本题）",
                "there was no case of this in the period? Say why (type back to answer differently)",
            )
        title = None
        if self.current.kind is QuestionKind.FIELD:
            title = self.standard.vocabulary.records[self.current.key.split(".")[0]].title
        left = len([q for q in self._open if self._takes(q)])
        return question_text(
            self.current, title, self.standard.requirements, self.progress, left, self.lang
        )

    def closing(self) -> str:
        """Return how far the interview came, and what is left."""
        decided, total = self.progress
        lines = [
            self._say(
                f"已保存 {self.kept} 个答案：{self.file}。{total} 项要求中已判定 {decided} 项。",
                f"Answers kept in {self.file}: {self.kept}. Requirements decided: {decided} of {total}.",
            )
        ]
        takes = [q for q in self._open if self._takes(q)]
        if takes:
            lines.append(
                self._say(
                    f"还有 {len(takes)} 个问题未答，再次运行即可继续。",
                    f"Questions still open: {len(takes)}; run this again to go on.",
                )
            )
        for stuck in (q for q in self._open if not self._takes(q)):
            name = f"{stuck.key} {stuck.record}"
            lines.append(
                self._say(
                    f"须在文件中处理：{name}（{stuck.again.zh}）",
                    f"to be cleared in the file: {name} ({stuck.again.en})",
                )
            )
        return "\n".join(lines)

    def answer(self, text: str) -> str:
        """Take what was typed; return what to say to it. Input that does not fit changes nothing."""
        question, typed = self.current, cleaned(text)
        if question is None or self.over:
            return ""
        asked = command(typed)
        if asked is Command.QUIT:
            self.over = True
            return ""
        if asked is Command.HELP:
            return help_text(question, self.lang)
        if asked is Command.SKIP:
            self._asked.add((question.ref, question.reason))
            self._advance()
            return self._say("已跳过", "skipped")
        try:
            if self._wants_reason:
                return self._reason(question, typed, asked)
            return self._value(question, typed, asked)
        except UsageError as error:
            return f"{self._say('未记录', 'not kept')}: {safe(error.render(self.lang))}"

    def _reason(self, question: Question, typed: str, asked: Command | None) -> str:
        if asked is Command.BACK:
            self._wants_reason = False
            return ""
        if not typed or asked is not None or len(typed) > LONGEST_REASON:
            raise refused(
                f"请用一句话写明理由，不超过 {LONGEST_REASON} 字",
                f"give the reason in one sentence, {LONGEST_REASON} characters at most",
            )
        return self._keep(question, Answer(None, typed, Backing()))

    def _value(self, question: Question, typed: str, asked: Command | None) -> str:
        item = self.standard.vocabulary.everywhere(question.key)
        if asked in (Command.NONE, Command.NO_CASE):
            if question.kind is QuestionKind.RECORDS:
                return self._keep_list(question, Names(()))
            if question.accepts_no_case:
                _refuse_ambiguous(question, asked)
                self._wants_reason = True
                return ""
            if question.type is ValueType.SET and asked is Command.NONE:
                return self._keep(question, Answer(frozenset(), "", Backing()))
            if question.type is not ValueType.BOOLEAN or asked is Command.NO_CASE:
                raise refused(
                    "本题不能答“没有”：请给出答案（数量可以为 0），或输入 跳过",
                    "this question takes no “none”: give the answer (a count may be 0), or type skip",
                )
        found = read_reply(typed, question, item, self.as_of)
        if isinstance(found, Names):
            return self._keep_list(question, found)
        return self._keep(question, Answer(found, "", Backing()))

    def _keep_list(self, question: Question, names: Names) -> str:
        entries: list[Any] = [{"id": name} for name in names.ids]
        name = question.key.removeprefix("records.")
        self._list = name
        return self._put(question, ("records", name), entries)

    def _keep(self, question: Question, answer: Answer) -> str:
        key = question.key
        if question.kind is QuestionKind.CIRCUMSTANCE:
            return self._put(question, ("profile", key.removeprefix("profile.")), answer.value)
        item = self.standard.vocabulary.everywhere(key)
        assert item is not None
        told = self._beside(self._old(question), answer, item)
        if question.kind is QuestionKind.ITEM:
            return self._put(question, ("evidence", key), told)
        name, field = key.split(".", maxsplit=1)
        listed = [r.id for r in self.assessment.organisation.records[name]]
        return self._put(question, ("records", name, listed.index(question.record), field), told)

    def _beside(self, old: tuple[Answer, ...], new: Answer, item: EvidenceItem) -> Any:
        """Return what to write: declared answers give way, an auditor's word always stays."""

        def counts(answer: Answer) -> bool:
            same = (answer.value, bool(answer.no_case)) == (new.value, bool(new.no_case))
            level = self.assessment.assurance
            return same and set_aside(answer.backing, item, self.as_of, level) is None

        stay = [a for a in old if a.backing.status is not Status.DECLARED or counts(a)]
        full = [answer.to_dict() for answer in stay]
        if not any(map(counts, stay)):
            dated = Backing(collected_on=self.as_of) if item.validity_days else Backing()
            full.append(Answer(new.value, new.no_case, dated).to_dict())
        if len(full) > 1:
            return full
        return full[0]["value"] if set(full[0]) == {"value"} else full[0]

    def _put(self, question: Question, path: tuple[Step, ...], value: Any) -> str:
        content = with_answer(self.content, self.file, path, value)
        self.assessment, self.content = self._assessed(content), content
        self._asked.add((question.ref, question.reason))
        fact = self._fact(question)
        self._advance()
        if fact is None or fact.unknown is None:
            return self._say("已记录", "kept")
        kind = KIND_TITLES[ReasonKind(fact.unknown.value)]
        return self._say(
            f"已记录，但暂不计入：{kind.zh}", f"kept, but it does not count: {kind.en}"
        )

    def _fact(self, question: Question) -> Fact | None:
        facts = self.assessment.facts
        if question.kind is QuestionKind.RECORDS:
            return None
        record = None
        if question.kind is QuestionKind.FIELD:
            listed = facts.records[question.key.split(".", maxsplit=1)[0]]
            record = next(r for r in listed if r.id == question.record)
        return facts.get(question.key, record)


def _refuse_ambiguous(question: Question, asked: Command) -> None:
    """A plain “none” may mean no, or none of the choices: that must not pass for no case."""
    if asked is Command.NO_CASE:
        return
    if question.type is ValueType.BOOLEAN:
        raise refused(
            "结果为否请答 否；期内没有这种情况请输入 未发生",
            "answer no if that is the answer; type no_case if there was no case in the period",
        )
    if question.type is ValueType.SET:
        raise refused(
            "各项都没有请输入 0；期内没有这种情况请输入 未发生",
            "type 0 for none of these; type no_case if there was no case in the period",
        )


def run(
    path: str | Path,
    standard: Standard,
    as_of: date,
    lang: Lang,
    ask: Callable[[str], str],
    tell: Callable[[str], None],
    parameters: Mapping[str, int | float] | None = None,
) -> Assessment:
    """Ask what is open in a company file, keep each answer in it at once, return the assessment.

    `ask` shows a prompt and returns one line; EOFError or KeyboardInterrupt from it end the
    interview like quitting. Each answer is written whole or not at all. What others write into the
    file meanwhile is kept. Raises EvidenceError where the file cannot be read, and UsageError for
    a JSON file or where it cannot be written; answers kept before stay.
    """
    place = Path(path)
    if place.suffix.lower() not in (".yaml", ".yml"):
        message = Text(
            "问答只能写入 YAML 文件", "an interview keeps its answers in YAML files only"
        )
        hint = Text("请先用 socap init 生成 .yaml 文件", "make a .yaml file with socap init")
        raise UsageError([Problem(message, file=str(path), hint=hint)])
    content = read_bytes(place, EvidenceError)
    interview = Interview(content, str(path), standard, as_of, lang, parameters)
    try:
        while not interview.over:
            tell(interview.show())
            line = _line(ask)
            found = read_bytes(place, EvidenceError)
            if found != interview.content and not interview.reload(found):
                message = Text(
                    "文件已被改动，此题不必再答", "the file has changed; this is no longer asked"
                )
                tell(message.in_language(lang))
                continue
            told = interview.answer(line)
            if interview.content != found:
                replace_file(place, interview.content)
                interview.kept += 1
            if told:
                tell(told)
    except (EOFError, KeyboardInterrupt):
        interview.reload(read_bytes(place, EvidenceError))
    except SocapError:
        tell(interview.closing())
        raise
    tell(interview.closing())
    return interview.assessment


def _line(ask: Callable[[str], str]) -> str:
    try:
        return ask("> ")
    except UnicodeDecodeError:
        return ""
