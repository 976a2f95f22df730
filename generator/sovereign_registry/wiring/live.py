"""From the options of a live run to its configuration and its ports."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sovereign_registry.contracts.live import (
    ExtractionSettings,
    PanelSettings,
    RoleModel,
    TextSettings,
)
from sovereign_registry.contracts.review import Role
from sovereign_registry.wiring.live_meaning import meaning_settings, with_meaning
from sovereign_registry.wiring.live_options import SERVICES
from sovereign_registry.wiring.live_review import with_panel
from sovereign_registry.wiring.models import live_servers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.pipeline.ports import Ports
    from sovereign_registry.store import Registry
    from sovereign_registry.wiring.live_options import LiveOptions


def live_config(live: LiveOptions) -> dict[str, Any]:
    """What the options add to a run's configuration, by field; nothing for the defaults.

    Raises:
        UsageError: a role has no model.
    """
    found: dict[str, Any] = {"reviewers": live.reviewers, "embedder": live.embedder}
    if live.reviewers in SERVICES:
        found["panel"] = PanelSettings(
            service=live.reviewers,  # type: ignore[arg-type]  # one of SERVICES
            models=tuple(RoleModel(role=role, model=live.model_for(role)) for role in Role),
            seed=live.seed,
        )
    if live.extractor in SERVICES:
        found["extraction"] = ExtractionSettings(
            service=live.extractor,  # type: ignore[arg-type]  # one of SERVICES
            model=live.extractor_model or "",
            seed=live.seed,
        )
    if live.embedder in SERVICES:
        found["meaning"] = meaning_settings(live)
    if live.texts == "full":
        found["texts"] = TextSettings()
    return found


def named_ports(registry: Registry, ports: Ports, live: LiveOptions) -> Ports:
    """The ports with the user's models, none of which can be asked yet: for ``prepare``.

    Raises:
        UsageError: an option cannot work.
    """
    config = live_config(live)
    return with_meaning(with_panel(ports, config), config, registry.root)


@contextmanager
def live_ports(
    registry: Registry, ports: Ports, record_id: str, live: LiveOptions
) -> Iterator[Ports]:
    """The ports of a run with what the user chose in the place of the embedded defaults.

    Args:
        registry: Its private folder keeps the calls.
        ports: The ports that the question was prepared with.
        record_id: The record that the run leads to.
        live: What the user chose.

    Raises:
        UsageError: an option cannot work.
    """
    config = live_config(live)
    with live_servers(registry.root, record_id, live, ports.progress.note) as servers:
        ports = with_panel(ports, config, servers, record_id)
        yield with_meaning(ports, config, registry.root, servers.embedder)
