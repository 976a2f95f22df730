"""Canonical bytes and digests.

``content_sha256`` is the SHA-256 of the RFC 8785 canonical JSON of a record; chains and the log use
it.  ``file_sha256`` is the SHA-256 of a file's bytes.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import msgspec
import rfc8785

Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest in lower-case hexadecimal."""


def canonical_json(value: Any) -> bytes:  # noqa: ANN401 - any record or JSON value
    """RFC 8785 canonical JSON of a record or of plain JSON values.

    Raises:
        ValueError: a number is not finite or exceeds 2**53, or a string holds a lone surrogate.
    """
    return rfc8785.dumps(msgspec.to_builtins(value))


def content_sha256(value: Any) -> str:  # noqa: ANN401 - any record or JSON value
    """SHA-256 over the canonical JSON of a record."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def file_sha256(data: bytes) -> str:
    """SHA-256 over a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def text_sha256(text: str) -> str:
    """SHA-256 over a text's UTF-8 bytes."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
