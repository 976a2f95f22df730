"""Spreads tasks by joblib: over processes of this machine (loky), a Dask cluster, or not at all."""

from __future__ import annotations

import logging
import os
import signal
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

from joblib import Parallel, delayed, parallel_config

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.wiring.batch_tasks import Done, Ended, do, end_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sovereign_registry.wiring.batch_tasks import Task

BACKENDS = ("loky", "dask", "serial")


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Where tasks run."""

    backend: str = "loky"
    jobs: int = 4
    """Questions worked on at once; with ``--scheduler``, at most what the cluster has."""
    scheduler: str = ""
    """Address of a Dask scheduler; empty starts a cluster of processes on this machine."""

    @contextmanager
    def open(self) -> Iterator[None]:
        """Make the workers ready, and take them away in the end.

        Raises:
            UsageError: there is no such backend, or it cannot be had.
        """
        with ExitStack() as stack:
            if self.backend == "dask":
                stack.enter_context(_dask(self))
            elif self.backend == "loky":
                stack.enter_context(
                    parallel_config(
                        backend="loky",
                        inner_max_num_threads=1,
                        initializer=end_with_parent,
                        initargs=(os.getpid(),),
                    )
                )
                stack.callback(_end_processes)
                with _interrupts_held():  # the processes inherit that, and are never interrupted
                    Parallel(n_jobs=self.jobs)(delayed(os.getpid)() for _ in range(self.jobs))
            elif self.backend == "serial":
                stack.enter_context(parallel_config(backend="sequential"))
            else:
                raise UsageError(
                    f"there is no backend {self.backend!r}",
                    where="--backend",
                    todo=f"Use one of {', '.join(BACKENDS)}.",
                )
            yield

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Work on the tasks, within ``open``; what comes of them in whatever order it comes.

        A task is taken from ``tasks`` when a worker is free for it.  Where a worker dies, the tasks
        that were in work are done once more, each alone; one that ends its worker then has failed.
        """
        waiting = iter(tasks)
        under_way: dict[int, Task] = {}
        while True:
            try:
                yield from self._attempt(waiting, under_way)
            except Exception as error:  # noqa: BLE001 - each backend names a dead worker its own way
                for task in list(under_way.values()):
                    yield self._alone(task, error)
                    del under_way[task.place]
                continue
            return

    def _attempt(self, waiting: Iterator[Task], under_way: dict[int, Task]) -> Iterator[Done]:
        def dispatched() -> Iterator[object]:
            for task in waiting:
                under_way[task.place] = task
                yield delayed(do)(task)

        jobs = 1 if self.backend == "serial" else self.jobs
        workers = Parallel(
            n_jobs=jobs, pre_dispatch=jobs, batch_size=1, return_as="generator_unordered"
        )
        for done in workers(dispatched()):
            del under_way[done.place]
            yield done

    def _alone(self, task: Task, cause: Exception) -> Done:
        with suppress(Exception):  # said below
            return next(self._attempt(iter((task,)), {}))
        return Done(
            place=task.place,
            ended=Ended.FAILED,
            seconds=0.0,
            error=f"its worker process ended, twice ({type(cause).__name__}): out of memory?",
        )


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold interrupts back until the block ends; processes that it starts never get any."""
    resource_tracker.ensure_running()  # when that starts a process, it lets interrupts in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_processes() -> None:
    from joblib.externals.loky import get_reusable_executor  # noqa: PLC0415 - only where used

    get_reusable_executor().shutdown(wait=True, kill_workers=True)


@contextmanager
def _dask(spread: Spread) -> Iterator[None]:
    try:
        from distributed import Client, LocalCluster  # noqa: PLC0415 - an extra of its own
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the library {error.name} is not installed",
            where="--backend dask",
            todo='It comes with an extra: pip install "sovereign-registry[dask]".',
        ) from error
    with ExitStack() as stack:
        address: object = spread.scheduler
        if not spread.scheduler:
            with _interrupts_held():
                cluster = LocalCluster(  # type: ignore[no-untyped-call]
                    n_workers=spread.jobs,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address="127.0.0.1:0",
                    silence_logs=logging.ERROR,
                )
            address = stack.enter_context(cluster)
        try:
            stack.enter_context(Client(address, timeout="15s"))  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{spread.scheduler}: no Dask scheduler answers there ({type(error).__name__})",
                where="--scheduler",
                todo="Start one with `dask scheduler`, and workers with `dask worker ADDRESS`.",
            ) from error
        with parallel_config(backend="dask", wait_for_workers_timeout=30):
            yield
