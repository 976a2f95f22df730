"""The harness: what a command cost, in turn with its peer, and how that is set beside a goal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.measure import Case, CommandFailed, Cost, Usage, alternate, measure
from benchmarks.results import Figure, Machine, Part, Results, ratio, table

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.results import Better

BUSY = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass\n"
MEGABYTE = 2**20


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-S", "-c", code)


def test_cpu_of_a_child_process_counts() -> None:
    """A command that leaves the work to its child is charged for it."""
    code = f"import subprocess, sys\nsubprocess.run([sys.executable, '-S', '-c', {BUSY!r}])"

    spent, _ = measure(_python(code))

    assert spent.cpu >= 0.2
    assert spent.wall >= 0.2


def test_time_asleep_is_wall_and_not_cpu() -> None:
    """A command that waits costs wall time only."""
    spent, _ = measure(_python("import time; time.sleep(0.4)"))

    assert spent.wall >= 0.4
    assert spent.cpu < 0.3


def test_memory_is_that_of_the_command_and_not_ours() -> None:
    """Our own size is not charged to a small command; its children's sizes are added up."""
    ballast = bytearray(150 * MEGABYTE)
    small, _ = measure(_python("import time; time.sleep(0.2)"))
    assert len(ballast) > small.largest

    child = "import time; held = bytearray(60 * 2**20); time.sleep(0.4)"
    code = (
        "import subprocess, sys\n"
        f"both = [subprocess.Popen([sys.executable, '-S', '-c', {child!r}]) for _ in range(2)]\n"
        "[one.wait() for one in both]"
    )
    spent, _ = measure(_python(code))

    assert spent.summed >= 120 * MEGABYTE
    assert 60 * MEGABYTE <= spent.largest < 120 * MEGABYTE


def test_a_command_that_fails_is_no_measurement() -> None:
    """The error names the command's own last words."""
    with pytest.raises(CommandFailed, match="out of cheese"):
        measure(_python("import sys; sys.exit('out of cheese')"))


def test_cases_take_turns(tmp_path: Path) -> None:
    """A B A B, each prepared before each of its runs."""
    log = tmp_path / "log"

    def case(name: str) -> Case:
        def prepare(number: int) -> None:
            with log.open("a") as file:
                file.write(f"prepare {name} {number}\n")

        code = f"open({str(log)!r}, 'a').write('run {name}\\n')"
        return Case(name=name, command=_python(code), prepare=prepare)

    costs = alternate([case("a"), case("b")], 2)

    assert log.read_text().splitlines() == [
        line
        for number in (0, 1)
        for name in ("a", "b")
        for line in (f"prepare {name} {number}", f"run {name}")
    ]
    assert {name: len(cost.runs) for name, cost in costs.items()} == {"a": 2, "b": 2}


def test_the_middle_run_stands_for_all() -> None:
    """One slow run moves the spread and leaves the median."""
    runs = [Usage(wall=wall, cpu=0.1, largest=1, summed=1) for wall in (1.0, 9.0, 1.5)]

    spread = Cost(name="a", runs=runs).spread("wall")

    assert (spread.median, spread.least, spread.most) == (1.5, 1.0, 9.0)


@pytest.mark.parametrize(
    ("measured", "goal", "better", "met"),
    [
        (0.5, 0.65, "lower", True),
        (0.65, 0.65, "lower", True),
        (0.7, 0.65, "lower", False),
        (10.0, 5.0, "higher", True),
        (1.0, 5.0, "higher", False),
        (None, 5.0, "higher", None),
        (1.0, None, "lower", None),
    ],
)
def test_a_goal_is_met_or_missed(
    measured: float | None,
    goal: float | None,
    better: Better,
    met: bool | None,  # noqa: FBT001 - the outcome that is due, from the table above
) -> None:
    """Figures without a goal, or that could not be measured, are neither."""
    assert Figure(name="a", measured=measured, goal=goal, better=better).met is met


def test_the_table_says_what_was_missed() -> None:
    """Goal, figure and outcome stand in one line."""
    machine = Machine(python="3.11", system="Linux", processors=2, load=0.1)
    figures = [ratio("wall, ours / theirs", 3.0, 4.0, goal=0.65)]
    results = Results(machine=machine, runs=1, parts=[Part(name="Cold", figures=figures)])

    assert "wall, ours / theirs  <= 0.65  0.75 x    MISSED" in table(results)
