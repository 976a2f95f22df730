"""The scripts count every key for what the registry counts it for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.keys import KeyEvent, KeyRing, KeysFile
from sovereign_registry.store.canonical_yaml import emit
from tests.contracts.log.test_keys import AFTER, EMPTY, FIRST, REVOKED, ROTATED, A, B, C, state
from tests.website.verify.scripts import b64, run

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SIZES = [0, 9, 10, 11, 19, 20, 21, 99]
FOLLOW = """const ring = await lib.followKeys(lib.readYaml(bytes(given.keys), "keys"), "keys");
return given.sizes.map((size) => lib.trustedKeys(ring, size).map((key) => key.text));"""
LATE = state(ROTATED, KeyEvent.COMPROMISED, A, log_size=99)
OLD = str(A.public)


def follow(scripts: Page, file: KeysFile) -> object:
    """Keys that are trusted at each size, or the fault."""
    return run(scripts, FOLLOW, {"keys": b64(emit(file)), "sizes": SIZES})


@pytest.mark.parametrize("file", [FIRST, ROTATED, REVOKED, AFTER, LATE])
def test_keys_count_up_to_where_they_were_ended(scripts: Page, file: KeysFile) -> None:
    """After a rotation, a compromise, a new start, and a compromise of an old key."""
    ring = KeyRing(file)
    assert follow(scripts, file) == [[str(key) for key in ring.trusted(size)] for size in SIZES]


@pytest.mark.parametrize(
    "file",
    [
        state(EMPTY, KeyEvent.NEW, A),
        state(EMPTY, KeyEvent.NEW, A, B),
        state(EMPTY, KeyEvent.ROTATED, A, A),
        state(FIRST, KeyEvent.NEW, B, B),
        state(FIRST, KeyEvent.NEW, A, A),
        state(FIRST, KeyEvent.ROTATED, B, B, replaces=OLD),
        state(FIRST, KeyEvent.ROTATED, B, A, replaces=OLD),
        state(ROTATED, KeyEvent.ROTATED, C, A, C, replaces=OLD),
        state(FIRST, KeyEvent.COMPROMISED, B),
        state(REVOKED, KeyEvent.COMPROMISED, B),
        state(FIRST, KeyEvent.ROTATED, B, A, B, replaces=OLD, sequence=3),
        state(FIRST, KeyEvent.ROTATED, B, A, B, replaces=OLD, previous=None),
        KeysFile(origin="example.net/other", statements=FIRST.statements),
    ],
)
def test_statements_that_do_not_follow_are_refused(scripts: Page, file: KeysFile) -> None:
    """Whatever the registry refuses."""
    with pytest.raises(LogFault):
        KeyRing(file)
    assert str(follow(scripts, file)).startswith("fault: keys, statement ")
