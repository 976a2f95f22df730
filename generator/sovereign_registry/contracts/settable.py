"""Which fields a person may set, and which follow from others or belong to the record's identity.

Everything that is not refused here may be corrected.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.contracts.addresses import is_web_address
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.contracts.history import CorrectionType, Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.contracts.manifest import Manifest

_IDENTITY = re.compile(
    r"/(?:contract|id|origin|config|question|work/as_of|provenance/(?:inputs|tools|method))(?:/|$)"
    r"|/(?:work|provenance)$"
)
_CLAIM = re.compile(r"/claims(?:/(?P<id>c\d+)(?:/(?P<field>[a-z0-9_]+))?)?")
_FIXED_CLAIM_FIELDS = frozenset({"id", "origin", "kind"})
_MADE_CLAIM_FIELDS = frozenset({"sha256", "level"})
_TESTS = frozenset({"verification", "corroboration", "selection", "semantic"})
_ARTIFACT = re.compile(r"/artifacts(?:/\d+(?:/(?:name|sha256|bytes|public))?)?$")
_REVIEW_WORDS = frozenset({"/review/note", "/review/method"})
_DIMENSION = re.compile(r"/assessment/dimensions/dimensions/(\d+)/(?:level|basis|score)$")
_STATED_PART = re.compile(r"/assessment/(level|tier|provenance)/(?!origin|rules)[a-z_]+(?:/|$)")
_EXTERNAL = "/provenance/external_record"
_KINDS = tuple(
    (re.compile(pattern), kinds)
    for pattern, kinds in (
        (r"/claims/c\d+/locator(?:/|$)", (CorrectionType.CLAIM, CorrectionType.PROVENANCE)),
        (r"/claims/", (CorrectionType.CLAIM, CorrectionType.BENCHMARK)),
        (r"/work/(?:title|abstract|analysed)$", (CorrectionType.METADATA, CorrectionType.CLAIM)),
        (r"/work/", (CorrectionType.METADATA,)),
        (r"/(?:sources|provenance)(?:/|$)", (CorrectionType.METADATA, CorrectionType.PROVENANCE)),
        (r"/artifacts(?:/|$)", (CorrectionType.ARTIFACT, CorrectionType.METADATA)),
        (
            r"/assessment/provenance(?:/|$)",
            (CorrectionType.QUALITY_ASSESSMENT, CorrectionType.PROVENANCE),
        ),
        (r"/(?:assessment|review)(?:/|$)", (CorrectionType.QUALITY_ASSESSMENT,)),
    )
)
"""Field -> the types that a correction of it may have; any other field may have any."""

IDENTITY = "belongs to what the record's id and inputs are; ask again, and supersede this record"
BY_RULE = "follows from other fields by a published rule; correct those"
OWN_COMMAND = "is changed by its own command, not by a correction"
BY_GATE = "is given by an evaluation of Gate 2 and by nothing else"
BY_RUN = "is a result of the run; a new run is a new record, which can supersede this one"
FILE = "names a file's bytes, which never change; a new file needs a new record"
BY_REGISTRATION = "is first entered by `sovereign-registry register`, not by a correction"
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


def type_for(pointers: Sequence[str], given: CorrectionType | None) -> CorrectionType:
    """The type of a correction of these fields: the one that is given, else the usual one.

    Where a claim is among them, it decides: what a record claims is never corrected as a detail.

    Args:
        pointers: The fields that are set; claims named by id.
        given: The type that somebody named.

    Raises:
        BadInput: the type contradicts the fields.
    """
    claims = [one for one in pointers if one.startswith("/claims/")]
    fitting = list(dict.fromkeys(one for field in claims or pointers for one in _kinds(field)))
    if given is not None and fitting and given not in fitting:
        raise BadInput(
            f"a correction of {', '.join(claims or pointers)} is not of type {given}",
            todo=f"Its type: {' or '.join(fitting)}.",
        )
    usual = CorrectionType.CLAIM if claims else CorrectionType.METADATA
    return given or (usual if usual in fitting else [*fitting, usual][0])


def _kinds(pointer: str) -> tuple[CorrectionType, ...]:
    return next((kinds for known, kinds in _KINDS if known.match(pointer)), tuple(CorrectionType))


def value_faults(before: Manifest, after: Manifest) -> Iterator[str]:
    """What no field may come to hold: a blank title or claim, an address that is no web address.

    Only what differs is looked into: a record keeps whatever it was published with.
    """
    texts = {claim.id: claim.text for claim in before.claims}
    if after.work.title != before.work.title and not after.work.title.strip():
        yield "/work/title: a title cannot be blank"
    for claim in after.claims:
        if claim.text != texts.get(claim.id) and not claim.text.strip():
            yield f"/claims/{claim.id}/text: a claim's text cannot be blank"
    known = {source.url for source in before.sources}
    for number, source in enumerate(after.sources):
        if source.url is not None and source.url not in known and not is_web_address(source.url):
            yield f"/sources/{number}/url: {source.url[:80]!r} is no http or https address"
    outside = after.provenance.external_record
    if outside not in {None, before.provenance.external_record} and not is_web_address(outside):
        yield f"{_EXTERNAL}: {outside[:80]!r} is no http or https address"


def _corrected(record: Manifest, pointer: str) -> str | None:
    top = pointer.split("/")[1]
    fixed = {"standing": OWN_COMMAND, "gate": BY_GATE}
    if record.provenance.external_record is None and pointer.startswith(_EXTERNAL):
        fixed[top] = BY_REGISTRATION
    if pointer.startswith("/index/meaning"):
        fixed[top] = BY_RUN
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
