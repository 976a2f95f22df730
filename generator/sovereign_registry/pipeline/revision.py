"""Step 7, second half: what a revision changes in the report before fresh roles judge it.

1. Claims that failed the lexical test are dropped, those that state a number and the others.
2. Of two claims left that share at least 0.6 of their content words, the one with the smaller
   cosine is dropped.
3. The abstract is narrowed: it quotes verified claims only and says which words of the question the
   sources behind the claims left do not hold.
4. Every group of dropped claims adds an uncertainty that names them.

Dropped claims stay in the record with ``retained = False``; nothing else about them changes.  At
least one claim is always kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.text import jaccard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sovereign_registry.contracts.claims import Claim


@dataclass(frozen=True, kw_only=True)
class Revision:
    """The claims after a revision, what was changed, and the uncertainties that it adds."""

    claims: tuple[Claim, ...]
    changes: tuple[str, ...]
    uncertainties: tuple[str, ...]


def revise(claims: Sequence[Claim]) -> Revision:
    """Decide what the revision drops and say so."""
    failed = [claim for claim in claims if not claim.verification.passed]
    numbered = [claim for claim in failed if any(sign.isdigit() for sign in claim.text)]
    groups = [
        ("that state a number and failed the lexical test", _ids(numbered)),
        ("that failed the lexical test", _ids(c for c in failed if c not in numbered)),
        (
            "that nearly repeat another claim",
            _repeats([claim for claim in claims if claim.verification.passed]),
        ),
    ]
    dropped = {claim for _, group in groups for claim in group}
    if len(dropped) == len(claims):
        dropped.discard(claims[0].id if claims else "")
    told = [
        (why, kept) for why, group in groups if (kept := [one for one in group if one in dropped])
    ]
    return Revision(
        claims=tuple(
            msgspec.structs.replace(claim, retained=claim.id not in dropped) for claim in claims
        ),
        changes=(
            *(f"Dropped {_count(group)} {why}: {', '.join(group)}." for why, group in told),
            (
                "Narrowed the abstract to verified claims and to the words of the question that "
                "their sources hold."
            ),
            *(f"Added an uncertainty about the claims dropped: {', '.join(g)}." for _, g in told),
        ),
        uncertainties=tuple(
            f"The revision dropped {_count(group)} {why} ({', '.join(group)}); what "
            f"{'it says' if len(group) == 1 else 'they say'} is left open."
            for why, group in told
        ),
    )


def _repeats(claims: Sequence[Claim]) -> list[str]:
    dropped: list[str] = []
    for one, other in combinations(claims, 2):
        shared, union = jaccard(one.text, other.text)
        if union and 10 * shared >= 6 * union and not {one.id, other.id} & set(dropped):
            dropped.append(min(one, other, key=_strength).id)
    return dropped


def _strength(claim: Claim) -> Decimal:
    return Decimal(claim.verification.value or "0")


def _ids(claims: Iterable[Claim]) -> list[str]:
    return [claim.id for claim in claims]


def _count(group: Sequence[str]) -> str:
    return "1 claim" if len(group) == 1 else f"{len(group)} claims"
