"""registry-v1: what makes a folder a registry (``manifests/registry.yaml``)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec


class RegistryOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the site publishes per record."""

    pdf: bool = True


class RegistryInfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who publishes the registry, and under which terms."""

    contract: Literal["registry-v1"]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    publisher: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    description: str
    base_url: Annotated[str, msgspec.Meta(pattern=r"^(?:https?://[^\s/]+(?:/[^\s]*)?)?$")]
    """The site's address without a trailing slash; empty until it is known."""
    language: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")]
    records_licence: str
    report_problem: str
    """Where a reader can report a problem: an address, or words."""
    options: RegistryOptions = RegistryOptions()
