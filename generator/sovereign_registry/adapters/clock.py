"""The system's clock; used for decisions and history entries, never inside a run."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Clock over the operating system's time."""

    def now(self) -> datetime:
        """Return the current UTC time, whole seconds, with its zone."""
        return datetime.now(UTC).replace(microsecond=0)
