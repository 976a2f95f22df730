"""The paper part of the bundled corpus: its form, and where it can be had its truth to the data."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml

PAPERS = Path(__file__).resolve().parents[2] / "corpus" / "papers.yaml"
TEXT = PAPERS.read_text(encoding="utf-8")
SHEET: dict[str, Any] = yaml.safe_load(TEXT)
ENTRIES: list[dict[str, Any]] = SHEET["papers"]
BY_ID: dict[str, dict[str, Any]] = {entry["id"]: entry for entry in ENTRIES}

SHARED = os.environ.get("SOVEREIGN_SHARED")
needs_data = pytest.mark.skipif(not SHARED, reason="SOVEREIGN_SHARED is not set")

# A run of this many consecutive words counts as copied.
COPIED_WORDS = 7
FIELDS = {"id", "title", "authors", "date", "categories", "summary"}
MARKUP = re.compile(r"[\\$`*_#<>{}\[\]|~^]|https?:")


def strings(entry: dict[str, Any]) -> list[str]:
    """List every string of an entry, those inside lists too."""
    flat: list[str] = []
    for value in entry.values():
        flat.extend(value if isinstance(value, list) else [value])
    return flat


def sentences(text: str) -> list[str]:
    """Split where a full stop, a space and a capital letter or a digit follow each other."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z0-9])", text)


def runs(text: str) -> set[tuple[str, ...]]:
    """Return all runs of COPIED_WORDS words, lower case, hyphenated words taken apart."""
    words = [part.strip(".") for part in re.findall(r"[a-z0-9.%]+", text.lower())]
    return {
        tuple(words[start : start + COPIED_WORDS]) for start in range(len(words) - COPIED_WORDS + 1)
    }


def collapsed(text: str) -> str:
    """Replace every run of whitespace by one space."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def records() -> dict[str, dict[str, Any]]:
    """The metadata records of the papers in the corpus, by id."""
    path = Path(SHARED or "") / "realdata" / "metadata" / "arxiv-sample.jsonl"
    found: dict[str, dict[str, Any]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["id"] in BY_ID:
                found[record["id"]] = record
    return found


def test_sheet_states_contract_title_and_licence() -> None:
    """The head of the file names its contract, a title and both licences."""
    assert set(SHEET) == {"contract", "title", "licence", "papers"}
    assert SHEET["contract"] == "corpus-v1"
    assert SHEET["title"]
    assert "CC0" in SHEET["licence"]
    assert "CC BY 4.0" in SHEET["licence"]


def test_sheet_has_enough_distinct_papers() -> None:
    """At least 60 papers, and neither an id nor a title nor a summary occurs twice."""
    assert len(ENTRIES) >= 60
    for field in ("id", "title", "summary"):
        assert len({entry[field].casefold() for entry in ENTRIES}) == len(ENTRIES)


def test_file_is_plain_yaml() -> None:
    """Every value is a double-quoted string or a list of them: no anchors, tags or block text."""
    value = re.compile(
        r'(?:contract|title|licence|  - id|    (?:title|date|summary)): "(?:[^"\\]|\\")+"'
        r'|    (?:authors|categories): \[(?:"[^"\\]+"(?:, "[^"\\]+")*)?\]'
        r"|papers:"
    )
    odd = [line for line in TEXT.splitlines() if not value.fullmatch(line)]
    assert odd == []
    assert TEXT.endswith("\n")


def test_file_has_no_control_or_format_characters() -> None:
    """No control, bidirectional, surrogate or private character, and the text is in NFC."""
    odd = {char for char in TEXT if unicodedata.category(char).startswith("C") and char != "\n"}
    assert odd == set()
    assert unicodedata.normalize("NFC", TEXT) == TEXT


@pytest.mark.parametrize("entry", ENTRIES, ids=list(BY_ID))
def test_entry_is_well_formed(entry: dict[str, Any]) -> None:
    """An entry has the six fields, a versionless id, a real date and clean strings."""
    assert set(entry) == FIELDS
    assert re.fullmatch(r"\d{4}\.\d{4,5}", entry["id"])
    assert dt.date.fromisoformat(entry["date"]).isoformat() == entry["date"]
    assert entry["authors"]
    assert all(not name.endswith("al.") for name in entry["authors"])
    assert [text for text in strings(entry) if text != collapsed(str(text))] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=list(BY_ID))
def test_summary_is_complete_sentences(entry: dict[str, Any]) -> None:
    """A summary has 3 to 8 sentences, each of which ends in a full stop, and no markup."""
    summary = entry["summary"]
    parts = sentences(summary)
    assert 3 <= len(parts) <= 8
    assert all(part.endswith(".") and len(part.split()) >= 5 for part in parts)
    assert 70 <= len(summary.split()) <= 150
    assert MARKUP.search(summary) is None


@pytest.mark.parametrize("entry", ENTRIES, ids=list(BY_ID))
def test_sentences_stand_alone(entry: dict[str, Any]) -> None:
    """No sentence opens with a word that points back to the sentence before."""
    back = re.compile(r"(?:It|Its|They|Their|This|These|That|Those|He|She|We|Our|Here)\b")
    assert [part for part in sentences(entry["summary"]) if back.match(part)] == []


def test_runs_find_a_copied_passage() -> None:
    """Seven shared words in a row are found across case and punctuation, six are not."""
    source = "Sparse routing activates two of the eight experts, per token."
    copy = "Here sparse routing activates two of the eight layers."
    assert runs(source) & runs(copy)
    assert not runs(source) & runs("Sparse routing activates two of the layers.")


@needs_data
def test_every_paper_is_in_the_data(records: dict[str, dict[str, Any]]) -> None:
    """Every id of the corpus has a metadata record."""
    assert set(BY_ID) - set(records) == set()


@needs_data
@pytest.mark.parametrize("key", list(BY_ID))
def test_facts_equal_the_data(key: str, records: dict[str, dict[str, Any]]) -> None:
    """Title, authors, date and categories are those of the metadata record."""
    entry, record = BY_ID[key], records[key]
    assert entry["title"] == collapsed(record["title"])
    assert ", ".join(entry["authors"]) == collapsed(record["authors"])
    assert entry["date"] == record["update_date"]
    assert entry["categories"] == record["categories"].split()


@needs_data
@pytest.mark.parametrize("key", list(BY_ID))
def test_summary_is_in_our_own_words(key: str, records: dict[str, dict[str, Any]]) -> None:
    """A summary shares no run of seven words with the abstract."""
    assert runs(BY_ID[key]["summary"]) & runs(records[key]["abstract"]) == set()


@needs_data
@pytest.mark.parametrize("key", list(BY_ID))
def test_numbers_come_from_the_record(key: str, records: dict[str, dict[str, Any]]) -> None:
    """Every figure of a summary occurs in the paper's own title or abstract."""
    figure = re.compile(r"\d(?:[\d.,]*\d)?")
    given = figure.findall(records[key]["title"] + " " + records[key]["abstract"])
    assert set(figure.findall(BY_ID[key]["summary"])) - set(given) == set()
