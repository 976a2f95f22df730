"""Gate 2 of one registry: artifacts attached and accepted, attempts made, verdicts published.

What is attached waits in ``.sovereign/gate/<record>/<artifact>/``: never public, never in git.  A
verdict publishes it: the report and the artifact's files are written to ``gate/NNNN/`` of the
record in one step, then the history entry that names them all by digest.
"""

from __future__ import annotations

import fcntl
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.adapters.clock import SystemClock
from sovereign_registry.contracts.amend import OWNER, Amendment, Setting, amend
from sovereign_registry.contracts.errors import BadInput, RegistryError, UsageError
from sovereign_registry.contracts.gate import NO_ATTEMPT, Acceptance, Judge
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.registry import require_right
from sovereign_registry.contracts.rules.gate_v2 import judge_of, numberless
from sovereign_registry.contracts.runs import RUN_FILE
from sovereign_registry.contracts.verdicts import FILES, inapplicable, report_bytes, verdict_of
from sovereign_registry.store.artifacts import Artifact, read_artifact
from sovereign_registry.store.files import write_folder
from sovereign_registry.store.queue import utc
from sovereign_registry.wiring.gate_artifacts import (
    JUDGE_WORDS,
    NUMBERLESS,
    attached_artifacts,
    claim_of,
    published_artifact,
    require_fits,
    require_lock,
    require_standing,
    the_one,
)
from sovereign_registry.wiring.gate_files import fresh_folder
from sovereign_registry.wiring.gate_runs import Subject, attempt
from sovereign_registry.wiring.history import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.gate import ClaimVerdict
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.ports import Clock
    from sovereign_registry.contracts.runs import LeanRun, ReproRun
    from sovereign_registry.contracts.sealing import Preflight
    from sovereign_registry.store import Registry
    from sovereign_registry.wiring.gate_judges import ProvenJudges
    from sovereign_registry.wiring.gate_runs import Tools


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
        require_lock(artifact, folder)
        require_fits(read(self.registry, record_id), artifact)
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
            RecordFault: a published one is no longer what it was; attached ones that are not are
                left out, see ``unfit``.
        """
        found: dict[str, Artifact] = {}
        folder = self.registry.record_dir(view.record.id)
        for verdict in view.record.gate.verdicts:
            if verdict.artifact is not None and verdict.artifact not in found:
                found[verdict.artifact] = published_artifact(folder, verdict)
        staged, _ = attached_artifacts(self._staged(view.record.id))
        return staged | found

    def unfit(self, view: RecordView) -> dict[str, str]:
        """What is attached and cannot be run, by digest, with the reason.

        It is not what it was, or no fair test of its claim as that stands now.
        """
        sound, broken = attached_artifacts(self._staged(view.record.id))
        for digest, artifact in sound.items():
            try:
                require_fits(view, artifact)
            except RegistryError as error:
                broken[digest] = error.what
        return broken

    def detach(self, record_id: str, text: str) -> str:
        """Take an attached artifact away, sound or not; what was published stays.

        Returns:
            Its digest.

        Raises:
            BadInput: nothing or several of that name are attached.
        """
        read(self.registry, record_id)
        with self.registry.lock():
            staged = self._staged(record_id)
            sound, broken = attached_artifacts(staged)
            digest = the_one([*sound, *broken], text, record_id)
            shutil.rmtree(staged / digest)
        return digest

    def attached_to(self) -> list[str]:
        """Ids of the records that something is attached to, sorted."""
        folder = self.folder / "attached"
        names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
        return sorted(set(names) & set(self.registry.ids()))

    def pending(self, view: RecordView) -> dict[str, Artifact]:
        """The artifacts that a run could tell something new about.

        Those that fit their claim as it stands now and were never really tried for it, and those
        that the owner has accepted since.
        """
        record = view.record
        found: dict[str, Artifact] = {}
        for digest, artifact in self.artifacts(view).items():
            try:
                claim = require_fits(view, artifact)
            except RegistryError:  # ``unfit`` says why
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
        every, broken = self.artifacts(view), self.unfit(view)
        digest = the_one([*every, *broken], text, view.record.id)
        if digest not in every:
            raise BadInput(
                f"the attached artifact {digest[:16]} is not what it was: {broken[digest]}",
                where=view.record.id,
                todo=f"Take it away with `sovereign-registry gate detach {view.record.id} "
                f"{digest[:16]}`, and attach it again.",
            )
        return digest, every[digest]

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
            claim = require_fits(view, artifact)
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
    def batch(self, tell: Callable[[str], None]) -> Iterator[Path]:
        """A folder for attempts; one process of a registry makes them at a time.

        What a killed process left in it is taken away by the next one.

        Args:
            tell: Told where it has to wait for another process.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                tell("waiting for another `gate run` of this registry to end")
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
        judges: ProvenJudges | None = None,
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
        claim = require_fits(view, artifact)
        subject = Subject(
            record=record_id,
            claim=claim.id,
            claim_sha256=claim.sha256,
            claim_text=claim.text,
            acceptance=self._accepted(view.record, claim, artifact.sha256),
            started_at=utc(self.clock.now()),
        )
        run = attempt(subject, artifact, tools, fresh_folder(work), seal, judges)
        return self._publish(record_id, run, artifact, by)

    def _publish(
        self, record_id: str, run: ReproRun | LeanRun, artifact: Artifact, by: str
    ) -> tuple[ClaimVerdict, bool]:
        with self.registry.lock():
            view = read(self.registry, record_id)
            claim = claim_of(view.record, run.claim)
            require_standing(view, claim)
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
            require_standing(view, claim)
            judge = judge_of(claim)
            if numberless(claim):
                raise BadInput(NUMBERLESS.format(claim.id), where=record_id)
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
