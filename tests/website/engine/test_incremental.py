"""An incremental tree is the clean tree, whatever happened in between."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_registry.contracts.amend import Amendment, amend
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.manifest import Related
from sovereign_registry.contracts.rules.states_v1 import possible, situation
from sovereign_registry.contracts.tombstone import bury
from sovereign_registry.store import Registry
from tests.website.engine.world import World, manifest, tree

if TYPE_CHECKING:
    from collections.abc import Callable

Draw = tuple[int, int]
CHANGES = (
    Event.CHALLENGE,
    Event.CONCERN,
    Event.SUPERSESSION,
    Event.RETRACTION,
    Event.REINSTATEMENT,
)


def _pick(world: World, draw: Draw) -> str:
    ids = world.ids()
    return ids[draw[0] % len(ids)]


def _number_of(world: World, draw: Draw) -> int:
    chosen = _pick(world, draw)
    return next(number for number in range(12) if manifest(number).id == chosen)


def _add(world: World, draw: Draw) -> None:
    world.add(manifest(draw[0] % 12))


def _remove(world: World, draw: Draw) -> None:
    if len(world.ids()) > 1:
        world.remove(_pick(world, draw))


def _edit(world: World, draw: Draw) -> None:
    record = manifest(_number_of(world, draw))
    work = msgspec.structs.replace(record.work, title=f"Title {draw[1] % 3}")
    world.add(msgspec.structs.replace(record, work=work))


def _name_another(world: World, draw: Draw) -> None:
    """Let a record name one that is there, was there, or never was."""
    record = manifest(_number_of(world, draw))
    other = manifest(draw[1] % 12).id
    if other == record.id:
        return
    near = Related(record=other, relation="near-duplicate", basis=f"cosine 0.9{draw[0] % 2}")
    index = msgspec.structs.replace(record.index, related=(near,))
    world.add(msgspec.structs.replace(record, index=index))


def _annotate(world: World, draw: Draw) -> None:
    world.annotate(_pick(world, draw))


def _amend(world: World, draw: Draw) -> None:
    """Add an entry that changes the state, where one may follow."""
    registry = Registry(world.root)
    view = registry.read(_pick(world, draw))
    here = [event for event in CHANGES if event in possible(situation(view.record, view.history))]
    if not here:
        return
    event = here[draw[1] % len(here)]
    entry = amend(
        view,
        Amendment(
            event=event,
            at="2026-06-02T10:00:00Z",
            by="editor",
            note=f"For test {draw[1] % 3}.",
            superseded_by=manifest(11).id if event is Event.SUPERSESSION else None,
        ),
    )
    with registry.lock():
        registry.append(entry)


def _bury(world: World, draw: Draw) -> None:
    """Leave a tombstone in a record's place; files that a kill left behind count no more."""
    if len(world.ids()) == 1:
        return
    registry = Registry(world.root)
    chosen = _pick(world, draw)
    stone = bury(
        registry.read(chosen),
        registry.raw(chosen)[1],
        at="2026-06-03T10:00:00Z",
        by="owner",
        note="For a test.",
        legal_reference=f"Order {draw[1] % 3}",
    )
    with registry.lock():
        registry.bury(stone)
    if draw[1] % 2:
        (world.folder(chosen) / "manifest.yaml").write_bytes(b"left over")


def _touch(world: World, draw: Draw) -> None:
    path = world.folder(_pick(world, draw)) / ["manifest.yaml", "artifacts/report.md"][draw[1] % 2]
    os.utime(path, ns=(draw[1] * 10**6, draw[1] * 10**6))


def _template(world: World, draw: Draw) -> None:
    names = [
        "layout.html",
        "parts/claims.html",
        "parts/rows.html",
        "contract.html",
        "history.html",
        "corrections.html",
        "tombstone.html",
    ]
    path = world.root / "theme" / "templates" / names[draw[0] % len(names)]
    path.write_text(path.read_text() + f"<!-- {draw[1] % 3} -->", encoding="utf-8")


def _static(world: World, draw: Draw) -> None:
    name = ["small.css", "mark.svg", f"new-{draw[1] % 3}.js"][draw[0] % 3]
    (world.root / "theme" / "static" / name).write_text(f"/* {draw[1] % 5} */", encoding="utf-8")


def _settings(world: World, draw: Draw) -> None:
    path = world.root / "manifests" / "registry.yaml"
    urls = ["", "https://example.org/registry"]
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("title", "base_url"))]
    lines += [f'title: "Title {draw[0] % 3}"', f'base_url: "{urls[draw[1] % 2]}"']
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _spoil_output(world: World, draw: Draw) -> None:
    files = sorted(tree(world.output))
    if not files:
        return
    path = world.output / files[draw[0] % len(files)]
    data = path.read_bytes()
    if draw[1] % 3 == 0:
        path.unlink()
    elif draw[1] % 3 == 1:
        path.write_bytes(data[::-1])
    else:
        path.write_bytes(data + b"more")


def _lose_cache(world: World, draw: Draw) -> None:
    cache = world.root / ".sovereign" / "cache"
    gone = [cache, cache / "records", cache / "templates", world.output][draw[0] % 4]
    shutil.rmtree(gone, ignore_errors=True)


def _spoil_cache(world: World, draw: Draw) -> None:
    files = sorted(
        path
        for path in (world.root / ".sovereign").rglob("*")
        if path.is_file() and path.stat().st_size
    )
    if files:
        path = files[draw[0] % len(files)]
        data = bytearray(path.read_bytes())
        data[draw[1] % len(data)] ^= 0xFF
        path.write_bytes(bytes(data))


STEPS: list[Callable[[World, Draw], None]] = [
    _add,
    _remove,
    _edit,
    _name_another,
    _annotate,
    _amend,
    _bury,
    _touch,
    _template,
    _static,
    _settings,
    _spoil_output,
    _lose_cache,
    _spoil_cache,
]
DRAWS = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))
ROUNDS = st.lists(
    st.lists(st.tuples(st.sampled_from(STEPS), DRAWS), min_size=1, max_size=3),
    min_size=1,
    max_size=4,
)


@settings(max_examples=25)
@given(ROUNDS)
def test_incremental_is_clean(
    rounds: list[list[tuple[Callable[[World, Draw], None], Draw]]],
) -> None:
    """After edits, additions, removals, losses and spoilt caches: a clean build's bytes."""
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place, "registry"), 4)
        world.build()
        for steps in rounds:
            for step, draw in steps:
                step(world, draw)
            world.build()
            assert tree(world.output) == world.clean(Path(place, "clean"))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__.strip("_"))
def test_each_step_alone(step: Callable[[World, Draw], None], tmp_path: Path) -> None:
    """Each kind of change, for several draws, ends in the clean tree."""
    world = World(tmp_path / "registry", 4)
    world.build()
    for draw in ((0, 0), (1, 1), (2, 2), (3, 5), (7, 40)):
        step(world, draw)
        world.build()
        assert tree(world.output) == world.clean(tmp_path / "clean")


def test_nothing_changed_writes_nothing(tmp_path: Path) -> None:
    """A second build writes no file and looks into no record."""
    world = World(tmp_path / "registry", 5)
    first = world.build()
    second = world.build()
    assert (second.files.written, second.files.unchanged, second.rendered) == (0, 0, 0)
    assert second.files.skipped == first.total_files == second.total_files


def test_a_correction_touches_one_record_and_its_lists(tmp_path: Path) -> None:
    """One added entry rewrites that record's files and the lists that show it, nothing else."""
    world = World(tmp_path / "registry", 5)
    world.build()
    before = tree(world.output)
    chosen = world.ids()[2]
    world.annotate(chosen)
    world.build()
    after = tree(world.output)
    changed = {name for name in after if before.get(name) != after[name]}
    lists = {"records.json", "feed.atom", "records/index.html", "digests.txt"}
    assert {name for name in changed if not name.startswith(f"records/{chosen}/")} <= (
        lists | {"index.html"}
    )
    assert f"records/{chosen}/index.html" in changed


def test_records_that_name_one_another(tmp_path: Path) -> None:
    """A record says which later one names it; the name of one that is not published is marked."""
    world = World(tmp_path / "registry", 3)
    world.build()
    first, second, third = world.ids()
    record = next(one for one in map(manifest, range(3)) if one.id == second)

    def shown(page: str) -> str:
        return (world.output / "records" / page / "index.html").read_text(encoding="utf-8")

    def name(other: str) -> int:
        near = Related(record=other, relation="same question", basis="both ask it")
        index = msgspec.structs.replace(record.index, related=(near,))
        world.add(msgspec.structs.replace(record, index=index))
        return world.build().rendered

    assert name(first) == 1
    assert f"{second} says same question, both ask it" in shown(first)
    assert "says same question" not in shown(third)
    world.remove(first)
    world.build()
    assert f"{first} NOT_PUBLISHED" in shown(second)
    assert name(third) == 1
    assert "NOT_PUBLISHED" not in shown(second)
    assert f"{second} says same question" in shown(third)
    world.remove(second)
    world.build()
    assert "says same question" not in shown(third)


def test_a_template_change_leaves_the_rest(tmp_path: Path) -> None:
    """A template that only records draw in makes only their pages and the digests again."""
    world = World(tmp_path / "registry", 3)
    world.build()
    path = world.root / "theme" / "templates" / "parts" / "claims.html"
    path.write_text(path.read_text() + "<hr>", encoding="utf-8")
    assert world.build().files.written == len(world.ids()) + 1


def test_strangers_in_the_output_stay(tmp_path: Path) -> None:
    """A file that no build made is never removed."""
    world = World(tmp_path / "registry", 2)
    world.build()
    strangers = [world.output / "CNAME", world.output / "notes" / "a.html"]
    strangers[1].parent.mkdir()
    for path in strangers:
        path.write_text("mine", encoding="utf-8")
    shutil.rmtree(world.root / ".sovereign")
    world.remove(world.ids()[0])
    world.build()
    assert all(path.read_text(encoding="utf-8") == "mine" for path in strangers)


def test_removed_record_leaves_no_folder(tmp_path: Path) -> None:
    """A record that is gone takes its whole folder with it."""
    world = World(tmp_path / "registry", 2)
    world.build()
    gone = world.ids()[0]
    world.remove(gone)
    report = world.build()
    assert report.pruned > 0
    assert not (world.output / "records" / gone).exists()
