"""Gate 2 of one registry: artifacts attached and accepted, attempts made, verdicts published.

What is attached waits in ``.sovereign/gate/<record>/<artifact>/``: never public, never in git.  A
verdict publishes it: the report and the artifact's files are written to ``gate/NNNN/`` of the
record in one step, then the history entry that names them all by digest.
"""

from __future__ import annotations

import fcntl
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.adapters.clock import SystemClock
from sovereign_registry.contracts.amend import OWNER, Amendment, Setting, amend
from sovereign_registry.contracts.errors import BadInput, UsageError
from sovereign_registry.contracts.gate import NO_ATTEMPT, Acceptance, Judge
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.registry import require_right
from sovereign_registry.contracts.rules.gate_v1 import JUDGES
from sovereign_registry.contracts.runs import RUN_FILE
from sovereign_registry.contracts.verdicts import FILES, inapplicable, report_bytes, verdict_of
from sovereign_registry.store.artifacts import Artifact, read_artifact
from sovereign_registry.store.files import write_folder
from sovereign_registry.store.queue import utc
from sovereign_registry.wiring.gate_artifacts import (
    JUDGE_WORDS,
    claim_of,
    published_artifact,
    require_digest,
    require_fits,
)
from sovereign_registry.wiring.gate_runs import Subject, attempt, fresh_folder
from sovereign_registry.wiring.history import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.gate import ClaimVerdict
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.ports import Clock
    from sovereign_registry.contracts.runs import LeanRun, ReproRun
    from sovereign_registry.contracts.sealing import Preflight
    from sovereign_registry.store import Registry
    from sovereign_registry.wiring.gate_runs import Tools

DIGEST = re.compile(r"[0-9a-f]{64}")
MIN_PREFIX = 8


class Gate:
    """Gate 2 of one registry."""

    def __init__(self, registry: Registry, clock: Clock | None = None) -> None:
        self.registry = registry
        self.clock = clock or SystemClock()
        self.folder = registry.root / ".sovereign" / "gate"

    # --- attached artifacts

    def attach(self, record_id: str, folder: Path) -> Artifact:
        """Check an artifact against its contract and a record's claim, and keep it for a run.

        Raises:
            RegistryError: it is not what it must be; nothing is kept.
        """
        artifact = read_artifact(folder)
        require_fits(read(self.registry, record_id).record, artifact)
        with self.registry.lock():
            target = self._staged(record_id) / artifact.sha256
            if not target.exists():
                files = {f"{FILES}/{path}": data for path, data in artifact.files.items()}
                write_folder(target, files, self.registry.scratch)
        return artifact

    def _staged(self, record_id: str) -> Path:
        return self.folder / "attached" / self.registry.record_dir(record_id).name

    def artifacts(self, view: RecordView) -> dict[str, Artifact]:
        """Every artifact that is attached to a record or was published with a verdict, by digest.

        Raises:
            RecordFault: one of them is no longer what it was.
        """
        found: dict[str, Artifact] = {}
        folder = self.registry.record_dir(view.record.id)
        for verdict in view.record.gate.verdicts:
            if verdict.artifact is not None and verdict.artifact not in found:
                found[verdict.artifact] = published_artifact(folder, verdict)
        staged = self._staged(view.record.id)
        names = sorted(path.name for path in staged.iterdir()) if staged.is_dir() else []
        for name in names:
            if not DIGEST.fullmatch(name) or name in found:
                continue
            found[name] = read_artifact(staged / name / FILES)
            require_digest(found[name], name, str(staged / name))
        return found

    def attached_to(self) -> list[str]:
        """Ids of the records that something is attached to, sorted."""
        folder = self.folder / "attached"
        names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
        return sorted(set(names) & set(self.registry.ids()))

    def pending(self, view: RecordView) -> dict[str, Artifact]:
        """The artifacts that a run could tell something new about.

        Those that were never really tried for the claim as it is worded now, and those that the
        owner has accepted since.
        """
        record = view.record
        found: dict[str, Artifact] = {}
        for digest, artifact in self.artifacts(view).items():
            claim = next((one for one in record.claims if one.id == artifact.spec.claim.id), None)
            if claim is None or claim.sha256 != artifact.spec.claim.sha256:
                continue
            accepted = self._accepted(record, claim, digest)
            tried = [
                one.entry
                for one in record.gate.verdicts
                if (one.claim, one.artifact) == (claim.id, digest)
                and one.reason_code not in NO_ATTEMPT
            ]
            if not tried or (accepted is not None and accepted.entry > max(tried)):
                found[digest] = artifact
        return found

    def named(self, view: RecordView, text: str) -> tuple[str, Artifact]:
        """The one artifact whose digest starts with a text.

        Raises:
            BadInput: none does, or several do.
        """
        every = self.artifacts(view)
        found = [one for one in sorted(every) if one.startswith(text)]
        if len(text) < MIN_PREFIX or len(found) != 1:
            listed = ", ".join(one[:16] for one in sorted(every)) or "none"
            raise BadInput(
                f"{text[:80]!r} names {len(found)} artifacts",
                where=view.record.id,
                todo=f"Give at least {MIN_PREFIX} characters of its digest; attached: {listed}.",
            )
        return found[0], every[found[0]]

    @staticmethod
    def _accepted(record: Manifest, claim: Claim, artifact: str) -> Acceptance | None:
        found = [
            one for one in record.gate.accepted if one.covers(claim.id, claim.sha256, artifact)
        ]
        return found[-1] if found else None

    def accept(self, record_id: str, text: str, claim_id: str, *, by: str, note: str) -> RecordView:
        """Record the owner's word that an artifact is a fair test of a claim.

        Raises:
            UsageError: somebody else than the owner says so.
            RegistryError: there is no such artifact or claim, or it was accepted before.
        """
        require_right(self.registry.info, by, Event.ARTIFACT_ACCEPTED)
        if by.partition(":")[0].strip().casefold() != OWNER:
            raise UsageError(
                f"{by!r} may not accept an artifact", where="--by", todo="Only the owner may."
            )
        with self.registry.lock():
            view = read(self.registry, record_id)
            digest, artifact = self.named(view, text)
            claim = require_fits(view.record, artifact)
            if claim.id != claim_id:
                raise BadInput(
                    f"the artifact {digest[:16]} is about claim {claim.id}", where=record_id
                )
            if self._accepted(view.record, claim, digest):
                raise BadInput(
                    f"the artifact {digest[:16]} was accepted for claim {claim.id} already",
                    where=record_id,
                    todo="Nothing to do.",
                )
            acceptance = Acceptance(
                entry=len(view.history) + 1,
                claim=claim.id,
                claim_sha256=claim.sha256,
                artifact=digest,
            )
            accepted = (*view.record.gate.accepted, acceptance)
            return self._enter(
                view, {"accepted": accepted}, Event.ARTIFACT_ACCEPTED, claim.id, by=by, note=note
            )

    # --- attempts

    @contextmanager
    def batch(self) -> Iterator[Path]:
        """A folder for attempts; one process of a registry makes them at a time.

        What a killed process left in it is taken away by the next one.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            work = fresh_folder(self.folder / "work")
            try:
                yield work
            finally:
                fresh_folder(work)

    def run(  # noqa: PLR0913 - one argument an option of the command
        self,
        record_id: str,
        artifact: Artifact,
        tools: Tools,
        work: Path,
        *,
        by: str,
        seal: Preflight | None = None,
    ) -> tuple[ClaimVerdict, bool]:
        """Make one attempt and publish its verdict; no lock is held while it runs.

        Returns:
            The verdict, and whether it was written: one that only says again that this machine
            has no sandbox or judge is not.

        Raises:
            RegistryError: the record does not allow it; nothing is written.
        """
        require_right(self.registry.info, by, Event.RE_EVALUATION)
        view = read(self.registry, record_id)
        claim = require_fits(view.record, artifact)
        subject = Subject(
            record=record_id,
            claim=claim.id,
            claim_sha256=claim.sha256,
            claim_text=claim.text,
            acceptance=self._accepted(view.record, claim, artifact.sha256),
            started_at=utc(self.clock.now()),
        )
        run = attempt(subject, artifact, tools, fresh_folder(work), seal)
        return self._publish(record_id, run, artifact, by)

    def _publish(
        self, record_id: str, run: ReproRun | LeanRun, artifact: Artifact, by: str
    ) -> tuple[ClaimVerdict, bool]:
        with self.registry.lock():
            view = read(self.registry, record_id)
            claim = claim_of(view.record, run.claim)
            if claim.sha256 != run.claim_sha256:
                raise BadInput(
                    f"claim {claim.id} was corrected while the attempt ran",
                    where=record_id,
                    todo="Nothing was written: make an artifact for the claim as it reads now.",
                )
            verdict = verdict_of(
                run, entry=len(view.history) + 1, evaluated_at=utc(self.clock.now())
            )
            if _says_nothing_new(view.record, verdict):
                return verdict, False
            files = {RUN_FILE: report_bytes(run)}
            files |= {f"{FILES}/{path}": data for path, data in artifact.files.items()}
            self._enter_verdict(view, verdict, by, files)
            shutil.rmtree(self._staged(record_id) / artifact.sha256, ignore_errors=True)
        return verdict, True

    def not_applicable(self, record_id: str, claim_id: str, *, by: str) -> ClaimVerdict:
        """Publish that nothing can decide a claim.

        Raises:
            RegistryError: something could, or it was said already.
        """
        require_right(self.registry.info, by, Event.RE_EVALUATION)
        with self.registry.lock():
            view = read(self.registry, record_id)
            claim = claim_of(view.record, claim_id)
            judge = JUDGES[claim.kind]
            if judge is not Judge.NONE:
                raise BadInput(
                    f"nothing is attached for claim {claim.id}; it {JUDGE_WORDS[judge]}",
                    where=record_id,
                )
            verdict = inapplicable(
                claim, entry=len(view.history) + 1, evaluated_at=utc(self.clock.now())
            )
            said = [one for one in view.record.gate.verdicts if one.claim == claim.id]
            if any(one.claim_sha256 == claim.sha256 for one in said):
                raise BadInput(
                    f"the history says already that nothing can decide claim {claim.id}",
                    where=record_id,
                    todo="Nothing to do.",
                )
            self._enter_verdict(view, verdict, by, {})
        return verdict

    def _enter_verdict(
        self, view: RecordView, verdict: ClaimVerdict, by: str, files: Mapping[str, bytes]
    ) -> None:
        verdicts = (*view.record.gate.verdicts, verdict)
        note = f"Gate 2, claim {verdict.claim}: {verdict.status}. {verdict.reason}"
        self._enter(
            view,
            {"verdicts": verdicts},
            Event.RE_EVALUATION,
            verdict.claim,
            by=by,
            note=note,
            at=verdict.evaluated_at,
            files=files,
        )

    def _enter(  # noqa: PLR0913 - one argument a field of the entry
        self,
        view: RecordView,
        changes: dict[str, object],
        event: Event,
        claim: str,
        *,
        by: str,
        note: str,
        at: str | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> RecordView:
        gate = msgspec.structs.replace(view.record.gate, **changes)
        value = msgspec.json.decode(msgspec.json.encode(gate))
        entry = amend(
            view,
            Amendment(
                event=event,
                at=at or utc(self.clock.now()),
                by=by,
                note=note,
                settings=(Setting(pointer="/gate", value=value),),
                claims=(claim,),
            ),
        )
        return self.registry.append(entry, files)


def _says_nothing_new(record: Manifest, verdict: ClaimVerdict) -> bool:
    """Whether it only says, once more or after a real attempt, that this machine lacks a tool."""
    if verdict.reason_code not in NO_ATTEMPT:
        return False
    return any(
        (one.claim, one.claim_sha256, one.artifact)
        == (verdict.claim, verdict.claim_sha256, verdict.artifact)
        for one in record.gate.verdicts
    )
