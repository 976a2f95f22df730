"""Settings of what a live run takes from model servers and full texts.

They are part of the run's configuration and so of the record's id: what can change a record's bytes
stands here; addresses and keys never do.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from sovereign_registry.contracts.calls import ModelId
from sovereign_registry.contracts.numbers import DecimalText, Score
from sovereign_registry.contracts.review import Role

Service = Literal["nim", "openai"]
"""NVIDIA's NIM, or any server that speaks the OpenAI dialect."""


class MeaningSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An embedding model that orders papers and records and gives claims a second signal."""

    service: Service
    model: ModelId
    dimension: Annotated[int, msgspec.Meta(ge=1, le=65_536)] | None = None
    """Length that every vector must have; None takes the length of the model's first reply.  The
    length found is recorded in the manifest's index either way."""
    truncate: Literal["NONE", "START", "END"] = "END"
    """What a NIM does with a text over its limit: refuse it, or cut its start or end.  Servers of
    OpenAI's dialect are not told and decide for themselves."""
    near_at: DecimalText = "0.9"
    """Cosine of two questions, both embedded as queries, from which they are near-duplicates.
    Scales differ between models: the default errs on the side of silence."""
    max_passages: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 5_000
    """Most passages that are embedded for the second signal of claims; a run with more goes
    without the signal and says so."""


class RoleModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The model that speaks for one role."""

    role: Role
    model: ModelId


class PanelSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A panel of language models, and how far it may go without its owner."""

    service: Service
    models: Annotated[tuple[RoleModel, ...], msgspec.Meta(min_length=3, max_length=3)]
    """One a role, in the order of the roles."""
    prompts: Literal["panel-v1"] = "panel-v1"
    """Version of the prompts and of the rules for replies."""
    temperature: DecimalText = "0"
    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] = 0
    """Sent to the server, and what the order of the claims and the delimiters derive from."""
    max_tokens: Annotated[int, msgspec.Meta(ge=64, le=32_768)] = 4096
    """The longest reply; room for models that reason before they answer."""
    max_gap: Score = "2.5"
    """How far panel and rubric may lie apart for automatic approval."""
    max_gain: Score = "2.0"
    """How much a revision, which adds no evidence, may raise the score for it."""
    max_shift: Score = "1.5"
    """How far a role's score may move when flagged sources are taken out."""

    def __post_init__(self) -> None:
        if tuple(item.role for item in self.models) != tuple(Role):
            message = f"models: found {[str(item.role) for item in self.models]}, one a role is due"
            raise ValueError(message)

    def model_of(self, role: Role) -> str:
        """The model of a role."""
        return next(item.model for item in self.models if item.role is role)


class ExtractionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A language model that chooses which sentences become claims; it words none."""

    service: Service
    model: ModelId
    prompts: Literal["extract-v1"] = "extract-v1"
    temperature: DecimalText = "0"
    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] = 0
    max_tokens: Annotated[int, msgspec.Meta(ge=64, le=32_768)] = 4096
    quotes_per_section: Annotated[int, msgspec.Meta(ge=1, le=12)] = 6
    """Quotations beyond it make a reply unusable."""
    sections_per_paper: Annotated[int, msgspec.Meta(ge=1, le=20)] = 4
    """Sections asked about, those that hold most words of the question first."""


class TextSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Papers are read in full where a file of theirs can be had and read."""

    read: Literal["full"] = "full"
    """What is read of a paper: the whole of it, where it can be had."""
    rules: Literal["full-texts-v1"] = "full-texts-v1"
    """Version of the readers' limits and of the rules for what is left out."""
