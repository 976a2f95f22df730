"""What ``gate show`` and ``gate doctor`` say."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.fair_test import stated_number, written_in
from sovereign_registry.contracts.gate import GateVerdict
from sovereign_registry.contracts.repro import Repro
from sovereign_registry.contracts.rules.gate_v1 import claim_status
from sovereign_registry.contracts.rules.gate_v2 import judge_of, numberless
from sovereign_registry.contracts.rules.states_v1 import situation
from sovereign_registry.contracts.runs import JudgePreflight
from sovereign_registry.contracts.sealing import Preflight
from sovereign_registry.wiring.gate_batch import default_tools
from sovereign_registry.wiring.gate_judges import ProvenJudges
from sovereign_registry.wiring.history import read

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.store.artifacts import Artifact
    from sovereign_registry.wiring.gate import Gate
    from sovereign_registry.wiring.gate_runs import Tools


class ClaimLine(msgspec.Struct, frozen=True, kw_only=True):
    """One claim at Gate 2."""

    id: str
    text: str
    sha256: str
    kind: str
    judge: str
    outcome: str


class ArtifactLine(msgspec.Struct, frozen=True, kw_only=True):
    """One artifact that is attached or was published."""

    sha256: str
    contract: str
    claim: str
    accepted: bool
    pending: bool
    numbers: tuple[str, ...]
    """The numbers of the claim that it is to give again, in the claim's words."""
    notes: tuple[str, ...]
    """What a reader of its scripts should look at."""


class UnfitLine(msgspec.Struct, frozen=True, kw_only=True):
    """One artifact that is attached and cannot be run."""

    sha256: str
    why: str


class GateReport(msgspec.Struct, frozen=True, kw_only=True):
    """A record at Gate 2."""

    record: str
    gate: GateVerdict
    claims: tuple[ClaimLine, ...]
    artifacts: tuple[ArtifactLine, ...]
    unfit: tuple[UnfitLine, ...]


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """What works on this machine."""

    seal: Preflight
    judge: JudgePreflight
    installer: str
    """The installer of requirements with its version; empty where there is none."""


def report(gate: Gate, record_id: str) -> GateReport:
    """A record at Gate 2: claims, artifacts, attempts.

    Raises:
        RegistryError: it is not published, or a published artifact is no longer what it was.
    """
    view = read(gate.registry, record_id)
    record, pending = view.record, gate.pending(view)
    retracted = situation(record, view.history).retracted_claims
    claims = []
    for claim in record.claims:
        found = claim_status(claim, record.gate.verdicts)
        said = f"{found.status} ({found.reason_code})" if found else "not tried"
        said += "; no number in digits, so no re-run decides it" if numberless(claim) else ""
        said += "; retracted since" if claim.id in retracted else ""
        claims.append(
            ClaimLine(
                id=claim.id,
                text=claim.text,
                sha256=claim.sha256,
                kind=claim.kind,
                judge=judge_of(claim),
                outcome=said,
            )
        )
    accepted = {one.artifact for one in record.gate.accepted}
    return GateReport(
        record=record_id,
        gate=record.gate,
        claims=tuple(claims),
        artifacts=tuple(
            _artifact(record, artifact, accepted=digest in accepted, pending=digest in pending)
            for digest, artifact in sorted(gate.artifacts(view).items())
        ),
        unfit=tuple(
            UnfitLine(sha256=digest, why=why) for digest, why in sorted(gate.unfit(view).items())
        ),
    )


def _artifact(
    record: Manifest, artifact: Artifact, *, accepted: bool, pending: bool
) -> ArtifactLine:
    spec = artifact.spec
    claim = next((one for one in record.claims if one.id == spec.claim.id), None)
    current = claim is not None and claim.sha256 == spec.claim.sha256
    return ArtifactLine(
        sha256=artifact.sha256,
        contract=spec.contract,
        claim=spec.claim.id,
        accepted=accepted,
        pending=pending,
        numbers=numbers_of(artifact, claim.text) if claim and current else (),
        notes=notes_of(artifact),
    )


def numbers_of(artifact: Artifact, text: str) -> tuple[str, ...]:
    """The numbers of a claim that an artifact is to give again, each in the claim's words."""
    spec = artifact.spec
    if not isinstance(spec, Repro):
        return ()
    found = (stated_number(text, one.expected) for one in spec.metrics)
    return tuple(dict.fromkeys(one.told for one in found if one is not None))


def notes_of(artifact: Artifact) -> tuple[str, ...]:
    """What a reader of an artifact's scripts should look at."""
    spec = artifact.spec
    if not isinstance(spec, Repro):
        return ()
    notes = written_in(spec, artifact.files)
    mine = f"{sys.version_info.major}.{sys.version_info.minor}"
    if spec.environment.python != mine:
        asked = spec.environment.python
        notes += (f"asks for Python {asked}; a run here has {mine} and would not be its own",)
    return notes


def examine(toolchain: str, tools: Tools | None = None) -> Examination:
    """Prove what works on this machine."""
    from sovereign_registry.adapters.requirements_install import PipInstaller  # noqa: PLC0415

    found = tools or default_tools()
    with tempfile.TemporaryDirectory(prefix="sovereign-doctor-") as work:
        judge = ProvenJudges(found.judge).preflight(toolchain, Path(work) / "proof")
    return Examination(
        seal=found.sandbox.preflight(),
        judge=judge,
        installer=PipInstaller().version(),
    )
