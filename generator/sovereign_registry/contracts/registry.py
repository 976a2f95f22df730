"""registry-v1: what makes a folder a registry (``manifests/registry.yaml``)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.history import Event

SITE_URL_PATTERN = r"https?://[A-Za-z0-9.\-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~%/\-]*)?"
"""An address without user, query or fragment."""
_SITE_URL = re.compile(SITE_URL_PATTERN)


class RegistryOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a run makes per record."""

    pdf: bool = True
    """Whether a run prints its report as a PDF; ``publish`` says whether the site carries it."""


class FileGroup(StrEnum):
    """Files of a record that may stand beside its page as well as in its bundle."""

    MANIFEST = "manifest"
    """``manifest.yaml``, as published."""
    DATA = "data"
    """``record.json``: the record as it stands, its history and its contracts; in a bundle it
    leaves out what the manifest beside it says."""
    CORRECTIONS = "corrections"
    """``correction-record.json``: the record's state and its corrections."""
    LINEAGE = "lineage"
    """``source-provenance.json``, ``prov.json`` and ``ro-crate-metadata.json``."""
    CITATIONS = "citations"
    """``cite.bib``, ``cite.ris`` and ``cite.csl.json``."""
    EVIDENCE = "evidence"
    """``artifacts/evidence.json``: the counts that every number can be recomputed from."""
    REPORTS = "reports"
    """Every other public artifact: the report, the texts that were judged, the PDF."""


class Publish(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the site carries per record; the page and its history are always there.

    Raises:
        ValueError: the record's files would stand nowhere.
    """

    beside: tuple[FileGroup, ...] = (FileGroup.CORRECTIONS, FileGroup.CITATIONS)
    """Which files stand beside the page as files of their own, whether in the bundle or not."""
    bundles: bool = True
    """Whether every record has a ``bundle.zip`` that holds all of its files."""
    offline_page: bool = False
    """Whether a bundle holds a page that checks the record without a network."""
    pdf: bool = False
    """Whether PDF files are carried at all."""
    dump: bool = False
    """Whether the site carries the whole registry as ``dump.tar.gz``, beside its pages."""
    previews: bool = True
    """Whether pages name preview images for other sites."""

    def __post_init__(self) -> None:
        """Refuse what would publish pages that nothing backs."""
        if not self.bundles and FileGroup.MANIFEST not in self.beside:
            message = "without bundles, `beside` has to name `manifest`"
            raise ValueError(message)
        if self.offline_page and not self.bundles:
            message = "`offline_page` is a file of the bundles, which are switched off"
            raise ValueError(message)


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
    publish: Publish = Publish()
    roles: tuple[RoleRight, ...] = ()
    """Who may add what to a record's history; empty: any declared role may add anything."""
    new: bool = False
    """Whether it has never had a record; publishing the first one takes the line out."""


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
