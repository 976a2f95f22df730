"""The reader's check from a folder or an address, and the seal that a publisher puts on a site."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import CheckFailed, UsageError
from sovereign_registry.contracts.log.note import sign
from sovereign_registry.contracts.log.seal import DIGESTS, SEAL, SiteSeal, seal_of
from sovereign_registry.store.log_keys import read_private_key
from sovereign_registry.store.log_reader import LogReader
from sovereign_registry.verifier.fetch import RemoteFiles
from sovereign_registry.verifier.files import FolderFiles, Ledger
from sovereign_registry.verifier.findings import Findings
from sovereign_registry.verifier.listing import check_files, read_list
from sovereign_registry.verifier.verify import verify_site
from sovereign_registry.wiring.log import read_checkpoint_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.store import Registry
    from sovereign_registry.verifier.files import Files
    from sovereign_registry.verifier.findings import Report


def site_files(place: str) -> Files:
    """The files of a site by its address or its folder.

    Raises:
        UsageError: it is neither.
    """
    if "://" in place:
        return RemoteFiles(place)
    folder = Path(place)
    if not folder.is_dir():
        raise UsageError("is no folder", where=place, todo="Name a built site, or an address.")
    return FolderFiles(folder)


def verify(
    place: str,
    *,
    record: str | None = None,
    checkpoint: str | None = None,
    tick: Callable[[str, int, int], None] | None = None,
) -> Report:
    """Check a published site; ``checkpoint`` names a file that the reader kept.

    Raises:
        RegistryError: the site cannot be read at all.
    """
    old = None if checkpoint is None else read_checkpoint_file(checkpoint)
    return verify_site(site_files(place), record=record, checkpoint=old, tick=tick)


def seal_site(registry: Registry, key_path: Path, output: Path) -> SiteSeal:
    """Sign the digest list of a built site, after every file was compared with it.

    Raises:
        UsageError: nothing was built there or logged, or the key is not the log's active one.
        CheckFailed: a file is not the one that was built, or the log was appended to since.
    """
    site = Ledger(FolderFiles(output))
    findings = Findings()
    listed, data = read_list(site, findings)
    if not listed:
        raise UsageError(
            f"holds no {DIGESTS}", where=str(output), todo="Run `sovereign-registry build` first."
        )
    log = LogReader(registry)
    key = read_private_key(key_path, registry)
    if log.ring.active != key.public:
        raise UsageError(
            f"the private key is of {key.public}, the log's active key is {log.ring.active}",
            todo="Name the active key's file with --key; `keys show` lists all.",
        )
    if site.find("log/checkpoint") != log.note:
        raise CheckFailed(
            "is not the newest one of manifests/log/",
            where=str(output / "log" / "checkpoint"),
            todo="Build again, then seal.",
        )
    check_files(site, listed, {*listed, *(site.files.names() or ())}, findings)
    if findings.faults:
        raise CheckFailed(str(findings.faults[0]), todo="Build again, then seal.")
    seal = seal_of(log.ring.origin, log.size, data)
    part = output / f"{SEAL}.part"
    part.write_text(sign(seal.text(), key), encoding="utf-8")
    os.replace(part, output / SEAL)  # noqa: PTH105 - one step, whatever stood there
    return seal
