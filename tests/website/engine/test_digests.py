"""The digest list and the log in the site: made with the build, left where nothing changed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sovereign_registry.contracts.log.checkpoint import Checkpoint
from sovereign_registry.contracts.log.merkle import EMPTY_ROOT
from sovereign_registry.contracts.log.note import PrivateKey, sign
from sovereign_registry.contracts.log.seal import parse_digest_list
from tests.website.engine.world import World, tree

if TYPE_CHECKING:
    from pathlib import Path


def listed(world: World) -> dict[str, str]:
    """The list as the site has it."""
    return parse_digest_list((world.output / "digests.txt").read_bytes())


def actual(world: World) -> dict[str, str]:
    """What the list has to say."""
    return {
        path: hashlib.sha256(data).hexdigest()
        for path, data in tree(world.output).items()
        if path not in {"digests.txt", "seal"} and not path.startswith("log/")
    }


def test_the_list_follows_every_change(tmp_path: Path) -> None:
    """Of a first build, an addition, a history entry and a removal."""
    world = World(tmp_path / "registry", 3)
    world.build()
    assert actual(world) == listed(world)
    one, two, _ = world.ids()
    world.annotate(one)
    world.build()
    assert actual(world) == listed(world)
    world.remove(two)
    world.build()
    assert actual(world) == listed(world)


def test_a_seal_stays_until_the_list_changes(tmp_path: Path) -> None:
    """A stale one would be taken for a forgery."""
    world = World(tmp_path / "registry", 2)
    world.build()
    seal = world.output / "seal"
    seal.write_bytes(b"signed")
    assert 0 == world.build().files.written
    assert seal.exists()
    world.annotate(world.ids()[0])
    world.build()
    assert not seal.exists()


def checkpoint(seed: int) -> bytes:
    """A signed checkpoint of an empty log; every key gives other bytes."""
    key = PrivateKey("example.org/log", bytes([seed]) * 32)
    return sign(Checkpoint(origin="example.org/log", size=0, root=EMPTY_ROOT).text(), key).encode()


def test_the_log_is_copied_as_it_stands(tmp_path: Path) -> None:
    """Byte for byte, followed when it grows and when files go, and in no digest list."""
    world = World(tmp_path / "registry", 1)
    log = world.root / "manifests" / "log"
    (log / "tile" / "0").mkdir(parents=True)
    (log / "checkpoint").write_bytes(checkpoint(1))
    (log / "tile" / "0" / "000").write_bytes(bytes(range(256)))
    world.build()
    assert tree(log) == tree(world.output / "log")
    assert not any(path.startswith("log/") for path in listed(world))
    (log / "checkpoint").write_bytes(checkpoint(2))
    (log / "tile" / "0" / "000").unlink()
    world.build()
    assert tree(log) == tree(world.output / "log")
    (world.output / "log" / "checkpoint").write_bytes(b"bad")
    world.build()
    assert checkpoint(2) == (world.output / "log" / "checkpoint").read_bytes()
