"""Claims: exact figures, honest outcomes, marked quotations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.website.views.claims import (
    QUOTED,
    claim_part,
    claim_parts,
    intro,
    section_words,
    segments,
)
from tests.website.views import imported, samples

if TYPE_CHECKING:
    from sovereign_registry.website.views.record_parts import ClaimPart

TEXT = st.text(alphabet="ab <>&\"' é.MoE12", max_size=60)


def printed(claim: ClaimPart) -> str:
    """The figures of a claim's first check, as the page puts them together."""
    check = claim.checks[0]
    return check.before + check.value + check.after


@given(TEXT, st.lists(st.sampled_from(["ab", "moe12", "ab ab", "é", "script"]), max_size=4))
def test_a_marked_quotation_is_the_quotation(text: str, terms: list[str]) -> None:
    """Segments put together give the text again, and only shared words are marked."""
    parts = segments(text, tuple(terms))
    shared = {word for term in terms for word in term.split()}
    assert "".join(part.text for part in parts) == text
    marked = [word for part in parts if part.marked for word in part.text.lower().split(" ")]
    assert set(marked) <= shared
    unmarked = "\0".join(part.text for part in parts if not part.marked)
    assert not shared & set(re.findall(r"\b\w\w+\b", unmarked.lower()))


def test_exactly_the_threshold_passes_and_just_below_does_not() -> None:
    """Both print as 0.150 or 0.149; the exact value and the margin decide in sight."""
    claims = {claim.id: claim for claim in samples.computed().record.claims}
    at, below = claim_part(claims["c3"], {}), claim_part(claims["c4"], {})
    assert (at.outcome, at.basis) == ("✓ Verified", "lexical tick")
    assert printed(at) == "Cosine 0.150 (exactly 0.150000000) ≥ 0.15"
    assert below.outcome == "✗ Not verified"
    assert printed(below) == "Cosine 0.149 (exactly 0.148700214) < 0.15"
    assert "0.148700214" in below.exact


def test_far_from_the_threshold_the_rounded_value_is_enough() -> None:
    """Its nine decimals stand below the list."""
    claim = claim_part(samples.computed().record.claims[0], {})
    assert printed(claim) == "Cosine 0.412 ≥ 0.15"
    assert claim.exact == "0.412083551, 0.203114870"


def test_a_declared_tick_is_never_decided_again() -> None:
    """A stated 0.15 that was marked as not verified stays so, with the reason."""
    claim = claim_part(imported.declared().record.claims[2], {})
    assert (claim.outcome, claim.basis) == ("✗ Marked not verified", "declared, not checked here")
    assert "cannot be made again" in printed(claim)
    assert claim.exact == "0.15 (as stated)"
    assert len(claim.checks) == 1


def test_corroboration_stands_apart_from_the_tick() -> None:
    """Claim c2 is verified and not corroborated; both checks are shown with their own passage."""
    claim = claim_part(samples.computed().record.claims[1], {})
    assert [check.outcome for check in claim.checks] == ["✓ Verified", "✗ Not corroborated"]
    assert [bool(check.quotation) for check in claim.checks] == [True, False]
    assert [check.place.paper for check in claim.checks if check.place] == [
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


def test_marked_words_side_by_side_share_one_mark() -> None:
    """A phrase that is shared is marked as a phrase."""
    parts = segments("the active experts, active", ("active", "experts"))
    assert [part.text for part in parts if part.marked] == ["active experts", "active"]


def test_a_page_quotes_only_so_much() -> None:
    """Of very many claims the later ones name the place of their passage, and the page says so."""
    record = samples.manifest()
    many = tuple(
        msgspec.structs.replace(record.claims[0], id=f"c{number}") for number in range(1, 201)
    )
    parts, said = claim_parts(msgspec.structs.replace(record, claims=many), {}, ())
    quoted = [bool(part.checks[0].quotation) for part in parts]
    assert quoted == sorted(quoted, reverse=True)
    assert parts[quoted.index(False)].id in said
    assert sum(len(segment.text) for part in parts for segment in part.checks[0].quotation) < QUOTED
    assert all(check.place for part in parts for check in part.checks)
    assert claim_parts(record, {}, ())[1] == ""
