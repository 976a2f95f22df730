"""The publisher's key, given in another place: only it, or a key it handed over to, may sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.errors import BadInput, UsageError
from sovereign_registry.contracts.log.note import PrivateKey, PublicKey, parse_public
from sovereign_registry.store.log_keys import read_private_key
from sovereign_registry.verifier.files import MemoryFiles
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.verify import KEY, Known, verify_site
from sovereign_registry.wiring.earlier import read_public_key
from sovereign_registry.wiring.log import new_key, revoke_key, rotate_key
from tests.verifier.sites import IMPORTED, WITH_HISTORY, World, faults, look, without_seal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sovereign_registry.verifier.findings import Report
    from tests.verifier.conftest import Published


def pinned(files: Mapping[str, bytes], key: PublicKey, record: str | None = None) -> Report:
    """Check a site with the key that a reader was given."""
    return verify_site(MemoryFiles(files), record=record, known=Known(public_key=key))


def public(world: World) -> PublicKey:
    """The public part of the key that signs now."""
    return read_private_key(world.key, world.registry).public


def of_key(report: Report) -> str:
    """What the check of the key says."""
    return "\n".join(str(found) for found in report.faults if found.check is Check.KEY)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A logged registry with one record."""
    made = World(tmp_path)
    made.import_record(IMPORTED)
    made.log()
    return made


def rotate(world: World, name: str) -> None:
    """Hand the log over to a new key and log that."""
    new = world.key.parent / name
    rotate_key(world.registry, world.key, new, note="Once a year.", clock=world.clock)
    world.key = new
    world.log()


def revoke(world: World, good_until: int | None = None) -> None:
    """Publish the key as compromised and go on with a new one."""
    lost = public(world).id.hex()
    revoke_key(world.registry, lost, note="Stolen.", good_until=good_until, clock=world.clock)
    world.key = world.key.with_name(f"{world.key.name}.next")
    new_key(world.registry, world.key, note="The next.", clock=world.clock)
    world.log()


def test_the_publishers_key_is_accepted(published: Published) -> None:
    """For the site and for one record; whose key it is need not be asked any more."""
    key = public(published.world)
    for record in (None, WITH_HISTORY):
        report = pinned(published.now, key, record)
        assert "" == faults(report)
        assert Check.KEY in {line.check for line in report.checks}
        assert KEY not in report.limits


def test_every_key_that_the_known_one_handed_over_to_is_accepted(world: World) -> None:
    """Over two rotations, from the first key, the second and the newest."""
    keys = [public(world)]
    for name in ("second.key", "third.key"):
        rotate(world, name)
        keys.append(public(world))
    site = world.publish()
    assert ["", "", ""] == [faults(pinned(site, key)) for key in keys]


def test_a_checkpoint_of_before_a_rotation_is_accepted_by_the_new_key(world: World) -> None:
    """The statement about the new key is published, and nothing was logged since."""
    second = world.key.parent / "second.key"
    rotate_key(world.registry, world.key, second, note="Once a year.", clock=world.clock)
    site = world.publish(seal=False)
    world.key = second
    assert "" == of_key(pinned(site, public(world)))


def test_a_log_of_another_key_is_a_fault(published: Published) -> None:
    """Whoever wrote it anew with a key of his own and a list of keys that names it alone."""
    other = PrivateKey("example.org/registry/log", bytes(32)).public
    said = of_key(pinned(published.now, other))
    assert said.startswith(f"log/keys.yaml: does not name the key {other}")
    assert "in the place where you were given the key" in said


def test_a_site_of_another_key_does_not_pass_by_its_seal(world: World) -> None:
    """List and seal of a foreign key are a fault of their own."""
    other = PrivateKey("example.org/registry/log", bytes(32)).public
    report = pinned(world.publish(), other)
    assert {Check.KEY, Check.SEAL} == {found.check for found in report.faults}


def test_a_log_that_is_gone_is_a_fault(published: Published) -> None:
    """Nothing there is signed by the key."""
    site = {path: data for path, data in published.now.items() if not path.startswith("log/")}
    said = of_key(pinned(without_seal(site), public(published.world)))
    assert "no log in order is published" in said


def test_the_key_after_a_compromised_one_is_vouched_for_by_nobody(world: World) -> None:
    """Whoever holds the site could have said so: the reader has to ask for the new key."""
    first = public(world)
    revoke(world)
    site = world.publish()
    said = of_key(pinned(site, first))
    assert f"the key {first}, which is published as compromised, did not hand over to it" in said
    assert "" == faults(pinned(site, public(world)))


def test_a_rotation_by_a_thief_joins_nothing(world: World) -> None:
    """The key was stolen before the rotation that it signed; one signed before stays good."""
    first, good = public(world), 4
    world.import_record(WITH_HISTORY)
    world.log()
    rotate(world, "second.key")
    site = world.publish()
    assert "" == faults(pinned(site, first))
    for until, joined in ((good, False), (7, True)):
        copy = World.__new__(World)
        copy.__dict__.update(world.__dict__)
        keys = copy.root / "manifests" / "log" / "keys.yaml"
        before = keys.read_bytes()
        revoke_key(
            copy.registry, first.id.hex(), note="Stolen.", good_until=until, clock=world.clock
        )
        shown = site | {"log/keys.yaml": keys.read_bytes()}
        keys.write_bytes(before)
        assert joined == (of_key(pinned(shown, first)) == "")


def test_a_key_is_named_by_its_text_or_its_file(published: Published, tmp_path: Path) -> None:
    """And a private one is refused without being printed."""
    key = public(published.world)
    (tmp_path / "key").write_text(f"{key}\n", encoding="utf-8")
    assert [key, key] == [read_public_key(str(key)), read_public_key(str(tmp_path / "key"))]
    assert key == parse_public(str(key))
    (tmp_path / "long").write_text("x" * 2000, encoding="utf-8")
    with pytest.raises(UsageError, match="too long"):
        read_public_key(str(tmp_path / "long"))
    secret = published.world.key.read_text(encoding="utf-8")
    for value in (secret, str(published.world.key), "x" * 5000):
        with pytest.raises((UsageError, BadInput), match="is no Ed25519 key") as found:
            read_public_key(value)
        assert secret.split("+")[-1].strip() not in str(found.value)


def test_a_seal_taken_away_is_a_fault_where_a_key_is_named(published: Published) -> None:
    """The log is still signed; the pages would be anybody's."""
    key = public(published.world)
    stripped = without_seal(published.now)
    (found,) = pinned(stripped, key).faults
    assert (found.check, found.where) == (Check.SEAL, "seal")
    assert "is missing, and a key is named that must stand behind the site" in found.what
    assert "log seal" in found.todo
    assert "" == faults(look(stripped))
