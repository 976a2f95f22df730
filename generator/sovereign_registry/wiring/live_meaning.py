"""The embedding model behind the ``meaning`` port: from a user's options to an embedder."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from sovereign_registry.contracts.errors import NearQuestion, UsageError
from sovereign_registry.contracts.live import MeaningSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sovereign_registry.contracts.calls import ChatCall, ChatReply, EmbedCall, EmbedReply
    from sovereign_registry.contracts.ports import ModelServer
    from sovereign_registry.pipeline.ports import Ports
    from sovereign_registry.pipeline.run import Prepared
    from sovereign_registry.wiring.live_options import LiveOptions

SHOWN = 3
"""Near records that an error names; the registry's search finds the others."""


class _NotYet:
    """The server of an embedder that is only asked for its name: before a record's id is known."""

    def chat(self, call: ChatCall) -> ChatReply:
        self._refuse(call)

    def embed(self, call: EmbedCall) -> EmbedReply:
        self._refuse(call)

    @staticmethod
    def _refuse(call: ChatCall | EmbedCall) -> NoReturn:
        message = f"{call.model} was asked before the run's folder was known"
        raise RuntimeError(message)


def meaning_settings(live: LiveOptions) -> MeaningSettings:
    """What of the options can change a record, where an embedding model is asked.

    Raises:
        UsageError: no model is named, or a value is out of range.
    """
    if not live.embedding_model:
        raise UsageError(
            "no model is named",
            where="--embedding-model",
            todo="Name one: there is no default, since hosted models come and go within months.",
        )
    wanted = {
        "service": live.embedder,
        "model": live.embedding_model,
        "dimension": live.embedding_dimension,
        "truncate": live.truncate,
        "near_at": live.near_at,
    }
    try:
        settings = msgspec.convert(wanted, MeaningSettings)
    except msgspec.ValidationError as error:
        raise UsageError(
            str(error).replace("`", ""),
            where="the embedding model's options",
            todo="A dimension is 1 to 65536, --near-at a decimal number such as 0.9.",
        ) from error
    if not 0 < Decimal(settings.near_at) <= 1:
        raise UsageError(
            f"{settings.near_at} is no cosine to compare with",
            where="--near-at",
            todo="Give a number above 0 and up to 1, such as 0.9.",
        )
    return settings


def vectors_folder(root: Path) -> Path:
    """Where the vectors of all models are kept; may be deleted at any time."""
    return root / ".sovereign" / "cache" / "embeddings"


def with_meaning(
    ports: Ports, settings: Mapping[str, Any], root: Path, server: ModelServer | None = None
) -> Ports:
    """The ports with the embedding model, where the settings name one.

    Args:
        ports: The embedded defaults, or what this function gave for them before.
        settings: The configuration's fields; ``meaning`` is read.
        root: The registry's folder.
        server: What answers; without it the model has a name only, which ``prepare`` needs.

    Raises:
        UsageError: the research libraries are not installed.
    """
    meaning = settings.get("meaning")
    if not isinstance(meaning, MeaningSettings):
        return ports
    try:
        from sovereign_registry.adapters.meaning.embedder import ServedEmbedder  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the library {error.name} is not installed",
            todo='Runs need the research libraries: pip install "sovereign-registry[research]".',
        ) from error
    return replace(
        ports, meaning=ServedEmbedder(server or _NotYet(), meaning, vectors_folder(root))
    )


def require_new_question(prepared: Prepared, ports: Ports, live: LiveOptions) -> None:
    """Stop before the reviewers are paid where the registry holds the question, or nearly so.

    A run that pays nobody goes on: its record is flagged, and waits for its owner.

    Raises:
        NearQuestion: it does; nothing but the embedding of questions was paid.
        ModelFailure: the embedding model gave no usable vectors.
    """
    if live.even_if_near or not live.asks_models:
        return
    from sovereign_registry.pipeline.with_meaning import near_questions  # noqa: PLC0415 - heavy

    close = near_questions(prepared, ports)
    if not close:
        return
    told = "; ".join(f"{one.record} ({one.relation}): {one.basis}" for one in close[:SHOWN])
    more = f"; and {len(close) - SHOWN} more" if len(close) > SHOWN else ""
    raise NearQuestion(
        f"the registry holds this question, or nearly so: {told.rstrip('.')}{more}. Nothing was "
        "paid for a review",
        records=tuple(one.record for one in close),
        todo="Read what is there. To run it all the same, and have the record flagged and sent to "
        "its owner, add --even-if-near.",
    )
