"""log-keys-v1: which keys may sign the log, as a list of statements that only grows.

=================  =====================================================  ===================
statement          signed by                                              the key is then
=================  =====================================================  ===================
``new``            the key itself; nobody vouches for it                  active
``rotated``        the old key and the new one                            active, the old one
                                                                          rotated
``compromised``    nobody need sign: it only takes trust away             compromised
=================  =====================================================  ===================

A rotated or compromised key counts up to the log size that the statement names: rotated, its
checkpoints stand; compromised, they prove nothing alone, and stand only where a checkpoint that a
good key signed continues them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec

from sovereign_registry.contracts.canonical import Sha256, canonical_json, content_sha256
from sovereign_registry.contracts.history import UtcTime
from sovereign_registry.contracts.log.entries import KeyLogged
from sovereign_registry.contracts.log.faults import LogFault, require
from sovereign_registry.contracts.log.merkle import MAX_SIZE
from sovereign_registry.contracts.log.note import (
    PublicKey,
    open_note,
    parse_public,
    parse_signature_line,
)

CONTRACT: Final = "log-keys-v1"
_HISTORY = "The list of keys only grows: restore the file from the published registry."


def way_back(size: int) -> str:
    """What a publisher does whose newest checkpoints no key vouches for any more."""
    if not size:
        return (
            "The publisher removes all of manifests/log/ but keys.yaml, makes a key with `keys "
            "new`, then runs `log append`."
        )
    return (
        f"The publisher takes manifests/log/ back to the checkpoint of {size} entries (by version "
        "control; keys.yaml stays as it is), makes a key with `keys new`, then runs `log append`."
    )


class KeyEvent(StrEnum):
    """What a statement says of a key."""

    NEW = "new"
    """The key signs from now on, and no earlier key says so."""
    ROTATED = "rotated"
    """The key signs from now on, and the one before it says so."""
    COMPROMISED = "compromised"
    """Somebody else may hold the key: nothing that it signed later counts."""


class KeyState(StrEnum):
    """What a key counts for now."""

    ACTIVE = "active"
    """It signs."""
    ROTATED = "rotated"
    """It signed until another took over; what it signed stands."""
    COMPROMISED = "compromised"
    """Its signature alone proves nothing."""


class KeyStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One statement about one key."""

    sequence: Annotated[int, msgspec.Meta(ge=1)]
    """1 for the log's first key."""
    event: KeyEvent
    """What is said of the key."""
    key: str
    """``name+id+base64`` of the public key."""
    replaces: str | None
    """The key that a rotation ends."""
    log_size: Annotated[int, msgspec.Meta(ge=0, le=MAX_SIZE)]
    """The newest checkpoint that the key which ends still counts for."""
    at: UtcTime
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    """The public reason."""
    previous: Sha256 | None
    """``content_sha256`` of the statement before this one."""
    signatures: tuple[str, ...]
    """Signature lines (C2SP signed-note) over ``signed_text``."""

    def signed_text(self) -> str:
        """What is signed: a line that no checkpoint starts with, and the rest as canonical JSON."""
        bare = msgspec.structs.replace(self, signatures=())
        return f"sovereign-registry {CONTRACT}\n{canonical_json(bare).decode()}\n"

    def logged(self) -> KeyLogged:
        """What the log holds of it."""
        return KeyLogged(sequence=self.sequence, content_sha256=content_sha256(self), time=self.at)


class KeysFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``log/keys.yaml``."""

    contract: Literal["log-keys-v1"] = CONTRACT
    origin: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """The log's name; every key has it too."""
    statements: tuple[KeyStatement, ...]
    """In order; only ever added to."""


class KnownKey(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one key."""

    key: PublicKey
    state: KeyState
    until: int | None
    """The newest log size that it counts for; None while it is active."""
    vouched_by: str | None
    """The key that handed over to it; None where nobody did."""
    note: str
    at: str


class KeyRing:
    """All keys of a log, after every statement was checked.

    Args:
        file: The list of statements.
        where: The file, for messages.

    Raises:
        LogFault: naming the statement that does not follow, or whose signature is wrong.
    """

    def __init__(self, file: KeysFile, where: str = "keys.yaml") -> None:
        self.origin = file.origin
        self.statements = file.statements
        self.known: dict[str, KnownKey] = {}
        previous: str | None = None
        for number, statement in enumerate(file.statements, start=1):
            place = f"{where}: statement {number}"
            require(
                (statement.sequence, statement.previous) == (number, previous),
                "does not follow the statement before it",
                where=place,
                todo=_HISTORY,
            )
            self._follow(statement, place)
            previous = content_sha256(statement)

    @property
    def active(self) -> PublicKey | None:
        """The key that signs now."""
        return next((one.key for one in self.known.values() if one.state is KeyState.ACTIVE), None)

    def trusted(self, size: int) -> tuple[PublicKey, ...]:
        """The keys whose signature on a checkpoint of this size proves something by itself."""
        return tuple(
            one.key
            for one in self.known.values()
            if one.state is not KeyState.COMPROMISED and (one.until is None or size <= one.until)
        )

    def historic(self, size: int) -> tuple[PublicKey, ...]:
        """``trusted``, and compromised keys for what they signed before it; never enough alone."""
        return tuple(
            one.key for one in self.known.values() if one.until is None or size <= one.until
        )

    def explained(self, fault: LogFault, note: bytes, size: int) -> LogFault:
        """Why a checkpoint was refused, where a key that is known signed it and does not count.

        Args:
            fault: What was found without looking at keys that ended.
            note: The signed checkpoint.
            size: Its size.
        """
        try:
            _, signers = open_note(note, [one.key for one in self.known.values()], fault.where)
        except LogFault:
            return fault  # nobody known signed it, or it is malformed, which was said
        ended = [one for key in signers if (one := self.known[str(key)]).until is not None]
        if not ended:
            return fault
        last = ended[-1]
        until = last.until or 0
        what = f"is signed by {last.key.name}+{last.key.id.hex()}, a {last.state} key"
        if size <= until:
            return LogFault(
                f"{what}: its signature alone proves nothing",
                where=fault.where,
                todo="The publisher makes a key with `keys new`, then runs `log append`.",
            )
        return LogFault(
            f"{what} that counts up to {until} entries; this checkpoint has {size}",
            where=fault.where,
            todo=way_back(until),
        )

    def _follow(self, statement: KeyStatement, where: str) -> None:
        key = parse_public(statement.key, where)
        require(key.name == self.origin, f"the key is of {key.name}", where=where, todo=_HISTORY)
        signers = self._signers(statement, key, where)
        if statement.event is KeyEvent.COMPROMISED:
            self._compromise(statement, where)
            return
        require(statement.key not in self.known, "the key was stated before", where=where)
        require(key in signers, "the key did not sign it", where=where, todo=_HISTORY)
        active = str(self.active) if self.active else None
        require(
            statement.replaces == (active if statement.event is KeyEvent.ROTATED else None)
            and (active is None) == (statement.event is KeyEvent.NEW),
            "a new key needs that no other is active, a rotation the one that is",
            where=where,
            todo=_HISTORY,
        )
        if active is not None:
            old = self.known[active]
            require(old.key in signers, "the old key did not sign it", where=where, todo=_HISTORY)
            self.known[active] = msgspec.structs.replace(
                old, state=KeyState.ROTATED, until=statement.log_size
            )
        self.known[statement.key] = KnownKey(
            key=key,
            state=KeyState.ACTIVE,
            until=None,
            vouched_by=active,
            note=statement.note,
            at=statement.at,
        )

    def _compromise(self, statement: KeyStatement, where: str) -> None:
        known = self.known.get(statement.key)
        require(known is not None, "the key was never stated", where=where)
        require(
            known and known.state is not KeyState.COMPROMISED and statement.replaces is None,
            "the key is known as compromised already",
            where=where,
        )
        if known is not None:
            until = statement.log_size if known.until is None else known.until
            self.known[statement.key] = msgspec.structs.replace(
                known,
                state=KeyState.COMPROMISED,
                until=min(until, statement.log_size),
                note=statement.note,
                at=statement.at,
            )

    def _signers(self, statement: KeyStatement, key: PublicKey, where: str) -> frozenset[PublicKey]:
        known = {(one.key.name, one.key.id): one.key for one in self.known.values()}
        known[key.name, key.id] = key
        signers = set()
        for line in statement.signatures:
            name, key_id, signature = parse_signature_line(line, where)
            signer = known.get((name, key_id))
            if signer is None:
                raise LogFault(
                    f"is signed by {name}+{key_id.hex()}, an unknown key",
                    where=where,
                    todo=_HISTORY,
                )
            require(
                signer.signed(statement.signed_text().encode(), signature),
                f"the signature of {name}+{key_id.hex()} is wrong",
                where=where,
                todo=_HISTORY,
            )
            signers.add(signer)
        return frozenset(signers)
