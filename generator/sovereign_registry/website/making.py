"""Which records have to be made again, and making them: here, or in worker processes."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Self

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
    from sovereign_registry.website.worker import Order, Reply, Stock

CHUNK = 64
"""Records handed to a worker at once."""
FEW = 48
"""Up to this many records the parent renders itself: a worker takes 0.2 s to start."""
PAGES = 16
"""List pages handed to a worker at once."""
FEW_PAGES = 300
"""Up to this many list pages the parent renders itself where no worker is there yet."""


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


class Crew:
    """Those who make records and list pages in a build: this process, or workers that stay.

    Args:
        jobs: Workers; None for as many as the machine has cores.
    """

    def __init__(self, jobs: int | None) -> None:
        self._jobs = jobs
        self._pool: Pool | None = None
        self._setup: Setup | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._dismiss()

    def _dismiss(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def _workers(self, setup: Setup, most: int) -> Pool | None:
        """Workers with this setup, or None where there is only one processor to work on."""
        count = worker_count(self._jobs)
        if count == 1:
            return None
        if self._pool is None or self._setup is not setup:
            self._dismiss()
            self._pool, self._setup = Pool(setup, min(count, most)), setup
        return self._pool

    def records(self, tasks: Sequence[Task], setup: Setup, take: Callable[[Reply], None]) -> None:
        """Render records; ``take`` is told of each chunk as it is done.

        Args:
            tasks: What is to be made; nothing is started for none.
            setup: What workers have to know.
            take: Called in no stated order, one call at a time.

        Raises:
            RegistryError: a record cannot be made.
        """
        if not tasks:
            return
        chunks = [Chunk(tasks=list(tasks[at : at + CHUNK])) for at in range(0, len(tasks), CHUNK)]
        pool = self._workers(setup, len(chunks)) if len(tasks) > FEW else None
        if pool is not None:
            pool.run(chunks, take)
            return
        with Bench(setup, 0) as bench:
            for chunk in chunks:
                reply = bench.do(chunk)
                take(reply)
                if reply.fault is not None:
                    raise revive(reply.fault)

    def pages(
        self,
        orders: Sequence[Order],
        setup: Setup,
        stock: Callable[[], Stock],
        meanwhile: Callable[[], None],
    ) -> list[Reply] | None:
        """Render list pages in the workers; None, and nothing done, where they are too few.

        Args:
            orders: The pages.
            setup: What workers have to know.
            stock: Gives what the pages are made from.
            meanwhile: What is done here while they work.

        Raises:
            RegistryError: a page cannot be made, or ``meanwhile`` failed.
        """
        if len(orders) <= (FEW_PAGES if self._pool is None else PAGES):
            return None
        # Lists know nothing of states and names, so any setup of this build serves.
        pool = self._pool or self._workers(setup, len(orders))
        if pool is None:
            return None
        pool.tell(Chunk(stock=stock()))
        replies: list[Reply] = []
        chunks = [Chunk(pages=list(orders[at : at + PAGES])) for at in range(0, len(orders), PAGES)]
        pool.run(chunks, replies.append, meanwhile)
        return replies
