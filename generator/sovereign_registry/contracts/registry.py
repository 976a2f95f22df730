"""registry-v1: what makes a folder a registry (``manifests/registry.yaml``)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.history import Event

SITE_URL_PATTERN = r"https?://[A-Za-z0-9.\-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~%/\-]*)?"
"""An address without user, query or fragment."""
_SITE_URL = re.compile(SITE_URL_PATTERN)


class RegistryOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the site publishes per record."""

    pdf: bool = True


class RoleRight(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one role may add to a record's history."""

    role: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    """The role, as it stands before a colon in ``--by``."""
    may: Literal["anything"] | tuple[Event, ...]
    """The events that the role may add, or ``anything``."""


class RegistryInfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who publishes the registry, and under which terms."""

    contract: Literal["registry-v1"]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    publisher: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    description: str
    base_url: Annotated[str, msgspec.Meta(pattern=f"^(?:{SITE_URL_PATTERN})?$")]
    """The site's address without a trailing slash; empty until it is known."""
    language: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")]
    records_licence: str
    report_problem: str
    """Where a reader can report a problem: an address, or words."""
    options: RegistryOptions = RegistryOptions()
    roles: tuple[RoleRight, ...] = ()
    """Who may add what to a record's history; empty: any declared role may add anything."""


def require_site_url(url: str, where: str) -> str:
    """A site's address without a trailing slash, or empty.

    Raises:
        UsageError: it is no plain http or https address.
    """
    if not url:
        return ""
    if not _SITE_URL.fullmatch(url):
        raise UsageError(
            f"{url[:120]!r} is no address of a site",
            where=where,
            todo="Use one like https://example.org/registry: no user, query, fragment or space.",
        )
    return url.rstrip("/")


def require_right(info: RegistryInfo, by: str, event: Event) -> None:
    """Refuse an event that the role may not add.

    Args:
        info: The registry.
        by: A role, or a role and a name behind a colon: ``editor: A. Name``.
        event: What the role is about to add.

    Raises:
        UsageError: ``registry.yaml`` lists roles, and none of them allows it.
    """
    if not info.roles:
        return
    role = by.partition(":")[0].strip().casefold()
    rights = [one for one in info.roles if one.role.casefold() == role]
    if any(one.may == "anything" or event in one.may for one in rights):
        return
    able = [one.role for one in info.roles if one.may == "anything" or event in one.may]
    known = "may not add" if rights else "is no role of this registry, so it may not add"
    raise UsageError(
        f"{by!r} {known}: {event}",
        where="--by",
        todo=f"By registry.yaml these may: {', '.join(able) or 'none'}.",
    )
