"""Hostile and broken files end in a located, bilingual error and in nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from socap.documents import SIZE_LIMIT, parse_document, read_document
from socap.errors import EvidenceError

if TYPE_CHECKING:
    from pathlib import Path


def refuse(content: bytes, *, json_only: bool = False) -> EvidenceError:
    with pytest.raises(EvidenceError) as caught:
        parse_document(content, "company.yaml", EvidenceError, json_only=json_only)
    for problem in caught.value.problems:
        assert problem.message.zh
        assert problem.message.en
        assert problem.file == "company.yaml"
    return caught.value


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"a: 1\nb: &x 2\nc: *x\n", 2, "anchors and aliases"),
        (b"a: !!python/object/apply:os.system ['true']\n", 1, "tag"),
        (b"a: !custom 1\n", 1, "tag"),
        (b"a: 1\nb: [1, 2\n", 3, "not valid YAML"),
        (b"a: \xff\n", 1, "UTF-8"),
        (b"x: 1\n\nb: \xb9\xfa\n", 3, "UTF-8"),
        (b"a: .inf\n", 1, "out of range"),
        (b"a: 123456789012345678901234567890\n", 1, "out of range"),
        (b"a: 1\n---\nb: 2\n", 2, "one YAML document"),
        (b"? [1, 2]\n: 3\n", 1, "key must be plain"),
        (b"a: \x00\n", 1, "not valid YAML"),
        (b"[" * 100 + b"]" * 100, 1, "nested deeper"),
        (b"[" * 200_000, 1, "nested deeper"),
    ],
)
def test_a_hostile_document_is_refused_with_its_line(content: bytes, line: int, words: str) -> None:
    error = refuse(content)
    assert words in str(error)
    assert error.problems[0].line in (line, None if "YAML" in words else line)


def test_all_duplicate_keys_are_named_together() -> None:
    error = refuse(b"a: 1\nb: 2\na: 3\nb:\n  c: 1\n  c: 2\n")
    assert [p.line for p in error.problems] == [3, 4, 6]
    assert "first on line 1" in error.problems[0].render("en")
    assert "重复" in error.problems[0].render("zh")


@pytest.mark.parametrize(
    "content", [b'{"a": NaN}', b'{"a": 1e999}', b"{'a': 1}", b'{"a": 1, "a": 2}', b'{"a": 1} x']
)
def test_broken_json_is_refused(content: bytes) -> None:
    refuse(content, json_only=True)


def test_json_escapes_and_tabs_read_as_json_means_them() -> None:
    content = b'{\n\t"a":\t"\\ud83d\\ude00\\/",\r\n\t"b": [1, 2.5, true, null]}'
    document = parse_document(content, "c.json", EvidenceError, json_only=True)
    assert document.data == {"a": "\U0001f600/", "b": [1, 2.5, True, None]}
    assert document.place(("b",))[1] == 3


def test_plain_words_stay_words() -> None:
    document = parse_document(
        b"n: 12\nm: -0.5\na: no\nb: 2026-02-30\nc: 0x1F\nd: 1_000\ne: 12:30\nf: 007\n",
        "x",
        EvidenceError,
    )
    assert document.data == {
        "n": 12,
        "m": -0.5,
        "a": "no",
        "b": "2026-02-30",
        "c": "0x1F",
        "d": "1_000",
        "e": "12:30",
        "f": "007",
    }


def test_an_empty_file_reads_as_nothing() -> None:
    assert parse_document(b"", "x", EvidenceError).data is None


def test_directories_missing_and_huge_files_are_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)
    for path, words in (
        (tmp_path, "directory"),
        (tmp_path / "no.yaml", "not exist"),
        (huge, "large"),
    ):
        with pytest.raises(EvidenceError, match=words):
            read_document(path, EvidenceError)
