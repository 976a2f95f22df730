"""A dump of the whole registry, signed where a key is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.log.note import sign
from sovereign_registry.contracts.log.seal import seal_of
from sovereign_registry.store.log_keys import read_private_key
from sovereign_registry.store.log_reader import LogReader
from sovereign_registry.website.dump import write_dump

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sovereign_registry.store import Registry
    from sovereign_registry.website.dump import DumpReport


def dump_registry(registry: Registry, path: Path, key_path: Path | None = None) -> DumpReport:
    """Write a dump; nobody else may write to the registry meanwhile.

    Args:
        registry: The registry.
        path: The archive: ``.tar.gz`` or ``.zip``.
        key_path: The log's private key; None leaves the list of digests unsigned.

    Raises:
        UsageError: the path or the key is not one that can be used.
        BadInput: a file of the registry cannot be taken over.
    """
    with registry.lock():
        return write_dump(registry, path, None if key_path is None else _seal(registry, key_path))


def _seal(registry: Registry, key_path: Path) -> Callable[[bytes], str]:
    log = LogReader(registry)
    key = read_private_key(key_path, registry)
    if log.ring.active != key.public:
        raise UsageError(
            f"the private key is of {key.public}, the log's active key is {log.ring.active}",
            todo="Name the active key's file with --key; `keys show` lists all.",
        )
    return lambda listed: sign(seal_of(log.ring.origin, log.size, listed).text(), key)
