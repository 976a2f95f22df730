"""Under which terms each part of a record may be used."""

from __future__ import annotations

import msgspec
import pytest

from sovereign_registry.contracts import documents
from tests.website.views import samples

STATED = "CC BY 4.0 for the records; quotations remain under the licence of their source"


def test_a_record_s_own_words_and_its_sources_are_told_apart() -> None:
    """Every source stands under what is known of its licence, exactly once."""
    record = samples.computed().record
    own, *rest = documents.licences(record, STATED)
    assert (own.licence, own.sources) == (STATED, ())
    assert own.address == "https://creativecommons.org/licenses/by/4.0/"
    named = [ref for part in rest for ref in part.sources]
    assert sorted(named) == sorted(source.ref for source in record.sources)
    assert all(part.address == "" for part in rest if part.sources)


def test_what_nobody_stated_is_said_to_be_unstated() -> None:
    """No licence is guessed for the record or for a source."""
    record = samples.computed().record
    bare = tuple(msgspec.structs.replace(source, licence="") for source in record.sources)
    parts = documents.licences(msgspec.structs.replace(record, sources=bare), "")
    assert parts[0].licence == "Not stated"
    assert all("Not stated" in part.licence for part in parts)


@pytest.mark.parametrize("stated", [STATED, "", "Words\nin two lines"])
def test_the_text_says_the_same_line_by_line(stated: str) -> None:
    """What is stated cannot add a line of its own."""
    record = samples.computed().record
    lines = documents.licences_text(record, stated).splitlines()
    assert lines[0] == f"Licences of {record.id}"
    known = ("  Licence: ", "  Stated by: ", "  Text: ", "  Source: ")
    body = [line for line in lines[1:] if line and not line.startswith(known)]
    assert all(line.endswith(".") for line in body)
    assert len(body) == len(documents.licences(record, stated))
