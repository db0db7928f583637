from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from synthetic import generate

import socap
from socap.portfolio.overview import overview
from socap.portfolio.running import run

if TYPE_CHECKING:
    from pathlib import Path

    from socap.errors import Lang


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_overview_is_one_page_that_asks_for_nothing(tmp_path: Path, lang: Lang) -> None:
    table = pa.Table.from_batches([next(generate(60, socap.load(), 2))])
    hostile = ["<script>alert(1)</script>"] * 59 + ["ok"]
    table = table.set_column(1, "park", pa.array(hostile))
    pq.write_table(table, tmp_path / "firms.parquet")
    made = run(tmp_path / "firms.parquet", tmp_path / "out", as_of=date(2026, 11, 1), by="park")
    page = overview(made, lang)
    assert page == overview(made, lang)
    assert "<script" not in page
    assert "default-src 'none'; style-src 'sha256-" in page
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)
    HTMLParser().feed(page)
    for wording in ("组合概览", "Portfolio overview", "60", made.worst_clauses[0]):
        assert wording in page
    assert f'value="{lang}" autocomplete="off" checked' in page
