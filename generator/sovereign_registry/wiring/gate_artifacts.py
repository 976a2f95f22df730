"""Which artifact may be a test of which claim, and the artifacts that are published already."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import BadInput, RecordFault
from sovereign_registry.contracts.gate import Judge
from sovereign_registry.contracts.repro import Repro, stated_numbers
from sovereign_registry.contracts.rules.gate_v1 import JUDGES
from sovereign_registry.contracts.verdicts import FILES
from sovereign_registry.store.artifacts import Artifact, check_artifact
from sovereign_registry.store.gate_files import folder_reader

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.gate import ClaimVerdict
    from sovereign_registry.contracts.manifest import Manifest

JUDGE_WORDS = {
    Judge.SEALED_RUN: "states a quantity, so a sealed re-run may decide it: attach a repro.yaml",
    Judge.LEAN: "is mathematical, so a proof may decide it: attach a lean.yaml",
    Judge.NONE: "states neither a quantity nor a theorem, so nothing can decide it",
}


def claim_of(record: Manifest, claim_id: str) -> Claim:
    """A claim of a record by its id.

    Raises:
        BadInput: the record has no such claim.
    """
    claim = next((one for one in record.claims if one.id == claim_id), None)
    if claim is None:
        ids = ", ".join(one.id for one in record.claims) or "none"
        raise BadInput(
            f"the record has no claim {claim_id[:40]!r}",
            where=record.id,
            todo=f"Its claims: {ids}.",
        )
    return claim


def require_fits(record: Manifest, artifact: Artifact) -> Claim:
    """The claim that an artifact is about, where it may be a test of it as it is worded now.

    Raises:
        BadInput: the claim is another one, reads otherwise, or is of a kind for another judge.
    """
    spec = artifact.spec
    claim = claim_of(record, spec.claim.id)
    if spec.claim.sha256 != claim.sha256:
        raise BadInput(
            f"claim.sha256: is {spec.claim.sha256}; claim {claim.id} reads {claim.sha256}",
            where=record.id,
            todo="The artifact was made for other words: make it for the claim as it stands.",
        )
    judge = JUDGES[claim.kind]
    mine = Judge.SEALED_RUN if isinstance(spec, Repro) else Judge.LEAN
    if judge is not mine:
        raise BadInput(f"claim {claim.id} {JUDGE_WORDS[judge]}", where=record.id)
    if isinstance(spec, Repro):
        numbers = stated_numbers(claim.text)
        if not any(Decimal(one.expected) in numbers for one in spec.metrics):
            raise BadInput(
                f"metrics: no expected value stands as a number in claim {claim.id}",
                where=record.id,
                todo="Reproduce a number that the claim itself states: "
                f"{', '.join(sorted(str(one) for one in numbers if one >= 0)) or 'it has none'}.",
            )
    return claim


def published_artifact(folder: Path, verdict: ClaimVerdict) -> Artifact:
    """The artifact that was published with a verdict.

    Args:
        folder: The record's folder.
        verdict: One of the record's verdicts.

    Raises:
        RecordFault: a file is missing, or is not what it was.
    """
    read_file = folder_reader(folder)
    files: dict[str, bytes] = {}
    for file in verdict.files:
        if file.path.startswith(f"{FILES}/"):
            data = read_file(f"{verdict.folder}/{file.path}")
            if data is None:
                raise RecordFault(
                    "is missing",
                    where=str(folder / verdict.folder / file.path),
                    todo="Restore the published file.",
                )
            files[file.path.removeprefix(f"{FILES}/")] = data
    found = check_artifact(files, str(folder / verdict.folder / FILES))
    require_digest(found, verdict.artifact or "", str(folder / verdict.folder))
    return found


def require_digest(artifact: Artifact, due: str, where: str) -> None:
    """Refuse an artifact whose files are not those that its digest was taken over.

    Raises:
        RecordFault: they are not.
    """
    if artifact.sha256 != due:
        raise RecordFault(
            f"its digest is {artifact.sha256} where {due} is due",
            where=where,
            todo="Its files were changed: restore them, or attach the artifact again.",
        )
