"""socap: the standard 《服务外包能力要求》 as something a program can ask."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from socap.applicability_matrix import Matrix, matrix
    from socap.assessment import Assessment, assess
    from socap.company_file import read
    from socap.difference import diff
    from socap.errors import EvidenceError, PackError, SocapError, UsageError
    from socap.findings import Finding, Outcome
    from socap.monitoring import session
    from socap.organisation import Organisation
    from socap.standard import Standard, load

__version__ = "0.1.0"

_HOMES = {
    "Assessment": "socap.assessment",
    "EvidenceError": "socap.errors",
    "Finding": "socap.findings",
    "Matrix": "socap.applicability_matrix",
    "Organisation": "socap.organisation",
    "Outcome": "socap.findings",
    "PackError": "socap.errors",
    "SocapError": "socap.errors",
    "Standard": "socap.standard",
    "UsageError": "socap.errors",
    "assess": "socap.assessment",
    "diff": "socap.difference",
    "load": "socap.standard",
    "matrix": "socap.applicability_matrix",
    "read": "socap.company_file",
    "session": "socap.monitoring",
}

__all__ = [
    "Assessment",
    "EvidenceError",
    "Finding",
    "Matrix",
    "Organisation",
    "Outcome",
    "PackError",
    "SocapError",
    "Standard",
    "UsageError",
    "assess",
    "diff",
    "load",
    "matrix",
    "read",
    "session",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module 'socap' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
