"""The claims of a record: text, outcome, figures and the passage that gave them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.website.views import own_texts, scales, words
from sovereign_registry.website.views.parts import (
    Bar,
    Check,
    ClaimPart,
    Link,
    Place,
    Quotation,
    Segment,
    Words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.contracts.claims import Claim, LexicalCheck, Locator, Passage
    from sovereign_registry.contracts.manifest import Manifest

_TOKEN = re.compile(r"(\b\w\w+\b)")
"""The vectoriser's own idea of a word, so that marks show what it counted."""


def thousandths(value: str, whole: int = 1) -> int:
    """A decimal string's place on a scale from 0 to ``whole``, clipped, in thousandths."""
    return max(0, min(1000, int(Decimal(value) * 1000 / whole)))


def segments(text: str, terms: tuple[str, ...]) -> tuple[Segment, ...]:
    """Split a quotation so that every word of the shared terms stands in a marked segment."""
    shared = {word for term in terms for word in term.split()}
    pieces = _TOKEN.split(text)  # what stands between words, a word, and so on in turn
    parts: list[Segment] = []
    done = 0
    for at in range(1, len(pieces), 2):
        if pieces[at].lower() not in shared:
            continue
        between = "".join(pieces[done:at])
        if between:
            parts.append(Segment(between, marked=False))
        parts.append(Segment(pieces[at], marked=True))
        done = at + 1
    rest = "".join(pieces[done:])
    if rest:
        parts.append(Segment(rest, marked=False))
    return tuple(parts)


def section_words(key: str, title: str) -> str:
    """``section 3.1, Routing``, ``abstract`` or ``registry summary``."""
    if key == "summary":
        return "registry summary"
    name = f"section {key}" if key[:1].isdigit() else key
    return name if not title or title.casefold() == key.casefold() else f"{name}, {title}"


def place(locator: Locator, papers: Mapping[str, tuple[str, str]]) -> Place:
    """Where a passage stands; ``papers`` maps a reference to (anchor, title)."""
    anchor, title = papers.get(locator.paper, ("sources", ""))
    return Place(
        paper=locator.paper,
        title=title,
        link=Link(locator.paper, fragment=anchor),
        section=section_words(locator.section, locator.section_title),
        span=f"characters {locator.start} to {locator.end}",
    )


def _quotation(passage: Passage, papers: Mapping[str, tuple[str, str]]) -> Quotation:
    return Quotation(
        segments=segments(passage.quotation, passage.shared_terms),
        terms=passage.shared_terms,
        place=place(passage.locator, papers),
    )


def _signed(margin: str) -> str:
    return margin.replace("-", "\N{MINUS SIGN}") if margin.startswith("-") else f"+{margin}"


def _figures(check: LexicalCheck) -> str:
    """The comparison spelled out: raw value, comparator, threshold, margin."""
    if check.value is None:
        return (
            f"Stated as {check.display}; threshold {check.threshold}. The value behind the stated "
            "figure was not carried, so the comparison cannot be made again here."
        )
    sign = check.comparator.replace(">=", "≥") if check.passed else "<"
    margin = "" if check.margin is None else f", margin {_signed(check.margin)}"
    return f"Cosine {check.display} (exactly {check.value}) {sign} {check.threshold}{margin}"


def _bar(check: LexicalCheck) -> Bar | None:
    drawn = check.value or check.display
    if not re.fullmatch(r"\d(?:\.\d+)?", drawn):
        return None
    return Bar(
        length=thousandths(drawn),
        limits=(thousandths(check.threshold),),
        tone="pass" if check.passed else "fail",
        label=f"{check.display} on a scale from 0 to 1; threshold {check.threshold}",
    )


def _check(
    check: LexicalCheck, title: str, outcome: str, papers: Mapping[str, tuple[str, str]]
) -> Check:
    declared = check.origin is Origin.DECLARED
    return Check(
        title=title,
        mark="✓" if check.passed else "✗",
        outcome=outcome,
        tone="pass" if check.passed else "fail",
        figures=_figures(check),
        bar=_bar(check),
        quotation=_quotation(check.best, papers) if check.best else None,
        same=False,
        missing=""
        if check.best
        else (
            "The imported document does not carry the passage it was compared with."
            if declared
            else "There was no passage to compare it with."
        ),
        note=check.note,
        declared=declared,
    )


def _outcome(check: LexicalCheck) -> str:
    verb = "verified" if check.passed else "not verified"
    if check.origin is Origin.DECLARED:
        return f"Marked {verb}; {words.DECLARED}"
    return f"{verb.capitalize()} ({words.LEXICAL})"


def _brief(check: LexicalCheck) -> str:
    """The outcome as the table of all claims prints it."""
    word = "Verified" if check.passed else "Not verified"
    return f"{word} (declared)" if check.origin is Origin.DECLARED else f"{word} (lexical)"


def _corroborated(check: LexicalCheck | None) -> str:
    if check is None:
        return "not tested"
    return "yes" if check.passed else "no"


def _checks(claim: Claim, papers: Mapping[str, tuple[str, str]]) -> tuple[Check, ...]:
    tick = _check(
        claim.verification,
        "Best passage in any retrieved source",
        _outcome(claim.verification),
        papers,
    )
    if claim.corroboration is None:
        return (tick,)
    found = claim.corroboration.passed
    outcome = "Corroborated (lexical)" if found else "Not corroborated (lexical)"
    other = _check(claim.corroboration, "Best passage in a different source", outcome, papers)
    if claim.corroboration.best == claim.verification.best and claim.verification.best:
        other = msgspec.structs.replace(other, same=True)
    return (tick, other)


def claim_part(
    claim: Claim, papers: Mapping[str, tuple[str, str]], *, retracted: bool = False
) -> ClaimPart:
    """One claim as the page shows it."""
    check = claim.verification
    return ClaimPart(
        id=claim.id,
        text=claim.text,
        cut=claim.cut,
        mark="✓" if check.passed else "✗",
        outcome=_outcome(check),
        brief=_brief(check),
        tone="pass" if check.passed else "fail",
        level=scales.level_words(claim.level),
        kind=words.KINDS[claim.kind],
        dropped=not claim.retained,
        retracted=retracted,
        declared=claim.origin is Origin.DECLARED,
        place=place(claim.locator, papers) if claim.locator else None,
        selection=f"selection score {claim.selection.score}: {'; '.join(claim.selection.reasons)}"
        if claim.selection
        else "",
        checks=_checks(claim, papers),
        value=check.display,
        threshold=check.threshold,
        margin=_signed(check.margin) if check.margin else "not available",
        corroborated=_corroborated(claim.corroboration),
    )


def three_words(record: Manifest) -> Words:
    """Grounded, verified, corroborated with this record's counts."""
    total = len(record.claims)
    verified = sum(claim.verification.passed for claim in record.claims)
    tested = [claim.corroboration for claim in record.claims if claim.corroboration]
    grounded = record.assessment.level.claim_summary.source_grounded_claims
    declared = "declared: " if record.origin is Origin.DECLARED else ""
    stated = declared if record.assessment.level.origin is Origin.DECLARED else ""
    return Words(
        grounded=f"{stated}{grounded} of {total}",
        verified=f"{declared}{verified} of {total}",
        corroborated=f"{sum(check.passed for check in tested)} of {total}"
        if tested
        else "not tested",
        declared=bool(declared),
    )


def intro(record: Manifest) -> str:
    """What the list of claims holds, in one or two sentences."""
    total = len(record.claims)
    if not total:
        return "This record holds no claim."
    dropped = sum(not claim.retained for claim in record.claims)
    lost = (
        f" {words.count(dropped, 'claim was', 'claims were')} dropped from the report in the "
        "revision round and stay here."
        if dropped
        else ""
    )
    if record.origin is Origin.DECLARED:
        return (
            f"{words.count(total, 'claim')}, as the imported document lists them. Texts, marks and "
            f"figures are {words.DECLARED}.{lost}"
        )
    written = own_texts.said(record)
    return (
        f"{words.count(total, 'claim')}, each one sentence taken word for word from a source, with "
        "the passages that come nearest to it. The sentence that a claim was taken from, and every "
        f"copy of it, is left out of its own comparison.{lost}{written and ' '}{written}"
    )
