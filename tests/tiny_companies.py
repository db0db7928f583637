"""Company files of the tiny pack, without the line that names the company."""

from __future__ import annotations

GOOD = """
profile: {types: [ITO], uses_external_suppliers: false}
evidence:
  audit.last_date: 2026-08-01
  test.pass_pct: {value: 97, valid_until: 2026-12-31}
  change.late_count: 0
  change.total_count: 5
  plan.parts: [scope, risk]
  plan.state: approved
  plan.kept: true
"""
MIXED = """
profile: {types: [BPO], uses_external_suppliers: true}
evidence:
  audit.last_date: 2025-01-01
  change.late_count: 2
  change.total_count: 3
  plan.parts: [scope, risk]
  plan.kept: true
  plan.state: approved
"""
