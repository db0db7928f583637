"""Three-valued truth (strong Kleene) and the reasons for which a value is unknown."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Truth(StrEnum):
    """True, false or unknown. Source: Kleene, Introduction to Metamathematics, section 64."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


class UnknownReason(StrEnum):
    """Why a value is not known."""

    MISSING = "missing"
    EXPIRED = "expired"
    CONFLICTING = "conflicting"
    REJECTED = "rejected"
    IMPLAUSIBLE = "implausible"
    UNVERIFIED = "unverified"
    DISPUTED = "disputed"


def of(value: bool) -> Truth:
    """Return the truth of a decided comparison."""
    return Truth.TRUE if value else Truth.FALSE


def both(values: Iterable[Truth]) -> Truth:
    """Return the conjunction: false beats unknown beats true.

    >>> both([Truth.TRUE, Truth.UNKNOWN]).value
    'unknown'
    """
    result = Truth.TRUE
    for value in values:
        if value is Truth.FALSE:
            return value
        if value is Truth.UNKNOWN:
            result = value
    return result


def either(values: Iterable[Truth]) -> Truth:
    """Return the disjunction: true beats unknown beats false.

    >>> either([Truth.FALSE, Truth.UNKNOWN, Truth.TRUE]).value
    'true'
    """
    result = Truth.FALSE
    for value in values:
        if value is Truth.TRUE:
            return value
        if value is Truth.UNKNOWN:
            result = value
    return result


def negated(value: Truth) -> Truth:
    """Return the negation: unknown stays unknown."""
    if value is Truth.UNKNOWN:
        return value
    return Truth.FALSE if value is Truth.TRUE else Truth.TRUE
