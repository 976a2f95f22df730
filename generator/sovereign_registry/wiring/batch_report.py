"""What came of a batch: rows for the summary, the JSON and the state file."""

from __future__ import annotations

import msgspec


class BatchRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One question of a batch."""

    line: int
    """Line of the agenda."""
    question: str
    state: str
    """``published``, ``waiting``, ``refused``, ``near`` (nearly repeats a record, so nothing was
    paid), ``failed``, ``stopped`` or ``not reached``."""
    record: str | None = None
    found: bool = False
    """Whether the record was there before."""
    score: str | None = None
    verdict: str = ""
    policy: str = ""
    requests: int = 0
    """Requests to model servers whose replies the record rests on."""
    tokens: int = 0
    seconds: float = 0.0
    error: str = ""


class BatchReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A batch as it stands."""

    agenda_sha256: str
    """Digest of the questions with their options."""
    began: str
    """UTC date of the batch's first start."""
    finished: bool
    """Whether every question has a record or is left out for one that is near."""
    seconds: float
    requests: int
    """Requests sent to model servers since the batch began."""
    tokens: int
    rows: tuple[BatchRow, ...]
    """In the agenda's order."""

    def count(self, *states: str) -> int:
        """How many questions are in one of the states."""
        return sum(row.state in states for row in self.rows)

    @property
    def done(self) -> int:
        """Questions that have a record."""
        return self.count("published", "waiting", "refused")
