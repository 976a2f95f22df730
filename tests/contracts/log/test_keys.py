"""Statements about keys: what follows from what, and what each key counts for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.keys import (
    KeyEvent,
    KeyRing,
    KeysFile,
    KeyState,
    KeyStatement,
)
from sovereign_registry.contracts.log.note import PrivateKey

ORIGIN = "example.org/log"
A, B, C = (PrivateKey(ORIGIN, bytes([number]) * 32) for number in (1, 2, 3))


def state(
    file: KeysFile,
    event: KeyEvent,
    key: PrivateKey,
    *signers: PrivateKey,
    **changes: Any,  # noqa: ANN401
) -> KeysFile:
    """The list with one more statement."""
    bare = KeyStatement(
        sequence=len(file.statements) + 1,
        event=event,
        key=str(key.public),
        replaces=None,
        log_size=0,
        at="2026-06-01T10:00:00Z",
        note="A reason.",
        previous=content_sha256(file.statements[-1]) if file.statements else None,
        signatures=(),
    )
    bare = msgspec.structs.replace(bare, **changes)
    lines = tuple(one.signature_line(bare.signed_text())[:-1] for one in signers)
    signed = msgspec.structs.replace(bare, signatures=lines)
    return msgspec.structs.replace(file, statements=(*file.statements, signed))


EMPTY = KeysFile(origin=ORIGIN, statements=())
FIRST = state(EMPTY, KeyEvent.NEW, A, A)
ROTATED = state(FIRST, KeyEvent.ROTATED, B, A, B, replaces=str(A.public), log_size=10)
REVOKED = state(ROTATED, KeyEvent.COMPROMISED, B, log_size=20)
AFTER = state(REVOKED, KeyEvent.NEW, C, C, log_size=25)


def test_the_first_key_is_active_and_nobody_vouches_for_it() -> None:
    """It signed only itself."""
    ring = KeyRing(FIRST)
    assert A.public == ring.active
    assert ring.known[str(A.public)].vouched_by is None


def test_a_rotated_key_counts_up_to_its_last_checkpoint() -> None:
    """The old one vouches for the new one and stops."""
    ring = KeyRing(ROTATED)
    assert B.public == ring.active
    assert str(A.public) == ring.known[str(B.public)].vouched_by
    assert (A.public, B.public) == ring.trusted(10)
    assert (B.public,) == ring.trusted(11)


def test_a_compromised_key_proves_nothing_alone() -> None:
    """What it signed before stands only behind a later good signature."""
    ring = KeyRing(REVOKED)
    assert ring.active is None
    assert KeyState.COMPROMISED is ring.known[str(B.public)].state
    assert (A.public,) == ring.trusted(10)
    assert (A.public, B.public) == ring.historic(10)
    assert () == ring.trusted(20)
    assert (B.public,) == ring.historic(20)
    assert () == ring.historic(21)


def test_a_key_after_a_compromise_is_vouched_for_by_nobody() -> None:
    """The compromised one could have been used by anyone."""
    ring = KeyRing(AFTER)
    assert C.public == ring.active
    assert ring.known[str(C.public)].vouched_by is None


def test_revoking_a_rotated_key_never_extends_what_it_counts_for() -> None:
    """The smaller of the two sizes holds."""
    ring = KeyRing(state(ROTATED, KeyEvent.COMPROMISED, A, log_size=99))
    assert 10 == ring.known[str(A.public)].until
    assert B.public == ring.active


@pytest.mark.parametrize(
    ("file", "found"),
    [
        (state(EMPTY, KeyEvent.NEW, A), "did not sign"),
        (state(EMPTY, KeyEvent.NEW, A, B), "unknown key"),
        (state(EMPTY, KeyEvent.ROTATED, A, A), "needs that no other is active"),
        (state(FIRST, KeyEvent.NEW, B, B), "needs that no other is active"),
        (state(FIRST, KeyEvent.NEW, A, A), "stated before"),
        (state(FIRST, KeyEvent.ROTATED, B, B, replaces=str(A.public)), "old key did not sign"),
        (state(FIRST, KeyEvent.ROTATED, B, A, replaces=str(A.public)), "key did not sign"),
        (state(ROTATED, KeyEvent.ROTATED, C, A, C, replaces=str(A.public)), "the one that is"),
        (state(FIRST, KeyEvent.COMPROMISED, B), "never stated"),
        (state(REVOKED, KeyEvent.COMPROMISED, B), "already"),
        (state(FIRST, KeyEvent.COMPROMISED, A, sequence=3), "does not follow"),
        (state(FIRST, KeyEvent.COMPROMISED, A, previous=None), "does not follow"),
        (msgspec.structs.replace(FIRST, origin="example.net/log"), "the key is of"),
        (msgspec.structs.replace(ROTATED, statements=ROTATED.statements[1:]), "does not follow"),
    ],
)
def test_a_statement_that_does_not_follow_is_refused(file: KeysFile, found: str) -> None:
    """Forged, unsigned, doubled, dropped or reordered."""
    with pytest.raises(LogFault, match=found):
        KeyRing(file)


@pytest.mark.parametrize("field", ["note", "at", "log_size"])
def test_an_edited_statement_is_refused(field: str) -> None:
    """Its signatures are over all of it."""
    value = {"note": "Another.", "at": "2026-06-02T10:00:00Z", "log_size": 9}[field]
    edited = msgspec.structs.replace(ROTATED.statements[1], **{field: value})
    file = msgspec.structs.replace(ROTATED, statements=(ROTATED.statements[0], edited))
    with pytest.raises(LogFault, match="is wrong"):
        KeyRing(file)


def test_a_statement_cannot_be_taken_for_a_checkpoint() -> None:
    """Its second line is no size."""
    lines = ROTATED.statements[1].signed_text().split("\n")
    assert "sovereign-registry log-keys-v1" == lines[0]
    assert lines[1].startswith("{")
