"""Which DOIs and web addresses may be entered: those that a link and a citation carry unchanged."""

from __future__ import annotations

import re

_DOI = re.compile(
    r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?"
    r"(10\.[0-9]{4,9}(?:\.[0-9]+)*/[-A-Za-z0-9._~!()*+,;=:@/]{1,200})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s/?#<>\"'{}|\\^`]+(?:[/?#][^\s<>\"{}|\\^`]*)?")


def doi_in(text: str | None) -> str | None:
    """The DOI that a text is, bare or as a ``doi:`` or doi.org address; None where it is none.

    The suffix is held to the characters that RFC 3986 lets a path carry as they are, without
    ``$``, ``&`` and ``'``: a DOI with others could not stand in an address or a citation unchanged.
    """
    match = _DOI.fullmatch((text or "").strip())
    return match[1] if match else None


def is_web_address(text: str) -> bool:
    """Whether a text is an absolute http or https address without white space, quotes or braces."""
    return _ADDRESS.fullmatch(text) is not None
