"""What a notebook shows is complete, escaped and without scripts."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from socap.applicability_matrix import matrix
from socap.assessment import assess
from socap.reports import notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard

DAY = date(2026, 11, 1)
BODY = """
profile: {types: [BPO], uses_external_suppliers: true}
evidence: {audit.last_date: 2025-01-01}
records: {supplier: [{id: "<script>x</script>", critical: true, evaluated_on: 2020-01-01}]}
"""
ALLOWED = {
    *("div", "p", "strong", "small", "table", "tr", "th", "td"),
    *("details", "summary", "ul", "li"),
}


class Page(HTMLParser):
    """The elements and the text of a piece of HTML; an element closed out of turn fails."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_assessment_is_shown_whole_and_escaped(
    tiny: Standard, company: Callable[[str], Organisation], lang: Lang
) -> None:
    made = assess(company(BODY), tiny, as_of=DAY)
    page = Page(notebook.assessment_html(made, lang))
    assert page.tags <= ALLOWED
    assert page.attributes == {"lang", "style"}
    told = {"zh": ["不符合 (2)", "待定 (2)"], "en": ["nonconforming (2)", "undetermined (2)"]}[lang]
    assert [text for text in page.texts if text.endswith(" (2)")] == told
    for finding in made.findings.values():
        for reason in finding.reasons:
            shown = finding.outcome.value in ("nonconforming", "undetermined")
            assert (reason.text.in_language(lang) in page.texts) == shown
    assert "<script>x</script>" in "".join(page.texts)
    assert tiny.pack.notice.in_language(lang) in page.texts


def test_a_long_list_says_what_it_leaves_out(
    tiny: Standard, company: Callable[[str], Organisation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook, "_LISTED", 1)
    page = Page(notebook.assessment_html(assess(company(BODY), tiny, as_of=DAY), "en"))
    assert page.texts.count("1 more are not listed") == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_matrix_opens_its_conditions(tiny: Standard, lang: Lang) -> None:
    made = matrix(tiny, ["ITO", "BPO"])
    page = Page(notebook.matrix_html(made, lang))
    assert page.tags <= ALLOWED
    condition = {"zh": "使用外部供方", "en": "external suppliers are used"}[lang]
    assert page.texts.count(condition) == 3
    assert [t for t in page.texts if "BPO" in t] == ["BPO", "ITO+BPO"]
