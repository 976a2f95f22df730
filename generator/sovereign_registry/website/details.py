"""What lists need of a record beyond its row: the papers that it leans on, and its search words.

The row stays slim, because the parent holds all rows of a registry in every build.  The details
lie in one file beside the state and are read only where a page or a shard that shows them has to
be made; what is lost or spoilt is worked out again from the record.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.papers import key_of
from sovereign_registry.contracts.search_words import distinct
from sovereign_registry.website.sealed import SEAL_BYTES, write_sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest


class ClaimLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One claim as the page of a paper shows it."""

    id: str
    text: str
    cut: bool
    passed: bool
    declared: bool


class Lean(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How one record leans on one paper."""

    key: str
    title: str
    """Empty where the record does not state it."""
    taken: tuple[ClaimLine, ...]
    """Claims that were taken from the paper."""
    compared: tuple[str, ...]
    """Ids of the claims whose best passage, of any paper or of another one, stands in it."""
    listed: bool
    """Whether an import only lists the paper and does not say which claims rest on it."""


class Details(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All of it, for one record."""

    leans: tuple[Lean, ...]
    """By the key of the paper."""
    name_words: tuple[str, ...]
    """Search words of title, question and id, sorted."""
    claim_words: tuple[str, ...]
    """Search words of the claims that are not among ``name_words``, sorted."""


def leans_of(record: Manifest) -> tuple[Lean, ...]:
    """The papers behind the claims of a record, by key.

    An imported record that does not say where its claims come from leans on all that it lists.
    """
    taken: dict[str, list[ClaimLine]] = {}
    compared: dict[str, list[str]] = {}
    for claim in record.claims:
        check = claim.verification
        if claim.locator is not None:
            taken.setdefault(key_of(claim.locator.paper), []).append(
                ClaimLine(
                    claim.id, claim.text, claim.cut, check.passed, claim.origin.value == "declared"
                )
            )
        for test in (check, claim.corroboration):
            if test is not None and test.best is not None:
                ids = compared.setdefault(key_of(test.best.locator.paper), [])
                if claim.id not in ids:
                    ids.append(claim.id)
    named = taken.keys() | compared.keys()
    return tuple(
        Lean(
            source.key,
            source.title or "",
            tuple(taken.get(source.key, ())),
            tuple(compared.get(source.key, ())),
            not named,
        )
        for source in sorted(record.sources, key=lambda one: one.key)
        if source.key in named or not named
    )


def details_of(view: RecordView) -> Details:
    """The details of a record as it stands now."""
    record = view.record
    named = distinct((record.work.title, record.question.text, record.id.rpartition("-")[2]))
    claimed = distinct(claim.text for claim in record.claims)
    return Details(leans_of(record), named, tuple(sorted({*claimed} - {*named})))


def packed(details: Details) -> tuple[bytes, bytes]:
    """The details as they are stored, and the digest that they are known by."""
    data = msgspec.msgpack.encode(details)
    return data, hashlib.blake2b(data, digest_size=16).digest()


class Shelf:
    """Keeps the details of all records between builds.

    Args:
        path: The file; may be missing.
        view: Reads one record, for what the file does not hold.
    """

    def __init__(self, path: Path, view: Callable[[str], RecordView]) -> None:
        self._path = path
        self.view = view
        self._new: dict[str, bytes] = {}
        self._stored: dict[str, bytes] | None = None

    def add(self, record: str, data: bytes) -> None:
        """Take up what a worker made."""
        self._new[record] = data

    def get(self, record: str, digest: bytes) -> Details:
        """The details of a record that are known by a digest.

        Raises:
            RecordFault: they have to be worked out, and the record cannot be read.
        """
        data = self._new.get(record) or self._old().get(record) or b""
        if hashlib.blake2b(data, digest_size=16).digest() != digest:
            data, _ = packed(details_of(self.view(record)))
            self._new[record] = data
        return msgspec.msgpack.decode(data, type=Details)

    def _old(self) -> dict[str, bytes]:
        if self._stored is None:
            # Not checked as a whole, which takes as long as all else: ``get`` checks each part.
            try:
                with self._path.open("rb") as file:
                    file.seek(SEAL_BYTES)
                    self._stored = msgspec.msgpack.decode(file.read(), type=dict[str, bytes])
            except (OSError, ValueError, msgspec.MsgspecError):
                self._stored = {}
        return self._stored

    def keep(self, live: Collection[str]) -> str:
        """Write what is new now, for others to read, and return the file's path."""
        self.save(live)
        return str(self._path)

    def save(self, live: Collection[str]) -> None:
        """Write the file where anything is new; records that are gone are left out."""
        if not self._new:
            return
        kept = self._old() | self._new
        write_sealed(
            self._path, msgspec.msgpack.encode({one: kept[one] for one in live if one in kept})
        )
        self._stored, self._new = kept, {}
