"""The report of what was proved, and the waivers kept beside a pack."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from socap.errors import MissingExtraError, PackError
from socap.proving.prover import prove
from socap.proving.report import ProofReport
from socap.standard import Standard

if TYPE_CHECKING:
    pass


def told(report: ProofReport) -> list[tuple[str, tuple[str, ...]]]:
    return [(f.kind.value, f.requirements) for f in report.findings]


def waivers(tmp_path: Path, *entries: dict[str, Any]) -> Path:
    file = tmp_path / "waivers.yaml"
    file.write_text(json.dumps({"waivers": list(entries)}), encoding="utf-8")
    return file


def test_waived_and_idle(tiny: Standard, tmp_path: Path) -> None:
    wide = {
        "kind": "parameter_range",
        "requirements": ["6.1-b"],
        "parameter": "pass_min_pct",
        "reason": "a pilot",
    }
    idle = {"kind": "contradicts", "requirements": ["6.1-a", "6.1-b"], "reason": "none"}
    assert told(prove(tiny)) == [("parameter_range", ("6.1-b",))]
    report = prove(tiny, waivers=waivers(tmp_path, wide))
    assert report.passed
    assert [(f.requirements, w.reason) for f, w in report.waived] == [(("6.1-b",), "a pilot")]
    report = prove(tiny, waivers=waivers(tmp_path, wide, idle))
    assert not report.passed
    assert [w.to_dict() for w in report.idle] == [{**idle, "parameter": None}]
    other = {**wide, "parameter": "audit_interval_days"}
    report = prove(tiny, waivers=waivers(tmp_path, other))
    assert (len(report.findings), len(report.idle)) == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "never"},
        {"requirements": ["6.1-zz"]},
        {"requirements": "6.1-b"},
        {"requirements": []},
        {"reason": " "},
        {"reason": None},
        {"parameter": "pass_pct"},
        {"colour": "red"},
    ],
)
def test_a_wrong_waiver_is_refused(tiny: Standard, tmp_path: Path, changes: dict[str, Any]) -> None:
    right = {"kind": "parameter_range", "requirements": ["6.1-b"], "reason": "a pilot"}
    with pytest.raises(PackError) as refusal:
        prove(tiny, waivers=waivers(tmp_path, {**right, **changes}))
    assert "waivers.yaml:1" in refusal.value.render("zh")
    with pytest.raises(PackError):
        prove(tiny, waivers=waivers(tmp_path, right, right))
    with pytest.raises(PackError):
        prove(tiny, waivers=tmp_path / "absent.yaml")


def test_the_report_is_the_same_each_time_and_told_in_both_languages(tiny: Standard) -> None:
    report = prove(tiny)
    assert report.to_dict() == prove(tiny).to_dict()
    assert json.loads(json.dumps(report.to_dict())) == report.to_dict()
    assert report.to_text("en").startswith(
        "parameter range: with pass_min_pct at 0% (allowed: 0 to 100) 6.1-b can be failed by no "
        "company to which it applies\n    pass_min_pct = 0\n    organisation: {id: witness, "
    )
    assert report.to_text("zh").startswith(
        "参数范围不当: 参数 pass_min_pct 取 0%（允许 0–100）时，6.1-b 不可能不满足\n"
    )
    assert report.to_text("en").endswith("; 1 findings, 0 waived, 0 idle waivers\n")


def test_without_the_solver(tiny: Standard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    with pytest.raises(MissingExtraError) as refusal:
        prove(tiny)
    assert "prove" in refusal.value.render("en")
