"""Claims: exact figures, honest outcomes, marked quotations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import ClaimKind
from sovereign_registry.contracts.rederive import rederive
from sovereign_registry.website.views.claims import (
    QUOTED,
    claim_part,
    claim_parts,
    intro,
    section_words,
    segments,
)
from sovereign_registry.website.views.sources import papers
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


def test_a_claim_whose_words_were_corrected_says_that_they_were_not_tested() -> None:
    """No cosine, no word about a missing passage, and its place is that of the earlier words."""
    before = samples.computed().record
    sound = tuple(
        msgspec.structs.replace(
            claim,
            sha256=text_sha256(claim.text),
            locator=msgspec.structs.replace(claim.locator, sha256=text_sha256(claim.text))
            if claim.locator
            else None,
        )
        for claim in before.claims
    )
    before = msgspec.structs.replace(before, claims=sound)
    first = msgspec.structs.replace(sound[0], text="Entirely other words stand here.")
    after, _ = rederive(before, msgspec.structs.replace(before, claims=(first, *sound[1:])))
    parts, _ = claim_parts(after, {}, ())
    assert "Cosine: not tested." == printed(parts[0])
    assert ("✗ Not verified", "") == (parts[0].outcome, parts[0].checks[0].missing)
    assert "were corrected after the test" in parts[0].checks[0].note
    assert [True, *[False] * (len(parts) - 1)] == [bool(part.reworded) for part in parts]
    assert f"The words of {first.id} were corrected since" in intro(after)
    assert "corrected since" not in intro(before)


def test_far_from_the_threshold_the_rounded_value_is_enough() -> None:
    """Its nine decimals stand in the record's file."""
    claim = claim_part(samples.computed().record.claims[0], {})
    assert printed(claim) == "Cosine 0.412 ≥ 0.15"


def test_a_declared_tick_is_never_decided_again() -> None:
    """A stated 0.15 that was marked as not verified stays so, with the reason."""
    claim = claim_part(imported.declared().record.claims[2], {})
    assert (claim.outcome, claim.basis) == ("✗ Marked not verified", "declared, not checked here")
    assert "cannot be made again" in printed(claim)
    assert len(claim.checks) == 1


def test_corroboration_stands_apart_from_the_tick() -> None:
    """Claim c2 is verified and not corroborated; both checks name the place of their passage."""
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


def test_only_the_best_passage_is_quoted() -> None:
    """The best one of a different source is named by its place, whatever came out."""
    for claim in samples.computed().record.claims:
        best, *others = claim_part(claim, {}).checks
        assert best.quotation
        assert all(not check.quotation and check.place for check in others)


def test_a_claim_says_which_way_of_the_gate_could_decide_it() -> None:
    """In a word, and only where one could."""
    base = samples.manifest().claims[0]
    said = {
        kind: claim_part(msgspec.structs.replace(base, kind=kind), {}).kind for kind in ClaimKind
    }
    assert said == {kind: "" if kind.value == "neither" else kind.value for kind in ClaimKind}


def test_a_source_is_called_by_its_number() -> None:
    """As the list of sources numbers it; one that is not listed keeps its own name."""
    record = samples.manifest()
    claim = record.claims[0]
    assert claim.locator is not None
    listed, unlisted = claim_part(claim, papers(record)), claim_part(claim, {})
    assert listed.place is not None
    assert (listed.place.name, listed.place.anchor) == ("source 1", "s1")
    assert unlisted.place is not None
    assert (unlisted.place.name, unlisted.place.anchor) == (claim.locator.paper, "sources")


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
