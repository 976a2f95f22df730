"""The error tree.  Every error says where, what was found, and what to do next.

RegistryError
├── UsageError          the command was called in a way that cannot work            (exit 2)
├── NearQuestion        a question that would be paid for is held already, or nearly (exit 4)
├── BadInput            a file, reply or question is not what its contract says     (exit 3)
│   ├── SourceFailure   a paper source could not be read or answered wrongly
│   ├── ModelFailure    a model server gave no usable reply
│   ├── RecordFault     a manifest, history entry or artifact breaks its contract
│   └── LogFault        the transparency log is not what it must be (contracts/log/faults.py)
│       └── NotAnExtension   it does not extend the log that was published before
├── CheckFailed         the registry was read, and faults were found                (exit 1)
└── BuildFailed         the site could not be built whole                           (exit 1)

Only the command line decides to exit; every other room raises.
"""

from __future__ import annotations


def on_one_line(where: str, what: str, todo: str) -> str:
    """``where: what. todo``, whatever of it is there; the stop keeps the two sentences apart."""
    line = f"{where}: {what}" if where else what
    if not todo:
        return line
    return f"{line} {todo}" if line.endswith((".", "!", "?", "…")) else f"{line}. {todo}"


def _remade(
    kind: type[RegistryError], args: tuple[object, ...], state: dict[str, object]
) -> RegistryError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class RegistryError(Exception):
    """Base of all errors that a user can act on.

    Args:
        what: What was found, in one sentence.
        where: The file, line, field or address that it was found in; may be empty.
        todo: What the user can do about it; may be empty.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        self.what = what
        self.where = where
        self.todo = todo
        super().__init__(str(self))

    def __str__(self) -> str:
        """Render as ``where: what. todo`` on one line."""
        return on_one_line(self.where, self.what, self.todo)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes whole, whatever the arguments of a subclass are."""
        return _remade, (type(self), self.args, self.__dict__)


class UsageError(RegistryError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class NearQuestion(RegistryError):
    """A question that would be paid for is in the registry already, or nearly so.

    Args:
        what: What was found, in one sentence.
        records: Ids of the records that hold it.
        todo: What the user can do about it.
    """

    exit_code = 4

    def __init__(self, what: str, *, records: tuple[str, ...], todo: str = "") -> None:
        self.records = records
        super().__init__(what, todo=todo)


class BadInput(RegistryError):
    """Something that came from outside is not what its contract says."""

    exit_code = 3


class SourceFailure(BadInput):
    """A paper source could not be read, or its answer cannot be trusted to be whole."""


class ModelFailure(BadInput):
    """A model server gave no usable reply.

    Args:
        what: What was found, in one sentence; never holds a key.
        fault: The kind of failure, a ``contracts.calls.CallFault``, for programs.
        where: The server's host and path.
        todo: What the user can do about it.
    """

    def __init__(self, what: str, *, fault: str, where: str = "", todo: str = "") -> None:
        self.fault = fault
        super().__init__(what, where=where, todo=todo)


class RecordFault(BadInput):
    """A manifest, history entry or artifact breaks its contract."""


class CheckFailed(RegistryError):
    """The registry was read whole, and at least one fault was found."""

    exit_code = 1


class BuildFailed(RegistryError):
    """The site could not be built whole."""

    exit_code = 1
