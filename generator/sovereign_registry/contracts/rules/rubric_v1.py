"""rubric-v1: three deterministic roles that score a dossier by formula.  No language model.

The panel reads counts, cosines and words, so it cannot tell a true claim from a false one; it
measures how much of a report is restated in its sources, whether it keeps to the question, and
whether it discloses its limits.  Its constants were chosen on four published examples, which is a
fit, not a validation.  Known weakness: one more unsupported claim whose cosine lies between 0.10
and the threshold can raise the VALIDATOR by up to 2.0, and so the panel by up to 0.7.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from itertools import combinations
from typing import TYPE_CHECKING, Annotated

import msgspec

from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.numbers import DecimalText, half_step, share
from sovereign_registry.contracts.review import Feature, Opinion, Role
from sovereign_registry.contracts.text import jaccard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.claims import Claim, LexicalCheck
    from sovereign_registry.contracts.dossier import Dossier

RULES = "rubric-v1"
METHOD = "deterministic rubric"
NEAR_FROM = Decimal("0.10")
"""An unverified claim whose cosine is at least this counts as near."""
NEAR_CREDIT = Decimal("0.4")

_Count = Annotated[int, msgspec.Meta(ge=0)]


class Features(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that the three roles read of a dossier."""

    claims: _Count = 0
    verified: _Count = 0
    unverified_with_number: _Count = 0
    duplicate_pairs: _Count = 0
    question_words: _Count = 0
    covered_words: _Count = 0
    papers: _Count = 0
    references: _Count = 0
    uncertainties: _Count = 0
    mean_credit: DecimalText = "0.000000000"


MEANINGS = {
    "claims": "claims that the report retains",
    "verified": "claims that pass the lexical test",
    "unverified_with_number": "unverified claims that state a number",
    "duplicate_pairs": "pairs of claims that share at least 0.6 of their content words (Jaccard)",
    "question_words": "content words of the question",
    "covered_words": "content words of the question found in the sources behind the claims",
    "papers": "sources retrieved",
    "references": "sources cited",
    "uncertainties": "uncertainties that the report discloses",
    "mean_credit": "mean credit of the claims: a verified claim 0.5 to 1 by its distance above the "
    "threshold, an unverified one with a cosine of at least 0.10 gets 0.4, any other 0",
}
"""What each feature means, as printed beside its value."""

READS = {
    Role.SKEPTIC: (
        "claims",
        "verified",
        "unverified_with_number",
        "duplicate_pairs",
        "question_words",
        "covered_words",
    ),
    Role.VALIDATOR: ("claims", "mean_credit"),
    Role.SYNTHESIZER: (
        "claims",
        "verified",
        "question_words",
        "covered_words",
        "papers",
        "references",
        "uncertainties",
    ),
}
"""Which features each role's formula reads; an opinion carries exactly these."""


def _cosine(check: LexicalCheck) -> Decimal:
    try:
        value = Decimal(check.display if check.value is None else check.value)
    except InvalidOperation:
        return Decimal(0)
    return value if value.is_finite() else Decimal(0)


def _credit(check: LexicalCheck) -> Decimal:
    cosine, threshold = _cosine(check), Decimal(check.threshold)
    if not check.passed:
        return NEAR_CREDIT if cosine >= NEAR_FROM else Decimal(0)
    above = (cosine - threshold) / threshold if threshold > 0 else Decimal(1)
    return Decimal("0.5") + Decimal("0.5") * min(Decimal(1), max(Decimal(0), above))


def _mean_credit(claims: Sequence[Claim]) -> str:
    total = sum((_credit(claim.verification) for claim in claims), Decimal(0))
    return f"{(total / (len(claims) or 1)).quantize(Decimal('0.000000001')):f}"


def _near_duplicates(claims: Sequence[Claim]) -> int:
    pairs = (jaccard(one.text, other.text) for one, other in combinations(claims, 2))
    return sum(union > 0 and 10 * shared >= 6 * union for shared, union in pairs)


def features(dossier: Dossier) -> Features:
    """Count what the three roles read."""
    unverified = [claim for claim in dossier.claims if not claim.verification.passed]
    return Features(
        claims=len(dossier.claims),
        verified=len(dossier.claims) - len(unverified),
        unverified_with_number=sum(
            any(character.isdigit() for character in claim.text) for claim in unverified
        ),
        duplicate_pairs=_near_duplicates(dossier.claims),
        question_words=dossier.question_words,
        covered_words=dossier.covered_words,
        papers=dossier.papers,
        references=dossier.references,
        uncertainties=dossier.uncertainties,
        mean_credit=_mean_credit(dossier.claims),
    )


def _off_question(found: Features) -> bool:
    return 3 * found.covered_words < found.question_words or found.question_words == 0


def _skeptic(found: Features, verified: Decimal) -> Decimal:
    unverified = found.claims - found.verified
    return (
        9
        - 6 * (1 - verified)
        - min(Decimal(4), Decimal(unverified) / 4)
        - min(Decimal(2), Decimal(found.unverified_with_number) / 4)
        - min(2, found.duplicate_pairs)
        - (1 if _off_question(found) else 0)
    )


def _synthesizer(found: Features, verified: Decimal) -> Decimal:
    coverage = Decimal(share(found.covered_words, found.question_words))
    return min(
        4 + 6 * verified,
        4 * min(Decimal(1), coverage)
        + Decimal(3) * min(found.papers, 10) / 10
        + Decimal(min(found.references, 3)) / 3
        + (2 if found.uncertainties else 0),
    )


def score(role: Role, features: Features) -> str:
    """One role's score from 0.0 to 10.0 in steps of 0.5, half-up.

    With v the verified share and c the question coverage:

    - SKEPTIC: 9 - 6(1-v) - min(4, unverified/4) - min(2, unverified with a number/4)
      - min(2, near-duplicate pairs) - (1 if c < 1/3).  It starts at 9: word overlap earns no 10.
    - VALIDATOR: 10 times the mean credit.
    - SYNTHESIZER: min(4 + 6v, 4c + 0.3 min(papers, 10) + min(references, 3)/3
      + (2 if any uncertainty is disclosed)).
    """
    verified = Decimal(features.verified) / (features.claims or 1)
    if role is Role.SKEPTIC:
        value = _skeptic(features, verified)
    elif role is Role.VALIDATOR:
        value = 10 * Decimal(features.mean_credit)
    else:
        value = _synthesizer(features, verified)
    return half_step(float(value))


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _rationale(role: Role, found: Features) -> str:
    held = f"{found.verified} of {_plural(found.claims, 'claim', 'claims')}"
    if role is Role.VALIDATOR:
        return (
            f"The mean credit of {_plural(found.claims, 'claim', 'claims')} is "
            f"{found.mean_credit}, counting how far each one's cosine lies above its threshold. "
            "The credit measures shared words, not truth."
        )
    words = (
        f"The sources behind the claims hold {found.covered_words} of "
        f"{_plural(found.question_words, 'content word', 'content words')} of the question."
    )
    if role is Role.SYNTHESIZER:
        return (
            f"{words} The report rests on {_plural(found.papers, 'source', 'sources')}, cites "
            f"{found.references} and discloses "
            f"{_plural(found.uncertainties, 'uncertainty', 'uncertainties')}. "
            f"The lexical test passed for {held}, which caps the score."
        )
    return (
        f"The lexical test passed for {held}. Unverified claims that state a number: "
        f"{found.unverified_with_number}. Pairs of claims that nearly repeat each other: "
        f"{found.duplicate_pairs}. {words}"
        + (" That is less than a third." if _off_question(found) else "")
    )


def opinion(role: Role, dossier: Dossier) -> Opinion:
    """One role's opinion; the SKEPTIC cites the unverified claims, the others the verified."""
    found = features(dossier)
    wanted = role is not Role.SKEPTIC
    return Opinion(
        role=role,
        method=METHOD,
        reviewer=RULES,
        score=score(role, found),
        rationale=_rationale(role, found),
        cited_claims=tuple(
            claim.id for claim in dossier.claims if claim.verification.passed is wanted
        ),
        features=tuple(
            Feature(name=name, value=str(getattr(found, name)), meaning=MEANINGS[name])
            for name in READS[role]
        ),
    )


def recompute(opinion: Opinion) -> str:
    """The score that the formula gives for the features that an opinion carries.

    Raises:
        RecordFault: a feature is missing, unknown, stated twice, or not a count where one is due.
    """
    where = f"opinion of {opinion.role}"
    todo = f"An opinion of {RULES} carries exactly: {', '.join(READS[opinion.role])}."
    names = tuple(feature.name for feature in opinion.features)
    if sorted(names) != sorted(READS[opinion.role]):
        raise RecordFault(f"found features {', '.join(names) or 'none'}", where=where, todo=todo)
    stated = {feature.name: feature.value for feature in opinion.features}
    try:
        found = msgspec.convert(
            {
                name: value if name == "mean_credit" else int(value)
                for name, value in stated.items()
            },
            Features,
        )
    except (ValueError, msgspec.ValidationError) as error:
        raise RecordFault(f"a feature is no count: {error}", where=where, todo=todo) from error
    return score(opinion.role, found)
