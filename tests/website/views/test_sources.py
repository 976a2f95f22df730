"""What a source's card says of the file that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.texts import (
    FindingKind,
    FullTextRead,
    PassedOver,
    TextFinding,
    TextFormat,
)
from sovereign_registry.website.views.sources import source_parts
from tests.website.views import samples

if TYPE_CHECKING:
    from sovereign_registry.website.views.record_parts import SourcePart

READ = FullTextRead(
    format=TextFormat.LATEX,
    url="https://arxiv.org/e-print/2603.00001v2",
    sha256="ab" * 32,
    bytes=14_140,
    date="2026-03-03",
    parser="pylatexenc 2.11",
    sections=11,
    characters=1377,
    findings=(
        TextFinding(kind=FindingKind.CONCEALED, what="white text", count=2, words=19),
        TextFinding(kind=FindingKind.UNREAD, what="a file that is missing", count=1, words=0),
    ),
    passed_over=(PassedOver(format=TextFormat.HTML, reason="HTTP status 404"),),
)


def card(read: FullTextRead | None) -> SourcePart:
    """The card of a sample's first source with this file."""
    record = samples.manifest()
    source = record.sources[0]
    if read is not None:
        source = msgspec.structs.replace(source, fulltext=read)
    return source_parts(msgspec.structs.replace(record, sources=(source,)))[0]


def test_the_file_is_named_with_date_digest_and_parser() -> None:
    """So that a reader can fetch the same file and compare."""
    read = card(READ).read
    assert read is not None
    assert (read.format, read.href) == ("LaTeX source", "https://arxiv.org/e-print/2603.00001v2")
    assert read.facts == (
        "14,140 bytes, fetched on 2026-03-03, parsed by pylatexenc 2.11, 11 sections"
    )
    assert read.digest == "ab" * 32
    assert read.passed_over == "HTML: HTTP status 404"
    assert read.left_out == "white text (19 words, 2 times); a file that is missing"


def test_an_abstract_claims_no_file() -> None:
    """Where nothing else could be read, the card says so and shows no digest."""
    bare = msgspec.structs.replace(
        READ, format=TextFormat.ABSTRACT, url=None, sha256=None, date=None, parser="", findings=()
    )
    read = card(bare).read
    assert read is not None
    assert (read.format, read.href, read.facts, read.digest) == ("abstract", "", "", "")


def test_a_record_without_full_texts_says_nothing_of_files() -> None:
    """Its card is what it always was."""
    assert card(None).read is None


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.test/x"])
def test_only_addresses_of_the_web_are_linked(url: str) -> None:
    """An address from a manifest is data."""
    read = card(msgspec.structs.replace(READ, url=url)).read
    assert read is not None
    assert read.href == ""
