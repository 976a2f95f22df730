"""agenda-v1: the questions of a batch, with their priorities and options.

An agenda is written by a person and is no part of a registry: what it asks for is published, the
agenda is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from sovereign_registry.contracts.calls import ModelId
from sovereign_registry.contracts.numbers import DecimalText
from sovereign_registry.contracts.papers import IsoDate
from sovereign_registry.contracts.text import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_QUESTIONS = 10_000

_Address = Annotated[str, msgspec.Meta(pattern=r"^https?://\S+$", max_length=500)]
_RoleModel = Annotated[
    str, msgspec.Meta(pattern=r"^(?:(?:SKEPTIC|VALIDATOR|SYNTHESIZER)=)?[\w.:/@+-]{1,120}$")
]
Unset = msgspec.UnsetType


class AskOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of a question; each is the option of ``run`` of the same name."""

    source: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | Unset = msgspec.UNSET
    """``corpus``, ``arxiv`` or ``snapshot:FILE``."""
    as_of: IsoDate | Unset = msgspec.UNSET
    """The record's date; unset takes the newest date in the inputs."""
    reviewers: Literal["rubric", "nim", "openai"] | Unset = msgspec.UNSET
    """The deterministic rubric, or language models on a NIM or an OpenAI-compatible server."""
    model: tuple[_RoleModel, ...] | Unset = msgspec.UNSET
    """One model for all roles, or ``ROLE=ID`` for some."""
    model_url: _Address | Unset = msgspec.UNSET
    """Base address of the reviewers' and the extractor's server."""
    extractor: Literal["rule", "nim", "openai"] | Unset = msgspec.UNSET
    """Who chooses the sentences that become claims: a rule, or a model that must quote."""
    extractor_model: ModelId | Unset = msgspec.UNSET
    """The extractor's model."""
    embedder: Literal["lsa", "nim", "openai"] | Unset = msgspec.UNSET
    """What orders texts by meaning: LSA, computed here, or an embedding model."""
    embedding_model: ModelId | Unset = msgspec.UNSET
    """The embedder's model."""
    embedding_url: _Address | Unset = msgspec.UNSET
    """Base address of the embedding server, where it is another one than the reviewers'."""
    embedding_dimension: Annotated[int, msgspec.Meta(ge=1, le=65_536)] | Unset = msgspec.UNSET
    """Length that the embedding model's vectors must have."""
    truncate: Literal["NONE", "START", "END"] | Unset = msgspec.UNSET
    """What the embedder does with a text over its limit: refuse it, or cut its start or end."""
    near_at: DecimalText | Unset = msgspec.UNSET
    """Cosine of two questions from which they are near-duplicates."""
    even_if_near: bool | Unset = msgspec.UNSET
    """Ask model servers although the registry holds the question, or nearly so."""
    texts: Literal["abstract", "full"] | Unset = msgspec.UNSET
    """What of a paper is read."""
    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] | Unset = msgspec.UNSET
    """Sent to chat models, and what shuffles claims and passages."""


class AgendaQuestion(AskOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One question; what it leaves unset comes from ``defaults``, then from the command line."""

    question: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    """The research question, one sentence."""
    priority: Annotated[int, msgspec.Meta(ge=-1000, le=1000)] = 0
    """Higher ones are run first; equal ones in the agenda's order."""


class Agenda(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list of questions."""

    contract: Literal["agenda-v1"]
    """The contract that this file follows."""
    title: Annotated[str, msgspec.Meta(max_length=200)] = ""
    """For whoever reads the agenda; nothing depends on it."""
    defaults: AskOptions = AskOptions()
    """Options of every question that does not say otherwise."""
    questions: Annotated[
        tuple[AgendaQuestion, ...], msgspec.Meta(min_length=1, max_length=MAX_QUESTIONS)
    ]
    """What is asked; the same thing only once."""


def resolved(agenda: Agenda) -> tuple[AgendaQuestion, ...]:
    """The questions with the agenda's defaults filled in, in the agenda's order."""
    common = chosen(agenda.defaults)
    return tuple(
        msgspec.convert({**common, **chosen(one)}, AgendaQuestion) for one in agenda.questions
    )


def chosen(options: AskOptions) -> dict[str, Any]:
    """The fields that are set, by name."""
    values = {name: getattr(options, name) for name in options.__struct_fields__}
    return {name: value for name, value in values.items() if value is not msgspec.UNSET}


def running_order(questions: Sequence[AgendaQuestion]) -> tuple[int, ...]:
    """Places of the questions in the order in which their records are published."""
    return tuple(sorted(range(len(questions)), key=lambda n: (-questions[n].priority, n)))


def duplicate(questions: Sequence[AgendaQuestion]) -> tuple[int, int] | None:
    """Places of the first two entries that ask the same with the same options; None where none do.

    Priorities are no options, and the question is compared in its normalised form.
    """
    seen: dict[object, int] = {}
    for place, one in enumerate(questions):
        options = {**chosen(one), "question": normalise(one.question), "priority": 0}
        first = seen.setdefault(tuple(sorted(options.items())), place)
        if first != place:
            return first, place
    return None
