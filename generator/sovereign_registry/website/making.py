"""Which records have to be made again, and making them: here, or in worker processes."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.website.pool import Pool, revive, worker_count
from sovereign_registry.website.setup import Setup, keys
from sovereign_registry.website.tree import Tree
from sovereign_registry.website.work import Task
from sovereign_registry.website.worker import Bench, Chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sovereign_registry.website.cache import RecordCache
    from sovereign_registry.website.scan import Found
    from sovereign_registry.website.state import RecordState
    from sovereign_registry.website.worker import Reply

CHUNK = 64
"""Records handed to a worker at once."""
FEW = 48
"""Up to this many records the parent renders itself: a worker takes 0.2 s to start."""


class Keeper(msgspec.Struct, frozen=True, kw_only=True):
    """Decides whether a record's files are as a build now would make them."""

    setup: Setup
    tree: Tree
    doubtful: Collection[str]
    """Records whose keys have to be worked out again.

    Those of records that name no other and are not doubtful are what they were.
    """

    def holds(self, item: Found, last: RecordState) -> bool:
        """Whether nothing has to be done for a record; its files then count as skipped."""
        if last.signature != item.signature:
            return False
        if (last.named or last.id in self.doubtful) and not self._same_keys(last):
            return False
        if not self.tree.same(f"records/{item.id}/", last.files):
            return False
        self.tree.tally.skipped += len(last.files)
        return True

    def _same_keys(self, last: RecordState) -> bool:
        held = (last.copy_key, last.data_key, last.page_key, last.trail_key, last.bundle_key)
        return held == keys(last.id, last.digest, self.setup, last.named)


def sort_records(
    found: Sequence[Found],
    previous: Mapping[str, RecordState],
    cache: RecordCache,
    keeper: Keeper,
) -> tuple[dict[str, RecordState], list[Task]]:
    """Which records are as they were left, and which have to be looked into."""
    clean: dict[str, RecordState] = {}
    tasks: list[Task] = []
    for item in found:
        last = previous.get(item.id)
        if last is not None and keeper.holds(item, last):
            clean[item.id] = last
        else:
            tasks.append(Task(found=item, entry=cache.find(item.id), previous=last))
    return clean, tasks


def make_records(
    tasks: Sequence[Task], setup: Setup, jobs: int | None, take: Callable[[Reply], None]
) -> None:
    """Render records; ``take`` is told of each chunk as it is done.

    Args:
        tasks: What is to be made; nothing is started for none.
        setup: What workers have to know.
        jobs: Workers; None for as many as the machine has cores.
        take: Called in this process, in no stated order.

    Raises:
        RegistryError: a record cannot be made.
    """
    if not tasks:
        return
    workers = worker_count(jobs)
    chunks = [Chunk(tasks=list(tasks[at : at + CHUNK])) for at in range(0, len(tasks), CHUNK)]
    if len(tasks) > FEW and workers > 1:
        with Pool(setup, min(workers, len(chunks))) as pool:
            pool.run(chunks, take)
        return
    with Bench(setup, 0) as bench:
        for chunk in chunks:
            reply = bench.do(chunk)
            take(reply)
            if reply.fault is not None:
                raise revive(reply.fault)
