"""Artifact folders of Gate 2 as they come from outside: read within bounds, and nothing trusted."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, get_args

import msgspec

from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.errors import BadInput, RecordFault
from sovereign_registry.contracts.gate import ArtifactPath, GateFile
from sovereign_registry.contracts.proof import LEAN_FILE, STATEMENT, LeanArtifact, lean_faults
from sovereign_registry.contracts.repro import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_TOTAL_BYTES,
    REPRO_FILE,
    Repro,
    listing_sha256,
    repro_faults,
    require_files,
)
from sovereign_registry.store.loading import load_contract

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_PATH = re.compile(get_args(ArtifactPath)[1].pattern)
_LEFT_OUT = frozenset({"__pycache__"})
"""What an interpreter leaves beside a script; never part of an artifact."""


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact whose files are all there and are what its contract names."""

    spec: Repro | LeanArtifact
    files: dict[str, bytes]
    """Path -> bytes, the contract's own file included."""
    listing: tuple[GateFile, ...]
    """The same with sizes and digests, sorted by path."""
    sha256: str
    """Digest over the listing."""


def read_artifact(folder: Path) -> Artifact:
    """Read and check an artifact's folder.

    Raises:
        BadInput: it is no folder, or holds a link, a device, too much, or a name that is not plain.
        RecordFault: its contract is broken, or its files are not what it names.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise BadInput("is no folder", where=str(folder), todo="Name the artifact's folder.")
    files: dict[str, bytes] = {}
    for path in _walk(str(folder), "", str(folder)):
        if len(files) == MAX_FILES:
            raise BadInput(f"holds more than {MAX_FILES} files", where=str(folder))
        files[path] = _read(folder, path)
        if sum(map(len, files.values())) > MAX_TOTAL_BYTES:
            raise BadInput(f"holds more than {MAX_TOTAL_BYTES:,} bytes", where=str(folder))
    return check_artifact(files, str(folder))


def _walk(folder: str, below: str, where: str) -> Iterator[str]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda one: one.name)
    for entry in entries:
        name = f"{below}{entry.name}"
        if entry.name in _LEFT_OUT:
            continue
        if entry.is_symlink():
            raise BadInput(
                "is a symbolic link", where=f"{where}/{name}", todo="An artifact holds plain files."
            )
        if entry.is_dir(follow_symlinks=False):
            if below.count("/") >= 2:  # noqa: PLR2004 - as deep as a path may be
                raise BadInput("is nested too deep", where=f"{where}/{name}", todo="Flatten it.")
            yield from _walk(entry.path, f"{name}/", where)
        elif not _PATH.match(name):
            raise BadInput(
                f"{name[:100]!r} cannot be the name of an artifact's file",
                where=where,
                todo="Names are letters, digits, _ and -, at most three deep, and end in .py, "
                ".txt, .md, .csv, .tsv, .json, .jsonl, .yaml, .toml, .lock, .lean, .npy, .npz or "
                ".bin.",
            )
        else:
            yield name


def _read(folder: Path, path: str) -> bytes:
    where = f"{folder}/{path}"
    try:
        handle = os.open(where, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise BadInput(
            f"cannot be read: {error.strerror}", where=where, todo="An artifact holds plain files."
        ) from error
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise BadInput("is no regular file", where=where, todo="An artifact holds plain files.")
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise BadInput(f"holds more than {MAX_FILE_BYTES:,} bytes", where=where)
    return data


def listing_of(files: Mapping[str, bytes]) -> tuple[GateFile, ...]:
    """The files with sizes and digests, sorted by path."""
    return tuple(
        GateFile(path=path, sha256=file_sha256(data), bytes=len(data))
        for path, data in sorted(files.items())
    )


def check_artifact(files: Mapping[str, bytes], where: str) -> Artifact:
    """Check an artifact's files against its own contract.

    Raises:
        RecordFault: the contract is broken, or the files are not what it names.
    """
    spec = load_spec(files, where)
    listing = listing_of(files)
    name = LEAN_FILE if isinstance(spec, LeanArtifact) else REPRO_FILE
    try:
        require_files(spec.inputs, listing, name)
    except RecordFault as fault:
        raise RecordFault(fault.what, where=f"{where}/{fault.where}", todo=fault.todo) from fault
    if isinstance(spec, LeanArtifact):
        faults = list(lean_faults(spec, files[STATEMENT].decode("utf-8", "replace")))
    else:
        faults = list(repro_faults(spec))
    if faults:
        raise RecordFault(
            "; ".join(faults),
            where=f"{where}/{name}",
            todo=f"See `sovereign-registry schema {spec.contract}`.",
        )
    return Artifact(spec=spec, files=dict(files), listing=listing, sha256=listing_sha256(listing))


def load_spec(files: Mapping[str, bytes], where: str) -> Repro | LeanArtifact:
    """Read the one contract among an artifact's files.

    Raises:
        RecordFault: there is none or two, or it breaks its contract, naming line or field.
    """
    there = [name for name in (REPRO_FILE, LEAN_FILE) if name in files]
    if len(there) != 1:
        found = " and ".join(there) or "neither"
        raise RecordFault(
            f"holds {found} where one of {REPRO_FILE} and {LEAN_FILE} is due",
            where=where,
            todo="See `sovereign-registry schema repro-v1`.",
        )
    if there == [LEAN_FILE]:
        return load_contract(files[LEAN_FILE], LeanArtifact, "lean-v1", f"{where}/{LEAN_FILE}")
    return load_contract(files[REPRO_FILE], Repro, "repro-v1", f"{where}/{REPRO_FILE}")
