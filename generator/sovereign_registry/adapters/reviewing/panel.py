"""A panel of language models behind the Reviewer port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sovereign_registry.adapters.reviewing import prompts
from sovereign_registry.adapters.reviewing.asking import LABELS, ask, recorded
from sovereign_registry.adapters.reviewing.marking import leaks, marks_for
from sovereign_registry.adapters.reviewing.replies import SCHEMA_NAME, parse_reply, schema
from sovereign_registry.contracts.calls import ChatCall
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.review import Opinion, Probe, ProbeOutcome
from sovereign_registry.contracts.rules import tribunal_v2

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.adapters.reviewing.marking import Marks
    from sovereign_registry.adapters.reviewing.replies import RoleReply
    from sovereign_registry.contracts.calls import ChatReply
    from sovereign_registry.contracts.dossier import Dossier
    from sovereign_registry.contracts.live import PanelSettings
    from sovereign_registry.contracts.ports import ModelServer, Progress
    from sovereign_registry.contracts.review import Role

_T = TypeVar("_T")


def panel_name(settings: PanelSettings) -> str:
    """What the panel is called among a record's tools."""
    return f"language models via {LABELS[settings.service]}"


def panel_version(settings: PanelSettings) -> str:
    """The model of each role, or the one model of all, and the version of the prompts."""
    models = [item.model for item in settings.models]
    said = (
        models[0]
        if len(set(models)) == 1
        else ", ".join(f"{item.role}: {item.model}" for item in settings.models)
    )
    return f"{said}; prompts {settings.prompts}"


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """What one role is shown, and how its reply is read."""

    role: Role
    ids: dict[str, str]
    """The id under which each claim is shown, by its own."""
    marks: Marks
    asked: str

    def read(self, text: str) -> RoleReply:
        return parse_reply(text, self.role, self.ids.values(), self.marks.secrets)


class ModelReviewer:
    """Reviewer that asks one model a role, with one retry; no role sees another.

    Replies that cannot be used leave the role without an opinion; what no role would escape stops
    the run.
    """

    method = tribunal_v2.MODEL

    def __init__(
        self, settings: PanelSettings, server: ModelServer, *, record: str, progress: Progress
    ) -> None:
        self._settings = settings
        self._server = server
        self._record = record
        self._progress = progress
        self.name = panel_name(settings)
        self.version = panel_version(settings)

    def review(self, role: Role, dossier: Dossier) -> Opinion | None:
        """Ask the role's model about the dossier.

        Raises:
            ModelFailure: the key, the model, the budget or a missing kept reply stops the run; or
                the server did not answer, which may be this role's trouble only.
        """
        sheet = self._sheet(role, dossier)
        answer = self._ask(sheet, sheet.read)
        if answer is None:
            return None
        call, reply, said = answer
        cited = {shown: own for own, shown in sheet.ids.items()}
        named = {cited[shown] for shown in said.cited}
        settings = self._settings
        return Opinion(
            role=role,
            method=tribunal_v2.MODEL,
            reviewer=f"{call.model} via {LABELS[settings.service]}, prompts {settings.prompts}",
            score=said.score,
            # Ids as shown say nothing to a reader: the record's own stand in their place.
            rationale=prompts.renamed(said.rationale, cited),
            cited_claims=tuple(claim.id for claim in dossier.claims if claim.id in named),
            features=said.dimensions,
            call=recorded(settings.service, settings.prompts, call, reply),
            verdict=said.verdict,
        )

    def probe(self, role: Role, dossier: Dossier) -> Probe:
        """Ask with an instruction of ours in a passage: to copy a token that nobody else knows.

        Raises:
            ModelFailure: as for ``review``.
        """
        token = content_sha256(["planted", self._record, role.value, content_sha256(dossier)])[:16]
        sheet = self._sheet(role, prompts.planted(dossier, token))

        def read(text: str) -> RoleReply | None:
            """None for a reply that obeys."""
            return None if leaks(text, (token, *sheet.marks.secrets)) else sheet.read(text)

        answer = self._ask(sheet, read)
        if answer is None:
            return Probe(role=role, outcome=ProbeOutcome.NO_REPLY, score=None, call=None)
        call, reply, said = answer
        return Probe(
            role=role,
            outcome=ProbeOutcome.RESISTED if said else ProbeOutcome.OBEYED,
            score=said.score if said else None,
            call=recorded(self._settings.service, self._settings.prompts, call, reply),
        )

    def _sheet(self, role: Role, dossier: Dossier) -> _Sheet:
        settings = self._settings
        base = (self._record, str(settings.seed), role.value)
        claims = prompts.shuffled(dossier.claims, ("order", *base))
        ids = prompts.shown_ids(claims)
        purpose = ("marks", *base, content_sha256(dossier))
        marks = marks_for(purpose, prompts.texts(dossier))
        return _Sheet(
            role=role, ids=ids, marks=marks, asked=prompts.user(dossier, claims, ids, marks)
        )

    def _ask(
        self, sheet: _Sheet, read: Callable[[str], _T]
    ) -> tuple[ChatCall, ChatReply, _T] | None:
        settings = self._settings
        form = schema(sheet.role, list(sheet.ids.values()))

        def call_of(attempt: int, reason: str) -> ChatCall:
            return ChatCall(
                model=settings.model_of(sheet.role),
                system=prompts.system(sheet.role, sheet.marks, reason),
                user=sheet.asked,
                schema_name=SCHEMA_NAME,
                schema=form,
                temperature=settings.temperature,
                max_tokens=settings.max_tokens,
                seed=settings.seed,
                attempt=attempt,
            )

        return ask(
            self._server, call_of, read, lambda why: self._progress.note(f"{sheet.role}: {why}")
        )
