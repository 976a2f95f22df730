"""Both controls of the Lean judge, on the real toolchain: a true theorem is accepted, others not.

Usage: PYTHONPATH=generator python scripts/lean_controls.py TOOLCHAIN

Exit 0 where every control comes out as it must.  What the judge prints is shown and never read.
"""

from __future__ import annotations

import sys
import tempfile

import msgspec

from sovereign_registry.adapters.lean_judge import LakeJudge
from sovereign_registry.contracts.judge_canaries import CANARIES, REFUSES, Canary

TRUE = CANARIES[0].statement
CONTROLS = (
    *CANARIES,
    Canary(
        name="native_decide",
        what="the true theorem by native_decide must be refused",
        statement=TRUE,
        submission=b"theorem canary : 2 + 3 = 5 := by native_decide\n",
        due=REFUSES,
    ),
    Canary(
        name="another statement",
        what="a proof of another statement must be refused",
        statement=TRUE,
        submission=b"theorem canary : 2 + 3 = 2 + 3 := rfl\n",
        due=REFUSES,
    ),
)
"""The canaries that every batch tries first, and two that take longer to think of."""


def main(toolchain: str) -> int:
    """Run every control; returns how many came out else than they must."""
    judge = LakeJudge()
    found = judge.preflight(toolchain)
    print(msgspec.json.format(msgspec.json.encode(found)).decode())
    if not found.available or found.toolchain != toolchain:
        print(f"the judge of {toolchain} is not at hand: {found.why}")
        return 1
    wrong = 0
    for control in CONTROLS:
        with tempfile.TemporaryDirectory(prefix="lean-control-") as folder:
            outcome = judge.judge(control.artifact(toolchain), control.files, folder)
        right = outcome.exit_code in control.due
        wrong += not right
        due = " or ".join(map(str, sorted(control.due)))
        told = f"{control.name}: exit code {outcome.exit_code}, due {due}"
        print(f"{'ok   ' if right else 'WRONG'} {told}")
        print(msgspec.json.format(msgspec.json.encode(outcome)).decode())
    return wrong


if __name__ == "__main__":
    sys.exit(min(1, main(*sys.argv[1:2])))
