"""The tribunal: roles, opinions, rounds, verdict and policy."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.numbers import DecimalText, Score


class Role(StrEnum):
    """The three roles; they judge in parallel and do not see one another."""

    SKEPTIC = "SKEPTIC"
    """Looks for what is unsupported, repeated or off the question."""
    VALIDATOR = "VALIDATOR"
    """Judges how well each claim is matched by its evidence."""
    SYNTHESIZER = "SYNTHESIZER"
    """Judges whether the report as a whole answers the question."""


class Verdict(StrEnum):
    """What the tribunal decided on the displayed mean score."""

    APPROVE = "APPROVE"
    """Score of at least 6.5."""
    REVISE = "REVISE"
    """Score from 5.0 to below 6.5; after the one revision round: exhausted, the owner decides."""
    REJECT = "REJECT"
    """Score below 5.0: too little evidence for a revision to mend."""
    INCOMPLETE = "INCOMPLETE"
    """Fewer than three valid opinions: nothing was decided."""


class Policy(StrEnum):
    """Who decides about publication."""

    AUTO_APPROVE = "AUTO_APPROVE"
    """All guards held: published at once, without a person's review."""
    ESCALATE_TO_OWNER = "ESCALATE_TO_OWNER"
    """At least one guard failed, or the record was imported: a person decides."""


class Feature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One named input of a rubric, so that a score can be recomputed by hand."""

    name: str
    value: DecimalText
    meaning: str


class Opinion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One role's judgement in one round."""

    role: Role
    method: str
    """``deterministic rubric`` or ``language model``."""
    reviewer: str
    """Name and version of the rubric or model."""
    score: Score
    rationale: Annotated[str, msgspec.Meta(max_length=1200)]
    cited_claims: tuple[str, ...]
    features: tuple[Feature, ...]


class Round(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One round of the tribunal over one text of the report."""

    number: Annotated[int, msgspec.Meta(ge=0, le=1)]
    opinions: tuple[Opinion, ...]
    score: Score | None
    """Mean of the roles, half-up to 0.1; None where fewer than three were valid."""
    verdict: Verdict
    changes: tuple[str, ...]
    """What the revision changed in the report before this round; empty in round 0."""
    report_sha256: str
    """Digest of the report text that was judged."""


class Guard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One condition of automatic approval, with what was found."""

    name: str
    held: bool
    found: str
    required: str


class Review(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The tribunal's whole outcome."""

    origin: Origin
    method: str
    """The review method in the words that stand on the page."""
    rules: str
    """Version of the decision table and guards: ``tribunal-v1``."""
    rounds: tuple[Round, ...]
    """Empty where an imported document states only the outcome."""
    score: Score | None
    verdict: Verdict
    revision_round: Annotated[int, msgspec.Meta(ge=0, le=1)]
    policy: Policy
    guards: tuple[Guard, ...]
    note: str
