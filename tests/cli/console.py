"""Runs the command line as a user would: another process, a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "How does the batch size change the number of experts that sparse routing must load?"
WEAK_QUESTION = "Do penguins prefer cold water when they migrate along a coast?"
REGISTRY = """contract: "registry-v1"
title: "A registry for tests"
publisher: "Nobody in particular"
description: "Records of our own."
base_url: ""
language: "en"
records_licence: "CC BY 4.0"
report_problem: "Write a letter."
options:
  pdf: {pdf}
"""
COMMAND = [sys.executable, "-c", "from sovereign_registry.cli import main; main()"]

INTERRUPTIBLE = [
    sys.executable,
    "-c",
    (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from sovereign_registry.cli import main; main()"
    ),
]
"""The same, where the tests themselves run in the background, which ignores interrupts."""


def environment(**changes: str) -> dict[str, str]:
    """This process's environment with the package on the path."""
    return os.environ | {"PYTHONPATH": str(ROOT / "generator")} | changes


def new_registry(folder: Path, *, pdf: bool = False) -> Path:
    """Make an empty registry in the folder."""
    (folder / "manifests").mkdir(parents=True)
    marker = folder / "manifests" / "registry.yaml"
    marker.write_text(REGISTRY.format(pdf="true" if pdf else "false"), encoding="utf-8")
    return folder


def call(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment(**changes),
    )


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
