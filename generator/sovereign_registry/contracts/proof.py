"""lean-v1: an artifact that proves a claim, or its negation, in Lean 4.  Pure.

The statement is ours and is reviewed by a person; the submission is a stranger's.  Elaborating a
submission runs its code, so the judge alone handles it, and nothing that it prints is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from sovereign_registry.contracts.canonical import Sha256
from sovereign_registry.contracts.history import UtcTime
from sovereign_registry.contracts.repro import ClaimRef, InputFile, Words

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAN_FILE = "lean.yaml"
TOOLCHAIN = r"^leanprover/lean4:v4\.\d{1,3}\.\d{1,2}(?:-rc\d{1,2})?$"
STATEMENT, SUBMISSION = "Challenge.lean", "Solution.lean"
AXIOMS = ("propext", "Quot.sound", "Classical.choice")
"""The only axioms that a proof may rest on: those of ordinary mathematics in Lean."""

_FAKE_PRELUDE = re.compile(r"^\s*prelude\b", re.MULTILINE)


class StatementReview(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person's word that the formal statement says what the claim says; declared, not proved."""

    by: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    """Who reviewed it, by name or role."""
    at: UtcTime
    """When, UTC."""
    statement_sha256: Sha256
    """Digest of the statement that was reviewed."""
    claim_sha256: Sha256
    """Digest of the claim's text that it was compared with."""
    says: Words
    """What the statement says, in the reviewer's words."""


class ProofBudget(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The most that the judge may use."""

    wall_seconds: Annotated[int, msgspec.Meta(ge=1, le=7200)]
    """Time on the wall."""
    memory_mib: Annotated[int, msgspec.Meta(ge=512, le=65_536)]
    """Address space of each process, in MiB."""


class LeanArtifact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole of ``lean.yaml``."""

    contract: Literal["lean-v1"]
    about: Words
    """What is proved, and how: one or two sentences."""
    claim: ClaimRef
    proves: Literal["claim", "negation"]
    """Whether the theorem says the claim or its negation."""
    theorems: Annotated[
        tuple[
            Annotated[
                str,
                msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_']*(?:\.[A-Za-z_][A-Za-z0-9_']*)*$"),
            ],
            ...,
        ],
        msgspec.Meta(min_length=1, max_length=16),
    ]
    """Names of the theorems that the statement states."""
    toolchain: Annotated[str, msgspec.Meta(pattern=TOOLCHAIN)]
    """The pinned toolchain, such as ``leanprover/lean4:v4.35.0``."""
    axioms: tuple[Literal["propext", "Quot.sound", "Classical.choice"], ...]
    """The axioms that the proof may rest on, of the three that are allowed at all."""
    inputs: Annotated[tuple[InputFile, ...], msgspec.Meta(min_length=2, max_length=2)]
    """``Challenge.lean``, the statement, and ``Solution.lean``, the submission."""
    budget: ProofBudget
    review: StatementReview | None
    """The signed-off review of the statement; null until a person made it."""

    def digest(self, path: str) -> str:
        """The declared digest of one file; empty where it is not among the inputs."""
        return next((one.sha256 for one in self.inputs if one.path == path), "")

    @property
    def reviewed(self) -> bool:
        """Whether a person signed off this very statement for these very words of the claim."""
        review = self.review
        return (
            review is not None
            and review.statement_sha256 == self.digest(STATEMENT)
            and review.claim_sha256 == self.claim.sha256
        )

    def configuration(self) -> dict[str, object]:
        """What the judge is given beside the two files."""
        return {
            "challenge_module": STATEMENT.removesuffix(".lean"),
            "solution_module": SUBMISSION.removesuffix(".lean"),
            "theorem_names": list(self.theorems),
            "permitted_axioms": [one for one in AXIOMS if one in self.axioms],
            "enable_nanoda": False,
        }


def lean_faults(spec: LeanArtifact, statement: str) -> Iterator[str]:
    """What is unsound about a ``lean.yaml`` beyond its shape; each names the field.

    Args:
        spec: The contract.
        statement: The text of ``Challenge.lean``.
    """
    paths = {one.path for one in spec.inputs}
    if paths != {STATEMENT, SUBMISSION}:
        yield f"inputs: are {', '.join(sorted(paths))} where {STATEMENT} and {SUBMISSION} are due"
    for field, names in (("theorems", spec.theorems), ("axioms", spec.axioms)):
        if len(set(names)) != len(names):
            yield f"{field}: a name stands twice"
    if spec.review is not None and not spec.reviewed:
        yield (
            "review: is of another statement or other words of the claim; a person has to review "
            "these"
        )
    if _FAKE_PRELUDE.search(statement):
        yield f"{STATEMENT}: replaces Lean's own prelude, so its words need not mean what they say"
    for name in spec.theorems:
        last = re.escape(name.rpartition(".")[2])
        if not re.search(rf"\btheorem\s+(?:[\w.']+\.)?{last}(?![\w'])", statement):
            yield f"theorems: {STATEMENT} states no theorem {name}"
