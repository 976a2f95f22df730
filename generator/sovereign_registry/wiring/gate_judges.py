"""Judges of proofs, believed only after canaries: what they must accept and must refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.judge_canaries import ACCEPTS, CANARIES
from sovereign_registry.contracts.sealing import Ended, SealCheck
from sovereign_registry.wiring.gate_files import clean, fresh_folder

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.judge_canaries import Canary
    from sovereign_registry.contracts.ports import ProofJudge
    from sovereign_registry.contracts.runs import JudgePreflight

FIX = (
    "Nothing that this judge says counts.  See which `lake` stands on PATH, and install the "
    "toolchain by elan (https://github.com/leanprover/elan)."
)


class ProvenJudges:
    """Asks a judge once for each toolchain, canaries included.

    Args:
        judge: The judge.
    """

    def __init__(self, judge: ProofJudge) -> None:
        self._judge = judge
        self._found: dict[str, JudgePreflight] = {}

    def preflight(self, toolchain: str, folder: Path) -> JudgePreflight:
        """Whether a judge answers for a toolchain and is to be believed.

        Args:
            toolchain: The pinned toolchain.
            folder: Where submissions are laid out; emptied before and after.
        """
        if toolchain not in self._found:
            self._found[toolchain] = _proven(self._judge, toolchain, folder)
        return self._found[toolchain]


def _proven(judge: ProofJudge, toolchain: str, folder: Path) -> JudgePreflight:
    found = judge.preflight(toolchain)
    found = msgspec.structs.replace(
        found, tool=clean(found.tool), why=clean(found.why), fix=clean(found.fix)
    )
    if not found.available or found.toolchain != toolchain:
        return found  # nothing will be judged by it
    checks: list[SealCheck] = []
    why = ""
    for canary in CANARIES:
        check, fault, answered = _tried(judge, toolchain, canary, folder)
        checks.append(check)
        why = why or fault
        if not answered:
            break  # each of the others could hang as long
    fresh_folder(folder)
    return msgspec.structs.replace(
        found, checks=tuple(checks), available=not why, why=why, fix=FIX if why else ""
    )


def _tried(
    judge: ProofJudge, toolchain: str, canary: Canary, folder: Path
) -> tuple[SealCheck, str, bool]:
    """How a canary came out, what is wrong about it, and whether the judge answered at all."""
    outcome = judge.judge(canary.artifact(toolchain), canary.files, str(fresh_folder(folder)))
    answered = outcome.ended is Ended.EXITED and outcome.exit_code is not None
    if not answered:
        came = clean(outcome.why) or str(outcome.ended)
        fault = f"the judge does not answer: {canary.what}, and it {came}"
    else:
        came = f"exit code {outcome.exit_code}"
        verb = "refuses what it must accept" if canary.due == ACCEPTS else _wrong(outcome.exit_code)
        fault = f"the judge {verb}: {canary.what}"
    passed = answered and outcome.exit_code in canary.due
    check = SealCheck(name=canary.name, passed=passed, what=f"{canary.what}: {came}")
    return check, "" if passed else fault, answered


def _wrong(code: int | None) -> str:
    return "accepts what it must refuse" if code == 0 else "does not refuse what it must refuse"
