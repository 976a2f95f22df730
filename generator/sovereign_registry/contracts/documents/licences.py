"""Under which terms a record may be used, part by part.  Pure.

A record mixes what the publisher made with what it took from sources, so one licence for all of it
would be untrue.  A source's licence is what its own metadata or the importer stated; nothing here
judges whether a quotation is short enough to be free.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.contracts.documents.structs import LicencePart

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest

_CC = re.compile(
    r"CC(?:(?P<zero>0)(?:[ -]1\.0)?|[ -](?P<terms>BY(?:-(?:SA|NC|ND|NC-SA|NC-ND))?)[ -]"
    r"(?P<version>[34]\.0))(?![\w.-])"
)
OWN = "The record itself: its words, its numbers, its assessment and its history"
EVIDENCE = (
    "The published evidence: counts of words, places in sources and short quotations; never a "
    "source's full text"
)
QUOTED = "Quotations, and whatever else is taken from these sources"
UNSTATED = "Not stated"
OF_SOURCE = "Under the licence of each source; what is known of it: "
PUBLISHER, SOURCES = "the publisher of the registry", "the sources, or whoever imported them"


def licence_link(name: str) -> str:
    """The address of a Creative Commons licence by the name that a text starts with, or empty."""
    found = _CC.match(name)
    if found is None:
        return ""
    if found["zero"]:
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    return f"https://creativecommons.org/licenses/{found['terms'].lower()}/{found['version']}/"


def licences(record: Manifest, records_licence: str) -> tuple[LicencePart, ...]:
    """The terms of every part of a record: its own words first, then by source.

    Args:
        record: The record as it stands.
        records_licence: What ``registry.yaml`` states for all records.
    """
    own = records_licence or UNSTATED
    parts = [(OWN, own)]
    if any(one.kind == "evidence" and one.public for one in record.artifacts):
        parts.append((EVIDENCE, own))
    found: dict[str, list[str]] = {}
    for source in record.sources:
        found.setdefault(source.licence or UNSTATED, []).append(source.ref)
    return (
        *(
            LicencePart(
                part=part,
                licence=licence,
                address=licence_link(licence),
                stated_by=PUBLISHER,
                sources=(),
            )
            for part, licence in parts
        ),
        *(
            LicencePart(
                part=QUOTED,
                licence=f"{OF_SOURCE}{licence}",
                address="",
                stated_by=SOURCES,
                sources=tuple(refs),
            )
            for licence, refs in found.items()
        ),
    )


def licences_text(record: Manifest, records_licence: str) -> str:
    """The same as a plain text, ``LICENSES.txt``."""
    blocks = [f"Licences of {record.id}\n"]
    for part in licences(record, records_licence):
        licence = " ".join(part.licence.split())
        lines = [f"{part.part}.", f"  Licence: {licence}", f"  Stated by: {part.stated_by}"]
        lines += [f"  Text: {part.address}"] if part.address else []
        lines += [f"  Source: {' '.join(ref.split())}" for ref in part.sources]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)
