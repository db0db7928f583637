from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

import socap
from socap.errors import Text
from socap.findings import Outcome
from socap.reports.html import assessment_report
from socap.reports.html.charts import COVERED, INK, MUTED, PAINTS, PAPER
from socap.reports.html.dependencies import DRAWN, drawing, open_rows
from socap.reports.record import ReportRecord, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
AS_OF = date(2026, 11, 1)
HOSTILE = (
    "\u202e<script>alert(1)</script><img src=http://x.test/a onerror=alert(2)> & \"q\" '{{7*7}}'"
)
SEEN = HOSTILE.replace("\u202e", "").strip()


def made(name: str, pack: str | None = None) -> ReportRecord:
    standard = socap.load(pack) if pack else socap.load()
    organisation = socap.read(ROOT / "examples" / f"{name}.yaml", standard)
    found = socap.assess(organisation, standard, as_of=AS_OF)
    return record(found, forecast=found.forecast(until=date(2027, 11, 1)), credit=found.credit())


def many(one: ReportRecord, count: int) -> ReportRecord:
    """Return a record of many findings, copies of those of one, their ids and clauses told apart."""

    def named(old: str, copy: int) -> str:
        clause, letter = old.split("-")
        return f"{clause}.{copy}-{letter}" if copy else old

    rows = []
    for i in range(count):
        copy, place = divmod(i, len(one.findings))
        f = one.findings[place]
        before = tuple(named(p, copy) for p in f.prerequisites)
        rows.append(replace(f, requirement=named(f.requirement, copy), prerequisites=before))
    return replace(one, findings=tuple(rows))


@pytest.fixture(scope="module")
def delta() -> ReportRecord:
    return made("delta-group")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        run = driver.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        yield run
        run.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("html")


@pytest.fixture
def opened(browser: Browser, folder: Path) -> Iterator[Callable[..., Page]]:
    """Open a report; afterwards nothing may have been asked for or written to the console."""
    asked: list[str] = []
    said: list[str] = []
    contexts = []

    def start(content: str, fragment: str = "", *, scripts: bool = True, width: int = 1280) -> Page:
        file = folder / f"{sha256(content.encode()).hexdigest()[:12]}.html"
        file.write_text(content, encoding="utf-8")
        context = browser.new_context(
            java_script_enabled=scripts, viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(file.as_uri() + fragment)
        if scripts:
            page.evaluate("new Promise(done => setTimeout(done))")
        return page

    yield start
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []


@pytest.fixture(scope="module")
def zh(delta: ReportRecord) -> str:
    return assessment_report(delta, "zh")


def listed(page: Page) -> list[str]:
    rows = page.locator("#list > li:not([hidden]) > details")
    return [str(one) for one in rows.evaluate_all("all => all.map(one => one.id)")]


def test_the_same_record_gives_the_same_bytes(delta: ReportRecord, zh: str) -> None:
    assert assessment_report(delta, "zh") == zh


def test_policy_allows_just_the_style_and_script_in_the_file(zh: str) -> None:
    def hashed(tag: str) -> str:
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", zh, re.DOTALL)
        return "sha256-" + b64encode(sha256(content.encode()).digest()).decode()

    assert (
        f"\"default-src 'none'; script-src '{hashed('script')}'; style-src '{hashed('style')}'; "
        "img-src data:; base-uri 'none'; form-action 'none'\""
    ) in zh
    assert "unsafe-inline" not in zh
    assert not re.search(r'<[^>]+\s(style|on\w+)="', zh)
    assert not re.search(r'(src|href)="(?!#|data:,")', zh)


def test_every_id_is_there_once_and_every_label_has_its_field(zh: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', zh)
    assert len(ids) == len(set(ids))
    named = re.findall(r'\s(?:for|aria-labelledby)="([^"]+)"', zh)
    assert set(named) <= set(ids)
    links = {link for link in re.findall(r'href="#([^"]+)"', zh) if not link.startswith("?")}
    assert links <= set(ids)


def test_filters_count_and_go_into_the_address(zh: str, opened: Callable[..., Page]) -> None:
    page = opened(zh)
    assert page.inner_text("#count") == "166"
    page.check("[name=outcome][value=nonconforming]")
    expect(page.locator("#count")).to_have_text("4")
    assert listed(page) == ["4.3-h", "B.1.3-d", "C.8-c", "C.10-b"]
    page.select_option("#aspect", "security")
    expect(page.locator("#count")).to_have_text("3")
    page.select_option("#grade", "minor")
    expect(page.locator("#count")).to_have_text("0")
    assert page.is_visible("#nothing")
    assert page.url.endswith("#?outcome=nonconforming&grade=minor&aspect=security")
    page.click("#reset")
    assert page.inner_text("#count") == "166"
    assert "#" not in page.url


@pytest.mark.parametrize(
    ("fragment", "found"),
    [
        ("#?clause=B", 15),
        ("#?clause=B.1.3&outcome=nonconforming&outcome=undetermined", 2),
        ("#?root=yes", 4),
        ("#?pdca=act", 8),
        ("#?outcome=none-such", 166),
        ("#?clause=99", 166),
        ("#?q=%E0%A4%A", 0),
        ("#no-such-place", 166),
    ],
)
def test_an_address_opens_filtered(
    fragment: str, found: int, zh: str, opened: Callable[..., Page]
) -> None:
    page = opened(zh, fragment)
    expect(page.locator("#count")).to_have_text(str(found))
    assert len(listed(page)) == found


@pytest.mark.parametrize(
    "words", ["cebu-voice", "CEBU-VOICE", "ｃｅｂｕ－voice", "供方 cebu", "signed cebu"]
)
def test_search_reads_both_languages(words: str, zh: str, opened: Callable[..., Page]) -> None:
    page = opened(zh)
    page.fill("#q", words)
    expect(page.locator("#count")).not_to_have_text("166")
    assert "C.10-b" in listed(page)
    assert len(listed(page)) < 6


def test_a_deep_link_opens_its_finding_even_if_filtered_away(
    zh: str, opened: Callable[..., Page]
) -> None:
    page = opened(zh, "#B.1.3-e")
    expect(page.locator("[id='B.1.3-e'] > summary")).to_be_focused()
    body = page.locator("[id='B.1.3-e'] .body[lang='zh-CN']")
    assert body.is_visible()
    for words in (
        "刷卡进入",
        "尚未符合",
        "ISO/IEC 27001:2022 A.7.6",
        "依据",
        "抽样",
        "情形存在争议",
    ):
        assert words in body.inner_text()
    page.evaluate("location.hash = '#?outcome=nonconforming'")
    expect(page.locator("#count")).to_have_text("4")
    page.evaluate("location.hash = '#C.5-e'")
    expect(page.locator("[id='C.5-e']")).to_have_attribute("open", "")
    assert len(listed(page)) == 166


def test_language_switch(zh: str, delta: ReportRecord, opened: Callable[..., Page]) -> None:
    page = opened(zh)
    assert page.get_attribute("html", "lang") == "zh-CN"
    assert page.inner_text("h1") == "三角洲集团"
    page.click("label[for=lang-en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.inner_text("h1") == "Delta Group"
    assert page.title() == "Delta Group · Assessment report"
    assert page.inner_text("#aspect option:checked") == "any"
    assert page.url.endswith("#?lang=en")
    assert not re.search(r"[\u4e00-\u9fff]", page.inner_text("main").replace("监控平台", ""))
    page.evaluate("location.hash = '#?outcome=nonconforming&lang=toString'")
    expect(page.locator("#count")).to_have_text("4")
    assert page.inner_text("h1") == "Delta Group"
    assert page.url.endswith("#?lang=en&outcome=nonconforming")
    english = opened(assessment_report(delta, "en"))
    assert english.get_attribute("html", "lang") == "en"
    assert english.inner_text("h1") == "Delta Group"


def test_keyboard_alone_switches_filters_and_opens(zh: str, opened: Callable[..., Page]) -> None:
    page = opened(zh)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('[for=lang-en]')).outlineStyle")
        == "solid"
    )
    page.focus("[name=outcome][value=nonconforming]")
    page.keyboard.press("Space")
    expect(page.locator("#count")).to_have_text("4")
    page.focus("[id='4.3-h'] > summary")
    page.keyboard.press("Enter")
    assert page.locator("[id='4.3-h']").get_attribute("open") is not None
    outline = "getComputedStyle(document.activeElement).outlineWidth"
    assert page.evaluate(outline) == "3px"


def test_without_scripts_all_is_there_and_the_language_switches(
    zh: str, opened: Callable[..., Page]
) -> None:
    page = opened(zh, "#C.8-c", scripts=False)
    assert page.is_hidden("#filter")
    assert page.locator("#list > li").count() == 166
    assert page.locator(
        "[id='C.8-c'] .statement[lang], [id='C.8-c'] [lang='zh-CN'] .statement"
    ).first.is_visible()
    assert page.locator("[id='C.8-b'] [lang='zh-CN'] .statement").is_hidden()
    page.click("label[for=lang-en]")
    assert page.inner_text("h1") == "Delta Group"
    assert page.is_visible("figure.by_clause [lang=en] svg")
    assert page.is_hidden("figure.by_clause [lang=zh-CN] svg")


def test_markup_in_names_is_shown_as_text(delta: ReportRecord, opened: Callable[..., Page]) -> None:
    bad = Text(HOSTILE, HOSTILE)
    f = delta.having(Outcome.NONCONFORMING)[0]
    evidence = tuple(replace(e, value=bad, source=HOSTILE, note=HOSTILE) for e in f.evidence)
    worse = replace(f, title=bad, statement=bad, evidence=evidence)
    rows = tuple(replace(g, title=bad) for g in delta.by_clause)
    findings = tuple(worse if one is f else one for one in delta.findings)
    told = replace(delta, name=bad, findings=findings, by_clause=rows)
    page = opened(assessment_report(told, "en"), f"#{f.requirement}")
    assert page.inner_text("h1").strip() == SEEN
    assert page.title().strip().startswith(SEEN)
    assert SEEN in page.locator(f"[id='{f.requirement}'] .body:visible").inner_text()
    assert page.locator("img, main script").count() == 0
    assert "\u202e" not in page.content()


def test_text_stands_out_from_what_is_behind_it(zh: str, opened: Callable[..., Page]) -> None:
    page = opened(zh, "#B.1.3-e")
    pairs = page.evaluate(
        """() => {
          const seen = new Set();
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const one = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || one.closest("svg, script") || !one.checkVisibility()) continue;
            let behind = one, colour = "rgba(0, 0, 0, 0)";
            while (behind && colour === "rgba(0, 0, 0, 0)") {
              colour = getComputedStyle(behind).backgroundColor;
              behind = behind.parentElement;
            }
            seen.add(getComputedStyle(one).color + "|" + colour);
          }
          return [...seen];
        }"""
    )
    assert len(pairs) > 8
    for pair in pairs:
        assert contrast(*(_channels(colour) for colour in pair.split("|"))) >= 4.5, pair


@pytest.mark.parametrize(
    ("text", "behind"),
    [
        *((p.text, p.fill) for p in (*PAINTS.values(), *COVERED.values())),
        (INK, PAPER),
        (MUTED, PAPER),
        (PAINTS[Outcome.NONCONFORMING].fill, PAPER),
    ],
)
def test_text_in_pictures_stands_out(text: str, behind: str) -> None:
    assert contrast(_channels(text), _channels(behind)) >= 4.5


def _channels(colour: str) -> list[int]:
    if colour.startswith("#"):
        return list(bytes.fromhex(colour[1:]))
    return [int(n) for n in re.findall(r"\d+", colour)[:3]]


def contrast(one: list[int], other: list[int]) -> float:
    """Return the contrast of two colours. Source: WCAG 2.2, contrast ratio, relative luminance."""

    def luminance(colour: list[int]) -> float:
        parts = [c / 255 for c in colour]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("width", [360, 1600])
def test_the_page_never_scrolls_sideways(width: int, zh: str, opened: Callable[..., Page]) -> None:
    page = opened(zh, "#B.1.3-e", width=width)
    page.evaluate("document.querySelectorAll('.data').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_print_gives_open_findings_in_full(
    delta: ReportRecord, zh: str, opened: Callable[..., Page]
) -> None:
    page = opened(zh)
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")
    page.emulate_media(media="print")
    for f in delta.findings:
        full = f.outcome not in (Outcome.CONFORMING, Outcome.NOT_APPLICABLE)
        seen = page.locator(f"[id='{f.requirement}'] [lang='zh-CN'] .statement")
        assert seen.evaluate("one => one.offsetHeight > 0") is full, f.requirement
    assert page.is_hidden("#filter")
    assert page.is_visible(".printed")


def test_five_thousand_findings_open_filter_and_print_whole(
    delta: ReportRecord, opened: Callable[..., Page]
) -> None:
    content = assessment_report(many(delta, 5000), "zh")
    assert len(content.encode()) < 26_000_000
    page = opened(content)
    assert page.inner_text("#count") == "5000"
    assert len(listed(page)) == 300
    page.click("#more")
    assert len(listed(page)) == 600
    page.check("[name=outcome][value=nonconforming]")
    expect(page.locator("#count")).to_have_text("121")
    page.fill("#q", "cebu-voice")
    expect(page.locator("#count")).to_have_text("30")
    page.evaluate("location.hash = '#A.1.2.29-g'")
    expect(page.locator("[id='A.1.2.29-g']")).to_have_attribute("open", "")
    assert page.locator("[id='A.1.2.29-g'] [lang='zh-CN'] .statement").is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(listed(page)) == 5000


def test_the_picture_of_causes_is_bounded_and_nothing_overlaps() -> None:
    for one in (made("new-start"), many(made("new-start"), 5000)):
        rows = open_rows(one)
        drawn = drawing(rows)
        assert len(drawn.nodes) == min(DRAWN, len(rows))
        assert drawn.left_out == len(rows) - len(drawn.nodes)
        places = {(node.column, node.row) for node in drawn.nodes}
        assert len(places) == len(drawn.nodes)
        assert all(before.column < after.column for before, after, _ in drawn.edges)
        assert max(node.row for node in drawn.nodes) < drawn.rows
        assert max(node.column for node in drawn.nodes) < drawn.columns


def test_root_causes_come_first_and_are_marked(zh: str, delta: ReportRecord) -> None:
    rows = open_rows(delta)
    assert [r.finding.requirement for r in rows] == [
        *("4.3-h", "B.1.3-d", "C.8-c", "C.10-b"),
        *("C.5-e", "A.1.2-g", "B.1.3-e"),
    ]
    assert rows[4].holds_up == ("B.1.3-e",)
    assert "◆ C.8-c 演练" in zh


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("companions/post-specification-1", "post-specification-1"),
        ("companions/it-outsourcing-assessment", "it-outsourcing-assessment"),
        ("new-start", None),
        ("suzhou-analytics", None),
        ("huaqiao-software", None),
    ],
)
def test_other_packs_and_companies(
    name: str, pack: str | None, opened: Callable[..., Page]
) -> None:
    one = made(name, pack)
    page = opened(assessment_report(one, "en"))
    assert page.inner_text("#count") == str(len(one.findings))
    assert page.locator("nav a").count() == 6


def test_what_is_not_there_is_left_out(delta: ReportRecord, opened: Callable[..., Page]) -> None:
    bare = replace(delta, timeline=None, certificates=None, findings=())
    page = opened(assessment_report(bare, "en"))
    assert page.inner_text("#count") == "0"
    assert page.locator("#timeline, #credit").count() == 0
    assert page.locator("nav a").count() == 4
