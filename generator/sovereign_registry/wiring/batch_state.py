"""What a batch remembers between two starts: when it began, and how far it is.

The registry alone says which questions are answered; this file may be deleted at any time.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.wiring.batch_report import BatchReport

if TYPE_CHECKING:
    from pathlib import Path


class StateFile:
    """The state of one agenda's batch in one registry.

    Args:
        root: The registry's folder.
        digest: The agenda's digest.
        today: The UTC date.
    """

    def __init__(self, root: Path, digest: str, today: str) -> None:
        self.folder = root / ".sovereign" / "batches" / digest[:16]
        self.path = self.folder / "state.json"
        self.stop = self.folder / f"stop.{os.getpid()}"
        self.spent = self.folder / "spent.json"
        """What the batch has spent on model servers since it began."""
        began = self._unfinished()
        if began is None:
            self.spent.unlink(missing_ok=True)
        self.began = began or today

    def _unfinished(self) -> str | None:
        with suppress(OSError, msgspec.MsgspecError):  # none, or one that cannot be read: begin
            found = msgspec.json.decode(self.path.read_bytes(), type=BatchReport)
            return None if found.finished else found.began
        return None

    def save(self, report: BatchReport) -> None:
        """Keep how far the batch is; the file appears whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self.folder / f"state.{os.getpid()}"
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1))
        temporary.replace(self.path)
