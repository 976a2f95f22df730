"""Imported records: the document's words and values are told apart from the registry's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.manifest import Statement
from sovereign_registry.contracts.review import Policy, Verdict
from sovereign_registry.website.views import imports, record
from tests.website.views import imported, samples
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.website.views.parts import Fact, Panel
    from sovereign_registry.website.views.record_parts import RecordPage


def _page(base: Manifest) -> RecordPage:
    return record.record_page(samples.view(base), SITE)


def _panel(page: RecordPage, name: str) -> Panel:
    return next(panel for panel in page.panels if panel.id == name)


def _facts(facts: tuple[Fact, ...]) -> dict[str, Fact]:
    return {fact.label: fact for fact in facts}


def _stating(**stated: str) -> Manifest:
    """The imported sample with statements of its page; underscores stand for spaces."""
    base = imported.declared().record
    made = tuple(
        Statement(label=label.replace("_", " "), value=value, document="page")
        for label, value in stated.items()
    )
    provenance = msgspec.structs.replace(base.provenance, declared=made)
    return msgspec.structs.replace(base, provenance=provenance)


def test_an_import_shows_what_is_analysed() -> None:
    """Beside the question, which was not the registry's to derive anything from."""
    page = _page(imported.declared().record)
    assert page.analysed == "Experts in another setting"
    assert "derived" not in page.question_scope
    assert _page(samples.manifest()).analysed == ""
    assert "derived" in _page(samples.manifest()).question_scope


def test_another_wording_on_the_imported_page_is_named() -> None:
    """The draft's wording is shown, the page's stands beside it."""
    base = imported.declared().record
    other = base.question.text.replace("sparse", "sparsely gated")
    assert f"“{other}”" in imports.question_scope(_stating(Research_Question=other))
    same = imports.question_scope(_stating(Research_Question=base.question.text))
    assert same == "The question as the imported draft and its page state it."


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (Verdict.REJECT, "our table would give REVISE; declared: REJECT."),
        (Verdict.REVISE, ""),
    ],
)
def test_a_declared_verdict_is_held_against_the_table_and_never_explained_by_it(
    verdict: Verdict, said: str
) -> None:
    """A contradiction is said in words; agreement needs none."""
    base = imported.declared().record
    review = msgspec.structs.replace(base.review, score="6.0", verdict=verdict)
    page = _page(msgspec.structs.replace(base, review=review))
    facts = _facts(page.review.facts)
    assert facts["Verdict"].note.endswith(said)
    assert bool(facts["Verdict"].note) is bool(said)
    assert (said in page.status.sentences[1]) or not said
    printed = " ".join(fact.note for fact in page.review.facts)
    assert "too little evidence" not in printed
    assert "Approved from" not in printed
    assert "guard" not in printed


def test_a_declared_policy_is_not_told_as_what_happened_here() -> None:
    """An import that states automatic approval was not published by this registry's guards."""
    base = imported.declared().record
    review = msgspec.structs.replace(base.review, policy=Policy.AUTO_APPROVE)
    page = _page(msgspec.structs.replace(base, review=review))
    assert "every guard held" not in " ".join(page.status.sentences).lower()
    assert _facts(page.review.facts)["Policy"].tone == "care"


def test_a_declared_tier_names_every_unresolved_flag_and_what_the_rule_would_give() -> None:
    """No rule is said to have read what the document states."""
    base = imported.declared().record
    tier = msgspec.structs.replace(
        base.assessment.tier,
        origin=Origin.DECLARED,
        rules="declared",
        tier=Tier.PUBLIC_RECORD,
        unresolved_flags=(),
    )
    assessment = msgspec.structs.replace(base.assessment, tier=tier)
    facts = _facts(
        _panel(_page(msgspec.structs.replace(base, assessment=assessment)), "tier").facts
    )
    assert "Read by the rule" not in facts["Basis"].note
    assert "unresolved flags near-duplicate, off-topic." in facts["Basis"].note
    assert "tiers-v1 would give Quarantine candidate" in facts["Tier"].note


def test_declared_dimensions_are_not_words_of_the_rule() -> None:
    """The scope says whose the words are."""
    scope = " ".join(_panel(_page(imported.declared().record), "dimensions").scope)
    assert "The imported document gave the words" in scope
    ours = " ".join(_panel(_page(samples.manifest()), "dimensions").scope)
    assert ours.startswith("Words given by the rule dimensions-v1")


def test_the_correction_record_of_an_import_is_the_registrys_own() -> None:
    """What the imported page states of itself stands beside it."""
    base = _stating(**{"Correction Record: Status": "CURRENT", "Correction_count": "0"})
    scope = _panel(_page(base), "corrections").scope
    assert "this registry's own" in scope[1]
    assert "states of its own: CURRENT, correction count 0." in scope[1]
    assert len(_panel(_page(samples.manifest()), "corrections").scope) == 1


def test_a_page_that_shows_no_claims_is_explained_where_it_is_quoted() -> None:
    """Its scope sentence would contradict the list of claims above."""
    quoted = "Counts are public, single claims are not."
    page = _page(_stating(**{"Verification Level: scope": quoted}))
    stated = next(panel for panel in page.setup if panel.id == "setup-declared").facts
    assert [(fact.value, "draft, which lists them" in fact.note) for fact in stated] == [
        (quoted, True)
    ]


def test_a_record_without_history_has_no_newest_entry() -> None:
    """The head is the manifest then, which has its own line."""
    groups = _panel(_page(samples.manifest()), "provenance").groups
    labels = [fact.label for group in groups for fact in group.facts]
    assert "Manifest, canonical content" in labels
    assert "Newest history entry" not in labels
