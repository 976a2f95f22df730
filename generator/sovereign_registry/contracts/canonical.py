"""Canonical bytes and digests.

``content_sha256`` is the SHA-256 of the RFC 8785 canonical JSON of a record; chains and the log use
it.  ``file_sha256`` is the SHA-256 of a file's bytes.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Annotated, Any

import msgspec
import rfc8785

Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest in lower-case hexadecimal."""

_CLASSES = bytes.maketrans(
    b"0123456789" + bytes(range(0xEE, 0x100)), b"0" * 10 + b"\xff" * (0x100 - 0xEE)
)
_RISKY = (b"\xff", *(start + b"0" * 16 for start in (b":", b",", b"[", b"-")))
"""What, once classed, shows that sorted compact JSON may not be RFC 8785 yet: a character whose
place among keys differs between UTF-8 and UTF-16 (U+E000 and up), and an integer that may exceed
2**53.  Found inside a string it only costs time."""


@cache
def _float_free(kind: type[msgspec.Struct]) -> bool:
    """Whether no value of a record type can hold a float, as far as its annotations say."""
    seen: set[type] = set()

    def free(info: Any) -> bool:  # noqa: ANN401, PLR0911 - one return a kind of annotation
        match info:
            case msgspec.inspect.StructType():
                if info.cls in seen:
                    return True
                seen.add(info.cls)
                return all(free(field.type) for field in info.fields)
            case msgspec.inspect.VarTupleType() | msgspec.inspect.ListType():
                return free(info.item_type)
            case msgspec.inspect.TupleType():
                return all(map(free, info.item_types))
            case msgspec.inspect.DictType():
                return isinstance(info.key_type, msgspec.inspect.StrType) and free(info.value_type)
            case msgspec.inspect.UnionType():
                return all(map(free, info.types))
            case msgspec.inspect.LiteralType():
                return True
            case _:
                return isinstance(
                    info,
                    msgspec.inspect.StrType
                    | msgspec.inspect.IntType
                    | msgspec.inspect.BoolType
                    | msgspec.inspect.NoneType
                    | msgspec.inspect.EnumType,
                )

    return free(msgspec.inspect.type_info(kind))


def canonical_json(value: Any) -> bytes:  # noqa: ANN401 - any record or JSON value
    """RFC 8785 canonical JSON of a record or of plain JSON values.

    For records that hold no float, msgspec's sorted compact form is that already, 20 times faster.

    Raises:
        ValueError: a number is not finite or exceeds 2**53, or a string holds a lone surrogate.
    """
    if isinstance(value, msgspec.Struct) and _float_free(type(value)):
        data = msgspec.json.encode(value, order="sorted")
        classed = data.translate(_CLASSES)
        if not any(risk in classed for risk in _RISKY):
            return data
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
