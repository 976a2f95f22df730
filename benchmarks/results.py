"""What was measured, set beside what it should be."""

from __future__ import annotations

import os
import platform
import sys
from typing import Literal

import msgspec

from benchmarks.measure import Cost

Better = Literal["lower", "higher"]


class Figure(msgspec.Struct, kw_only=True):
    """One figure; ``goal`` is None where none was set."""

    name: str
    measured: float | None
    """None where it could not be measured; ``note`` says why."""
    unit: str = ""
    goal: float | None = None
    better: Better = "lower"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is nothing to compare."""
        if self.goal is None or self.measured is None:
            return None
        return self.measured <= self.goal if self.better == "lower" else self.measured >= self.goal


class Part(msgspec.Struct, kw_only=True):
    """One comparison: its figures, and the runs that they come from."""

    name: str
    figures: list[Figure]
    costs: list[Cost] = []
    notes: list[str] = []


class Machine(msgspec.Struct, kw_only=True):
    """Where it was measured."""

    python: str
    system: str
    processors: int
    load: float
    """The one-minute load average at the start: above 0.5 somebody else is at work too."""


class Results(msgspec.Struct, kw_only=True):
    """All of one invocation."""

    machine: Machine
    runs: int
    parts: list[Part]


def this_machine() -> Machine:
    """The facts about the machine that a figure depends on."""
    return Machine(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()}",
        processors=len(os.sched_getaffinity(0)),
        load=round(os.getloadavg()[0], 2),
    )


def ratio(name: str, ours: float, theirs: float, *, goal: float | None = None) -> Figure:
    """Our figure as a share of the peer's; lower is better."""
    return Figure(name=name, measured=ours / theirs if theirs else None, unit="x", goal=goal)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _cost_row(cost: Cost) -> tuple[str, ...]:
    wall, cpu = cost.spread("wall"), cost.spread("cpu")
    return (
        f"  {cost.name}",
        f"{wall.median:.2f} ({wall.least:.2f} to {wall.most:.2f})",
        f"{cpu.median:.2f} ({cpu.least:.2f} to {cpu.most:.2f})",
        f"{cost.middle('summed') / 2**20:,.0f}",
        f"{cost.middle('largest') / 2**20:,.0f}",
    )


_MET = {True: "met", False: "MISSED", None: ""}


def _figure_row(figure: Figure) -> tuple[str, ...]:
    sign = "<=" if figure.better == "lower" else ">="
    goal = "" if figure.goal is None else f"{sign} {_number(figure.goal)}"
    measured = f"{_number(figure.measured)} {figure.unit}".strip()
    return (f"  {figure.name}", goal, measured, _MET[figure.met], figure.note)


def table(results: Results) -> str:
    """The readable report."""
    machine = results.machine
    head = (
        f"Python {machine.python}, {machine.system}, {machine.processors} processors, "
        f"load {machine.load} at the start; {results.runs} runs each, in turn; medians."
    )
    lines = [head]
    for part in results.parts:
        lines += ["", part.name]
        if part.costs:
            titles = ("  command", "wall s (least to most)", "CPU s (least to most)")
            rows = [(*titles, "MiB summed", "MiB largest"), *map(_cost_row, part.costs)]
            lines += _table(rows)
        if part.figures:
            head_row = ("  figure", "goal", "measured", "", "")
            lines += _table([head_row, *map(_figure_row, part.figures)])
        lines += [f"  note: {note}" for note in part.notes]
    return "\n".join(lines)


def say(text: str) -> None:
    """Progress goes to standard error, so that standard output holds the report alone."""
    print(text, file=sys.stderr, flush=True)
