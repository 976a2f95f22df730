"""What can be wrong with a log, as an error that names it."""

from __future__ import annotations

from sovereign_registry.contracts.errors import BadInput


class LogFault(BadInput):
    """A log file, proof, checkpoint or signature is not what it must be."""


class NotAnExtension(LogFault):
    """Two states of the log do not continue each other: it was rolled back, or forked."""


def require(holds: object, what: str, *, where: str = "", todo: str = "") -> None:
    """Raise ``LogFault`` unless the condition holds."""
    if not holds:
        raise LogFault(what, where=where, todo=todo)
