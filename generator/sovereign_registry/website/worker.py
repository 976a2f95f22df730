"""One render worker: reads framed MessagePack from its standard input until that ends.

It imports Jinja, msgspec and the rooms below, not Pelican.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, TypeVar

import msgspec

from sovereign_registry.contracts.errors import BuildFailed, RegistryError
from sovereign_registry.store import Registry
from sovereign_registry.website.desk import Desk
from sovereign_registry.website.details import Shelf
from sovereign_registry.website.lists import ListMaker
from sovereign_registry.website.model import PageSpec, Row
from sovereign_registry.website.setup import Setup
from sovereign_registry.website.tree import Stamp, Tally
from sovereign_registry.website.work import Done, Task, Workshop

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Hello(msgspec.Struct, kw_only=True):
    """The first message to a worker."""

    setup: Setup
    segment: int


class Stock(msgspec.Struct, kw_only=True):
    """What list pages are made from: sent once, so that a page needs no more than numbers."""

    rows: list[Row]
    details: str
    """The file that holds the records' details."""
    digests: dict[str, bytes]
    """Record id -> digest of its details."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One page to be made."""

    spec: PageSpec
    """Without its rows."""
    rows: list[int]
    """Their places in the stock."""


class Chunk(msgspec.Struct, kw_only=True):
    """Some work."""

    tasks: list[Task] = []
    pages: list[Order] = []
    """Not before a stock was sent."""
    stock: Stock | None = None


class Fault(msgspec.Struct, kw_only=True):
    """An error of the registry's tree, on its way to the parent."""

    kind: str
    what: str
    where: str
    todo: str


class Reply(msgspec.Struct, kw_only=True):
    """What came of a chunk; with a fault, what was done before it."""

    done: list[Done] = []
    stamps: dict[str, Stamp] = {}
    tally: Tally
    fault: Fault | None = None


def send(pipe: BinaryIO, message: msgspec.Struct) -> None:
    """Write one frame: four bytes of length, then MessagePack."""
    data = msgspec.msgpack.encode(message)
    pipe.write(len(data).to_bytes(4, "big"))
    pipe.write(data)
    pipe.flush()


def receive(pipe: BinaryIO, kind: type[T]) -> T:
    """Read one frame.

    Raises:
        EOFError: the other side is gone.
    """
    head = pipe.read(4)
    if len(head) < 4:  # noqa: PLR2004 - the length of the head
        raise EOFError
    data = pipe.read(int.from_bytes(head, "big"))
    return msgspec.msgpack.decode(data, type=kind)


class Bench:
    """Does chunks, in a worker or in the parent."""

    def __init__(self, setup: Setup, segment: int) -> None:
        self.shop = Workshop(setup, segment)
        self.lists = ListMaker(self.shop.renderer, setup.views)
        self.rows: list[Row] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shop.close()

    def do(self, chunk: Chunk) -> Reply:
        """Do a chunk up to its end or its first fault."""
        self.shop.tree.tally = Tally()
        reply = Reply(tally=self.shop.tree.tally)
        if chunk.stock is not None:
            self._stock(chunk.stock)
        for task in chunk.tasks:
            name = f"manifests/records/{task.found.id}"
            if not _guarded(reply, name, partial(self._record, task, reply)):
                break
        for order in chunk.pages:
            if not _guarded(reply, order.spec.path, partial(self._page, order, reply)):
                break
        self.shop.writer.flush()
        return reply

    def _record(self, task: Task, reply: Reply) -> None:
        reply.done.append(self.shop.make(task))

    def _stock(self, stock: Stock) -> None:
        setup = self.shop.setup
        registry = Registry(Path(setup.manifests).parents[1])
        desk = Desk(
            site=setup.site,
            views=setup.views,
            shelf=Shelf(Path(stock.details), registry.read),
            digests=stock.digests,
        )
        self.lists, self.rows = ListMaker(self.shop.renderer, setup.views, desk), stock.rows

    def _page(self, order: Order, reply: Reply) -> None:
        rows = tuple([self.rows[place] for place in order.rows])
        spec = msgspec.structs.replace(order.spec, rows=rows)
        reply.stamps[spec.path] = self.shop.tree.put(spec.path, self.lists.make(spec))


def _guarded(reply: Reply, where: str, step: Callable[[], None]) -> bool:
    """Run a step; an error becomes the reply's fault, and an unforeseen one says where it was."""
    try:
        step()
    except RegistryError as error:
        reply.fault = Fault(
            kind=type(error).__name__, what=error.what, where=error.where, todo=error.todo
        )
    except Exception as error:  # noqa: BLE001 - the parent raises it
        frame = traceback.extract_tb(error.__traceback__)[-1]
        reply.fault = Fault(
            kind=BuildFailed.__name__,
            what=f"{type(error).__name__}: {error} (in {frame.name}, line {frame.lineno})",
            where=where,
            todo="This is a fault of the software: please report it.",
        )
    return reply.fault is None


def main() -> None:
    """Serve chunks until the parent closes the pipe."""
    # The parent keeps standard output to itself; what anything here prints goes to standard error.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        hello = receive(sys.stdin.buffer, Hello)
        bench = Bench(hello.setup, hello.segment)
        # Everything made so far stays: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        gc.disable()
        while True:
            send(out, bench.do(receive(sys.stdin.buffer, Chunk)))
            gc.collect(0)
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        os._exit(0)


if __name__ == "__main__":
    main()
