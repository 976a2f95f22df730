"""What the page about batches shows is what the command reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from click.testing import CliRunner

from sovereign_registry.cli.batch import batch
from sovereign_registry.cli.monitor import monitor
from sovereign_registry.contracts.agenda import AskOptions
from sovereign_registry.store.agendas import read_agenda

if TYPE_CHECKING:
    from pathlib import Path


def test_the_agenda_of_the_documentation_is_one(root: Path, tmp_path: Path) -> None:
    """It is read, and every option that the page names is one of the contract's."""
    text = (root / "docs" / "batches.md").read_text(encoding="utf-8")
    (agenda,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "agenda.yaml"
    path.write_text(agenda, encoding="utf-8")
    questions, lines = read_agenda(path)
    assert ([10, 0, 0], (7, 9, 10)) == ([one.priority for one in questions], lines)
    assert set(AskOptions.__struct_fields__) <= set(re.findall(r"`(\w+)`", text))


def test_options_of_the_documentation_exist(root: Path) -> None:
    """Every option on both pages is one of its command, or of another that is named there."""
    for command, name in ((batch, "batches"), (monitor, "monitoring")):
        text = (root / "docs" / f"{name}.md").read_text(encoding="utf-8")
        shown = CliRunner().invoke(command, ["--help"]).output
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
        assert named - {"--nthreads", "--close", "--reason"} <= set(
            re.findall(r"--[a-z][a-z-]+", shown)
        )
