"""Which fields a person may set, and which follow from others or belong to the record's identity.

Everything that is not refused here may be corrected.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.history import Event

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest

_IDENTITY = re.compile(
    r"/(?:contract|id|origin|config|question|work/as_of|provenance/(?:inputs|tools|method))(?:/|$)"
    r"|/(?:work|provenance)$"
)
_CLAIM = re.compile(r"/claims(?:/(?P<id>c\d+)(?:/(?P<field>[a-z0-9_]+))?)?")
_FIXED_CLAIM_FIELDS = frozenset({"id", "origin", "kind"})
_MADE_CLAIM_FIELDS = frozenset({"sha256", "level"})
_TESTS = frozenset({"verification", "corroboration", "selection"})
_ARTIFACT = re.compile(r"/artifacts(?:/\d+(?:/(?:name|sha256|bytes|public))?)?$")
_REVIEW_WORDS = frozenset({"/review/note", "/review/method"})
_DIMENSION = re.compile(r"/assessment/dimensions/dimensions/(\d+)/(?:level|basis|score)$")
_STATED_PART = re.compile(r"/assessment/(level|tier|provenance)/(?!origin|rules)[a-z_]+(?:/|$)")

IDENTITY = "belongs to what the record's id and inputs are; ask again, and supersede this record"
BY_RULE = "follows from other fields by a published rule; correct those"
OWN_COMMAND = "is changed by its own command, not by a correction"
BY_GATE = "is given by an evaluation of Gate 2 and by nothing else"
BY_RUN = "is a result of the run; a new run is a new record, which can supersede this one"
FILE = "names a file's bytes, which never change; a new file needs a new record"
ALONE = "is more than one field; name the fields that change"


def refusal(record: Manifest, pointer: str, event: Event) -> str | None:
    """Why an event may not set a field, or None where it may.

    Args:
        record: The record as it stands.
        pointer: The field; claims named by id.
        event: What happens.
    """
    if event is Event.OWNER_DECISION:
        return None if pointer == "/standing/approval" else OWN_COMMAND
    if event is Event.REGISTRATION:
        return None if pointer == "/provenance/external_record" else OWN_COMMAND
    if event in {Event.RE_EVALUATION, Event.ARTIFACT_ACCEPTED}:
        return None if pointer == "/gate" or pointer.startswith("/gate/") else BY_RULE
    if event is not Event.CORRECTION:
        return "is not changed by this event"
    return _corrected(record, pointer)


def _corrected(record: Manifest, pointer: str) -> str | None:
    top = pointer.split("/")[1]
    fixed = {"standing": OWN_COMMAND, "gate": BY_GATE}
    if top in fixed:
        return fixed[top]
    if _IDENTITY.match(pointer):
        return IDENTITY
    if top == "claims":
        return _claim(record, pointer)
    if _ARTIFACT.match(pointer):
        return FILE
    if top == "review":
        return _review(record, pointer)
    return _assessment(record, pointer) if top == "assessment" else None


def _claim(record: Manifest, pointer: str) -> str | None:
    match = _CLAIM.match(pointer)
    field = match["field"] if match else None
    claim = next((one for one in record.claims if match and one.id == match["id"]), None)
    if field is None or claim is None:
        return ALONE
    if field in _FIXED_CLAIM_FIELDS:
        return BY_RUN
    if field in _MADE_CLAIM_FIELDS:
        return BY_RULE
    return BY_RUN if field in _TESTS and claim.origin is Origin.COMPUTED else None


def _review(record: Manifest, pointer: str) -> str | None:
    if pointer in _REVIEW_WORDS:
        return None
    stated = record.review.origin is Origin.DECLARED
    if stated and pointer not in {"/review", "/review/origin", "/review/rules"}:
        return None
    return BY_RUN


def _assessment(record: Manifest, pointer: str) -> str | None:
    found = record.assessment
    if match := _DIMENSION.match(pointer):
        one = found.dimensions.dimensions[int(match[1]) :][:1]
        return None if one and one[0].origin is Origin.DECLARED else BY_RULE
    if match := _STATED_PART.match(pointer):
        origins = {
            "level": found.level.origin,
            "tier": found.tier.origin,
            "provenance": found.provenance.origin,
        }
        return None if origins[match[1]] is Origin.DECLARED else BY_RULE
    return BY_RULE
