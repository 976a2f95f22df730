"""The log's keys on the disk: made, handed over, revoked, and never leaked."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.keys import KeyRing
from sovereign_registry.contracts.registry import RegistryInfo
from sovereign_registry.store.log_files import LogFiles
from sovereign_registry.store.log_keys import default_origin, read_keys
from sovereign_registry.store.log_reader import LogReader
from sovereign_registry.wiring.log import left_alone, new_key, revoke_key, rotate_key
from tests.store.logs import ORIGIN, Stopped, World, record_name

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A log of one record."""
    world = World(tmp_path)
    world.publish(1)
    world.start()
    world.append()
    return world


def ring(world: World) -> KeyRing:
    """What the files say now."""
    file = read_keys(LogFiles(world.registry))
    assert file is not None
    return KeyRing(file)


def test_a_private_key_is_its_owners_alone(world: World) -> None:
    """Mode 0600; no file of the registry holds it; others' access is refused."""
    assert 0o600 == world.key.stat().st_mode & 0o777
    secret = world.key.read_text().strip().split("+", 4)[4].encode()  # base64 may hold a plus
    assert len(secret) > 40
    files = [path for path in world.root.rglob("*") if path.is_file()]
    assert not any(secret in path.read_bytes() for path in files)
    world.key.chmod(0o640)
    with pytest.raises(UsageError, match="0640: others"):
        world.append()


def test_a_private_key_within_the_registry_is_refused(tmp_path: Path) -> None:
    """It would be committed sooner or later."""
    world = World(tmp_path)
    for inside in (world.root / "log.key", world.root / "manifests" / "log.key"):
        with pytest.raises(UsageError, match="within the registry"):
            new_key(world.registry, inside, note="No.", clock=Stopped())
        assert not inside.exists()
    (tmp_path / ".git").mkdir()
    with pytest.raises(UsageError, match="repository"):
        world.start()


def test_a_second_first_key_is_refused_and_the_same_again_is_harmless(world: World) -> None:
    """A new key needs a handover."""
    before = world.files()
    world.start()
    assert before == world.files()
    with pytest.raises(UsageError, match="is active"):
        new_key(world.registry, world.key.with_name("b"), note="Another.", clock=Stopped())
    with pytest.raises(UsageError, match="the new reason was not added"):
        new_key(world.registry, world.key, note="Another.", clock=Stopped())
    assert before == world.files()


def test_rotation_is_signed_logged_and_ends_the_old_key(world: World) -> None:
    """The new key signs the next checkpoint; the old one cannot."""
    new = world.key.with_name("new.key")
    rotate_key(world.registry, world.key, new, note="Once a year.", clock=Stopped())
    with pytest.raises(UsageError, match="active key is"):
        world.append()
    assert 2 == world.append(key=new).added
    assert [] == world.faults()
    reader = LogReader(world.registry)
    assert (ring(world).active,) == reader.signers
    assert record_name(1) == reader.prove(record_name(1)).id
    found = reader.consistency(reader.kept(3))
    assert (3, 5) == (found.old_size, found.new_size)


def test_a_compromised_key_is_published_and_its_later_signatures_do_not_count(
    world: World,
) -> None:
    """Readers see it at once; a new key and an append put it right."""
    world.annotate(1)
    world.append()
    old = ring(world).active
    assert old is not None
    revoke_key(world.registry, old.id.hex(), note="Stolen.", good_until=3, clock=Stopped())
    (fault,) = [line for line in world.faults() if "checkpoints/5: " in line]
    assert (
        f"{old.id.hex()}, a compromised key that counts up to 3 entries; this checkpoint has 5"
        in fault
    )
    assert "back to the checkpoint of 3 entries" in fault
    assert [5] == left_alone(world.registry, ring(world))
    with pytest.raises(UsageError, match="active key is none"):
        world.append()


def test_the_way_back_that_the_message_names_leads_to_a_sound_log(world: World) -> None:
    """The log of the good size, with the keys of now, a new key, and an append."""
    good = world.files()
    world.annotate(1)
    world.append()
    old = ring(world).active
    assert old is not None
    revoke_key(world.registry, old.id.hex(), note="Stolen.", good_until=3, clock=Stopped())
    keys = world.files()["keys.yaml"]
    shutil.rmtree(world.log)
    for path, data in (good | {"keys.yaml": keys}).items():
        (world.log / path).parent.mkdir(parents=True, exist_ok=True)
        (world.log / path).write_bytes(data)
    new = world.key.with_name("new.key")
    new_key(world.registry, new, note="After the theft.", clock=Stopped())
    world.append(key=new)
    assert [] == world.faults()
    assert [] == left_alone(world.registry, ring(world))


def test_a_refused_key_leaves_no_file_and_a_reason_is_needed(world: World) -> None:
    """Neither a second first key nor a handover by a key that is not the active one."""
    before = world.files()
    new, other = world.key.with_name("new.key"), world.key.with_name("other.key")
    with pytest.raises(UsageError, match="is active"):
        new_key(world.registry, new, note="Another.", clock=Stopped())
    for note, words in (("x" * 4001, "--reason: has 4,001"), ("  ", "--reason: is blank")):
        with pytest.raises(UsageError, match=words):
            rotate_key(world.registry, world.key, new, note=note, clock=Stopped())
        with pytest.raises(UsageError, match=words):
            revoke_key(world.registry, world_key_id(world), note=note, clock=Stopped())
    assert before == world.files()
    rotate_key(world.registry, world.key, other, note="Once a year.", clock=Stopped())
    with pytest.raises(UsageError, match="the old key is"):
        rotate_key(world.registry, world.key, new, note="Again.", clock=Stopped())
    assert not new.exists()


def world_key_id(world: World) -> str:
    """The id of the active key."""
    active = ring(world).active
    assert active is not None
    return active.id.hex()


def test_after_a_revocation_a_new_key_continues_the_log(world: World) -> None:
    """Revoked at its newest checkpoint: what was signed stands under the next signature."""
    old = ring(world).active
    assert old is not None
    revoke_key(world.registry, old.id.hex(), note="Lost.", clock=Stopped())
    assert any("published as compromised" in line for line in world.faults())
    new = world.key.with_name("new.key")
    new_key(world.registry, new, note="After the loss.", clock=Stopped())
    assert 3 == world.append(key=new).added
    assert [] == world.faults()
    assert ring(world).trusted(3) == (ring(world).active,)
    with pytest.raises(LogFault, match="already"):
        revoke_key(world.registry, old.id.hex(), note="Again.", clock=Stopped())


def test_a_revocation_names_a_key_and_a_size_that_there_are(world: World) -> None:
    """Anything else is refused and changes nothing."""
    before = world.files()
    active = ring(world).active
    assert active is not None
    with pytest.raises(UsageError, match="no key 'deadbeef'"):
        revoke_key(world.registry, "deadbeef", note="No.", clock=Stopped())
    with pytest.raises(UsageError, match="no checkpoint of 2"):
        revoke_key(world.registry, active.id.hex(), note="No.", good_until=2, clock=Stopped())
    assert before == world.files()


def test_a_dropped_statement_is_found(world: World) -> None:
    """The log holds its digest."""
    keys = world.log / "keys.yaml"
    first = keys.read_bytes()
    new = world.key.with_name("new.key")
    rotate_key(world.registry, world.key, new, note="Once a year.", clock=Stopped())
    world.append(key=new)
    keys.write_bytes(first)
    assert any("known key" in line or "statement 2" in line for line in world.faults())


def test_a_hand_edited_list_of_keys_is_refused(world: World) -> None:
    """Only its canonical form is read."""
    keys = world.log / "keys.yaml"
    keys.write_bytes(keys.read_bytes() + b"# a remark\n")
    with pytest.raises(LogFault, match="canonical"):
        read_keys(LogFiles(world.registry))


@pytest.mark.parametrize("at", range(0, 1000, 7))
def test_any_flipped_bit_of_the_list_names_the_file(stated: tuple[World, bytes], at: int) -> None:
    """Keys, signatures, base64 and layout."""
    world, whole = stated
    place = at * len(whole) // 1000
    changed = whole[:place] + bytes([whole[place] ^ 2]) + whole[place + 1 :]
    (world.log / "keys.yaml").write_bytes(changed)
    lines = world.faults()
    assert any("keys.yaml" in line for line in lines), lines


@pytest.fixture(scope="module")
def stated(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, bytes]:
    """A log whose list of keys has two statements, and the list's bytes."""
    world = World(tmp_path_factory.mktemp("stated"))
    world.start()
    new = world.key.with_name("new.key")
    rotate_key(world.registry, world.key, new, note="Once a year.", clock=Stopped())
    world.append(key=new)
    return world, (world.log / "keys.yaml").read_bytes()


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        ("https://example.org/registry", ORIGIN),
        ("http://example.org", "example.org/log"),
        ("", "nobody-in-particular/log"),
    ],
)
def test_the_log_is_named_by_its_address_or_its_publisher(base_url: str, name: str) -> None:
    """Without a scheme, as the specification recommends."""
    info = RegistryInfo(
        contract="registry-v1",
        title="A registry",
        publisher="Nobody in particular",
        description="",
        base_url=base_url,
        language="en",
        records_licence="CC BY 4.0",
        report_problem="Write a letter.",
    )
    assert name == default_origin(info)
