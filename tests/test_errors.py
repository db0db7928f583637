"""Errors cross from one process to another whole."""

from __future__ import annotations

import pickle

import pytest

from socap.errors import (
    EvidenceError,
    MissingExtraError,
    PackError,
    Problem,
    SocapError,
    Text,
    UsageError,
)

PROBLEM = Problem(Text("错", "wrong"), "a.b", "f.yaml", 3, Text("改", "mend"), "表!A1")


@pytest.mark.parametrize(
    "error",
    [kind([PROBLEM, PROBLEM]) for kind in (SocapError, PackError, EvidenceError, UsageError)]
    + [MissingExtraError("xlsx")],
    ids=lambda error: type(error).__name__,
)
def test_an_error_survives_pickling(error: SocapError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert type(again) is type(error)
    assert again.problems == error.problems
    assert str(again) == str(error)
