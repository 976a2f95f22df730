"""Which models judge and choose claims, behind the ports of a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from sovereign_registry.contracts.live import ExtractionSettings, PanelSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.contracts.calls import ChatCall, ChatReply, EmbedCall, EmbedReply
    from sovereign_registry.pipeline.ports import Ports
    from sovereign_registry.wiring.models import Servers


class _NotYet:
    """The server of ports that are only asked for their names: before a record's id is known."""

    def chat(self, call: ChatCall) -> ChatReply:
        self._refuse(call)

    def embed(self, call: EmbedCall) -> EmbedReply:
        self._refuse(call)

    @staticmethod
    def _refuse(call: ChatCall | EmbedCall) -> NoReturn:
        message = f"{call.model} was asked before the run's folder was known"
        raise RuntimeError(message)


def with_panel(
    ports: Ports,
    settings: Mapping[str, Any],
    servers: Servers | None = None,
    record: str = "",
) -> Ports:
    """The ports with the models that judge and choose claims, where the settings name any.

    Args:
        ports: The embedded defaults, or what this function gave for them before.
        settings: The configuration's fields ``panel`` and ``extraction``, where they are set.
        servers: Without them the models have names and versions only, which ``prepare`` needs.
        record: The record that the run leads to.
    """
    asked, progress = _NotYet(), ports.progress
    panel, extraction = settings.get("panel"), settings.get("extraction")
    if isinstance(panel, PanelSettings):
        from sovereign_registry.adapters.reviewing.panel import ModelReviewer  # noqa: PLC0415

        server = (servers and servers.reviewers) or asked
        judges = ModelReviewer(panel, server, record=record, progress=progress)
        control = ports.control or ports.reviewer
        ports = replace(ports, reviewer=judges, control=control, probe=judges)
    if isinstance(extraction, ExtractionSettings):
        from sovereign_registry.adapters.extracting.quoting import ModelExtractor  # noqa: PLC0415

        server = (servers and servers.extractor) or asked
        chooser = ModelExtractor(extraction, server, record=record, progress=progress)
        ports = replace(ports, extractor=chooser)
    return ports
