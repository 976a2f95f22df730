"""The site build against Hugo, against writing the same bytes, and against its larger self."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from benchmarks import floor
from benchmarks.hugo_site import HugoSite, hugo_binary
from benchmarks.measure import Case, Cost, alternate, measure
from benchmarks.results import Figure, Part, ratio, say
from benchmarks.synthetic import synthetic_id, write_registry
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.fold import apply_patch, operations
from sovereign_registry.contracts.history import Actor, CorrectionType, EntryKind, HistoryEntry
from sovereign_registry.contracts.manifest import RecordState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sovereign_registry.store import Registry

OURS = "sovereign-registry build"
COMMAND = (sys.executable, "-c", "from sovereign_registry.cli import main; main()")
GOAL_RECORDS = 10_000
"""The goals are set for this many records; at other sizes the figures carry none."""
SIZE_TOLERANCE = 0.10
"""How far the size of the peer's page may be from ours before the comparison is void."""


def correct(registry: Registry, identity: str, number: int) -> None:
    """Add a correction to a record: one field of text, its state and its count change."""
    view = registry.read(identity)
    record, last = view.record, len(view.history)
    patch = operations(
        [
            ("/work/analysed", record.work.analysed, f"Corrected by the benchmark, run {number}."),
            ("/standing/record_state", record.standing.record_state, RecordState.CORRECTED),
            (
                "/standing/correction_count",
                record.standing.correction_count,
                record.standing.correction_count + 1,
            ),
        ]
    )
    entry = HistoryEntry(
        contract="history-entry-v1",
        record=identity,
        sequence=last + 1,
        kind=EntryKind.CORRECTION,
        at=f"2027-01-01T00:00:{number % 60:02d}Z",
        by=Actor(role="benchmark"),
        note="A correction, to measure what one change costs.",
        correction_type=CorrectionType.METADATA,
        affected_fields=("/work/analysed",),
        affected_claims=(),
        rules=(),
        patch=patch,
        record_before=content_sha256(record),
        record_after=content_sha256(apply_patch(record, patch, identity)),
        previous=view.head_sha256,
    )
    with registry.lock():
        registry.append(entry)


def remove(*folders: Path) -> None:
    """Remove folders, there or not; never timed."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def nothing(_: int) -> None:
    """Leave everything as the run before left it."""


class SiteBench:
    """One registry of synthetic records, and the peers' versions of it.

    Args:
        folder: A scratch folder of its own.
        records: How many records.
        runs: How often each command is run.
        peers: False leaves Hugo out.
    """

    def __init__(self, folder: Path, records: int, runs: int, *, peers: bool = True) -> None:
        self.records = records
        self.cold_name = f"Cold build, {records:,} records"
        self.runs = runs
        self.root = folder / f"registry-{records}"
        self.output = self.root / "output"
        self.cache = self.root / ".sovereign"
        self.hugo = hugo_binary() if peers else None
        self.folder = folder / f"peers-{records}"
        say(f"site: writing {records:,} synthetic records")
        write_registry(self.root, records)
        self.site = HugoSite(self.root, self.folder)
        if self.hugo:
            say("site: writing them for Hugo, as YAML and as JSON")
            self.site.write()

    def _ours(self, name: str, prepare: Callable[[int], None]) -> Case:
        options = ("build", "--registry", str(self.root), "--output", str(self.output), "--quiet")
        return Case(name=name, command=(*COMMAND, *options), prepare=prepare)

    def _hugo(
        self, name: str, source: Path, prepare: Callable[[int], None], *, copies: bool = False
    ) -> list[Case]:
        if self.hugo is None:
            return []
        command = self.site.command(self.hugo, source, copies=copies)
        return [Case(name=name, command=command, prepare=prepare)]

    def _both(self, name: str, source: Path) -> list[Case]:
        """Hugo from nothing: pages alone, and with the files that ours writes beside them."""

        def afresh(_: int) -> None:
            remove(self.site.output)

        return [
            *self._hugo(name, source, afresh),
            *self._hugo(f"{name}, same files", source, afresh, copies=True),
        ]

    def _goal(self, value: float) -> float | None:
        return value if self.records == GOAL_RECORDS else None

    def _against(
        self, part: Part, costs: dict[str, Cost], names: tuple[str, str], goals: dict[str, float]
    ) -> None:
        """Add our wall, CPU and memory as shares of the peer's, where there is a peer."""
        ours, theirs = (costs.get(name) for name in names)
        if ours is None or theirs is None:
            if not part.notes:
                part.notes.append(
                    "no peer: Hugo was left out or is not installed (make setup-bench)"
                )
            return
        for field, label in (("wall", "wall"), ("cpu", "CPU"), ("summed", "memory")):
            goal = self._goal(goals[field]) if field in goals else None
            name = f"{label}, ours / {names[1]}"
            part.figures.append(ratio(name, ours.middle(field), theirs.middle(field), goal=goal))

    def cold(self) -> list[Part]:
        """Everything from nothing; and the floor: the same bytes written by a loop and by cp."""
        theirs = "Hugo, YAML"
        cases = [
            self._ours(OURS, lambda _: remove(self.output, self.cache)),
            *self._both(theirs, self.site.cold),
        ]
        costs = alternate(cases, self.runs, say)
        part = Part(name=self.cold_name, figures=[], costs=list(costs.values()))
        self._against(part, costs, (OURS, theirs), {"summed": 0.25})
        self._against(part, costs, (OURS, f"{theirs}, same files"), {"wall": 0.65})
        rate = self.records / costs[OURS].middle("wall")
        part.figures.append(
            Figure(name="records a second", measured=rate, unit="1/s", better="higher")
        )
        self._compare_output(part)
        return [part, self._floor(costs[OURS])]

    def _compare_output(self, part: Part) -> None:
        """Compare the sizes of the record pages; a peer that writes another page is no peer."""
        pages = sum(one.stat().st_size for one in self.output.glob("records/sr-*/index.html"))
        every = [one.stat().st_size for one in self.output.rglob("*") if one.is_file()]
        part.notes.append(
            f"ours: {len(every):,} files, {sum(every) / 1e6:,.1f} MB, of it {pages / 1e6:,.1f} MB "
            "record pages; the rest are copies of manifests, histories, artifacts and record.json "
            "(which Hugo copies under 'same files'), contracts, prose pages, feed and index"
        )
        if self.hugo is None:
            return
        peers = sum(one.stat().st_size for one in self.site.output.glob("records/sr-*/index.html"))
        part.figures.append(
            Figure(
                name="size of the record pages, Hugo / ours",
                measured=peers / pages,
                unit="x",
                note="" if abs(peers / pages - 1) <= SIZE_TOLERANCE else "NOT EQUIVALENT",
            )
        )

    def _floor(self, ours: Cost) -> Part:
        pack, copy = self.folder / "site.pack", self.folder / "copy"
        self.folder.mkdir(parents=True, exist_ok=True)
        floor.pack(self.output, pack)
        writer = (sys.executable, "-m", "benchmarks.floor", "write", str(pack), str(copy))
        loop, plain = "a loop that writes the same bytes", "cp -r"
        cases = [
            Case(name=loop, command=writer, prepare=lambda _: remove(copy)),
            Case(
                name=plain,
                command=("cp", "-r", str(self.output), str(copy)),
                prepare=lambda _: remove(copy),
            ),
        ]
        costs = alternate(cases, self.runs, say)
        remove(copy)
        pack.unlink()
        figures = [
            ratio(f"{label}, ours cold / {name}", ours.middle(field), costs[name].middle(field))
            for name in (loop, plain)
            for field, label in (("wall", "wall"), ("cpu", "CPU"))
        ]
        return Part(
            name=f"Floor, {self.records:,} records", figures=figures, costs=list(costs.values())
        )

    def warm(self) -> list[Part]:
        """Every page made again from cached records; Hugo from JSON, its own best case."""
        theirs = "Hugo, JSON"
        self._bring_up_to_date()
        cases = [
            self._ours(f"{OURS}, warm caches", lambda _: remove(self.output)),
            *self._both(theirs, self.site.warm),
        ]
        costs = alternate(cases, self.runs, say)
        part = Part(
            name=f"Rebuild with warm caches, {self.records:,} records",
            figures=[],
            costs=list(costs.values()),
        )
        self._against(part, costs, (cases[0].name, theirs), {})
        self._against(part, costs, (cases[0].name, f"{theirs}, same files"), {"wall": 0.40})
        return [part]

    def _bring_up_to_date(self) -> None:
        """Leave both outputs as a whole build leaves them."""
        for case in (
            self._ours(OURS, nothing),
            *self._hugo("Hugo", self.site.cold, nothing),
        ):
            measure(case.command)

    def _change(self, number: int, *, tell_hugo: bool) -> None:
        identity = synthetic_id((7 * number + 3) % self.records)
        if tell_hugo:
            self.site.write_record(identity)
        else:
            correct(self.site.registry, identity, number)

    def change(self) -> list[Part]:
        """One correction added to one record, everything else as it was; and nothing at all."""
        self._bring_up_to_date()
        ours, idle, theirs = f"{OURS}, one change", f"{OURS}, no change", "Hugo, one change"
        cases = [
            self._ours(ours, lambda number: self._change(number, tell_hugo=False)),
            *self._hugo(
                theirs, self.site.cold, lambda number: self._change(number, tell_hugo=True)
            ),
            self._ours(idle, nothing),
        ]
        costs = alternate(cases, self.runs, say)
        wall = costs[ours].middle("wall")
        part = Part(
            name=f"One record changed, {self.records:,} records",
            figures=[
                Figure(name="wall, one change", measured=wall, unit="s", goal=self._goal(1.0))
            ],
            costs=list(costs.values()),
        )
        self._against(part, costs, (ours, theirs), {"wall": 0.05})
        return [part]

    def remove(self) -> None:
        """Give the disk back."""
        remove(self.root, self.folder)


def growth(small: Cost, large: Cost, factor: float) -> Part:
    """How the cost of a cold build grows with the number of records."""
    return Part(
        name=f"Growth of a cold build, {factor:g} times the records",
        figures=[
            Figure(
                name=f"{label}, share of linear growth",
                measured=large.middle(field) / small.middle(field) / factor,
                unit="x",
                goal=1.2 if field == "cpu" and factor == 5 else None,
                note="1 is linear",
            )
            for field, label in (("cpu", "CPU"), ("wall", "wall"), ("summed", "memory"))
        ],
    )
