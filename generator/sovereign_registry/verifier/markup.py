"""Reading feeds and sitemaps without their dangers, and the words that exports share."""

from __future__ import annotations

import uuid
from xml.etree import ElementTree as ET

NAMESPACE = uuid.UUID("5b6f6a1e-7a55-5c0e-9a4d-1f0c6d1d2b10")
"""Namespace of this software's name-based UUIDs (RFC 9562, version 5)."""
ATOM = "{http://www.w3.org/2005/Atom}"


def parse_xml(data: bytes | None) -> ET.Element:
    """Read XML that declares no types and no entities.

    Raises:
        ValueError: it is missing, declares some, or is no XML.
    """
    if data is None:
        raise ValueError("is missing")
    if b"<!" in data:
        raise ValueError("holds a declaration")
    try:
        return ET.fromstring(data)  # noqa: S314 - no declaration, so no entity can be expanded
    except ET.ParseError as error:
        raise ValueError(str(error)) from error


def state_word(state: str) -> str:
    """A record state as pages and exports say it."""
    return state.replace("_", " ").capitalize()
