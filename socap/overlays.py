"""Overlays: changes, additions and retirements laid over a pack, each from a file of its own."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socap.documents import Document, Step, parse_document, read_bytes, show_path
from socap.errors import PackError, Problem, Text, did_you_mean
from socap.identifiers import PACK
from socap.loading import Fields

if TYPE_CHECKING:
    from collections.abc import Iterable

# kind: (document that holds it, key within, the field that names an entry of a list)
_KINDS: dict[str, tuple[str, str, str | None]] = {
    "headings": ("headings", "headings", "id"),
    "requirements": ("", "requirements", "id"),
    "items": ("vocabulary", "items", None),
    "records": ("vocabulary", "records", None),
    "types": ("profile", "types", None),
    "flags": ("profile", "flags", None),
    "parameters": ("parameters", "parameters", None),
    "consistency": ("consistency", "rules", "id"),
}
_RETIRABLE = ("requirements", "consistency")
_WHOLE = frozenset({"applies_when", "satisfied_when", "contradicted_when", "exclusion", "computed"})
Path_ = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Overlay:
    """An overlay that was used: its name, whose it is, and the SHA-256 of its file."""

    id: str
    title: Text
    hash: str


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A pack's documents with overlays laid over them, and what they retire."""

    documents: dict[str, Document]
    overlays: tuple[Overlay, ...]
    retired: dict[str, str]


def lay(documents: dict[str, Document], pack: str, places: Iterable[str | Path]) -> Overlaid:
    """Lay overlay files over a pack's documents, in any order with the same result.

    Raises PackError for an overlay of another pack, for names that do not exist, and where two
    overlays give the same value differently.
    """
    problems: list[Problem] = []
    layer = _Layer(dict(documents), problems)
    used: dict[str, Overlay] = {}
    tops: dict[str, Fields] = {}
    for document, digest in [_read(Path(place)) for place in places]:
        top = Fields(document, (), document.data, problems)
        top.only(["overlay"], ["change", "add", "retire"])
        head = top.below("overlay")
        head.only(["id", "title", "pack"])
        overlay = Overlay(head.string("id"), head.text("title"), digest)
        if "id" in head.raw and not PACK.match(overlay.id):
            message = Text(
                "编号应为小写字母、数字与连字符", "an overlay id is a-z, 0-9 and hyphens"
            )
            head.fault(message, "id")
        if "pack" in head.raw and head.raw["pack"] != pack:
            message = Text(
                f"该叠加文件用于 {head.raw['pack']}，不是 {pack}",
                f"this overlay is for {head.raw['pack']}, not for {pack}",
            )
            head.fault(message, "pack")
        if overlay.id in used:
            head.fault(
                Text(f"叠加 {overlay.id} 重复", f"overlay {overlay.id} is given twice"), "id"
            )
        used[overlay.id], tops[overlay.id] = overlay, top
    for verb in ("add", "change", "retire"):
        for name in sorted(tops):
            layer.lay(tops[name], name, verb)
    layer.refuse_changes_of_retired()
    if problems:
        raise PackError(problems)
    return Overlaid(layer.documents, tuple(used[name] for name in sorted(used)), layer.retired)


def _read(place: Path) -> tuple[Document, str]:
    content = read_bytes(place, PackError)
    return parse_document(content, str(place), PackError), sha256(content).hexdigest()


class _Layer:
    """The documents as they are changed, and who set which value."""

    def __init__(self, documents: dict[str, Document], problems: list[Problem]) -> None:
        self.documents = documents
        self.problems = problems
        self.retired: dict[str, str] = {}
        self.setters: dict[tuple[str, Path_], tuple[str, Any, Document, Path_]] = {}
        self.changed: list[tuple[str, Fields]] = []
        self.copied: set[str] = set()

    def lay(self, top: Fields, overlay: str, verb: str) -> None:
        """Lay what one overlay adds, changes or retires."""
        group = top.below(verb)
        group.only([], _RETIRABLE if verb == "retire" else _KINDS)
        for kind in group.raw:
            if verb == "add" and kind in _KINDS:
                self._add(group, kind, overlay)
            elif verb == "change" and kind in _KINDS:
                self._change(group, kind, overlay)
            elif verb == "retire" and kind in _RETIRABLE:
                self._retire(group.below(kind), kind, overlay)

    def _writable(self, name: str) -> Document:
        """Return a document whose values and patches may be changed without touching the pack's."""
        if name not in self.copied:
            old = self.documents.get(name) or Document(name, {"rules": []}, {})
            self.documents[name] = replace(old, data=deepcopy(old.data), patches=dict(old.patches))
            self.copied.add(name)
        return self.documents[name]

    def _entries(self, kind: str) -> dict[str, tuple[str, Path_]]:
        """Return where each entry of a kind lies: document and path."""
        document, key, named = _KINDS[kind]
        holders = (
            [document]
            if document
            else [
                n for n, d in self.documents.items() if isinstance(d.data, dict) and key in d.data
            ]
        )
        found: dict[str, tuple[str, Path_]] = {}
        for holder in holders:
            if holder not in self.documents:
                continue
            group = self.documents[holder].data.get(key, {})
            if named is None and isinstance(group, dict):
                found |= {name: (holder, (key, name)) for name in group}
            elif isinstance(group, list):
                for index, entry in enumerate(group):
                    if isinstance(entry, dict) and isinstance(entry.get(named), str):
                        found[entry[named]] = (holder, (key, index))
        return found

    def _change(self, group: Fields, kind: str, overlay: str) -> None:
        known = self._entries(kind)
        inside = group.below(kind)
        for name, raw in inside.raw.items():
            if name not in known:
                message = Text(f"没有可更改的 {name[:80]}", f"there is no {name[:80]} to change")
                inside.fault(message, name, hint=did_you_mean(name, known))
                continue
            holder, path = known[name]
            named = _KINDS[kind][2]
            if isinstance(raw, dict) and named is not None and named in raw:
                message = Text(f"{named} 不能更改", f"the {named} cannot be changed")
                hint = Text("请废止原条目并另行增加", "retire the entry and add another")
                inside.fault(message, name, named, hint=hint)
                continue
            if kind == "requirements":
                self.changed.append((name, Fields(inside.document, (*inside.path, name), raw, [])))
            self._merge(holder, path, inside.document, (*inside.path, name), raw, overlay)

    def _merge(
        self, holder: str, path: Path_, origin: Document, place: Path_, new: Any, overlay: str
    ) -> None:
        document = self._writable(holder)
        target: Any = document.data
        for step in path[:-1]:
            target = target[step]
        last = path[-1]
        old = target.get(last) if isinstance(target, dict) else target[last]
        if isinstance(new, dict) and isinstance(old, dict) and last not in _WHOLE:
            for key, value in new.items():
                self._merge(holder, (*path, key), origin, (*place, key), value, overlay)
            return
        before = self.setters.get((holder, path))
        if before is not None and before[1] != new:
            message = Text(
                f"叠加 {before[0]} 与 {overlay} 对 {show_path(path)} 的取值相互矛盾",
                f"the overlays {before[0]} and {overlay} set {show_path(path)} differently",
            )
            file, line = before[2].place(before[3])
            other = Text(f"另一处在 {file}:{line}", f"the other is at {file}:{line}")
            self.problems.append(origin.problem(place, message, other))
            return
        self.setters[holder, path] = (overlay, new, origin, place)
        target[last] = deepcopy(new)
        document.patches[path] = (origin, place)

    def _add(self, group: Fields, kind: str, overlay: str) -> None:
        known = self._entries(kind)
        holder, key, named = _KINDS[kind]
        place: Path_ = (*group.path, kind)
        if named is None:
            for name, raw in group.below(kind).raw.items():
                if name in known:
                    self._twice(group, (kind, name), name)
                    continue
                document = self._writable(holder)
                document.data.setdefault(key, {})[name] = deepcopy(raw)
                document.patches[key, name] = (group.document, (*place, name))
            return
        entries = group.listed(kind)
        for index, entry in enumerate(entries):
            name = str(entry.raw.get(named))
            if name in known:
                self._twice(group, (kind, index), name)
                continue
            if not holder:
                self._add_requirement(overlay, group.document, (*place, index), entry.raw)
                continue
            document = self._writable(holder)
            listed = document.data.setdefault(key, [])
            document.patches[key, len(listed)] = (group.document, (*place, index))
            listed.append(deepcopy(entry.raw))

    def _add_requirement(self, overlay: str, origin: Document, place: Path_, raw: Any) -> None:
        name = f"overlay {overlay}"
        if name not in self.documents:
            self.documents[name] = Document(origin.file, {"requirements": []}, {})
            self.copied.add(name)
        document = self.documents[name]
        listed = document.data["requirements"]
        document.patches["requirements", len(listed)] = (origin, place)
        listed.append(deepcopy(raw))

    def _twice(self, group: Fields, path: Path_, name: str) -> None:
        message = Text(f"{name[:80]} 已经存在", f"{name[:80]} exists already")
        group.fault(message, *path, hint=Text("更改请用 change", "use change to alter it"))

    def _retire(self, group: Fields, kind: str, overlay: str) -> None:
        known = self._entries(kind)
        for name, reason in group.raw.items():
            if name not in known:
                message = Text(f"没有可废止的 {name[:80]}", f"there is no {name[:80]} to retire")
                group.fault(message, name, hint=did_you_mean(name, known))
                continue
            group.text(name)
            if reason is None:
                group.fault(Text("废止应写明理由", "retiring takes a reason"), name)
            self.retired[name] = overlay

    def refuse_changes_of_retired(self) -> None:
        """Note each change of a requirement that another overlay retires."""
        for name, fields in self.changed:
            if name in self.retired:
                message = Text(
                    f"{name} 已被叠加 {self.retired[name]} 废止，不能再更改",
                    f"{name} is retired by the overlay {self.retired[name]} and cannot be changed",
                )
                self.problems.append(fields.document.problem(fields.path, message))
