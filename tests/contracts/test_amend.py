"""Making history entries: guarded, invertible, whole, and refused where they may not be."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.amend import Amendment, Setting, amend, entry_faults
from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.canonical import content_sha256, text_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.errors import BadInput, RecordFault
from sovereign_registry.contracts.fold import RecordView, apply_patch
from sovereign_registry.contracts.history import (
    Actor,
    CorrectionType,
    EntryKind,
    Event,
    HistoryEntry,
    PatchOperation,
)
from sovereign_registry.contracts.manifest import Approval, Manifest, RecordState
from sovereign_registry.contracts.pointers import (
    by_place,
    document,
    invert,
    resolve,
)
from sovereign_registry.contracts.rederive import NOT_TESTED_AGAIN, rederive
from sovereign_registry.contracts.rules import states_v1
from tests.contracts.records import START, amendment, computed_record, view_of, with_events
from tests.samples import bare_manifest

RECORD = computed_record()
OTHER = "sr-2605-0000000b"


def sets(pointer: str, value: Any) -> tuple[Setting, ...]:  # noqa: ANN401 - JSON value
    """One setting."""
    return (Setting(pointer=pointer, value=value),)


def correct(pointer: str, value: Any, view: RecordView | None = None) -> HistoryEntry:  # noqa: ANN401
    """The entry of one correction."""
    return amend(
        view or view_of(RECORD), amendment(Event.CORRECTION, settings=sets(pointer, value))
    )


def test_a_correction_names_what_changed_and_can_be_undone() -> None:
    """Patch, digests, claims by id, state and count; the inverse restores the manifest."""
    entry = correct("/work/title", "A better title")
    assert ("0001-correction.yaml", Event.CORRECTION) == (entry.file_name, entry.event)
    assert ("/work/title",) == entry.affected_fields
    assert CorrectionType.METADATA is entry.correction_type
    after = apply_patch(RECORD, entry.patch, "")
    assert ("A better title", RecordState.CORRECTED, 1) == (
        after.work.title,
        after.standing.record_state,
        after.standing.correction_count,
    )
    assert RECORD == apply_patch(after, invert(entry.patch), "")
    assert [] == entry_faults(view_of(RECORD), entry)


def test_every_change_of_a_patch_is_guarded() -> None:
    """Each replace stands right behind a test of the old value."""
    steps = correct("/claims/c2/text", "Other words.").patch
    assert all(
        (test.op, change.op, test.path) == ("test", "replace", change.path)
        for test, change in zip(steps[::2], steps[1::2], strict=True)
    )


def test_claims_are_named_by_id_although_the_patch_goes_by_place() -> None:
    """``/claims/c2/text`` in the fields, ``/claims/1/text`` in the patch."""
    entry = correct("/claims/c2/text", "Other words.")
    assert "/claims/c2/text" in entry.affected_fields
    assert "/claims/1/text" in {step.path for step in entry.patch}
    assert ("c2",) == entry.affected_claims


def test_what_follows_by_rule_is_carried_in_the_same_patch() -> None:
    """Digest, ticks, levels, counts, tier inputs and dimensions are made again."""
    after = apply_patch(RECORD, correct("/claims/c2/text", "Other words.").patch, "")
    claim = after.claims[1]
    assert text_sha256("Other words.") == claim.sha256
    assert (False, None, NOT_TESTED_AGAIN) == (
        claim.verification.passed,
        claim.verification.value,
        claim.verification.note,
    )
    assert (3, 1) == (RECORD.claims[1].level, claim.level)
    before, level = RECORD.assessment.level, after.assessment.level
    assert (3, "levels-v1") == (before.paper_level, before.rules)
    assert (1, "levels-v2") == (level.paper_level, level.rules)
    assert "1 of 4 claims were given other words than the passage" in level.basis
    assert after.assessment.tier.verified_claim_count == (
        RECORD.assessment.tier.verified_claim_count - 1
    )


def test_words_that_count_the_same_keep_their_tick() -> None:
    """A correction of punctuation moves the digest and nothing else that was measured."""
    text = RECORD.claims[1].text.replace(".", " !")
    entry = correct("/claims/c2/text", text)
    assert ("/claims/c2/text", "/claims/c2/sha256") == entry.affected_fields
    assert () == entry.rules


def test_an_entry_of_older_rules_stays_sound_and_a_newer_one_follows() -> None:
    """A claim corrected under levels-v1 keeps its rung; the next correction of words moves it."""
    asked = amendment(Event.CORRECTION, settings=sets("/claims/c2/text", "Other words."))
    older = amend(view_of(RECORD), msgspec.structs.replace(asked, rules=("levels-v1",)))
    assert "levels-v2" not in older.rules
    assert [] == entry_faults(view_of(RECORD), older)
    view = view_of(RECORD, [older])
    assert (2, "levels-v1") == (view.record.claims[1].level, view.record.assessment.level.rules)
    note = amend(view, amendment(Event.ADDENDUM))
    assert () == note.rules
    again = correct("/claims/c3/text", "Not these words either.", view)
    assert "levels-v2" in again.rules
    assert [] == entry_faults(view, again)
    after = apply_patch(view.record, again.patch, "")
    assert [3, 1, 1, 3] == [claim.level for claim in after.claims]


def test_what_is_under_newer_rules_stays_there() -> None:
    """The source's own words bring the rung back, under the rules that took it."""
    first = correct("/claims/c2/text", "Other words.")
    assert [] == entry_faults(view_of(RECORD), first)
    view = view_of(RECORD, [first])
    back = correct("/claims/c2/text", RECORD.claims[1].text, view)
    assert [] == entry_faults(view, back)
    after = apply_patch(view.record, back.patch, "")
    assert (2, "levels-v2") == (after.claims[1].level, after.assessment.level.rules)
    assert "levels-v2" in back.rules


def test_an_entry_that_names_older_rules_than_it_used_is_unsound() -> None:
    """Rules that an entry leaves out are those that it was not made under."""
    entry = correct("/claims/c2/text", "Other words.")
    older = tuple("levels-v1" if one == "levels-v2" else one for one in entry.rules)
    forged = msgspec.structs.replace(entry, rules=older)
    assert any("level" in what for what in entry_faults(view_of(RECORD), forged))


def test_resolving_a_flag_moves_the_tier() -> None:
    """A flag that is resolved no longer keeps the record on the watchlist."""
    assert Tier.WATCHLIST is RECORD.assessment.tier.tier
    entry = correct("/flags/0/unresolved", value=False)
    assert ("tiers-v1",) == entry.rules
    assert Tier.DOI_GRADE is apply_patch(RECORD, entry.patch, "").assessment.tier.tier


def test_rederiving_gives_the_assessment_of_a_fresh_record() -> None:
    """From any other state of the claims, the rules lead to what a run would publish."""
    other = msgspec.structs.replace(computed_record(0), flags=(), claims=())
    bare = msgspec.structs.replace(
        RECORD,
        assessment=other.assessment,
        flags=(),
        claims=tuple(
            msgspec.structs.replace(
                claim,
                locator=None,
                level=1,
                verification=msgspec.structs.replace(claim.verification, passed=False, margin=None),
            )
            for claim in RECORD.claims
        ),
    )
    due = msgspec.structs.replace(RECORD, assessment=other.assessment)
    again, rules = rederive(bare, due)
    assert RECORD.assessment.level == again.assessment.level
    assert RECORD.assessment.tier == again.assessment.tier
    assert RECORD.assessment.dimensions == again.assessment.dimensions
    assert set(rules) >= {"levels-v1", "tiers-v1", "dimensions-v1"}


def test_rules_that_are_not_carried_here_are_refused() -> None:
    """A record made under later rules is not assessed by older ones."""
    found = RECORD.assessment
    later = msgspec.structs.replace(
        RECORD,
        assessment=msgspec.structs.replace(
            found, tier=msgspec.structs.replace(found.tier, rules="tiers-v9")
        ),
    )
    with pytest.raises(RecordFault, match="tiers-v9"):
        correct("/flags/0/unresolved", value=False, view=view_of(later))


def test_a_declared_value_is_never_computed() -> None:
    """The text of an imported claim may be corrected; its declared tick stays as declared."""
    claims = tuple(
        msgspec.structs.replace(claim, origin=Origin.DECLARED) for claim in RECORD.claims
    )
    declared = msgspec.structs.replace(RECORD, origin=Origin.DECLARED, claims=claims)
    entry = correct("/claims/c1/text", "Misread words.", view_of(declared))
    after = apply_patch(declared, entry.patch, "")
    assert declared.claims[0].verification == after.claims[0].verification


@pytest.mark.parametrize(
    ("pointer", "value", "words"),
    [
        ("work/title", "x", "no JSON Pointer"),
        ("/", "x", "no JSON Pointer"),
        ("/work//title", "x", "no JSON Pointer"),
        ("/work/titel", "x", "leads to no field.*title_cut"),
        ("/claims/1/text", "x", "no claim '1'.*c1, c2"),
        ("/claims/c9/text", "x", "no claim 'c9'"),
        ("/claims", [], "more than one field"),
        ("/claims/c1", {}, "more than one field"),
        ("/claims/c1/id", "c7", "result of the run"),
        ("/claims/c1/level", 7, "published rule"),
        ("/claims/c1/verification/passed", True, "result of the run"),
        ("/claims/c1/sha256", "ab" * 32, "published rule"),
        ("/id", OTHER, "record's id"),
        ("/work", {}, "record's id"),
        ("/question/text", "Why?", "record's id"),
        ("/standing/record_state", "CURRENT", "own command"),
        ("/gate/status", "VERIFIED", "Gate 2"),
        ("/assessment/tier/tier", "FLAGSHIP_CANDIDATE", "published rule"),
        ("/assessment/dimensions/dimensions/0/level", "HIGH", "published rule"),
        ("/assessment/dimensions/dimensions/99/level", "HIGH", "leads to no field"),
        ("/review/score", "9.9", "result of the run"),
        ("/work/title", 7, "break the contract"),
        ("/work/title", "a \u202eb", "U\\+202E"),
        ("/work/title", "a\x00", "U\\+0000"),
        ("/uncertainties", ["a", "b\u2028"], "U\\+2028"),
        ("/work/title_cut", False, "nothing would change"),
        ("/sources", [], "would not be listed"),
    ],
)
def test_what_may_not_be_set_is_refused_with_the_reason(
    pointer: str,
    value: Any,  # noqa: ANN401 - JSON value
    words: str,
) -> None:
    """Identity, results, derived fields, states and broken values are refused one by one."""
    with pytest.raises((BadInput, RecordFault), match=words):
        correct(pointer, value)


def test_a_declared_outcome_may_be_corrected_where_it_was_misread() -> None:
    """An import's review score is declared, so a misreading of it can be put right."""
    record = msgspec.structs.replace(
        RECORD,
        origin=Origin.DECLARED,
        review=msgspec.structs.replace(RECORD.review, origin=Origin.DECLARED),
    )
    entry = correct("/review/score", "3.0", view_of(record))
    after = apply_patch(record, entry.patch, "")
    assert Tier.QUARANTINE_CANDIDATE is after.assessment.tier.tier


def test_time_never_runs_backwards() -> None:
    """An entry before the newest one is refused; at the same second it is not."""
    view = with_events(RECORD, amendment(Event.ADDENDUM))
    with pytest.raises(BadInput, match="clock ran backwards"):
        amend(view, amendment(Event.ADDENDUM, at="2026-06-10T06:30:48Z"))
    assert 2 == amend(view, amendment(Event.ADDENDUM)).sequence


def test_a_reason_stays_plain_text_and_is_due() -> None:
    """Markup is kept as the characters that it is; an empty or hidden reason is refused."""
    note = "<script>alert(1)</script> & [x](javascript:y)"
    assert note == amend(view_of(RECORD), amendment(Event.ADDENDUM, note=note)).note
    for bad in ("", "  ", "a\nb", "\u200b", "x" * 4001):
        with pytest.raises(BadInput):
            amend(view_of(RECORD), amendment(Event.ADDENDUM, note=bad))
    with pytest.raises(BadInput):
        amend(view_of(RECORD), amendment(Event.ADDENDUM, by="x" * 81))


def test_an_annotation_changes_no_field() -> None:
    """Its patch is empty, and it sets nothing even if asked to."""
    entry = amend(view_of(RECORD), amendment(Event.ADDENDUM, claims=("c2",)))
    assert ((), (), ("c2",)) == (entry.patch, entry.affected_fields, entry.affected_claims)
    with pytest.raises(BadInput):
        amend(view_of(RECORD), amendment(Event.ADDENDUM, settings=sets("/work/title", "x")))


def test_a_partial_retraction_names_its_claims() -> None:
    """The claims stand among the affected fields by id; reinstating names them again."""
    view = with_events(RECORD, amendment(Event.PARTIAL_RETRACTION, claims=("c3", "c1")))
    entry = view.history[-1]
    assert ("c1", "c3") == entry.affected_claims
    assert ("/standing/record_state", "/claims/c1", "/claims/c3") == entry.affected_fields
    back = amend(view, amendment(Event.REINSTATEMENT))
    assert ("c1", "c3") == back.affected_claims


def test_an_entry_without_event_is_read_as_before() -> None:
    """An entry from before events were named keeps its bytes and its meaning."""
    entry = HistoryEntry(
        contract="history-entry-v1",
        record=RECORD.id,
        sequence=1,
        kind=EntryKind.ANNOTATION,
        at=START,
        by=Actor(role="owner"),
        note="A note.",
        correction_type=None,
        affected_fields=(),
        affected_claims=(),
        rules=(),
        patch=(),
        record_before=content_sha256(RECORD),
        record_after=content_sha256(RECORD),
        previous=content_sha256(RECORD),
    )
    assert b'"event"' not in msgspec.json.encode(entry)
    assert Event.ADDENDUM is entry.happened
    assert [] == entry_faults(view_of(RECORD), entry)


def _forged(**changes: Any) -> HistoryEntry:  # noqa: ANN401 - any field
    return msgspec.structs.replace(correct("/work/title", "A better title"), **changes)


def _by_hand(pointer: str, old: Any, new: Any) -> HistoryEntry:  # noqa: ANN401 - JSON values
    """A correction whose patch and digests fit, made by hand beside the rules."""
    made = correct("/work/title", "A better title")
    patch = (
        *made.patch,
        PatchOperation(op="test", path=pointer, value=old),
        PatchOperation(op="replace", path=pointer, value=new),
    )
    return msgspec.structs.replace(
        made, patch=patch, record_after=content_sha256(apply_patch(RECORD, patch, ""))
    )


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (_forged(correction_type=None), "correction_type"),
        (_forged(affected_fields=()), "affected_fields"),
        (_forged(rules=("tiers-v1",)), "rules"),
        (_forged(kind=EntryKind.ANNOTATION), "kind"),
        (_forged(event=Event.RETRACTION), "fields|record_state"),
        (_forged(patch=_forged().patch[1::2]), "without a test"),
        (_by_hand("/claims/0/level", 3, 7), "/claims/c1/level"),
        (_by_hand("/assessment/tier/tier", "WATCHLIST", "DOI_GRADE"), "/assessment/tier/tier"),
        (_by_hand("/standing/approval", "AWAITING_OWNER", "OWNER_APPROVED"), "/standing/approval"),
    ],
)
def test_an_entry_made_by_hand_is_unsound_although_its_digests_fit(
    entry: HistoryEntry, words: str
) -> None:
    """Making it again from what it intends comes out else, and the difference is named."""
    faults = " ".join(entry_faults(view_of(RECORD), entry))
    assert faults
    assert any(word in faults for word in words.split("|")), faults


CHANGED = [
    *(("/work/title", blank, "a title cannot be blank") for blank in ("", "   ", "\u00a0")),
    ("/claims/c1/text", "  ", "/claims/c1/text: a claim's text cannot be blank"),
    ("/sources/0/url", "javascript:alert(1)", "no http or https address"),
    ("/sources/0/url", "https://example.org/<script>", "no http or https address"),
    ("/provenance/external_record", "https://doi.org/10.1234/x", "`sovereign-registry register`"),
]


@pytest.mark.parametrize(("pointer", "value", "words"), CHANGED)
def test_a_blank_text_and_an_unsafe_address_are_refused(
    pointer: str, value: str, words: str
) -> None:
    """Blank titles and claims, other schemes, and a registration by a correction."""
    with pytest.raises(BadInput, match=words):
        correct(pointer, value)


def test_a_source_s_address_may_be_corrected() -> None:
    """To another web address, or to none."""
    for value in ("https://example.org/paper?id=1#s2", None):
        entry = correct("/sources/0/url", value)
        assert value == apply_patch(RECORD, entry.patch, "").sources[0].url


def test_a_wrong_registration_may_be_corrected_and_never_to_a_script() -> None:
    """Once there is one; the address is held to the same rule as any."""
    registered = msgspec.structs.replace(
        RECORD,
        provenance=msgspec.structs.replace(
            RECORD.provenance, external_record="https://doi.org/10.1234/wrong"
        ),
    )
    field, right = "/provenance/external_record", "https://doi.org/10.1234/right"
    entry = correct(field, right, view_of(registered))
    assert right == apply_patch(registered, entry.patch, "").provenance.external_record
    assert [] == entry_faults(view_of(registered), entry)
    with pytest.raises(BadInput, match="no http or https address"):
        correct(field, "javascript:alert(1)", view_of(registered))


@pytest.mark.parametrize(
    ("pointer", "value", "kind", "fits"),
    [
        ("/claims/c1/text", "Other words.", CorrectionType.METADATA, False),
        ("/claims/c1/text", "Other words.", CorrectionType.QUALITY_ASSESSMENT, False),
        ("/claims/c1/text", "Other words.", CorrectionType.CLAIM, True),
        ("/claims/c1/text", "Other words.", CorrectionType.BENCHMARK, True),
        ("/work/title", "A better title", CorrectionType.ARTIFACT, False),
        ("/work/title", "A better title", CorrectionType.METADATA, True),
        ("/sources/0/title", "Another", CorrectionType.PROVENANCE, True),
        ("/sources/0/title", "Another", CorrectionType.CLAIM, False),
        ("/uncertainties", ["One."], CorrectionType.BENCHMARK, True),
    ],
)
def test_the_type_of_a_correction_fits_its_field(
    pointer: str, value: object, kind: CorrectionType, *, fits: bool
) -> None:
    """A claim's text is no metadata; the refusal names the types that there are."""
    asked = amendment(Event.CORRECTION, settings=sets(pointer, value), correction_type=kind)
    if fits:
        entry = amend(view_of(RECORD), asked)
        assert kind is entry.correction_type
        assert [] == entry_faults(view_of(RECORD), entry)
        return
    with pytest.raises(BadInput, match=f"not of type {kind}.*Its type: "):
        amend(view_of(RECORD), asked)


def test_a_claim_decides_the_type_of_a_correction_that_touches_it() -> None:
    """A title beside it makes no metadata of it; unnamed, the type is CLAIM."""
    both = (*sets("/work/title", "A"), *sets("/claims/c1/text", "Other words."))
    assert (
        CorrectionType.CLAIM
        is amend(view_of(RECORD), amendment(Event.CORRECTION, settings=both)).correction_type
    )
    named = amendment(Event.CORRECTION, settings=both, correction_type=CorrectionType.METADATA)
    with pytest.raises(BadInput, match="/claims/c1/text is not of type METADATA"):
        amend(view_of(RECORD), named)


EVENTS = st.sampled_from([event for event in Event if event is not Event.REMOVAL])
TITLES = st.text(st.characters(min_codepoint=33, max_codepoint=0x17E), min_size=1, max_size=20)


def _draw(data: st.DataObject, event: Event, view: RecordView) -> dict[str, Any]:
    record = view.record
    if event is Event.CORRECTION:
        claim = data.draw(st.sampled_from([one.id for one in record.claims]))
        pointer = data.draw(st.sampled_from(["/work/title", f"/claims/{claim}/text"]))
        text = data.draw(TITLES.filter(lambda text: not any("\x7f" <= c <= "\xa0" for c in text)))
        return {"settings": sets(pointer, text)}
    if event is Event.REGISTRATION:
        return {"settings": sets("/provenance/external_record", "https://doi.org/10.1234/x")}
    if event is Event.SUPERSESSION:
        return {"superseded_by": OTHER}
    if event is Event.PARTIAL_RETRACTION:
        gone = states_v1.situation(record, view.history).retracted_claims
        left = [one.id for one in record.claims if one.id not in gone]
        return {"claims": tuple(left[:1])}
    return {}


def _without_effect(asked: Amendment, view: RecordView) -> bool:
    """Whether an event is in order and yet refused: it would change nothing, or leave no claim."""
    record = view.record
    gone = states_v1.situation(record, view.history).retracted_claims
    match asked.event:
        case Event.CORRECTION:
            place = by_place(record, asked.settings[0].pointer)
            return bool(resolve(document(record), place, "") == asked.settings[0].value)
        case Event.REGISTRATION:
            return record.provenance.external_record is not None
        case Event.OWNER_DECISION:
            return record.standing.approval is Approval.OWNER_APPROVED
        case Event.PARTIAL_RETRACTION:
            return len(gone) + 1 >= len(record.claims)
        case _:
            return False


@given(st.data())
def test_legal_sequences_fold_and_undo_and_illegal_events_are_refused(data: st.DataObject) -> None:
    """Whatever happens in whatever order: it folds, is sound, and leads back to the manifest."""
    entries: list[HistoryEntry] = []
    for event in data.draw(st.lists(EVENTS, max_size=10)):
        view = view_of(RECORD, entries)
        now = states_v1.situation(view.record, view.history)
        asked = amendment(event, **_draw(data, event, view))
        if event not in states_v1.possible(now):
            with pytest.raises(RecordFault, match="may not follow"):
                amend(view, asked)
            continue
        if _without_effect(asked, view):
            with pytest.raises((BadInput, RecordFault), match=r"nothing would|every claim"):
                amend(view, asked)
            continue
        entry = amend(view, asked)
        assert [] == entry_faults(view, entry)
        entries.append(entry)
    view = view_of(RECORD, entries)
    assert view.record.standing.correction_count == sum(
        entry.correction_type is not None for entry in entries
    )
    assert states_v1.situation(RECORD, entries).shown is view.record.standing.record_state
    record = view.record
    for entry in reversed(entries):
        record = apply_patch(record, invert(entry.patch), "")
        assert entry.record_before == content_sha256(record)
    assert RECORD == record


def test_a_record_that_shows_another_state_than_its_history_is_refused() -> None:
    """Nothing is added on top of a record that does not add up."""
    standing = msgspec.structs.replace(RECORD.standing, record_state=RecordState.RETRACTED)
    odd: Manifest = msgspec.structs.replace(RECORD, standing=standing)
    with pytest.raises(RecordFault, match="shows RETRACTED where its history gives CURRENT"):
        amend(view_of(odd), amendment(Event.ADDENDUM))
    assert bare_manifest().standing.record_state is RecordState.CURRENT
