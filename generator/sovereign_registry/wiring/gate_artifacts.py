"""Which artifact may be a test of which claim, and the artifacts that are published already."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.adapters.requirements_install import LockRefused, pins
from sovereign_registry.contracts.errors import (
    BadInput,
    RecordFault,
    RegistryError,
    on_one_line,
)
from sovereign_registry.contracts.fair_test import unfair
from sovereign_registry.contracts.gate import Judge
from sovereign_registry.contracts.repro import REPRO_FILE, Repro, stated_numbers
from sovereign_registry.contracts.rules.gate_v1 import JUDGES
from sovereign_registry.contracts.rules.states_v1 import situation
from sovereign_registry.contracts.verdicts import FILES
from sovereign_registry.store.artifacts import Artifact, check_artifact, read_artifact
from sovereign_registry.store.gate_files import folder_reader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.gate import ClaimVerdict
    from sovereign_registry.contracts.manifest import Manifest

DIGEST = re.compile(r"[0-9a-f]{64}")
MIN_PREFIX = 8
JUDGE_WORDS = {
    Judge.SEALED_RUN: "states a quantity, so a sealed re-run may decide it: attach a repro.yaml",
    Judge.LEAN: "is mathematical, so a proof may decide it: attach a lean.yaml",
    Judge.NONE: "states neither a quantity nor a theorem, so nothing can decide it",
}

NUMBERLESS = "claim {} states no number in digits, so no re-run can decide it"


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


def require_standing(view: RecordView, claim: Claim) -> None:
    """Refuse a claim that was retracted: nothing is tried on it any more.

    Raises:
        BadInput: it was retracted and not reinstated.
    """
    if claim.id in situation(view.record, view.history).retracted_claims:
        raise BadInput(
            f"claim {claim.id} was retracted, and a retracted claim is not tried",
            where=view.record.id,
            todo="Reinstate the record first, if the retraction was wrong.",
        )


def require_fits(view: RecordView, artifact: Artifact) -> Claim:
    """The claim that an artifact is about, where it may be a test of it as it stands now.

    Raises:
        BadInput: the claim is another one, reads otherwise, was retracted, or is of a kind for
            another judge; or the artifact is no fair test of it.
    """
    record, spec = view.record, artifact.spec
    claim = claim_of(record, spec.claim.id)
    require_standing(view, claim)
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
        _require_fair(record, claim, artifact, spec)
    return claim


def _require_fair(record: Manifest, claim: Claim, artifact: Artifact, spec: Repro) -> None:
    numbers = stated_numbers(claim.text)
    if not numbers:
        raise BadInput(NUMBERLESS.format(claim.id), where=record.id)
    if not any(Decimal(one.expected) in numbers for one in spec.metrics):
        listed = ", ".join(sorted(str(one) for one in numbers if one >= 0))
        raise BadInput(
            f"metrics: no expected value stands as a number in claim {claim.id}",
            where=record.id,
            todo=f"Reproduce a number that the claim itself states: {listed}.",
        )
    faults = list(unfair(spec, artifact.files, claim.text))
    if faults:
        raise BadInput(
            "; ".join(faults),
            where=f"{record.id}, {REPRO_FILE}",
            todo="An artifact has to be a fair test of its claim: docs/adr/0011-gate-2.md.",
        )


def require_lock(artifact: Artifact, folder: Path) -> None:
    """Refuse requirements that could never be installed.

    Raises:
        BadInput: a line is no pinned name with its hashes, or there is none.
    """
    spec = artifact.spec
    if not isinstance(spec, Repro) or spec.environment.requirements is None:
        return
    name = spec.environment.requirements
    try:
        pins(artifact.files[name])
    except LockRefused as error:
        raise BadInput(
            str(error),
            where=f"{folder}/{name}",
            todo="Lock it with hashes, such as by `pip-compile --generate-hashes`.",
        ) from error


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


def attached_artifacts(folder: Path) -> tuple[dict[str, Artifact], dict[str, str]]:
    """What is attached to a record: sound artifacts by digest, and what is wrong with the others.

    Args:
        folder: Where they wait, one folder each, named by its digest.
    """
    found: dict[str, Artifact] = {}
    broken: dict[str, str] = {}
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    for name in (one for one in names if DIGEST.fullmatch(one)):
        try:
            artifact = read_artifact(folder / name / FILES)
        except RegistryError as error:
            # How to mend it in place is no advice: it was checked when it was attached.
            place = error.where.removeprefix(str(folder / name / FILES)).strip("/")
            broken[name] = on_one_line(place, error.what, "")
            continue
        if artifact.sha256 == name:
            found[name] = artifact
        else:
            broken[name] = f"its digest is {artifact.sha256} now"
    return found, broken


def the_one(digests: Sequence[str], text: str, record_id: str) -> str:
    """The one digest that starts with a text.

    Raises:
        BadInput: the text is too short, or names none or several.
    """
    found = [one for one in sorted({*digests}) if one.startswith(text)]
    if len(text) >= MIN_PREFIX and len(found) == 1:
        return found[0]
    what = "is too short" if len(text) < MIN_PREFIX else f"names {len(found)} artifacts"
    listed = ", ".join(one[:16] for one in sorted({*digests})) or "none"
    raise BadInput(
        f"{text[:80]!r} {what}",
        where=record_id,
        todo=f"Give at least {MIN_PREFIX} characters of its digest; attached: {listed}.",
    )
