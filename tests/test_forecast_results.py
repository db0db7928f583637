"""What a forecast tells: its text and data, what counts as worse, and the days it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tiny_companies import GOOD

from socap.assessment import assess
from socap.company_file import read
from socap.errors import Text, UsageError
from socap.findings import Recommendation
from socap.forecast import forecast
from socap.grading import Grading
from socap.rules.expressions import Always, Condition, Literal, Operator

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.organisation import Organisation
    from socap.standard import Standard

    Company = Callable[[str], Organisation]

EXAMPLES = Path(__file__).parent.parent / "examples"
AS_OF = date(2026, 11, 1)
ONE_DAY = timedelta(days=1)


def test_the_reader_of_the_assessment_does_not_matter() -> None:
    company = read(EXAMPLES / "suzhou-analytics.yaml")
    told = [
        forecast(assess(company, as_of=AS_OF, reader=name), until=date(2027, 12, 31)).to_dict()
        for name in ("durable", "reference")
    ]
    assert told[0] == told[1]


def test_the_whole_text_of_a_small_forecast(company: Company, tiny: Standard) -> None:
    made = forecast(assess(company(GOOD), tiny, as_of=AS_OF), until=date(2027, 6, 30))
    assert made.to_text("en") == (
        "A: forecast from 2026-11-01 to 2027-06-30, if nothing is done\n"
        "Recommendation today: Certification recommended\n"
        "Next change: 2027-01-01\n"
        "The recommendation gets worse: from 2027-01-01 on, "
        "No recommendation (assessment incomplete)\n"
        "\n"
        "2027-01-01\n"
        "  6.1-b Test: conforming → undetermined\n"
        "    - “Test pass rate” (test.pass_pct): it counts up to 2026-12-31\n"
        "  Recommendation: Certification recommended → No recommendation (assessment incomplete)\n"
    )
    assert made.to_text("zh") == (
        "甲：2026-11-01 至 2027-06-30 的预测（不采取任何措施）\n"
        "当前认证建议：推荐认证\n"
        "下一次变化：2027-01-01\n"
        "认证建议变差：2027-01-01 起为“不作推荐（评价尚未完成）”\n"
        "\n"
        "2027-01-01\n"
        "  6.1-b 测试：由符合变为待定\n"
        "    - “测试通过率”（test.pass_pct）：有效期至 2026-12-31\n"
        "  认证建议：推荐认证 → 不作推荐（评价尚未完成）\n"
    )
    told = json.loads(json.dumps(made.to_dict()))
    assert told["next_change"] == told["certification_lost"] == "2027-01-01"
    assert told["days"][0]["changes"] == [
        {
            "requirement": "6.1-b",
            "before": {"outcome": "conforming", "grade": None},
            "after": {"outcome": "undetermined", "grade": None},
            "causes": [
                {
                    "turn": "expired",
                    "key": "test.pass_pct",
                    "records": [],
                    "date": "2026-12-31",
                    "text": {
                        "zh": "“测试通过率”（test.pass_pct）：有效期至 2026-12-31",
                        "en": "“Test pass rate” (test.pass_pct): it counts up to 2026-12-31",
                    },
                }
            ],
            "text": {
                "zh": "6.1-b 测试：由符合变为待定",
                "en": "6.1-b Test: conforming → undetermined",
            },
        }
    ]


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (AS_OF, "until (2026-11-01) should be after the assessment, 2026-11-01"),
        (AS_OF - ONE_DAY, "the past is not forecast"),
        (date.min, "the past is not forecast"),
        (date(2201, 1, 1), "the latest is 2200-12-31"),
        (date.max, "the latest is 2200-12-31"),
        (datetime(2027, 1, 1), "until should be a date"),  # noqa: DTZ001
        ("2027-01-01", "until should be a date"),
        (None, "until should be a date"),
        (365, "until should be a date"),
    ],
)
def test_a_wrong_day_is_refused(company: Company, tiny: Standard, until: date, words: str) -> None:
    start = assess(company(GOOD), tiny, as_of=AS_OF)
    with pytest.raises(UsageError) as caught:
        forecast(start, until=until)
    assert words in str(caught.value)
    assert caught.value.render("zh") != caught.value.render("en")


def advice(name: str) -> Recommendation:
    return Recommendation(name, Text(name, name), Text(name, name))


def more_than_none(name: str) -> Condition:
    return Condition(f"findings.{name}", Operator.MORE_THAN, Literal(0))


@pytest.mark.parametrize(
    ("rules", "lost"),
    [
        # the open one comes before the good one, or after it as what is left
        ((("open", "undetermined"), ("good", "conforming"), ("none", "")), True),
        ((("good", "conforming"), ("none", "")), None),
        ((("bad", "major"), ("good", "")), None),
        ((("open", "undetermined"), ("good", "")), True),
        ((("rated", "opportunity"), ("good", "")), None),
    ],
)
def test_worse_is_read_off_the_grading_rules(
    company: Company, tiny: Standard, rules: tuple[tuple[str, str], ...], lost: bool | None
) -> None:
    told = tuple((more_than_none(c) if c else Always(), advice(name)) for name, c in rules)
    graded = replace(tiny, grading=Grading(tiny.grading.status, told))
    made = forecast(assess(company(GOOD), graded, as_of=AS_OF), until=date(2027, 6, 30))
    assert made.recommendation.id == "good"
    assert made.certification_lost == (date(2027, 1, 1) if lost else None)


@pytest.mark.parametrize(
    ("evidence", "today"),
    [
        ("audit.last_date: {value: 2026-10-01, valid_until: 2026-12-31}", "good"),
        ("plan.kept: {value: false, valid_until: 2026-12-31}", "planned"),
    ],
)
def test_what_is_left_over_ranks_below_what_was_earned(
    company: Company, tiny: Standard, evidence: str, today: str
) -> None:
    told = (
        (more_than_none("minor"), advice("planned")),
        (more_than_none("conforming"), advice("good")),
        (Always(), advice("none")),
    )
    graded = replace(tiny, grading=Grading(tiny.grading.status, told))
    body = f"profile: {{types: [BPO]}}\nevidence: {{{evidence}}}\n"
    made = forecast(assess(company(body), graded, as_of=AS_OF), until=date(2027, 6, 30))
    assert [(d.before.id, d.after.id) for d in made.days] == [(today, "none")]
    assert made.certification_lost == date(2027, 1, 1)


def test_a_recommendation_that_gets_better_is_not_lost(company: Company, tiny: Standard) -> None:
    body = GOOD.replace("valid_until: 2026-12-31", "collected_on: 2026-12-01")
    made = forecast(assess(company(body), tiny, as_of=AS_OF), until=date(2027, 6, 30))
    assert [(d.before.id, d.after.id) for d in made.days] == [("incomplete", "recommended")]
    assert made.certification_lost is None
    assert [c.text.en for c in made.changes[0].causes] == [
        "“Test pass rate” (test.pass_pct): collected on 2026-12-01, it counts from that day"
    ]


def test_control_characters_stay_out_of_the_text(company: Company, tiny: Standard) -> None:
    body = (
        GOOD
        + 'records: {supplier: [{id: "a\\e[31m\\nb", evaluated_on: 2026-02-01, critical: true}]}\n'
    )
    body = body.replace("uses_external_suppliers: false", "uses_external_suppliers: true")
    made = forecast(assess(company(body), tiny, as_of=AS_OF), until=date(2027, 6, 30))
    text = made.to_text("en")
    assert "\x1b" not in text
    assert "of a [31m b: 2026-02-01" in text
