"""Which roles may add what to a history stands in registry.yaml."""

from __future__ import annotations

import pytest

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.registry import RegistryInfo, RoleRight, require_right


def _info(*roles: RoleRight) -> RegistryInfo:
    return RegistryInfo(
        contract="registry-v1",
        title="T",
        publisher="P",
        description="",
        base_url="",
        language="en",
        records_licence="",
        report_problem="",
        roles=roles,
    )


def test_roles_do_what_the_registry_lets_them() -> None:
    """Without a list any role may; with one, only what it says, and the message names who may."""
    require_right(_info(), "anybody", Event.RETRACTION)
    info = _info(
        RoleRight(role="owner", may="anything"), RoleRight(role="reader", may=(Event.CHALLENGE,))
    )
    require_right(info, "Owner: A. Name", Event.RETRACTION)
    require_right(info, "reader", Event.CHALLENGE)
    with pytest.raises(UsageError, match=r"reader.*may not add: retraction.*owner"):
        require_right(info, "reader", Event.RETRACTION)
    with pytest.raises(UsageError, match="is no role"):
        require_right(info, "stranger", Event.CHALLENGE)
