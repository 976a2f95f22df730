"""Submissions of our own whose outcome is known, tried on a judge of proofs before it is believed.

A program that accepts everything is no judge.  Canaries tell an honest judge from a broken one and
from a careless fake; a fake that knows them passes, so that a report stays its publisher's word
until somebody else has the same proof judged again.
"""

from __future__ import annotations

import msgspec

from sovereign_registry.contracts.canonical import file_sha256, text_sha256
from sovereign_registry.contracts.proof import AXIOMS, STATEMENT, SUBMISSION, LeanArtifact

ACCEPTS, REFUSES = frozenset({0}), frozenset({1})
_CLAIM = "Two and three are five."
_TRUE = b"theorem canary : 2 + 3 = 5 := by sorry\n"
_FALSE = b"theorem canary : 2 + 3 = 6 := by sorry\n"
WALL_SECONDS, MEMORY_MIB = 300, 65_536


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """One submission, and what must come of it."""

    name: str
    what: str
    statement: bytes
    submission: bytes
    due: frozenset[int]
    """The exit codes that are right."""

    @property
    def files(self) -> dict[str, bytes]:
        """The two files that a judge is given."""
        return {STATEMENT: self.statement, SUBMISSION: self.submission}

    def artifact(self, toolchain: str) -> LeanArtifact:
        """The same as an artifact, so that a judge sees it like any other."""
        return msgspec.convert(
            {
                "contract": "lean-v1",
                "about": "A sum, by computation.",
                "claim": {"id": "c1", "sha256": text_sha256(_CLAIM)},
                "proves": "claim",
                "theorems": ["canary"],
                "toolchain": toolchain,
                "axioms": list(AXIOMS),
                "inputs": [
                    {"path": path, "sha256": file_sha256(data)}
                    for path, data in sorted(self.files.items())
                ],
                "budget": {"wall_seconds": WALL_SECONDS, "memory_mib": MEMORY_MIB},
                "review": None,
            },
            LeanArtifact,
        )


CANARIES = (
    Canary(
        name="true theorem",
        what="a true theorem with its proof must be accepted",
        statement=_TRUE,
        submission=b"theorem canary : 2 + 3 = 5 := rfl\n",
        due=ACCEPTS,
    ),
    Canary(
        name="sorry",
        what="the same theorem with sorry for a proof must be refused",
        statement=_TRUE,
        submission=_TRUE,
        due=REFUSES,
    ),
    Canary(
        name="own axiom",
        what="a false theorem from an axiom that says it must be refused",
        statement=_FALSE,
        submission=b"axiom mine : 2 + 3 = 6\ntheorem canary : 2 + 3 = 6 := mine\n",
        due=REFUSES,
    ),
    Canary(
        name="false proof",
        what="a false theorem with a proof that does not check must be refused",
        statement=_FALSE,
        submission=b"theorem canary : 2 + 3 = 6 := rfl\n",
        # It does not even compile; whether that is a rejection or no start is the judge's to say.
        due=REFUSES | {2},
    ),
)
