"""Claims from the registry's own texts: said plainly, whether or not a flag says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.website.views import imports, own_texts, record
from tests.website.views import imported, samples
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.manifest import Manifest

PAPER = "2601.00001v1"


def _from(claim: Claim, paper: str, kind: TextKind) -> Claim:
    assert claim.locator is not None
    place = msgspec.structs.replace(claim.locator, paper=paper, kind=kind)
    return msgspec.structs.replace(claim, locator=place)


def _sample(own: int) -> Manifest:
    """The sample record with that many of its five claims from own texts, half of either kind."""
    base = samples.manifest()
    places = [
        *([("note-own", TextKind.SECTIONS), (PAPER, TextKind.SUMMARY)] * own)[:own],
        *[(PAPER, TextKind.ABSTRACT)] * (len(base.claims) - own),
    ]
    claims = tuple(_from(claim, *at) for claim, at in zip(base.claims, places, strict=True))
    return msgspec.structs.replace(base, claims=claims)


@pytest.mark.parametrize(
    ("own", "start"),
    [
        (5, "All 5 claims come from texts that this registry wrote itself"),
        (2, "2 of 5 claims come from texts that this registry wrote itself"),
        (1, "1 of 5 claims comes from texts that this registry wrote itself"),
    ],
)
def test_own_texts_are_named_and_counted(own: int, start: str) -> None:
    """Notes and summaries count alike; the missing independence is said once, in the status."""
    said = own_texts.said(_sample(own))
    assert said.startswith(start)
    assert ("none from a paper's own text" in said) is (own == 5)
    assert "is not independent" in said
    page = record.record_page(samples.view(_sample(own)), SITE)
    assert said in page.status.sentences
    assert said not in page.claims_intro


def test_claims_from_papers_are_not_said_to_be_own() -> None:
    """Neither a paper's text nor an import without places is the registry's own text."""
    assert own_texts.said(_sample(0)) == ""
    assert own_texts.said(imported.declared().record) == ""


def test_a_record_with_notes_does_not_deny_the_registrys_own_simulations() -> None:
    """The sentence under the abstract follows the sources."""
    base = samples.manifest()
    assert "simulations that this registry ran itself" in imports.abstract_scope(base)
    papers = tuple(msgspec.structs.replace(one, ref=PAPER) for one in base.sources)
    alone = imports.abstract_scope(msgspec.structs.replace(base, sources=papers))
    assert "no experiment of its own" in alone
