"""A key that cannot be printed by accident."""

from __future__ import annotations

import hashlib
import re

_SHAPES = re.compile(r"nvapi-[\w-]{4,}|sk-[\w-]{8,}|hf_\w{8,}|(?i:bearer)\s+[\w.~+/=-]{8,}")
"""What keys of well-known services look like, whoever they belong to."""

HIDDEN = "[key]"


class Secret:
    """The key of a model server; shows itself in one place only, ``reveal``."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key itself, for the header of a request."""
        return self._value

    @property
    def prefix(self) -> str:
        """Eight characters of the key's digest: names its account without telling the key."""
        return hashlib.sha256(b"model-key\0" + self._value.encode()).hexdigest()[:8]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    __str__ = __repr__

    def __reduce__(self) -> tuple[object, ...]:
        """Keys come from the environment of the process that uses them, never from another one.

        Raises:
            TypeError: always.
        """
        message = "a key is never written"
        raise TypeError(message)


def redacted(text: str, key: Secret | None) -> str:
    """The text without the key and without anything that looks like one."""
    if key is not None and key.reveal():
        text = text.replace(key.reveal(), HIDDEN)
    return _SHAPES.sub(HIDDEN, text)
