"""The versions of each contract that this software reads, and what each adds to the one before.

A published file is never rewritten, so it stays under the version that it names.  Whoever adds a
version adds its line here, keeps the record type of the old one, and says in ``adds`` what a record
under the old one goes without.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

_NAME = re.compile(r"(?P<family>[a-z]+(?:-[a-z]+)*)-v(?P<number>\d{1,4}(?:\.\d{1,4}){0,2})")


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a contract."""

    name: str
    adds: str = ""
    """What it adds to the version before it, in one sentence; empty for the first."""


Versions = Mapping[str, tuple[Version, ...]]
"""Contract without its version -> its versions, oldest first."""

VERSIONS: Final[Versions] = MappingProxyType(
    {
        "paper-manifest": (Version(name="paper-manifest-v1.1"),),
        "history-entry": (Version(name="history-entry-v1"),),
        "tombstone": (Version(name="tombstone-v1"),),
        "registry": (Version(name="registry-v1"),),
        "repro": (Version(name="repro-v1"),),
        "lean": (Version(name="lean-v1"),),
        "repro-run": (Version(name="repro-run-v1"),),
        "lean-run": (Version(name="lean-run-v1"),),
        "review-monitor": (Version(name="review-monitor-v1"),),
        "agenda": (Version(name="agenda-v1"),),
    }
)
"""The contracts of the files below ``manifests/`` that name one, and of agendas; the log has its
own."""


def _split(name: str) -> tuple[str, tuple[int, ...]] | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    return match["family"], tuple(map(int, match["number"].split(".")))


def newer_than(name: str, versions: Versions = VERSIONS) -> tuple[Version, ...]:
    """The known versions of a contract that came after the one named; none for an unknown one."""
    family = _split(name)
    known = versions.get(family[0], ()) if family else ()
    names = [version.name for version in known]
    return known[names.index(name) + 1 :] if name in names else ()


def unknown_version(
    found: object, due: str, versions: Versions = VERSIONS
) -> tuple[str, str] | None:
    """What is wrong with the contract that a file names, where it is another version of the due.

    Args:
        found: What stands in the file's field ``contract``.
        due: The contract that such a file is read under.
        versions: The known versions.

    Returns:
        What was found and what to do; None where the file names a known version, or no version of
        that contract at all, which its schema says better.
    """
    named, wanted = (_split(found) if isinstance(found, str) else None), _split(due)
    if named is None or wanted is None or named[0] != wanted[0]:
        return None
    known = [version.name for version in versions.get(wanted[0], ())]
    if found in known:
        return None
    numbers = [one[1] for one in map(_split, known) if one is not None]
    listed = " and ".join(known)
    if not numbers or named[1] > max(numbers):
        return (
            f"contract: is {found}, which is newer than all that this software reads ({listed})",
            "Nothing is wrong with the file: update sovereign-registry, then check again.",
        )
    return (
        f"contract: is {found}, a version that there never was; known are {listed}",
        "Restore the published file.",
    )
