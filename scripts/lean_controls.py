"""Both controls of the Lean judge, on the real toolchain: a true theorem is accepted, others not.

Usage: PYTHONPATH=generator python scripts/lean_controls.py TOOLCHAIN

Exit 0 where every control comes out as it must.  What the judge prints is shown and never read.
"""

from __future__ import annotations

import sys
import tempfile

import msgspec

from sovereign_registry.adapters.lean_judge import LakeJudge
from sovereign_registry.contracts.canonical import file_sha256, text_sha256
from sovereign_registry.contracts.proof import AXIOMS, STATEMENT, SUBMISSION, LeanArtifact

CLAIM = "One and one are two."
TRUE = b"theorem claim : 1 + 1 = 2 := by sorry\n"
CONTROLS: tuple[tuple[str, bytes, bytes, int], ...] = (
    ("a true theorem with its proof", TRUE, b"theorem claim : 1 + 1 = 2 := rfl\n", 0),
    ("the same with sorry", TRUE, b"theorem claim : 1 + 1 = 2 := by sorry\n", 1),
    (
        "the same with an axiom of its own",
        TRUE,
        b"axiom mine : 1 + 1 = 2\ntheorem claim : 1 + 1 = 2 := mine\n",
        1,
    ),
    ("the same by native_decide", TRUE, b"theorem claim : 1 + 1 = 2 := by native_decide\n", 1),
    ("another statement", TRUE, b"theorem claim : 1 + 1 = 1 + 1 := rfl\n", 1),
)
"""What it is, statement, submission, and the exit code that is due."""


def artifact(toolchain: str, statement: bytes, submission: bytes) -> LeanArtifact:
    """A proof artifact of these two files."""
    return msgspec.convert(
        {
            "contract": "lean-v1",
            "about": "A control of the judge.",
            "claim": {"id": "c1", "sha256": text_sha256(CLAIM)},
            "proves": "claim",
            "theorems": ["claim"],
            "toolchain": toolchain,
            "axioms": list(AXIOMS),
            "inputs": [
                {"path": STATEMENT, "sha256": file_sha256(statement)},
                {"path": SUBMISSION, "sha256": file_sha256(submission)},
            ],
            "budget": {"wall_seconds": 600, "memory_mib": 65_536},
            "review": None,
        },
        LeanArtifact,
    )


def main(toolchain: str) -> int:
    """Run every control; returns how many came out else than they must."""
    judge = LakeJudge()
    found = judge.preflight(toolchain)
    print(msgspec.json.format(msgspec.json.encode(found)).decode())
    if not found.available or found.toolchain != toolchain:
        print(f"the judge of {toolchain} is not at hand: {found.why}")
        return 1
    wrong = 0
    for name, statement, submission, due in CONTROLS:
        files = {STATEMENT: statement, SUBMISSION: submission}
        with tempfile.TemporaryDirectory(prefix="lean-control-") as folder:
            outcome = judge.judge(artifact(toolchain, statement, submission), files, folder)
        right = outcome.exit_code == due
        wrong += not right
        print(f"{'ok   ' if right else 'WRONG'} {name}: exit code {outcome.exit_code}, due {due}")
        print(msgspec.json.format(msgspec.json.encode(outcome)).decode())
    return wrong


if __name__ == "__main__":
    sys.exit(min(1, main(*sys.argv[1:2])))
