"""Step 9, section 4: what this run cannot know, in complete sentences about its own facts."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.pipeline.own_texts import own_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.pipeline.facts import Facts

NEAR = Decimal("0.02")
"""Margins smaller than this are named: one more or one less shared word would decide otherwise."""

_KIND_LIMITS = {
    TextKind.ABSTRACT: "only the abstract was read, and nothing in the body was weighed",
    TextKind.SUMMARY: (
        "only the registry's own summary was read, so the claim is in the registry's words and not "
        "in the paper's"
    ),
}


def uncertainties(facts: Facts) -> tuple[str, ...]:
    """The uncertainties of a run; there is always at least one."""
    return (
        *_coverage(facts),
        *_failed(facts),
        *_margins(facts),
        *_corroboration(facts),
        *own_words(facts.retained),
        *_kinds(facts),
        *_concentration(facts),
        *_retrieval(facts),
        *(
            f"A warning stands on this record: {flag.message}"
            for flag in facts.flags
            if flag.kind is not FlagKind.OWN_TEXTS  # said above, of the claims that are left
        ),
        *facts.added,
    )


def listed(items: Sequence[str]) -> str:
    """Items as an English enumeration."""
    if len(items) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun, such as ``1 claim`` or ``3 claims``."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or f'{noun}s'}"


def _coverage(facts: Facts) -> Iterator[str]:
    missing = [word for word in facts.question_words if word not in facts.covered]
    if not facts.retained:
        yield f"No sentence of the {facts.noun}s read could be taken as a claim about the question."
    elif missing:
        yield (
            "The sources behind the claims do not hold these words of the question: "
            f"{listed([f'“{word}”' for word in missing])}."
        )


def _failed(facts: Facts) -> Iterator[str]:
    failed = [claim.id for claim in facts.retained if not claim.verification.passed]
    if failed:
        yield (
            f"No passage read restates {listed(failed)} closely enough to pass the lexical test, "
            f"so {'it rests' if len(failed) == 1 else 'they rest'} on one sentence alone."
        )


def _margins(facts: Facts) -> Iterator[str]:
    near = [
        f"{claim.id} by {claim.verification.margin}"
        for claim in facts.retained
        if claim.verification.margin and abs(Decimal(claim.verification.margin)) < NEAR
    ]
    if near:
        yield (
            f"The outcome is close to the threshold of {facts.config.threshold} for "
            f"{listed(near)}; a few words more or less would change it."
        )


def _corroboration(facts: Facts) -> Iterator[str]:
    alone = [
        claim.id
        for claim in facts.verified
        if not (claim.corroboration and claim.corroboration.passed)
    ]
    if alone:
        yield (
            f"Verified only by the {facts.noun} that it was taken from, and by no other "
            f"{facts.noun} read: {listed(alone)}."
        )
    if facts.verified:
        yield (
            f"For the {counted(len(facts.verified), 'verified claim')} a passage shares enough "
            "words; whether it says the same or the opposite was not decided."
        )


def _kinds(facts: Facts) -> Iterator[str]:
    for kind, limit in _KIND_LIMITS.items():
        found = [
            claim.id for claim in facts.retained if claim.locator and claim.locator.kind == kind
        ]
        if found:
            yield f"For {listed(found)} {limit}."


def _concentration(facts: Facts) -> Iterator[str]:
    sources = Counter(claim.locator.paper for claim in facts.retained if claim.locator)
    if not sources:
        return
    ref, most = max(sources.items(), key=lambda item: (item[1], item[0]))
    if len(sources) == 1:
        yield f"All claims come from one source, {ref}."
    elif 2 * most > sum(sources.values()):
        yield f"{most} of {sum(sources.values())} claims come from one source, {ref}."


def _retrieval(facts: Facts) -> Iterator[str]:
    unread = facts.retrieved - len(facts.papers)
    if unread > 0:
        yield (
            f"{counted(unread, facts.noun)} that the queries found ranked below the "
            f"{len(facts.papers)} read and did not enter; another wording of the question could "
            "rank them otherwise."
        )
    else:
        yield (
            f"All {counted(facts.retrieved, facts.noun)} that the queries found were read; "
            f"{facts.noun}s that use other words for the subject were not found."
        )
