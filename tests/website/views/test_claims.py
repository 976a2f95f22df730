"""Claims: exact figures, honest outcomes, marked quotations."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.website.views.claims import (
    claim_part,
    intro,
    section_words,
    segments,
    thousandths,
)
from tests.website.views import imported, samples

TEXT = st.text(alphabet="ab <>&\"' é.MoE12", max_size=60)


@given(TEXT, st.lists(st.sampled_from(["ab", "moe12", "ab ab", "é", "script"]), max_size=4))
def test_a_marked_quotation_is_the_quotation(text: str, terms: list[str]) -> None:
    """Segments put together give the text again, and only shared words are marked."""
    parts = segments(text, tuple(terms))
    shared = {word for term in terms for word in term.split()}
    assert "".join(part.text for part in parts) == text
    assert all(part.text.lower() in shared for part in parts if part.marked)
    unmarked = "\0".join(part.text for part in parts if not part.marked)
    assert not shared & set(re.findall(r"\b\w\w+\b", unmarked.lower()))


@pytest.mark.parametrize(
    ("value", "expected"), [("0.150000000", 150), ("1.2", 1000), ("-0.1", 0), ("0.0004", 0)]
)
def test_a_bar_stays_within_its_scale(value: str, expected: int) -> None:
    """Values are clipped to the scale."""
    assert thousandths(value) == expected


def test_exactly_the_threshold_passes_and_just_below_does_not() -> None:
    """Both print as 0.150 or 0.149; the exact value and the margin decide in sight."""
    claims = {claim.id: claim for claim in samples.computed().record.claims}
    at, below = claim_part(claims["c3"], {}), claim_part(claims["c4"], {})
    assert at.outcome == "Verified (lexical tick)"
    assert at.checks[0].figures == "Cosine 0.150 (exactly 0.150000000) ≥ 0.15, margin +0.000000000"
    assert below.outcome == "Not verified (lexical tick)"
    assert "(exactly 0.148700214) < 0.15, margin \N{MINUS SIGN}0.001299786" in (
        below.checks[0].figures
    )


def test_a_declared_tick_is_never_decided_again() -> None:
    """A stated 0.15 that was marked as not verified stays so, with the reason."""
    claim = claim_part(imported.declared().record.claims[2], {})
    assert claim.outcome == "Marked not verified; declared, not checked here"
    assert "cannot be made again" in claim.checks[0].figures
    assert claim.margin == "not available"
    assert claim.corroborated == "not tested"


def test_corroboration_stands_apart_from_the_tick() -> None:
    """Claim c2 is verified and not corroborated; both checks are shown with their own passage."""
    claim = claim_part(samples.computed().record.claims[1], {})
    assert [check.outcome for check in claim.checks] == [
        "Verified (lexical tick)",
        "Not corroborated (lexical)",
    ]
    assert [check.quotation.place.paper for check in claim.checks if check.quotation] == [
        "note-routing-balance",
        "note-expert-memory",
    ]


@pytest.mark.parametrize(
    ("key", "title", "expected"),
    [
        ("3.1", "Routing", "section 3.1, Routing"),
        ("3.1", "", "section 3.1"),
        ("abstract", "Abstract", "abstract"),
        ("summary", "whatever", "registry summary"),
    ],
)
def test_a_section_is_named_as_what_it_is(key: str, title: str, expected: str) -> None:
    """An abstract and a registry summary never pass for a section of the text."""
    assert section_words(key, title) == expected


def test_a_passage_that_serves_both_tests_is_quoted_once() -> None:
    """Where the best passage stands in a different paper, the second check points at the first."""
    base = samples.computed().record.claims[0]
    claim = claim_part(msgspec.structs.replace(base, corroboration=base.verification), {})
    assert [check.same for check in claim.checks] == [False, True]
    assert [check.same for check in claim_part(base, {}).checks] == [False, False]


def test_claims_from_a_summary_are_not_said_to_be_the_papers_words() -> None:
    """The registry's own words about a paper are named as that."""
    record = samples.manifest()
    kind = TextKind.SUMMARY
    claims = tuple(
        msgspec.structs.replace(
            claim,
            locator=msgspec.structs.replace(claim.locator, kind=kind) if claim.locator else None,
        )
        for claim in record.claims
    )
    assert "All 5 claims come from texts that this registry wrote itself" in intro(
        msgspec.structs.replace(record, claims=claims)
    )
