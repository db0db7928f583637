"""What a template may say: output, conditions and loops over given values, and nothing else.

A template comes from whoever wrote it. Its language has no calls, no assignments, no includes and
no way to an attribute that begins with an underscore, and what it makes is bounded.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.filters import do_join
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import pass_eval_context
from markupsafe import escape

from socap.errors import Problem, Text, UsageError, did_you_mean
from socap.reports.docx.template_file import problem_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, MutableMapping

    from jinja2.nodes import EvalContext
    from markupsafe import Markup

LARGEST = 80_000_000  # characters of one document: some 5,000 findings on 1,500 pages
_ROUND = 100  # what one turn of a loop costs beyond the characters in it
_COUNTED = "socap counted"
_NODES = frozenset(
    "Template Output TemplateData For If Name Const Getattr Getitem Slice Filter Test Compare Operand "
    "And Or Not CondExpr Concat Add Sub Neg List Tuple Keyword".split()
)
_FILTERS = ("default", "first", "join", "last", "length", "lower", "trim", "upper")
_TESTS = ("defined", "undefined", "none", "divisibleby", "even", "odd", "eq", "ne", "in")


class _Undefined(StrictUndefined):
    """A name that is not there: its error is that name, or why it may not be read."""

    @property
    def _undefined_message(self) -> str:
        return self._undefined_hint or str(self._undefined_name)


class TemplateEnvironment(SandboxedEnvironment):
    """The language of one document; it keeps count of what the document has grown to.

    `source` is the template last compiled, in which errors at run time give a line.
    """

    def __init__(self, file: str) -> None:
        super().__init__(undefined=_Undefined, autoescape=True, finalize=self._shown, cache_size=0)
        self.file = file
        self.source = ""
        self._left = LARGEST
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.filters |= {"join": self._joined, _COUNTED: self._counted}
        self.tests = {name: self.tests[name] for name in _TESTS}

    def problems(self, source: str, names: Collection[str]) -> Iterator[Problem]:
        """Yield what is wrong with a template that may use these names."""
        try:
            tree = self.parse(source)
        except TemplateSyntaxError as error:
            yield self.problem(source, error.lineno, _syntax(error.message or ""))
            return
        faults = list(self._faults(tree, source))
        yield from faults
        if faults:  # what is not allowed is not compiled either: that works constants out
            return
        unknown = find_undeclared_variables(tree) - set(names)
        for node in tree.find_all(nodes.Name):
            if node.name in unknown:
                hint = did_you_mean(node.name, names)
                yield self.problem(source, node.lineno, _no_name(node.name), hint)

    def _faults(self, tree: nodes.Template, source: str) -> Iterator[Problem]:
        for node in tree.find_all(nodes.Node):
            kind, what, hint = type(node).__name__, None, _ALLOWED
            if kind not in _NODES or (isinstance(node, nodes.For) and node.recursive):
                what = Text(f"模板中不可使用 {kind}", f"a template may not use {kind}")
            elif isinstance(node, nodes.Filter | nodes.Test):
                known = _FILTERS if isinstance(node, nodes.Filter) else _TESTS
                if node.name not in known:
                    allowed = ", ".join(known)
                    what = Text(f"不可使用 {node.name}", f"{node.name} may not be used")
                    hint = Text(f"可用：{allowed}", f"there are {allowed}")
            elif isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
                what = _no_name(node.attr)
            if what is not None:
                yield self.problem(source, node.lineno, what, hint)

    def from_string(
        self,
        source: str | nodes.Template,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002  jinja2 calls it so
        template_class: type[Template] | None = None,
    ) -> Template:
        """Return a template whose loops are counted."""
        assert isinstance(source, str)
        self.source = source
        tree = self.parse(source)
        for node in list(tree.find_all(nodes.For)):
            size = sum(len(data.data) for data in node.find_all(nodes.TemplateData))
            cost: nodes.Expr = nodes.Const(_ROUND + size)
            node.iter = nodes.Filter(node.iter, _COUNTED, [cost], [], None, None)
            node.iter.set_lineno(node.lineno)
            node.iter.set_environment(self)
        return super().from_string(tree, globals, template_class)

    def problem(self, source: str, line: int, message: Text, hint: Text | None = None) -> Problem:
        """Return a problem with the paragraph it is in; each line of a source begins one."""
        lines = source.split("\n")
        paragraph = lines[line - 1] if 0 < line <= len(lines) else ""
        return problem_in(paragraph, line - 1, message, self.file, hint)

    def spend(self, characters: int) -> None:
        """Count what the document grows by. Raises UsageError where it gets too large."""
        self._left -= characters
        if self._left < 0:
            raise UsageError(
                [
                    Problem(
                        Text(
                            f"文件过大：超过 {LARGEST} 个字符",
                            f"the document gets larger than {LARGEST} characters",
                        ),
                        file=self.file,
                        hint=Text("检查模板中的循环", "look at the loops of the template"),
                    )
                ]
            )

    def _counted(self, values: Iterable[object], cost: int) -> Iterator[object]:
        for value in values:
            self.spend(cost)
            yield value

    @pass_eval_context
    def _joined(
        self,
        context: EvalContext,
        values: Iterable[object],
        separator: str = "",
        attribute: str | None = None,
    ) -> str:
        joined: str = do_join(context, self._counted(values, _ROUND), separator, attribute)
        return joined

    def _shown(self, value: object) -> Markup:
        if isinstance(value, SimpleNamespace | list | dict):
            _several()
        text = "" if value is None else str(value)
        self.spend(len(text))
        return escape(text)


_ALLOWED = Text(
    "可用：{{ 值 }}、{% if %}、{% for %}，不可调用、赋值或包含",
    "there are {{ value }}, {% if %} and {% for %}; no calls, assignments or includes",
)


def _syntax(message: str) -> Text:
    return Text(f"标记有误：{message}", f"the marks are wrong: {message}")


def _no_name(name: str) -> Text:
    shown = name[:100]
    return Text(f"没有名为 {shown} 的值", f"there is no value named {shown}")


def _several() -> NoReturn:
    raise TypeError("a group of values: name one of them, as in recommendation.title")


def at_run_time(error: Exception) -> Text:
    """Return what an error says that a template meets while it is filled in."""
    if isinstance(error, UndefinedError):
        return _no_name(str(error))
    return Text(f"无法求值：{error}", f"this cannot be worked out: {error}")
