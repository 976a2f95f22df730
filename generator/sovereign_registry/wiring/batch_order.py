"""From an agenda's file and the command's options to what is to be run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from sovereign_registry.contracts.agenda import chosen
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.errors import RegistryError, UsageError
from sovereign_registry.store.agendas import read_agenda
from sovereign_registry.wiring.live_options import parse_models
from sovereign_registry.wiring.models import check_live

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sovereign_registry.contracts.agenda import AgendaQuestion
    from sovereign_registry.wiring.answering import Ask

_SAME_RECORD = {
    "model_url",
    "embedding_url",
    "replay",
    "rate",
    "timeout",
    "budget_file",
    "max_requests",
    "max_tokens",
}
"""Options that lead to the same record whatever they say."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to run."""

    root: Path
    questions: Sequence[AgendaQuestion]
    """With the agenda's defaults filled in."""
    lines: Sequence[int]
    """The line of the agenda that each begins on."""
    asks: Sequence[Ask]
    """One a question: with the command's options filled in too."""
    max_requests: int | None = None
    max_tokens: int | None = None

    @property
    def sha256(self) -> str:
        """Digest of what is asked, in order, with every option that can change a record."""
        return content_sha256([_plain(ask) for ask in self.asks])


def _plain(ask: Ask) -> dict[str, object]:
    live = {name: value for name, value in asdict(ask.live).items() if name not in _SAME_RECORD}
    return {**asdict(ask), "live": live, "since": None}


def read_order(root: Path, agenda: Path, base: Ask, budget: str = "") -> Order:
    """Read an agenda.

    Args:
        root: The registry's folder.
        agenda: The agenda's file.
        base: What holds where the agenda says nothing; its question is not used.
        budget: ``requests=N``, ``tokens=N`` or both with a comma.

    Raises:
        BadInput: the agenda's file breaks its contract.
        UsageError: a question's options or the budget cannot work; nothing was asked.
    """
    questions, lines = read_agenda(agenda)
    asks = []
    for question, line in zip(questions, lines, strict=True):
        ask = _ask(question, base)
        try:
            _ = ask.config
            check_live(ask.live)
        except RegistryError as error:
            where = f"{agenda}:{line}: {error.where}".rstrip(": ")
            raise UsageError(error.what, where=where, todo=error.todo) from error
        asks.append(ask)
    limits = read_budget(budget)
    return Order(
        root=root,
        questions=questions,
        lines=lines,
        asks=asks,
        max_requests=limits.get("requests"),
        max_tokens=limits.get("tokens"),
    )


def _ask(question: AgendaQuestion, base: Ask) -> Ask:
    """The question with the agenda's options over the command's."""
    said = chosen(question)
    for name in ("question", "priority"):
        said.pop(name, None)
    own = {name: said.pop(name) for name in ("source", "as_of") if name in said}
    if "model" in said:
        said["models"] = parse_models(said.pop("model"))
    return replace(base, question=question.question, live=replace(base.live, **said), **own)


def read_budget(text: str) -> dict[str, int]:
    """``requests=N,tokens=M`` as numbers; empty for an empty text.

    Raises:
        UsageError: it is something else.
    """
    found: dict[str, int] = {}
    for part in text.split(",") if text.strip() else ():
        name, _, number = part.strip().partition("=")
        digits = number.replace("_", "")
        if name not in {"requests", "tokens"} or name in found or not digits.isdecimal():
            raise UsageError(
                f"{part.strip()[:40]!r} is no limit",
                where="--budget",
                todo="Such as requests=500,tokens=2000000; one of the two is enough.",
            )
        found[name] = int(digits)
    return found
