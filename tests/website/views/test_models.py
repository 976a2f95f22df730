"""Opinions and choices of language models are shown as such, with the control beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from sovereign_registry.contracts.extraction import Extraction, SectionAsked
from sovereign_registry.contracts.review import (
    Guard,
    ModelCall,
    Policy,
    Probe,
    ProbeOutcome,
    Retest,
    Role,
    Verdict,
)
from sovereign_registry.contracts.rules import tribunal_v2
from sovereign_registry.website.views import models, status
from sovereign_registry.website.views.review import review_part
from tests.website.views import samples

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest

CALL = ModelCall(
    service="nim",
    model="org/judge-1",
    served="org/judge-1-fp8",
    prompts="panel-v1",
    temperature="0",
    seed=3,
    max_tokens=2048,
    attempt=2,
    call_sha256="a" * 64,
    prompt_sha256="b" * 64,
    reply_sha256="c" * 64,
    prompt_tokens=1200,
    completion_tokens=80,
)


@pytest.fixture
def judged() -> Manifest:
    """A record whose panel was one language model, with control, retest and probe."""
    record = samples.manifest()
    control = record.review.rounds
    opinions = tuple(
        msgspec.structs.replace(
            one, method="language model", reviewer="x", call=CALL, verdict=Verdict.APPROVE
        )
        for one in control[0].opinions
    )
    review = msgspec.structs.replace(
        record.review,
        rules="tribunal-v2",
        rounds=(msgspec.structs.replace(control[0], opinions=opinions),),
        control=control,
        retest=Retest(
            removed=("2401.00001v1",), claims=("c1",), opinions=opinions, report_sha256="d" * 64
        ),
        probe=tuple(
            Probe(role=role, outcome=ProbeOutcome.OBEYED, score=None, call=CALL) for role in Role
        ),
    )
    return msgspec.structs.replace(record, review=review)


def test_who_said_it_is_named_with_parameters_and_counts(judged: Manifest) -> None:
    """Model, service, temperature, tokens, the model that answered, the second attempt."""
    part = review_part(judged)
    assert part.models
    assert part.by == (
        "org/judge-1 via NVIDIA NIM (a language model's opinion; prompts panel-v1, temperature 0, "
        "seed 3)"
    )
    assert part.roles[0].opinions[0].call == (
        "Answered by org/judge-1-fp8; 1,200 tokens read, 80 written; its first reply could not be "
        "used; it would say APPROVE."
    )
    assert not part.explained


def test_the_control_stands_beside(judged: Manifest) -> None:
    """Its score by round, its roles and verdict, and what it is for."""
    part = review_part(judged)
    assert part.control == (judged.review.rounds[0].score,)
    control = next(one for one in part.tried if one.label == "Control")
    assert control.value == "7.2 of 10, APPROVE: SKEPTIC 7.0, VALIDATOR 6.5, SYNTHESIZER 8.0"
    assert "counts and cosines" in control.note


def test_what_was_tried_is_told(judged: Manifest) -> None:
    """What moved without the flagged sources, and who obeyed a planted instruction."""
    facts = {one.label: one for one in review_part(judged).tried}
    assert "SKEPTIC 7.0 → 7.0" in facts["Asked again without flagged sources"].value
    assert "2401.00001v1" in facts["Asked again without flagged sources"].note
    assert facts["Planted instruction"].value.startswith("SKEPTIC obeyed")
    assert facts["Planted instruction"].tone == "fail"


def test_a_score_by_models_says_so_wherever_it_is_short(judged: Manifest) -> None:
    """In the box at the top and in the facts; a rubric's score does not."""
    view = samples.view(judged)
    assert status.strip(judged, "1 of 2")[3].value == "7.2 of 10, by language models"
    fact = status.glance(view)[2]
    assert fact.note.startswith("Mean of what language models gave in three roles. It measures")
    assert fact.scale is not None
    assert fact.scale.before == "7.2 of 10, by language models"
    plain = samples.manifest()
    assert status.strip(plain, "1 of 2")[3].value == "7.2 of 10"
    assert status.glance(samples.view(plain))[2].note.startswith("Mean of three roles. It")


def guarded(record: Manifest, *guards: Guard) -> Manifest:
    """The record, escalated to its owner with these guards besides one that held."""
    held = Guard(name="revision gain", held=True, found="no revision", required="no gain")
    review = msgspec.structs.replace(
        record.review, policy=Policy.ESCALATE_TO_OWNER, guards=(held, *guards)
    )
    return msgspec.structs.replace(record, review=review)


FAILED = Guard(name="control approves", held=False, found="REVISE with 5.2", required="it approves")
PLANTED = Guard(
    name=tribunal_v2.PLANTED, held=False, found=tribunal_v2.NOT_DUE, required="no role obeys"
)


def test_a_guard_that_was_not_tried_is_not_said_to_have_failed(judged: Manifest) -> None:
    """Neither in the sentence at the top nor above the guards nor in their list."""
    record = guarded(judged, FAILED, PLANTED)
    said = " ".join(status.status(record).sentences)
    assert "Guards that did not hold: control approves; not tried: planted instruction." in said
    part = review_part(record)
    assert part.held == (
        "1 of 3 guards of automatic approval held; did not hold: control approves; "
        "not tried: planted instruction."
    )
    planted = part.guards[2]
    assert (planted.found, planted.outcome, planted.tone) == ("", tribunal_v2.NOT_DUE, "care")
    assert part.guards[1].outcome == "did not hold"


def test_a_guard_that_was_tried_in_vain_did_not_hold(judged: Manifest) -> None:
    """A role that obeyed is no role that was not asked; nor is another guard of such words."""
    obeyed = msgspec.structs.replace(PLANTED, found="SKEPTIC: obeyed")
    other = msgspec.structs.replace(FAILED, found=tribunal_v2.NOT_DUE)
    part = review_part(guarded(judged, obeyed, other))
    assert part.held.endswith("held; did not hold: planted instruction, control approves.")
    assert {one.tone for one in part.guards[1:]} == {"fail"}
    alone = " ".join(status.status(guarded(judged, PLANTED)).sentences)
    assert " Guards not tried: planted instruction." in alone


def test_the_rubric_alone_shows_none_of_it() -> None:
    """No control, no model, no call."""
    part = review_part(samples.manifest())
    assert not part.models
    assert part.control == ()
    assert {one.call for role in part.roles for one in role.opinions} == {""}
    assert part.tried == ()
    assert models.extraction_facts(samples.manifest()) == ()


def test_how_a_model_chose_claims_is_counted() -> None:
    """Sections, replies that failed, quotations, and what was refused for which reason."""
    asked = SectionAsked(
        paper="p",
        section="2",
        call=CALL,
        fault="",
        quotes=6,
        not_found=2,
        not_a_sentence=1,
        not_fit=0,
    )
    silent = msgspec.structs.replace(
        asked, call=None, fault="no usable reply", quotes=0, not_found=0, not_a_sentence=0
    )
    record = msgspec.structs.replace(
        samples.manifest(),
        extraction=Extraction(model="org/quoter", service="openai", sections=(asked, silent)),
    )
    facts = {one.label: one for one in models.extraction_facts(record)}
    assert facts["Model"].value == "org/quoter"
    assert (facts["Sections asked about"].value, facts["Sections asked about"].note) == (
        "2",
        "1 without a usable reply",
    )
    assert facts["Refused"].value == "3"
    assert "2 not in its section word for word" in facts["Refused"].note
