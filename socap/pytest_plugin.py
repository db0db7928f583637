"""A pytest plugin: a company's conformity as test cases, one a requirement.

`pytest --socap=company.yaml --socap-as-of=2026-11-01`, or in the configuration file
`socap_files = company*.yaml` and `socap_as_of = 2026-11-01`. Nothing of socap is loaded, and
nothing said, where no company file is named. (With `=`: pytest takes a path that stands alone for
a hint where its root is, before it knows the options of plugins.)
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from socap.errors import Lang
    from socap.standard import Standard
    from socap.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Settings:
    """Which files are assessed, and how."""

    files: frozenset[Path]
    standard: Standard
    as_of: date
    skip_undetermined: bool
    lang: Lang


_SETTINGS = pytest.StashKey[Settings]()
_OPTIONS = (
    ("as-of", "YYYY-MM-DD", "评价日，必须给出 / date of the assessment; always needed"),
    ("undetermined", "fail|skip", "待定的要求：不通过（默认）或跳过 / undetermined: fail or skip"),
    ("lang", "zh|en", "语言，默认 zh / language, zh by default"),
    ("pack", "NAME|FOLDER", "标准，默认主标准 / the pack, the main standard by default"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, each with a configuration key beside it."""
    group = parser.getgroup("socap", "socap: 企业符合性 / conformity of companies")
    told = "企业信息文件，可重复 / a company file; repeatable"
    group.addoption("--socap", action="append", default=[], metavar="FILE", help=told)
    told = "企业信息文件，可用通配符 / company files, patterns allowed"
    parser.addini("socap_files", told, type="args", default=[])
    told = "叠加文件，可重复 / an overlay; repeatable"
    group.addoption("--socap-overlay", action="append", default=[], metavar="FILE", help=told)
    parser.addini("socap_overlay", told, type="paths", default=[])
    for name, shape, told in _OPTIONS:
        group.addoption(f"--socap-{name}", metavar=shape, help=told)
        parser.addini(f"socap_{name.replace('-', '_')}", told)


def pytest_configure(config: pytest.Config) -> None:
    """Have the company files collected beside the tests; a wrong setting is a usage error.

    Files named in the configuration join where pytest is called without paths, or with paths that
    lead to them; those of `--socap` always do.
    """
    named = [_absolute(config.invocation_params.dir, f) for f in config.getoption("socap")]
    patterns = config.getini("socap_files")
    if not named and not patterns:
        return
    if pytest.version_tuple < (9,):
        # Before, a file named beside its own folder took the place of all else in that folder.
        raise _usage(config, "socap 的插件需要 pytest 9", "the plugin of socap needs pytest 9")
    base = config.inipath.parent if config.inipath is not None else config.rootpath
    usual = [_absolute(base, f) for p in patterns for f in _matching(p, base, config)]
    for file in named:
        if not file.is_file():
            raise _usage(
                config, f"没有这个企业信息文件：{file.name}", f"no such company file: {file.name}"
            )
    config.stash[_SETTINGS] = _settings(config, frozenset((*named, *usual)))
    given = config.args_source is pytest.Config.ArgsSource.ARGS
    for file in dict.fromkeys(named if given else (*named, *usual)):
        config.args.append(str(file))


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is assessed, and what the requirements are and are not."""
    settings = config.stash.get(_SETTINGS, None)
    if settings is None:
        return []
    made, lang = settings.standard, settings.lang
    head = f"socap: {made.title.in_language(lang)}, {settings.as_of.isoformat()}"
    return [head, made.pack.notice.in_language(lang)]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CompanyFile | None:
    """Return a collector for each company file."""
    settings = parent.config.stash.get(_SETTINGS, None)
    if settings is None or file_path not in settings.files:
        return None
    made: CompanyFile = CompanyFile.from_parent(parent, path=file_path)
    return made


class CompanyFile(pytest.File):
    """One company file; its items are its status and its findings."""

    @property
    def _settings(self) -> Settings:
        return self.config.stash[_SETTINGS]

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the items. Raises CollectError with every problem of the file."""
        from socap.assessment import assess  # noqa: PLC0415  pytest loads this module in every run
        from socap.company_file import read  # noqa: PLC0415  as above
        from socap.errors import SocapError  # noqa: PLC0415  as above
        from socap.findings import OUTCOME_TITLES  # noqa: PLC0415  as above
        from socap.testing import finding_told, in_short, status_told  # noqa: PLC0415  as above
        from socap.verdicts import overall, verdict  # noqa: PLC0415  as above

        made, lang = self._settings.standard, self._settings.lang
        try:
            organisation = read(os.path.relpath(self.path), made)
            found = assess(organisation, made, as_of=self._settings.as_of)
        except SocapError as error:
            raise self.CollectError(error.render(lang)) from None
        status = OUTCOME_TITLES[found.status].in_language(lang)
        told = partial(status_told, found, lang)
        yield self._item("status", status, overall(found), f"status | {status}", told)
        for name, finding in found.findings.items():
            outcome, short = finding.told.in_language(lang), in_short(finding, lang)
            told = partial(finding_told, found, name, lang)
            yield self._item(name, outcome, verdict(found, finding), short, told)

    def _item(
        self, name: str, outcome: str, counts: Verdict, short: str, told: Callable[[], str]
    ) -> pytest.Item:
        skipped = counts == "skipped" or (counts == "open" and self._settings.skip_undetermined)
        why = None if skipped or counts == "passed" else told
        headline = f"{name} {outcome}"
        item: ConformityItem = ConformityItem.from_parent(
            self, name=name, headline=headline, why=why
        )
        if skipped:
            item.add_marker(pytest.mark.skip(reason=short))
        return item


class ConformityItem(pytest.Item):
    """One finding, or the status of the whole; it fails where there is a `why`."""

    def __init__(self, *, headline: str, why: Callable[[], str] | None, **node: Any) -> None:
        super().__init__(**node)
        self.headline, self.why = headline, why

    def runtest(self) -> None:
        """Fail, saying why, where the finding does not pass."""
        if self.why is not None:
            pytest.fail(self.why(), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the file, its first line, and the headline of a failure."""
        return self.path, 0, self.headline


def _absolute(base: Path, file: str) -> Path:
    return Path(os.path.normpath(base / file))


def _matching(pattern: str, base: Path, config: pytest.Config) -> list[str]:
    found = sorted(glob(pattern, root_dir=base, recursive=True))  # noqa: PTH207  Path.glob takes no absolute pattern
    if not found:
        # A pattern gone stale would leave a pipeline green with nothing assessed.
        zh, en = f"socap_files 没有匹配到文件：{pattern}", f"socap_files matches nothing: {pattern}"
        raise _usage(config, zh, en)
    return found


def _option(config: pytest.Config, name: str) -> str | None:
    return config.getoption(f"socap_{name}") or config.getini(f"socap_{name}") or None


def _usage(config: pytest.Config, zh: str, en: str) -> pytest.UsageError:
    return pytest.UsageError(en if _option(config, "lang") == "en" else zh)


def _settings(config: pytest.Config, files: frozenset[Path]) -> Settings:
    from socap.answers import parse_date  # noqa: PLC0415  pytest loads this module in every run
    from socap.errors import SocapError  # noqa: PLC0415  as above
    from socap.standard import load  # noqa: PLC0415  as above

    lang, undetermined = _option(config, "lang") or "zh", _option(config, "undetermined") or "fail"
    if lang not in ("zh", "en"):
        raise _usage(
            config, f"--socap-lang 应为 zh 或 en：{lang}", f"--socap-lang is zh or en: {lang}"
        )
    if undetermined not in ("fail", "skip"):
        zh = f"--socap-undetermined 应为 fail 或 skip：{undetermined}"
        raise _usage(config, zh, f"--socap-undetermined is fail or skip: {undetermined}")
    day = _option(config, "as_of")
    as_of = parse_date(day)
    if as_of is None:
        zh = f"--socap-as-of 应为有效日期，形如 2026-11-01：{day}"
        en = f"--socap-as-of needs a date that exists, written like 2026-11-01: {day}"
        if day is None:
            zh = "请用 --socap-as-of（或 socap_as_of）给出评价日，形如 2026-11-01"
            en = "give the date of the assessment by --socap-as-of (or socap_as_of), as 2026-11-01"
        raise _usage(config, zh, en)
    overlays = config.getoption("socap_overlay") or config.getini("socap_overlay")
    chosen: Lang = "en" if lang == "en" else "zh"
    try:
        made = load(_option(config, "pack"), overlays=overlays)
    except SocapError as error:
        raise pytest.UsageError(error.render(chosen)) from None
    return Settings(files, made, as_of, undetermined == "skip", chosen)
