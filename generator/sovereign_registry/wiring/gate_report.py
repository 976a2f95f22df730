"""What ``gate show`` and ``gate doctor`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.gate import GateVerdict
from sovereign_registry.contracts.rules.gate_v1 import JUDGES, claim_status
from sovereign_registry.contracts.runs import JudgePreflight
from sovereign_registry.contracts.sealing import Preflight
from sovereign_registry.wiring.gate_batch import default_tools
from sovereign_registry.wiring.history import read

if TYPE_CHECKING:
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


class GateReport(msgspec.Struct, frozen=True, kw_only=True):
    """A record at Gate 2."""

    record: str
    gate: GateVerdict
    claims: tuple[ClaimLine, ...]
    artifacts: tuple[ArtifactLine, ...]


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """What works on this machine."""

    seal: Preflight
    judge: JudgePreflight
    installer: str
    """The installer of requirements with its version; empty where there is none."""


def report(gate: Gate, record_id: str) -> GateReport:
    """A record at Gate 2: claims, artifacts, attempts.

    Raises:
        RegistryError: it is not published, or an artifact is no longer what it was.
    """
    view = read(gate.registry, record_id)
    record, pending = view.record, gate.pending(view)
    claims = []
    for claim in record.claims:
        found = claim_status(claim, record.gate.verdicts)
        said = f"{found.status} ({found.reason_code})" if found else "not tried"
        claims.append(
            ClaimLine(
                id=claim.id,
                text=claim.text,
                sha256=claim.sha256,
                kind=claim.kind,
                judge=JUDGES[claim.kind],
                outcome=said,
            )
        )
    accepted = {one.artifact for one in record.gate.accepted}
    return GateReport(
        record=record_id,
        gate=record.gate,
        claims=tuple(claims),
        artifacts=tuple(
            ArtifactLine(
                sha256=digest,
                contract=artifact.spec.contract,
                claim=artifact.spec.claim.id,
                accepted=digest in accepted,
                pending=digest in pending,
            )
            for digest, artifact in sorted(gate.artifacts(view).items())
        ),
    )


def examine(toolchain: str, tools: Tools | None = None) -> Examination:
    """Prove what works on this machine."""
    from sovereign_registry.adapters.requirements_install import PipInstaller  # noqa: PLC0415

    found = tools or default_tools()
    return Examination(
        seal=found.sandbox.preflight(),
        judge=found.judge.preflight(toolchain),
        installer=PipInstaller().version(),
    )
