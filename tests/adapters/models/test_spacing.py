"""Starts of requests are spaced for all threads and processes; nobody exceeds the rate."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.adapters.models.spacing import FARTHEST_SECONDS, SLACK, Spacing
from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.errors import BadInput, ModelFailure
from tests.adapters.models.making import chat_call, client
from tests.model_server import Fault, ModelScript, honest_reviewer, serve_models

if TYPE_CHECKING:
    from pathlib import Path

RATE, WINDOW = 300, 8.0
"""Forty requests in eight seconds: 40 a minute, 7.5 times as fast.  Still faster, a busy machine
delays a request by more than the slack, which is 5% of the window."""

ALLOWANCE = 40

_PROCESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from sovereign_registry.adapters.models.address import address_of
from sovereign_registry.adapters.models.client import HttpModels
from sovereign_registry.adapters.models.services import NIM
from sovereign_registry.adapters.models.spacing import Spacing
from tests.adapters.models.making import chat_call
url, file, rate, first, count = sys.argv[1:]
spacing = Spacing(Path(file), float(rate))
with HttpModels(NIM, address_of(url), spacing=spacing) as models, ThreadPoolExecutor(8) as pool:
    calls = [chat_call(seed=int(first) + number) for number in range(int(count))]
    list(pool.map(models.chat, calls))
"""


def _most_in_any(window: float, starts: list[float]) -> int:
    return max(
        sum(first <= moment < first + window for moment in starts[place:])
        for place, first in enumerate(starts)
    )


@pytest.mark.slow
def test_three_processes_use_the_allowance_and_never_exceed_it(tmp_path: Path, root: Path) -> None:
    """48 requests of 3 processes with 8 threads each: 90% of the rate and no 429."""
    script = ModelScript(
        chat=honest_reviewer(), requests_per_minute=RATE, window=WINDOW, latency=0.6
    )
    environment = os.environ | {"PYTHONPATH": f"{root / 'generator'}:{root}"}
    with serve_models(script) as world:
        command = [sys.executable, "-c", _PROCESS, world.url, str(tmp_path / "next"), str(RATE)]
        running = [
            subprocess.Popen([*command, str(number * 100), "16"], env=environment)
            for number in range(3)
        ]
        assert [0, 0, 0] == [process.wait(timeout=60) for process in running]
        starts = sorted(seen.started for seen in world.requests)
        assert {200} == {seen.status for seen in world.requests}
    # While all three have work: from the last one's first request to the first one's last.
    steady = starts[5:43]
    rate = (len(steady) - 1) / (steady[-1] - steady[0]) * 60
    assert 48 == len(starts)
    assert _most_in_any(WINDOW, starts) <= ALLOWANCE
    assert rate >= 0.9 * RATE
    assert world.in_flight_max > 1


def test_starts_are_an_interval_apart_and_requests_overlap(tmp_path: Path) -> None:
    """Slow replies do not hold up the next start."""
    spacing = Spacing(tmp_path / "next", 300)
    script = ModelScript(chat=honest_reviewer(), latency=1.2)
    with (
        serve_models(script) as world,
        client(world, spacing=spacing) as models,
        ThreadPoolExecutor(4) as pool,
    ):
        list(pool.map(models.chat, [chat_call(seed=number) for number in range(4)]))
        starts = sorted(seen.started for seen in world.requests)
        assert 4 == world.in_flight_max
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert min(gaps) > 0.1
    assert max(gaps) < 1.0


def test_a_429_holds_everybody_up(tmp_path: Path) -> None:
    """After one client's 429 another client's start waits as the server asked."""
    file = tmp_path / "next"
    script = ModelScript(
        chat=honest_reviewer(), faults=[Fault("status", 429, {"Retry-After": "1"})]
    )
    with (
        serve_models(script) as world,
        client(world, spacing=Spacing(file, 6000)) as first,
        client(world, spacing=Spacing(file, 6000)) as second,
    ):
        thread = threading.Thread(target=first.chat, args=(chat_call(),))
        thread.start()
        time.sleep(0.3)
        second.chat(chat_call(seed=1))
        thread.join()
        starts = sorted(seen.started for seen in world.requests)
    assert starts[1] - starts[0] >= 0.99


def test_an_account_that_is_held_for_long_is_told_so_without_a_request(tmp_path: Path) -> None:
    """Who comes after a 429 for an hour does not ask again and does not hang."""
    spacing = Spacing(tmp_path / "next", 60)
    spacing.hold(3600)
    with serve_models() as world, client(world, spacing=spacing) as models:
        with pytest.raises(ModelFailure, match=r"for another 3[56]\d\d seconds") as caught:
            models.chat(chat_call())
        assert (CallFault.UNAVAILABLE, []) == (caught.value.fault, world.requests)


def test_the_right_to_start_is_taken_once(tmp_path: Path) -> None:
    """The first take succeeds, the second says how long to wait."""
    spacing = Spacing(tmp_path / "folder" / "next", 60)
    assert 0.0 == spacing.take()
    assert 0.9 < spacing.take() <= SLACK


@pytest.mark.parametrize("found", ["", "nonsense", "nan", "inf", "99999999999.0", "nonsense" * 99])
def test_files_that_no_clock_wrote_are_ignored(tmp_path: Path, found: str) -> None:
    """An empty, damaged or far-off moment does not stop anybody."""
    file = tmp_path / "next"
    file.write_text(found)
    assert 0.0 == Spacing(file, 60).take()
    assert 0.9 < Spacing(file, 60).take() <= SLACK


def test_no_hold_is_longer_than_a_day(tmp_path: Path) -> None:
    """Whatever a server asks for."""
    spacing = Spacing(tmp_path / "next", 60)
    spacing.hold(1e12)
    assert FARTHEST_SECONDS - 5 < spacing.take() <= FARTHEST_SECONDS


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One error with the file and what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="XDG_CACHE_HOME"):
        Spacing(tmp_path / "file" / "next", 60).take()


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_rates_that_allow_nothing_are_refused(tmp_path: Path, rate: float) -> None:
    """A rate is above 0."""
    with pytest.raises(ValueError, match="allows no request"):
        Spacing(tmp_path / "next", rate)
