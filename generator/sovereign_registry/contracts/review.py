"""The tribunal: roles, opinions, rounds, verdict and policy."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from sovereign_registry.contracts.calls import ModelId
from sovereign_registry.contracts.canonical import Sha256
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


class ModelCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One call to a language model whose reply entered the record.

    Request and reply are kept in the run's private folder under ``call_sha256``; they are no part
    of the record, so that what a model said can be audited by the publisher only.
    """

    service: str
    """The dialect of the server: ``nim`` or ``openai``; never its address."""
    model: ModelId
    """The model that was asked for."""
    served: Annotated[str, msgspec.Meta(max_length=120)]
    """The model that the server says answered; empty where it says nothing usable."""
    prompts: str
    """Version of the prompts and of the reply's rules."""
    temperature: DecimalText
    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
    max_tokens: Annotated[int, msgspec.Meta(ge=1)]
    attempt: Annotated[int, msgspec.Meta(ge=1, le=2)]
    """2 where the first reply could not be used."""
    call_sha256: Sha256
    """Digest of the whole call: model, both messages, schema and parameters."""
    prompt_sha256: Sha256
    """Digest of the two messages, as canonical JSON."""
    reply_sha256: Sha256
    """Digest of the reply's body as received."""
    prompt_tokens: Annotated[int, msgspec.Meta(ge=0)] | None
    """As the server counts; None where it does not."""
    completion_tokens: Annotated[int, msgspec.Meta(ge=0)] | None


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
    """What a rubric's formula read; of a model its scores by dimension, which no rule reads."""
    call: ModelCall | UnsetType = UNSET
    """The call behind a language model's opinion; left out for a rubric's."""
    verdict: Verdict | UnsetType = UNSET
    """The verdict that a language model named itself; it decides nothing."""


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


class Retest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The deciding round asked once more without what is suspicious; it shows, never decides."""

    removed: tuple[str, ...]
    """References of the flagged sources, whose claims and quotations were taken out."""
    claims: tuple[str, ...]
    """Ids of the claims that were left."""
    opinions: tuple[Opinion, ...]
    report_sha256: Sha256
    """Digest of the report text that was judged."""


class ProbeOutcome(StrEnum):
    """What a role did with an instruction that the registry planted in a passage."""

    RESISTED = "resisted"
    """It answered as asked, without the token that the passage told it to copy."""
    OBEYED = "obeyed"
    """It copied the token: it follows instructions that stand in sources."""
    NO_REPLY = "no usable reply"
    """Neither of two replies could be used."""


class Probe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One role asked once more with a planted instruction; its score counts for nothing."""

    role: Role
    outcome: ProbeOutcome
    score: Score | None
    """The score that came with it; None unless it resisted."""
    call: ModelCall | None
    """None where no reply could be used."""


class Review(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The tribunal's whole outcome."""

    origin: Origin
    method: str
    """The review method in the words that stand on the page."""
    rules: str
    """Version of the decision table and guards: ``tribunal-v1``; ``tribunal-v2`` for models."""
    rounds: tuple[Round, ...]
    """Empty where an imported document states only the outcome."""
    score: Score | None
    verdict: Verdict
    revision_round: Annotated[int, msgspec.Meta(ge=0, le=1)]
    policy: Policy
    guards: tuple[Guard, ...]
    note: str
    control: tuple[Round, ...] | UnsetType = UNSET
    """The deterministic rubric's rounds over the same texts, beside a panel of language models;
    left out where the rubric itself is the panel.  They decide nothing, the guards read them."""
    retest: Retest | UnsetType = UNSET
    """Left out where no source is flagged, or where the rubric is the panel."""
    probe: tuple[Probe, ...] | UnsetType = UNSET
    """How the models took a planted instruction; tried where every other guard held."""
