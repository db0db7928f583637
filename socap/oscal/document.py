"""The pieces every OSCAL document has: metadata, properties, prose and time stamps."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from socap.errors import Text
from socap.oscal.identifiers import NAMESPACE, OSCAL_VERSION

if TYPE_CHECKING:
    from datetime import date

    from socap.errors import Lang
    from socap.standard import Standard

Json = dict[str, Any]

# Packs bear no date, and OSCAL demands one: the version, their hash, tells editions apart.
UNDATED = "1970-01-01T00:00:00Z"
_MARKUP = re.compile(r"([\\`*~^\[\]<>{}#|]|(?<!\w)_|_(?!\w)|^[-+](?=\s))", re.MULTILINE)
_ESCAPED = re.compile(r"\\([\\`*_~^\[\]<>{}#|+-])")
_BREAK = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_FIT = re.compile(r"[^\s\ufeff]([^\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]*[^\s\ufeff])?\Z")


def write(document: Json) -> str:
    """Return a document as JSON text; the same document gives the same bytes."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def prose(text: str) -> str:
    r"""Return text as OSCAL markup that shows exactly this text; `plain` takes it back.

    A lone surrogate, which JSON cannot carry between programs, becomes U+FFFD.

    >>> print(prose("<b>a_b</b> _c"), plain(prose("<b>a_b</b> _c")))
    \<b\>a_b\</b\> \_c <b>a_b</b> _c
    """
    return _MARKUP.sub(r"\\\1", _SURROGATE.sub("\ufffd", text))


def line(text: str) -> str:
    """Return text as OSCAL markup on one line."""
    return prose(_BREAK.sub(" ", text))


def plain(markup: str) -> str:
    """Return the text that `prose` made into markup."""
    return _ESCAPED.sub(r"\1", markup)


def tidy(text: str) -> str:
    r"""Return text as an OSCAL string: on one line, without blanks around it, never empty.

    >>> tidy(" a\n b "), tidy(" ")
    ('a b', '-')
    """
    kept = _BREAK.sub(" ", _SURROGATE.sub("\ufffd", text)).split()
    return " ".join(kept).strip("\ufeff \u3000") or "-"


def prop(name: str, value: str, *, kind: str = "", group: str = "") -> Json:
    """Return a property of socap's namespace; what a value cannot hold stands in its remarks.

    >>> prop("source", " a ")["value"], prop("source", " a ")["remarks"]
    ('a', ' a ')
    """
    made = {"name": name, "ns": NAMESPACE}
    fits = _FIT.match(value) and not _SURROGATE.search(value)
    made["value"] = value if fits else tidy(value)
    if kind:
        made["class"] = kind
    if group:
        made["group"] = group
    return made if fits else {**made, "remarks": prose(value)}


def translated(name: str, text: Text, lang: Lang) -> list[Json]:
    """Return the wording in the other language than `lang` as a property, where there is one."""
    other: Lang = "en" if lang == "zh" else "zh"
    told = text.in_language(other)
    return [prop(name, told, kind=other)] if told else []


def part(name: str, text: Text, lang: Lang, **more: Any) -> Json:
    """Return a part with prose in one language and the other one as a property."""
    props = [*more.pop("props", ()), *translated(name, text, lang)]
    told = {"props": props} if props else {}
    return {"name": name, **more, **told, "prose": prose(text.in_language(lang))}


def own_part(name: str, text: Text, lang: Lang, **more: Any) -> Json:
    """Return a part of a kind that OSCAL does not name."""
    return part(name, text, lang, ns=NAMESPACE, **more)


def midnight(day: date) -> str:
    """Return the first moment of a day, in UTC."""
    return f"{day.isoformat()}T00:00:00Z"


def metadata(
    standard: Standard, title: Text, lang: Lang, *, modified: str, version: str, **more: Any
) -> Json:
    """Return the head of a document: what it is, of which edition, and what it does not claim."""
    notice = standard.pack.notice
    return {
        "title": line(title.in_language(lang)),
        "last-modified": modified,
        "version": version,
        "oscal-version": OSCAL_VERSION,
        "props": [
            prop("language", lang),
            prop("standard", standard.id),
            prop("hash", standard.hash),
            *(prop("overlay", o.hash, kind=o.id) for o in standard.overlays),
            *translated("title", title, lang),
            *translated("notice", notice, lang),
        ],
        **more,
        "remarks": prose(notice.in_language(lang)),
    }


def version(standard: Standard) -> str:
    """Return what tells one edition of a standard from another: its hashes."""
    return "+".join((standard.hash, *(overlay.hash for overlay in standard.overlays)))


def named(standard: Standard) -> Text:
    """Return the title of a standard with its overlays."""
    laid = standard.overlays
    zh = standard.title.zh + "".join(f"（{o.title.zh}）" for o in laid)
    return Text(zh, standard.title.en + "".join(f" ({o.title.en})" for o in laid))
